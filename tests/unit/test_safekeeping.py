"""A pair that the vault cannot take right after the exchange is held in memory, told, and written later."""

import asyncio

import pytest

from makini_desktop.domain.errors import KeychainLocked, MakiniDesktopError, ProfileUnwritable
from makini_desktop.domain.login import Connected, LoginFailed, Repaired
from makini_desktop.services.safekeeping import AGAIN_AFTER
from makini_desktop.services.store import Tone
from tests.fakes.login_window import SIGNING_IN
from tests.fakes.program import FakeProgram
from tests.unit.logins import A, broken, signs_in  # noqa: F401

FULL = ProfileUnwritable("The disk is full.")


class Vault:
    """Lets the writings of a program's vault fail as long as a test wants it.

    Attributes:
        tries: how often it was tried.
    """

    def __init__(self, program: FakeProgram) -> None:
        self._change = program.vault.change_token
        self.error: MakiniDesktopError | None = FULL
        self.tries = 0
        program.vault.change_token = self.change_token

    async def change_token(self, *of: object) -> object:
        self.tries += 1
        if self.error is not None:
            raise self.error
        return await self._change(*of)


async def begin(program: FakeProgram) -> asyncio.Task[object]:
    signs_in(program)
    attempt = asyncio.ensure_future(program.reconnect.run(A))
    await program.clock.advance(SIGNING_IN)
    return attempt


async def test_it_is_written_as_soon_as_that_is_possible(program):
    vault = Vault(program)
    attempt = await begin(program)
    await program.clock.advance(10 * AGAIN_AFTER)
    assert vault.tries >= 10
    assert not attempt.done()
    vault.error = None
    await program.clock.advance(AGAIN_AFTER)
    assert await attempt == Repaired(A)
    assert program.api.lives((await program.entry("A")).current)
    assert program.api.calls.count("exchange") == 1


async def test_each_reason_is_told_once_and_loudly_and_so_is_the_end(program):
    vault = Vault(program)
    attempt = await begin(program)
    await program.clock.advance(5 * AGAIN_AFTER)
    (notice,) = program.notices
    assert (notice.tone, notice.connection) == (Tone.BAD, A)
    assert notice.words == (
        "The new token of Acme Foods cannot be saved: The disk is full. It is held in memory and saved as "
        "soon as that is possible. Do not end the program before, or the token is lost."
    )
    vault.error = KeychainLocked("The keychain is locked.")
    await program.clock.advance(2 * AGAIN_AFTER)
    assert "The keychain is locked." in program.notices[-1].words
    assert len(program.notices) == 2
    vault.error = None
    await program.clock.advance(AGAIN_AFTER)
    await attempt
    assert program.notices[2].words == "The new token of Acme Foods is saved now."
    headlines = [entry.headline for entry in await program.ledger.timeline(A)]
    assert headlines.count("Token not saved yet") == 2
    assert headlines.count("Token saved") == 1


async def test_nobody_renews_the_old_pair_meanwhile(program):
    vault = Vault(program)
    attempt = await begin(program)
    async with program.locks.hold("token acme A", wait=False) as held:
        assert not held
    vault.error = None
    await program.clock.advance(AGAIN_AFTER)
    await attempt


async def test_cancelling_the_attempt_does_not_lose_it(program):
    vault = Vault(program)
    attempt = await begin(program)
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
    vault.error = None
    await program.clock.advance(AGAIN_AFTER)
    assert program.api.lives((await program.entry("A")).pending.pair)
    assert await program.reconnect.recover() == {A: Repaired(A)}


@pytest.mark.parametrize("writable", [True, False])
async def test_the_end_of_the_program_tries_once_more_and_waits_no_longer(program, writable):
    before = await program.current("A")
    vault = Vault(program)
    attempt = await begin(program)
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
    if writable:
        vault.error = None
    await asyncio.wait_for(program.reconnect.aclose(), 5)
    assert await program.current("A") == before
    assert ((await program.entry("A")).pending is not None) is writable


async def test_a_program_that_ends_while_it_waits_says_that_the_token_is_lost(program):
    Vault(program)
    attempt = await begin(program)
    await program.reconnect.aclose()
    outcome = await attempt
    assert isinstance(outcome, LoginFailed)
    assert "The disk is full." in outcome.words


async def test_a_new_connection_is_told_of_without_a_name(program):
    vault = Vault(program)
    signs_in(program)
    attempt = asyncio.ensure_future(program.reconnect.connect_new())
    await program.clock.advance(SIGNING_IN)
    assert program.notices[0].connection is None
    assert program.notices[0].words.startswith("The new token of the new connection cannot be saved")
    vault.error = None
    await program.clock.advance(AGAIN_AFTER)
    assert await attempt == Connected(A, known=True)
