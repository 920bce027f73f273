"""Reconnect: whatever goes wrong leaves the old pair byte for byte, and is said."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from makini_desktop.domain.connection import Identity
from makini_desktop.domain.errors import (
    CertificateRejected,
    KeychainLocked,
    ReconnectNeeded,
    ServerFailed,
    TokenRejected,
    UsageError,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import (
    Cancelled,
    LoginFailed,
    Refused,
    Repaired,
    Stage,
    WrongCustomer,
    WrongState,
)
from makini_desktop.domain.token import TokenEntry
from makini_desktop.services import logins
from makini_desktop.services.login_ports import LoginBroken, LoginClosed
from tests.fakes.login_window import SIGNING_IN, back_with, back_without_state
from tests.unit.logins import NO_LINE, UNTESTED, A, B, C, broken, run, said, signs_in  # noqa: F401

ENDS_WITHOUT_A_TOKEN = {
    "refused": (
        back_with(error="access_denied", error_description="The administrator said no."),
        Refused("The administrator said no."),
        "The sign-in of Acme Foods was refused: The administrator said no. The old token stays.",
    ),
    "refused without words": (
        back_with(error="access_denied"),
        Refused("access_denied"),
        "The sign-in of Acme Foods was refused: access_denied. The old token stays.",
    ),
    "window closed": (
        lambda _attempt: LoginClosed(),
        Cancelled(),
        "The sign-in window for Acme Foods was closed. Nothing was changed.",
    ),
    "another state": (
        back_with(code="code-1", state="somebody-elses"),
        WrongState(),
        "The login page’s answer for Acme Foods did not belong to this attempt and was not used. "
        "Nothing was changed; try again.",
    ),
    "a state that is no ASCII": (back_with(code="code-1", state="ä"), WrongState(), "was not used"),
    "neither code nor error": (back_with(), WrongState(), "was not used"),
    "both code and error": (back_with(code="code-1", error="x"), WrongState(), "was not used"),
    "login process died": (
        lambda _attempt: LoginBroken("crashed"),
        None,
        "The sign-in window ended unexpectedly. Nothing was changed; try again.",
    ),
    "certificate": (
        lambda _attempt: LoginBroken("certificate", "self-signed", "link.makini.example"),
        None,
        "The certificate of link.makini.example is not trusted: self-signed. Nothing was changed.",
    ),
    "login page not reached": (
        lambda _attempt: LoginBroken("network", "name not found", "link.makini.example"),
        None,
        "The login page at link.makini.example cannot be reached: name not found. Nothing was changed.",
    ),
    "as root": (
        lambda _attempt: LoginBroken("engine_refused_root"),
        None,
        "Start the program as an ordinary user. Nothing was changed.",
    ),
}


@pytest.mark.parametrize(
    ("person", "outcome", "words"), ENDS_WITHOUT_A_TOKEN.values(), ids=ENDS_WITHOUT_A_TOKEN.keys()
)
async def test_an_end_without_a_token_leaves_the_old_pair_and_says_what_happened(
    program, person, outcome, words
):
    before = msgspec.msgpack.encode(await program.entry("A"))
    program.api.codes["code-1"] = A
    program.window.person = person
    found = await run(program)
    assert isinstance(found, LoginFailed) if outcome is None else found == outcome
    assert words in said(found)
    assert msgspec.msgpack.encode(await program.entry("A")) == before
    assert "exchange" not in program.api.calls
    assert program.health("A") is Health.RECONNECT_NEEDED
    assert program.row("A").stage is None
    assert (await program.ledger.timeline(A))[0].detail == said(found)


async def test_closing_the_login_from_outside_leaves_the_old_pair_and_no_window(program):
    before = msgspec.msgpack.encode(await program.entry("A"))
    attempt = asyncio.ensure_future(program.reconnect.run(A))
    await program.clock.settle()
    assert program.row("A").stage is Stage.WAITING_FOR_LOGIN
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    assert program.window.cancelled == 1
    assert program.row("A").stage is None
    assert msgspec.msgpack.encode(await program.entry("A")) == before


async def test_a_code_under_exchange_is_not_lost_when_the_program_ends(program):
    before = await program.current("A")
    signs_in(program)
    gate = program.api.gate("exchange")
    attempt = asyncio.ensure_future(program.reconnect.run(A))
    await program.clock.advance(SIGNING_IN)
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
    gate.open()
    await program.reconnect.aclose()
    assert await program.current("A") == before
    assert program.api.lives((await program.entry("A")).pending.pair)


async def test_a_sign_in_that_takes_too_long_is_ended(program, monkeypatch):
    monkeypatch.setattr(logins, "LIFETIME", timedelta(0))
    before = msgspec.msgpack.encode(await program.entry("A"))
    outcome = await program.reconnect.run(A)
    assert said(outcome) == "The sign-in of Acme Foods took longer than ten minutes. Start it again."
    assert program.window.cancelled == 1
    assert msgspec.msgpack.encode(await program.entry("A")) == before


async def test_a_window_that_cannot_be_opened_says_why(program):
    def fails(_attempt):
        raise UsageError("The sign-in window needs a display.")

    program.window.person = fails
    with pytest.raises(UsageError, match="display"):
        await run(program)
    assert program.row("A").stage is None


async def test_somebody_elses_sign_in_is_thrown_away_and_both_are_named(program):
    before = msgspec.msgpack.encode(await program.entry("A"))
    signs_in(program, B)
    outcome = await run(program)
    assert outcome == WrongCustomer(Identity(A, "Acme Foods", "SAP"), Identity(B, "Globex", "Maximo"))
    assert said(outcome) == (
        "Somebody else signed in: Globex (Maximo), not Acme Foods (SAP). "
        "Their token was thrown away; the old one stays. Sign in again as Acme Foods."
    )
    assert msgspec.msgpack.encode(await program.entry("A")) == before
    assert await program.entry("B") == TokenEntry()


async def test_somebody_else_whose_token_lives_keeps_it(program):
    old = await program.hold("B")
    signs_in(program, B)
    assert await run(program) == WrongCustomer(
        Identity(A, "Acme Foods", "SAP"), Identity(B, "Globex", "Maximo"), moved=False
    )
    assert await program.entry("B") == TokenEntry(current=old)


@pytest.mark.parametrize("renewable", [True, False])
async def test_somebody_else_whose_token_this_login_ended_gets_the_new_one(program, renewable):
    before = msgspec.msgpack.encode(await program.entry("A"))
    old = await program.hold("B", renewable=renewable)
    signs_in(program, B)
    program.window.person = _after(program.window.person, lambda: program.api.kill(old, refresh=True))
    outcome = await run(program)
    assert outcome == WrongCustomer(
        Identity(A, "Acme Foods", "SAP"), Identity(B, "Globex", "Maximo"), moved=True
    )
    assert msgspec.msgpack.encode(await program.entry("A")) == before
    entry = await program.entry("B")
    assert program.api.lives(entry.current)
    assert entry.pending is None
    assert program.health("B") is Health.HEALTHY
    assert program.health("A") is Health.RECONNECT_NEEDED
    for connection in (A, B):
        assert (await program.ledger.timeline(connection))[0].detail == said(outcome)


async def test_whether_somebody_elses_token_has_ended_is_asked_again_if_it_cannot_be_told(program):
    old = await program.hold("B")
    signs_in(program, B)
    program.window.person = _after(program.window.person, lambda: program.api.kill(old, refresh=True))
    ask, answers = program.api.integration, []

    async def third_fails(token, priority):
        answers.append(token)
        if len(answers) == 3:
            raise NO_LINE
        return await ask(token, priority)

    program.api.integration = third_fails
    outcome = await run(program)
    assert isinstance(outcome, LoginFailed)
    assert await program.entry("B") == TokenEntry(current=old)
    assert (await program.entry("A")).pending is not None
    (outcome,) = (await program.reconnect.recover()).values()
    assert isinstance(outcome, WrongCustomer)
    assert outcome.moved
    assert program.api.lives((await program.entry("B")).current)


async def test_two_logins_that_come_back_as_each_others_do_not_wait_for_ever(program):
    held = [await program.hold(each) for each in ("A", "B")]
    come_back = {A: "code-b", B: "code-a"}
    program.api.codes = {"code-a": A, "code-b": B}
    program.window.person = lambda attempt: back_with(code=come_back[attempt.connection])(attempt)
    gate = program.api.gate("exchange")
    both = asyncio.gather(program.reconnect.run(A), program.reconnect.run(B))
    await program.clock.advance(SIGNING_IN)
    program.api.customers[A].credentials_hold = True
    for pair in held:
        program.api.kill(pair, refresh=True)
    gate.open()
    one, two = await asyncio.wait_for(both, 5)
    assert isinstance(one, WrongCustomer)
    assert isinstance(two, WrongCustomer)
    for each in ("A", "B"):
        assert program.api.lives((await program.entry(each)).current)


async def test_an_absent_state_is_refused_once_it_has_been_echoed(program):
    program.change_account(state_echoed=True)
    before = msgspec.msgpack.encode(await program.entry("A"))
    program.api.codes["code-1"] = A
    program.window.person = back_without_state(code="code-1")
    assert await run(program) == WrongState()
    assert msgspec.msgpack.encode(await program.entry("A")) == before
    assert "exchange" not in program.api.calls


@pytest.mark.parametrize("echoed", [None, False])
async def test_an_absent_state_is_accepted_where_it_never_was_echoed(program, echoed):
    program.change_account(state_echoed=echoed)
    signs_in(program)
    person = program.window.person
    program.window.person = lambda attempt: (person(attempt), back_without_state(code="code-1")(attempt))[1]
    assert await run(program) == Repaired(A)
    assert program.account.state_echoed is False


@pytest.mark.parametrize("echoed", [None, False, True])
async def test_a_state_that_comes_back_is_remembered(program, echoed):
    program.change_account(state_echoed=echoed)
    signs_in(program)
    await run(program)
    assert program.account.state_echoed is True


async def test_a_wrong_state_is_not_remembered_as_an_echo(program):
    program.window.person = back_with(code="code-1", state="somebody-elses")
    await run(program)
    assert program.account.state_echoed is None


@pytest.mark.parametrize(
    "error",
    [NO_LINE, ServerFailed("Makini failed.", request_id="req-500"), CertificateRejected("Not trusted.")],
)
async def test_a_code_that_cannot_be_exchanged_leaves_the_old_pair(program, error):
    before = msgspec.msgpack.encode(await program.entry("A"))
    signs_in(program)
    program.api.fail("exchange", error)
    outcome = await run(program)
    assert said(outcome) == (f"The sign-in worked, but its code could not be exchanged for a token: {error}")
    assert outcome.request_id == error.request_id
    assert msgspec.msgpack.encode(await program.entry("A")) == before


@pytest.mark.parametrize("error", UNTESTED)
@pytest.mark.parametrize("call", ["integration", "status"])
async def test_a_pair_that_could_not_be_tested_stays_pending_beside_the_old(program, call, error):
    before = await program.current("A")
    signs_in(program)
    program.window.person = _after(program.window.person, lambda: program.api.fail(call, error))
    outcome = await run(program)
    assert isinstance(outcome, LoginFailed)
    assert said(outcome) == (
        f"The new token could not be tested: {error} It is kept aside and tested again once "
        "Makini answers; the old one stays."
    )
    assert await program.current("A") == before
    assert program.api.lives((await program.entry("A")).pending.pair)


def _after(person, then):
    def both(attempt):
        result = person(attempt)
        then()
        return result

    return both


@pytest.mark.parametrize(
    "error", [TokenRejected("no", status=401, request_id="req-x"), ReconnectNeeded("no", request_id="req-x")]
)
async def test_a_new_pair_that_is_not_accepted_is_thrown_away(program, error):
    before = msgspec.msgpack.encode(await program.entry("A"))
    signs_in(program)
    program.api.fail_always("integration", error)
    outcome = await run(program)
    assert said(outcome) == "Makini did not accept the new token. It was thrown away; the old one stays."
    assert outcome.request_id == "req-x"
    assert msgspec.msgpack.encode(await program.entry("A")) == before


async def test_a_sign_in_that_the_system_does_not_accept_either_is_thrown_away(program):
    before = msgspec.msgpack.encode(await program.entry("A"))
    signs_in(program, repairs=False)
    outcome = await run(program)
    assert said(outcome) == "The new sign-in is not accepted by SAP either. The old token stays."
    assert msgspec.msgpack.encode(await program.entry("A")) == before


async def test_no_login_is_begun_while_the_keychain_is_closed(program):
    async def closed(*_of: object) -> TokenEntry:
        raise KeychainLocked("Locked.")

    program.vault.token = closed
    with pytest.raises(KeychainLocked):
        await run(program)
    assert program.window.opened == []
