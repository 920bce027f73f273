"""Tokens when the processes that renew them are killed: each works afterwards, or says who must act.

Between the server's answer and the durable writing the new pair is lost, which no client can prevent: the
old one is dead. Where issuing is allowed that repairs it, else the connection needs a reconnect.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from makini_desktop.app import Program
from makini_desktop.core.paths import Paths
from makini_desktop.domain.attempt import belongs_to_none
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import ReconnectNeeded
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import Repaired
from makini_desktop.domain.token import Secret, TokenEntry
from tests.crashes.work import opened, options_of, use
from tests.program import PASSPHRASE
from tests.sandbox_process import CLIENT_SECRET, SandboxProcess

CONNECTIONS = 3
LONGEST_LIFE = 0.15
"""Seconds after which a process is killed at the latest, long enough for some renewals."""

ROOT = Path(__file__).parents[2]

LOST = ("answer received", "written")
"""Steps of a refresh behind which the new pair is nowhere."""


class Workers:
    """Starts and kills the processes of `tests.crashes.work`."""

    def __init__(self, profile: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes.work", str(profile)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._ready: set[int] = set()
        self._order(PASSPHRASE)

    def start(self, **order: object) -> int:
        """Start one and return its process id once its next step is the first that counts."""
        self._order(json.dumps(order))
        pid = self._news("started")
        while pid not in self._ready:
            self._ready.add(self._news("ready"))
        return pid

    def ended(self, pid: int) -> int:
        """Wait for the end of one and return its exit code, negative for a signal."""
        self._order(json.dumps({"wait": pid}))
        return self._news("ended")

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def _order(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _news(self, kind: str) -> int:
        assert self._process.stdout
        while line := self._process.stdout.readline():
            news: dict[str, int] = json.loads(line)
            if kind in news:
                return news[kind]
            self._ready.add(news["ready"])
        raise AssertionError("the workers have ended")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess().start("--connections", 24) as sandbox:
        yield sandbox


class Profile:
    """A profile with one account, and tokens of connections that no other test uses."""

    def __init__(self, folder: Path, sandbox: SandboxProcess, *, issue_tokens: bool) -> None:
        self.issues = issue_tokens
        self.folder = folder
        self.sandbox = sandbox
        self.options = options_of(folder, PASSPHRASE)
        Paths(folder).create()
        self.connections = [sandbox.quiet() for _ in range(CONNECTIONS)]
        self.bystander = sandbox.quiet()
        asyncio.run(self._fill())
        self._untouched = asyncio.run(self._entry(self.bystander))

    async def _fill(self) -> None:
        program = Program(self.options, report=lambda error: None)
        await program.open_stores()
        account = self.sandbox.account(issue_tokens=True if self.issues else None)
        await program.accounts.add(account, Secret(CLIENT_SECRET))
        await program.aclose()
        async with opened(self.options) as program:
            for connection in (*self.connections, self.bystander):
                assert await program.reconnect.run(ConnectionId(connection)) == Repaired(
                    ConnectionId(connection)
                )

    async def _entry(self, connection: str) -> bytes:
        return msgspec.msgpack.encode(await self._read(connection))

    async def _read(self, connection: str) -> TokenEntry:
        async with opened(self.options) as program:
            return await program.vault.token(program.account.name, ConnectionId(connection))

    def has_token(self, connection: str) -> bool:
        """Tell whether a connection has a token; if so, insist that it works."""
        entry = asyncio.run(self._read(connection))
        assert entry.pending is None
        if entry.current is not None:
            self._works(entry.current.access)
        return entry.current is not None

    def settle(self) -> list[str]:
        """Start the program, and insist that each token works; return the connections that needed a login."""
        return asyncio.run(self._settle())

    async def _settle(self) -> list[str]:
        needing = []
        async with opened(self.options) as program:
            await program.reconnect.recover()
            for connection in self.connections:
                try:
                    await use(program, connection)
                except ReconnectNeeded:
                    await self._say_and_mend(program, ConnectionId(connection))
                    needing.append(connection)
            entries = await program.vault.tokens(program.account.name)
        assert not [kept_under for kept_under in entries if belongs_to_none(kept_under)]
        for connection in (*self.connections, self.bystander):
            assert entries[ConnectionId(connection)].pending is None
            self._works(entries[ConnectionId(connection)].current.access)
        assert msgspec.msgpack.encode(entries[ConnectionId(self.bystander)]) == self._untouched
        assert not [path.name for path in self.folder.iterdir() if path.name.endswith(".new")]
        return needing

    async def _say_and_mend(self, program: Program, connection: ConnectionId) -> None:
        await program.monitor.check(connection)
        assert program.store.rows[connection].health is Health.RECONNECT_NEEDED
        assert await program.reconnect.run(connection) == Repaired(connection)

    def _works(self, token: Secret) -> None:
        answer = httpx.get(
            f"{self.sandbox.api_base}/api/v1/integrations/current",
            headers={"Authorization": f"Bearer {token.value}"},
            trust_env=False,
        )
        assert answer.status_code == 200


@pytest.fixture(scope="module")
def profiles(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess
) -> Iterator[dict[bool, tuple[Profile, Workers]]]:
    """One profile whose account may issue tokens, one whose account may not; each with its workers."""
    patch = pytest.MonkeyPatch()
    patch.setattr("makini_desktop.adapters.vault.passphrase.N", 2**4)
    found = {}
    for issues in (True, False):
        profile = Profile(tmp_path_factory.mktemp("crashes") / "profile", sandbox, issue_tokens=issues)
        found[issues] = (profile, Workers(profile.folder))
    yield found
    for _profile, workers in found.values():
        workers.close()
    patch.undo()


@pytest.mark.parametrize("issues", [True, False], ids=["issuing", "not issuing"])
@pytest.mark.parametrize("step", ["answer received", "written", "renamed", "read back"])
def test_a_refresh_killed_behind_a_step(
    profiles: dict[bool, tuple[Profile, Workers]], step: str, issues: bool
) -> None:
    profile, workers = profiles[issues]
    connection = profile.connections[0]
    profile.sandbox.control("expire_token", connection)
    assert workers.ended(workers.start(do="use", connection=connection, step=step, writing=1)) == -9
    assert profile.settle() == ([connection] if step in LOST and not issues else [])


@pytest.mark.parametrize("issues", [True, False], ids=["issuing", "not issuing"])
@pytest.mark.parametrize(
    ("step", "writing"),
    [
        ("answer received", 1),
        *((step, writing) for writing in (1, 2) for step in ("written", "renamed", "read back")),
    ],
    ids=lambda value: {1: "pending", 2: "promoted"}.get(value, value),
)
def test_a_login_killed_behind_a_step(
    profiles: dict[bool, tuple[Profile, Workers]], step: str, writing: int, issues: bool
) -> None:
    profile, workers = profiles[issues]
    connection = profile.connections[1]
    assert workers.ended(workers.start(do="sign in", connection=connection, step=step, writing=writing)) == -9
    lost = writing == 1 and step in LOST
    assert profile.settle() == ([connection] if lost and not issues else [])


MOVING = [
    ("answer received", 1),
    *((step, writing) for writing in (1, 2, 3) for step in ("written", "renamed", "read back")),
]
"""Steps of a login whose pair turns out to be of another connection: kept, brought there, let go of."""

EACH_OF_THEM = pytest.mark.parametrize(
    ("step", "writing"),
    MOVING,
    ids=lambda value: {1: "pending", 2: "brought", 3: "let go of"}.get(value, value),
)


@EACH_OF_THEM
def test_a_login_for_a_new_connection_killed_behind_a_step(
    profiles: dict[bool, tuple[Profile, Workers]], step: str, writing: int
) -> None:
    profile, workers = profiles[False]
    before = profile.sandbox.state().keys()
    assert workers.ended(workers.start(do="connect", step=step, writing=writing)) == -9
    assert profile.settle() == []
    (new,) = profile.sandbox.state().keys() - before
    assert profile.has_token(new) is not (writing == 1 and step in LOST)


@EACH_OF_THEM
def test_somebody_elses_login_killed_behind_a_step(
    profiles: dict[bool, tuple[Profile, Workers]], step: str, writing: int
) -> None:
    """The login ends the token of that other connection of ours, which gets the new one."""
    profile, workers = profiles[False]
    _first, connection, other = profile.connections
    profile.sandbox.control("login_as_other", connection, other=other)
    profile.sandbox.control("revoke_token", other)
    assert workers.ended(workers.start(do="sign in", connection=connection, step=step, writing=writing)) == -9
    assert profile.settle() == ([other] if writing == 1 and step in LOST else [])


@pytest.mark.parametrize("issues", [True, False], ids=["issuing", "not issuing"])
@pytest.mark.parametrize("kills", [6, pytest.param(100, marks=pytest.mark.campaign)])
def test_two_processes_at_work_killed_at_random(
    profiles: dict[bool, tuple[Profile, Workers]], kills: int, issues: bool
) -> None:
    profile, workers = profiles[issues]
    chance = random.Random(kills)
    for _round in range(kills // 2):
        pids = [
            workers.start(do="work", connections=profile.connections, seed=chance.randrange(10**6))
            for _side in range(2)
        ]
        for pid in chance.sample(pids, 2):
            time.sleep(chance.uniform(0, LONGEST_LIFE))  # a random point is what this is about
            os.kill(pid, signal.SIGKILL)
            assert workers.ended(pid) == -9
        needing = profile.settle()
        assert not (issues and needing)


def test_two_processes_at_work_that_nobody_kills_need_no_login(
    profiles: dict[bool, tuple[Profile, Workers]],
) -> None:
    profile, workers = profiles[False]
    pids = [
        workers.start(do="work", connections=profile.connections, seed=seed, turns=25) for seed in range(2)
    ]
    assert [workers.ended(pid) for pid in pids] == [0, 0]
    assert profile.settle() == []
