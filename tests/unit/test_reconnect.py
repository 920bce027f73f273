"""Reconnect: every way it can end, and that the old pair stays byte for byte unless the new one is proven."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from makini_desktop.domain.connection import ConnectionId, Identity
from makini_desktop.domain.errors import (
    CertificateRejected,
    KeychainLocked,
    ProfileInUse,
    ProfileUnwritable,
    ReconnectNeeded,
    ServerFailed,
    SystemUnreachable,
    TokenRejected,
    Unreachable,
    UsageError,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import (
    AlreadyHealthy,
    Cancelled,
    LoginFailed,
    LoginOutcome,
    NewConnection,
    Refused,
    Repaired,
    Stage,
    WrongCustomer,
    WrongState,
)
from makini_desktop.domain.token import PendingPair, TokenEntry
from makini_desktop.services import reconnect, wording
from makini_desktop.services.ports import LoginBroken, LoginClosed, LoginToBrowser
from tests.fakes.api import customer
from tests.fakes.login_window import SIGNING_IN, back_with, back_without_state
from tests.fakes.program import FakeProgram

A, B, C = ConnectionId("A"), ConnectionId("B"), ConnectionId("C")
NO_LINE = Unreachable("No answer from api.makini.example.", request_id="req-line")


@pytest.fixture(autouse=True)
async def broken(program) -> None:
    """Customer A has changed the credentials, and that was noticed."""
    await program.hold("A")
    await program.check("A")
    program.api.customers[A].credentials_hold = False
    await program.clock.advance(60)
    await program.check("A")
    assert program.health("A") is Health.RECONNECT_NEEDED
    program.api.calls.clear()


def signs_in(program: FakeProgram, connection: ConnectionId = A, *, repairs: bool = True) -> None:
    """Let the person sign in as the customer of `connection`."""
    program.api.codes["code-1"] = connection
    come_back = back_with(code="code-1")

    def person(attempt):
        if repairs:
            program.api.customers[connection].credentials_hold = True
        return come_back(attempt)

    program.window.person = person


async def run(program: FakeProgram) -> LoginOutcome:
    return await program.clock.finish(program.reconnect.run(A))


def said(outcome: LoginOutcome) -> str:
    return wording.outcome_sentence(outcome, "Acme Foods")


async def test_signing_in_brings_a_new_pair_and_the_row_turns_healthy(program):
    old = (await program.entry("A")).current
    signs_in(program)
    assert await run(program) == Repaired(A)
    entry = await program.entry("A")
    assert entry.current.access != old.access
    assert entry.pending is None
    assert program.api.lives(entry.current)
    assert program.health("A") is Health.HEALTHY
    assert program.row("A").stage is None
    assert said(Repaired(A)) == "Acme Foods is reconnected. The new token works and is in use."
    assert (await program.ledger.timeline(A))[0].headline == said(Repaired(A))


async def test_the_new_pair_lies_pending_beside_the_old_while_it_is_tested(program):
    before = await program.current("A")
    signs_in(program)
    gate = program.api.gate("integration")
    attempt = asyncio.ensure_future(program.reconnect.run(A))
    await program.clock.advance(SIGNING_IN)
    assert program.row("A").stage is Stage.TESTING
    entry = await program.entry("A")
    assert entry.pending.attempt == program.window.opened[0].id
    assert await program.current("A") == before
    gate.open()
    assert await attempt == Repaired(A)
    assert (await program.entry("A")).current == entry.pending.pair


async def test_the_code_is_exchanged_with_the_verifier_of_its_own_attempt(program):
    exchanged: list[tuple[str, str, str]] = []
    exchange = program.api.exchange_code

    async def record(code, redirect_uri, verifier):
        exchanged.append((code.value, redirect_uri, verifier.value))
        return await exchange(code, redirect_uri, verifier)

    program.api.exchange_code = record
    signs_in(program)
    await run(program)
    (attempt,) = program.window.opened
    assert exchanged == [("code-1", attempt.redirect_uri, attempt.verifier.value)]


async def test_every_attempt_has_a_state_of_its_own(program):
    program.window.person = lambda _attempt: LoginClosed()
    await run(program)
    await run(program)
    one, two = program.window.opened
    assert one.state != two.state
    assert one.verifier != two.verifier


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
    "browser instead": (lambda _attempt: LoginToBrowser(), None, "not offered yet. Nothing was changed."),
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
    assert (await program.ledger.timeline(A))[0].headline == said(found)


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
    monkeypatch.setattr(reconnect, "ATTEMPT_LIFETIME", timedelta(0))
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


async def test_the_same_company_in_another_system_is_the_wrong_customer(program):
    program.api.customers[C] = customer("C", "Acme Foods", "Maximo")
    signs_in(program, C)
    assert isinstance(await run(program), WrongCustomer)
    assert await program.entry("C") == TokenEntry()


async def test_the_customer_under_another_name_is_still_the_same_connection(program):
    program.api.customers[A].connection = msgspec.structs.replace(
        program.api.customers[A].connection, name="Acme Group"
    )
    signs_in(program)
    assert await run(program) == Repaired(A)


async def test_a_new_connection_of_the_same_customer_is_kept_beside_the_old(program):
    before = msgspec.msgpack.encode(await program.entry("A"))
    program.api.customers[C] = customer("C", " ACME foods ", "sap")
    signs_in(program, C)
    outcome = await run(program)
    assert outcome == NewConnection(A, C)
    assert said(outcome) == (
        "Acme Foods signed in as a new connection (C). "
        "It is kept beside the old one, whose token stays as it was."
    )
    assert msgspec.msgpack.encode(await program.entry("A")) == before
    assert program.api.lives((await program.entry("C")).current)
    assert program.row("C").connection.name == " ACME foods "


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


UNTESTED = [NO_LINE, ServerFailed("Makini failed."), SystemUnreachable("Their system is offline.")]


@pytest.mark.parametrize("error", UNTESTED)
@pytest.mark.parametrize("call", ["integration", "status"])
async def test_a_pair_that_could_not_be_tested_stays_pending_beside_the_old(program, call, error):
    before = await program.current("A")
    signs_in(program)
    program.window.person = _after(program.window.person, lambda: program.api.fail(call, error))
    outcome = await run(program)
    assert isinstance(outcome, LoginFailed)
    assert said(outcome) == (
        f"The new token could not be tested: {error} It is kept aside and tested at the next start; "
        "the old one stays."
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
    program.api.fail("integration", error)
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


async def test_without_a_connection_status_the_current_integration_is_the_test(program):
    program.api.lacks = {"status"}
    signs_in(program)
    assert await run(program) == Repaired(A)
    assert program.health("A") is Health.HEALTHY


async def test_a_line_lost_after_the_swap_does_not_undo_it(program):
    signs_in(program)
    program.api.fail("sync_status", NO_LINE)
    assert await run(program) == Repaired(A)
    assert program.health("A") is Health.HEALTHY


async def test_a_vault_that_takes_nothing_leaves_the_old_pair(program):
    before = msgspec.msgpack.encode(await program.entry("A"))

    async def full(*_of: object) -> None:
        raise ProfileUnwritable("The disk is full.")

    change, program.vault.change_token = program.vault.change_token, full
    signs_in(program)
    outcome = await run(program)
    program.vault.change_token = change
    assert "The disk is full." in said(outcome)
    assert msgspec.msgpack.encode(await program.entry("A")) == before


async def test_no_login_is_begun_while_the_keychain_is_closed(program):
    async def closed(*_of: object) -> TokenEntry:
        raise KeychainLocked("Locked.")

    program.vault.token = closed
    with pytest.raises(KeychainLocked):
        await run(program)
    assert program.window.opened == []


async def test_one_that_works_again_is_told_and_the_window_closed(program):
    before = msgspec.msgpack.encode(await program.entry("A"))
    program.api.customers[A].credentials_hold = True
    outcome = await run(program)
    assert outcome == AlreadyHealthy(A)
    assert said(outcome) == "Acme Foods works again; there was nothing to repair."
    assert program.window.cancelled == 1
    assert program.health("A") is Health.HEALTHY
    assert msgspec.msgpack.encode(await program.entry("A")) == before


async def test_a_check_that_fails_does_not_stand_in_the_way_of_the_login(program):
    program.api.fail("status", NO_LINE)
    signs_in(program)
    program.window.person = None
    attempt = asyncio.ensure_future(program.reconnect.run(A))
    await program.clock.settle()
    assert program.row("A").stage is Stage.WAITING_FOR_LOGIN
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)


async def test_a_connection_that_works_can_be_signed_in_anew(program):
    program.api.customers[A].credentials_hold = True
    await program.clock.advance(60)
    await program.check("A")
    old = (await program.entry("A")).current
    signs_in(program)
    assert await run(program) == Repaired(A)
    assert (await program.entry("A")).current.access != old.access


async def test_a_second_attempt_is_refused_in_this_and_in_another_process(program):
    other = FakeProgram(beside=program)
    other.ledger.listed(await anext(program.api.connection_pages()))
    attempt = asyncio.ensure_future(program.reconnect.run(A))
    await program.clock.settle()
    for process in (program, other):
        with pytest.raises(ProfileInUse, match="Acme Foods is being reconnected already"):
            await process.reconnect.run(A)
    assert len(program.window.opened) == 1
    assert other.window.opened == []
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
    signs_in(program)
    assert await run(program) == Repaired(A)


async def test_two_connections_are_reconnected_side_by_side(program):
    both = [asyncio.ensure_future(program.reconnect.run(each)) for each in (A, B)]
    await program.clock.settle()
    assert {attempt.connection for attempt in program.window.opened} == {A, B}
    for attempt in both:
        attempt.cancel()
    await asyncio.gather(*both, return_exceptions=True)


async def test_a_connection_that_nobody_knows_is_named(program):
    with pytest.raises(UsageError, match="“nobody”"):
        await program.reconnect.run(ConnectionId("nobody"))


async def leave_pending(program: FakeProgram, connection: str = "A") -> PendingPair:
    """Leave a pair pending for A, as an earlier run would that ended before it was tested."""
    pending = PendingPair(pair=program.api.pair(connection), attempt="earlier", since=program.clock.now())
    entry = await program.entry("A")
    await program.put("A", msgspec.structs.replace(entry, pending=pending))
    await program.clock.advance(60)
    return pending


async def test_a_pair_left_pending_that_works_is_promoted_at_the_start(program):
    pending = await leave_pending(program)
    program.api.customers[A].credentials_hold = True
    assert await program.reconnect.recover() == {A: Repaired(A)}
    assert await program.entry("A") == TokenEntry(current=pending.pair)
    assert program.health("A") is Health.HEALTHY
    assert program.row("A").stage is None
    assert (await program.ledger.timeline(A))[0].headline == said(Repaired(A))


async def test_a_pair_left_pending_that_is_not_accepted_is_dropped_at_the_start(program):
    before = await program.current("A")
    program.api.kill((await leave_pending(program)).pair)
    (outcome,) = (await program.reconnect.recover()).values()
    assert isinstance(outcome, LoginFailed)
    assert (await program.entry("A")).pending is None
    assert await program.current("A") == before
    assert program.row("A").stage is None


async def test_a_pair_left_pending_of_somebody_else_is_dropped_at_the_start(program):
    before = await program.current("A")
    await leave_pending(program, "B")
    (outcome,) = (await program.reconnect.recover()).values()
    assert isinstance(outcome, WrongCustomer)
    assert (await program.entry("A")).pending is None
    assert await program.current("A") == before


@pytest.mark.parametrize("error", UNTESTED)
async def test_a_pair_left_pending_that_cannot_be_tested_is_left_for_the_next_start(program, error):
    before = msgspec.msgpack.encode((await program.entry("A")).current)
    pending = await leave_pending(program)
    program.api.fail("integration", error)
    (outcome,) = (await program.reconnect.recover()).values()
    assert isinstance(outcome, LoginFailed)
    assert (await program.entry("A")).pending == pending
    assert await program.current("A") == before


async def test_a_pair_that_another_process_tests_is_left_to_it(program):
    await leave_pending(program)
    async with program.locks.hold("attempt acme A", wait=False):
        assert await program.reconnect.recover() == {}
    assert program.api.calls == []


async def test_a_pair_that_another_process_has_promoted_meanwhile_is_not_promoted_again(program):
    pending = await leave_pending(program)
    renewed = TokenEntry(current=program.api.pair("A"))
    tokens = program.vault.tokens

    async def and_then_another_process_acts(account):
        found = dict(await tokens(account))
        await program.put("A", renewed)
        return found

    program.vault.tokens = and_then_another_process_acts
    assert await program.reconnect.recover() == {}
    assert await program.entry("A") == renewed
    assert program.api.lives(pending.pair)


async def test_one_that_cannot_be_recovered_does_not_keep_the_others_from_it(program):
    await program.hold("B")
    pending = PendingPair(pair=program.api.pair("B"), attempt="earlier", since=program.clock.now())
    await program.put("B", TokenEntry(pending=pending))
    await leave_pending(program)
    program.api.customers[A].credentials_hold = True
    change = program.vault.change_token

    async def not_for_a(account, connection, changing):
        if connection == A:
            raise ProfileUnwritable("The disk is full.")
        return await change(account, connection, changing)

    program.vault.change_token = not_for_a
    outcomes = await program.reconnect.recover()
    assert outcomes[B] == Repaired(B)


async def test_a_click_first_tests_the_pair_left_pending(program):
    pending = await leave_pending(program)
    program.api.customers[A].credentials_hold = True
    assert await run(program) == Repaired(A)
    assert (await program.entry("A")).current == pending.pair
    assert program.window.opened == []


async def test_a_click_goes_on_to_the_login_where_the_pair_left_pending_is_no_good(program):
    program.api.kill((await leave_pending(program)).pair)
    signs_in(program)
    assert await run(program) == Repaired(A)
    assert len(program.window.opened) == 1


async def test_no_secret_is_shown_or_logged(program, caplog):
    caplog.set_level("DEBUG")
    signs_in(program)
    program.api.fail("status", NO_LINE)
    outcome = await run(program)
    (attempt,) = program.window.opened
    text = caplog.text + repr(outcome) + repr(attempt) + str(attempt) + said(outcome)
    for secret in ("5up3r", "code-1", attempt.state.value, attempt.verifier.value):
        assert secret not in text
