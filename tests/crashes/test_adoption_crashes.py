"""An adoption whose process is killed at random: the next start finishes it, or both connections stand."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator

import pytest

from makini_desktop.app import Program
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import NewConnection, Repaired
from makini_desktop.domain.token import Secret, TokenEntry
from tests.crashes.test_token_crashes import Workers
from tests.crashes.work import opened, options_of
from tests.program import PASSPHRASE
from tests.sandbox_process import CLIENT_SECRET, SandboxProcess

LONGEST_LIFE = 0.12
"""Seconds after which a process is killed at the latest, a little more than an adoption takes."""

NOTE = "Ask for Ms Ito."


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess().start("--connections", 150) as sandbox:
        yield sandbox


@pytest.fixture
def cheap_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("makini_desktop.adapters.vault.passphrase.N", 2**4)


async def _begin(program: Program, sandbox: SandboxProcess) -> tuple[str, str]:
    """Return a connection with a note, and the new one that a login has made beside it."""
    old = ConnectionId(sandbox.quiet())
    assert await program.reconnect.run(old) == Repaired(old)
    await program.connecting.settings.save_note(old, NOTE)
    sandbox.control("login_as_new", old)
    outcome = await program.reconnect.run(old)
    assert isinstance(outcome, NewConnection)
    return old, outcome.new


@pytest.mark.usefixtures("cheap_passphrase")
@pytest.mark.parametrize("kills", [4, pytest.param(60, marks=pytest.mark.campaign)])
def test_an_adoption_killed_at_random(tmp_path, sandbox, kills):
    options = options_of(tmp_path / "profile", PASSPHRASE)
    options.paths.create()

    async def prepare() -> list[tuple[str, str]]:
        program = Program(options, report=lambda error: None)
        await program.open_stores()
        await program.accounts.add(sandbox.account(issue_tokens=False), Secret(CLIENT_SECRET))
        await program.aclose()
        async with opened(options) as program:
            return [await _begin(program, sandbox) for _kill in range(kills)]

    async def settle(old: str, new: str) -> bool:
        """Start again; tell whether the adoption was finished, or insist that both stand."""
        async with opened(options) as program:
            await program.adoption.resume()
            notes = await program.database.notes(program.account.name)
            held = await program.vault.tokens(program.account.name)
            assert held[ConnectionId(new)].current is not None
            if program.adoption.questions or old in sandbox.state():
                assert notes[ConnectionId(old)] == NOTE
                assert held[ConnectionId(old)].current is not None
                await program.adoption.ask(ConnectionId(old), ConnectionId(new))
                await program.adoption.keep_both(ConnectionId(old))
                return False
            assert notes[ConnectionId(new)] == NOTE
            assert ConnectionId(old) not in notes
            assert held.get(ConnectionId(old), TokenEntry()) == TokenEntry()
            assert program.store.rows[ConnectionId(old)].health is Health.DISCONNECTED
            return True

    chance = random.Random(kills)
    pairs = asyncio.run(prepare())
    workers = Workers(tmp_path / "profile")
    try:
        for old, new in pairs:
            pid = workers.start(do="adopt", connection=old, new=new)
            time.sleep(chance.uniform(0, LONGEST_LIFE))  # a random point is what this is about
            os.kill(pid, signal.SIGKILL)
            workers.ended(pid)
            asyncio.run(settle(old, new))
    finally:
        workers.close()
