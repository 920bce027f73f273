"""The vault when the processes that use it are killed, and when several change it at once."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.core.paths import Paths
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret, TokenEntry, TokenPair
from makini_desktop.services.options import VaultKind
from makini_desktop.services.ports import Vault

ACME = AccountName("acme")
PASSPHRASE = Secret("correct horse battery staple")
KILLS = 12
AFTER_A_CRASH = {"begun": 0, "synced": 0, "renamed": 1, "folder synced": 1}
"""What an entry is after a crash right behind each step of its change from 0 to 1; renaming decides."""

# Opens the vault, changes its entry from 0 to 1 and so on, and says each number once it is kept.
WRITER = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from makini_desktop.adapters.vault import file, kinds, passphrase
from makini_desktop.core.paths import Paths
from makini_desktop.domain.token import Secret, TokenEntry, TokenPair
from makini_desktop.services.options import VaultKind

folder, connection, changes, dies_after = sys.argv[1:]
passphrase.N = 2**4

def entry(number):
    now = datetime(2025, 3, 1, tzinfo=UTC)
    return TokenEntry(current=TokenPair(access=Secret(str(number)), obtained_at=now))

def die_after(step, owner, name, nth=1):
    work, calls = getattr(owner, name), []
    def wrapped(*arguments, **options):
        result = work(*arguments, **options)
        calls.append(1)
        if len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    if dies_after == step:
        setattr(owner, name, wrapped)

async def write():
    vault = kinds.open_vault(VaultKind.FILE, Paths(Path(folder)), Secret(sys.stdin.readline().strip()))
    await vault.open()
    await vault.change_token("acme", connection, lambda _: entry(0))
    print("0", flush=True)
    die_after("begun", file.os, "fdopen")
    die_after("synced", file.os, "fsync")
    die_after("renamed", file.Path, "replace")
    die_after("folder synced", file.os, "fsync", 2)
    for number in range(1, int(changes)):
        await vault.change_token("acme", connection, lambda _: entry(number))
        print(number, flush=True)

loop = asyncio.new_event_loop()
loop.run_until_complete(write())
loop.close()
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "profile")
    paths.create()
    return paths


@pytest.fixture
def start(paths: Paths) -> Iterator[Start]:
    """Starts a process that changes one entry again and again."""
    with ExitStack() as stack:

        def start(connection: str, *, changes: int, dies_after: str = "") -> subprocess.Popen[str]:
            command = [sys.executable, "-c", WRITER, str(paths.profile), connection, str(changes), dies_after]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdin
            process.stdin.write(f"{PASSPHRASE.value}\n")
            process.stdin.flush()
            return process

        yield start


@pytest.fixture
async def vault(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Vault:
    monkeypatch.setattr("makini_desktop.adapters.vault.passphrase.N", 2**4)
    vault = open_vault(VaultKind.FILE, paths, PASSPHRASE)
    await vault.open()
    return vault


def said(process: subprocess.Popen[str], until: int | None = None) -> int:
    """The last number that the process said it kept, read up to `until` or its end."""
    assert process.stdout
    last = -1
    for line in process.stdout:
        last = int(line)
        if last == until:
            break
    return last


def number_in(entry: TokenEntry) -> int:
    assert entry.current is not None
    return int(entry.current.access.value)


@pytest.mark.parametrize("step", AFTER_A_CRASH)
async def test_a_crash_at_any_step_leaves_the_old_entry_or_the_new(
    vault: Vault, start: Start, paths: Paths, step: str
) -> None:
    bystander = TokenEntry(
        current=TokenPair(access=Secret("bystander"), obtained_at=datetime(2025, 3, 1, tzinfo=UTC))
    )
    await vault.change_token(ACME, ConnectionId("bystander"), lambda _: bystander)
    crashed = start("conn", changes=3, dies_after=step)
    assert await asyncio.to_thread(crashed.wait, 20) == -9
    await open_vault(VaultKind.FILE, paths, PASSPHRASE).open()
    entries = await vault.tokens(ACME)
    assert number_in(entries[ConnectionId("conn")]) == AFTER_A_CRASH[step]
    assert entries[ConnectionId("bystander")] == bystander
    assert names_in(paths.profile) == ["attempts", "locks", "vault.bin"]


async def test_processes_killed_at_random_lose_nothing_that_they_said_was_kept(
    vault: Vault, start: Start, paths: Paths
) -> None:
    chance = random.Random(7)
    for round_ in range(KILLS // 2):
        # Two at a time, so that one may die while it holds the lock that the other waits for.
        writers = {
            f"conn-{round_}-{side}": start(f"conn-{round_}-{side}", changes=10**6) for side in range(2)
        }
        kept = {}
        for connection, writer in writers.items():
            before = await asyncio.to_thread(said, writer, chance.randint(0, 9))
            writer.kill()
            kept[connection] = max(before, await asyncio.to_thread(said, writer))
        entries = await vault.tokens(ACME)
        for connection, last in kept.items():
            assert number_in(entries[ConnectionId(connection)]) in {last, last + 1}
    await open_vault(VaultKind.FILE, paths, PASSPHRASE).open()
    assert len(await vault.tokens(ACME)) == KILLS
    assert names_in(paths.profile) == ["attempts", "locks", "vault.bin"]


async def test_two_processes_changing_different_entries_lose_nothing(vault: Vault, start: Start) -> None:
    writers = [start(connection, changes=30) for connection in ("one", "two")]
    for writer in writers:
        assert await asyncio.to_thread(said, writer) == 29
    entries = await vault.tokens(ACME)
    assert {id_: number_in(entry) for id_, entry in entries.items()} == {"one": 29, "two": 29}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
