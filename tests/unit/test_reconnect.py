"""Reconnect: from a click to a proven new pair."""

import asyncio

import msgspec
import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ProfileInUse,
    UsageError,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import (
    AlreadyHealthy,
    NewConnection,
    Repaired,
    Stage,
    WrongCustomer,
)
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.token import TokenEntry
from makini_desktop.services.login_ports import LoginClosed
from tests.fakes.api import customer
from tests.fakes.login_window import SIGNING_IN
from tests.fakes.program import FakeProgram
from tests.unit.logins import NO_LINE, UNTESTED, A, B, C, broken, run, said, signs_in  # noqa: F401


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
    assert (await program.ledger.timeline(A))[0].detail == said(Repaired(A))


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


def only_listed(program):
    """Let A be known by the list alone, which names systems as the platforms do."""
    row = program.row("A")
    facts = msgspec.structs.replace(row.facts, integration=None)
    program.store.put([msgspec.structs.replace(row, facts=facts)])
    program.api.platforms_offered = tuple(
        Platform(key=f"{name}-key".casefold(), name=name) for name in ("SAP", "IFS")
    )


async def test_one_that_was_broken_ever_since_is_known_by_the_name_of_its_platform(program):
    only_listed(program)
    program.api.customers[C] = customer("C", "Acme Foods", "SAP")
    signs_in(program, C)
    assert await run(program) == NewConnection(A, C)


@pytest.mark.parametrize(("name", "system"), [("Acme Foods", "IFS"), ("Baltic Paper", "SAP")])
async def test_another_system_or_company_is_still_a_stranger_to_it(program, name, system):
    only_listed(program)
    program.api.customers[C] = customer("C", name, system)
    signs_in(program, C)
    assert isinstance(await run(program), WrongCustomer)


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
    assert program.row("C").facts.status is not None


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


async def test_no_secret_is_shown_or_logged(program, caplog):
    caplog.set_level("DEBUG")
    signs_in(program)
    program.api.fail("status", NO_LINE)
    outcome = await run(program)
    (attempt,) = program.window.opened
    text = caplog.text + repr(outcome) + repr(attempt) + str(attempt) + said(outcome)
    for secret in ("5up3r", "code-1", attempt.state.value, attempt.verifier.value):
        assert secret not in text
