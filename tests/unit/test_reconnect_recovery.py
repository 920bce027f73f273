"""Reconnect: a pair that an earlier run left pending is tested, then promoted or dropped."""

import asyncio

import msgspec
import pytest

from makini_desktop.domain.errors import (
    ProfileUnwritable,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import (
    LoginFailed,
    NewConnection,
    Repaired,
    WrongCustomer,
)
from makini_desktop.domain.token import PendingPair, TokenEntry
from makini_desktop.services.ports import Priority
from makini_desktop.services.proof import Trial
from tests.fakes.api import customer
from tests.fakes.program import FakeProgram
from tests.unit.logins import NO_LINE, UNTESTED, A, B, C, broken, run, said, signs_in  # noqa: F401


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
    assert (await program.ledger.timeline(A))[0].detail == said(Repaired(A))


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
    assert await program.reconnect.recover() == {}
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


async def test_a_pair_left_pending_so_long_that_it_ended_is_refreshed_and_promoted(program):
    pending = await leave_pending(program)
    program.api.kill(pending.pair)
    program.api.customers[A].credentials_hold = True
    assert await program.reconnect.recover() == {A: Repaired(A)}
    entry = await program.entry("A")
    assert entry.pending is None
    assert entry.current.access != pending.pair.access
    assert program.api.lives(entry.current)


async def test_a_pair_left_pending_is_tested_again_and_told_only_once_it_is_settled(program):
    await leave_pending(program)
    program.api.customers[A].credentials_hold = True
    told = await program.ledger.timeline(A)
    program.api.fail("integration", UNTESTED[0])
    await program.reconnect.recover()
    assert await program.ledger.timeline(A) == told
    assert await program.reconnect.recover() == {A: Repaired(A)}


async def test_while_a_new_pair_is_settled_nobody_issues_a_token_that_would_end_it(program):
    program.change_account(issue_tokens=True)
    pending = await leave_pending(program)
    program.api.customers[A].credentials_hold = True
    program.api.kill((await program.entry("A")).current, refresh=True)
    other = FakeProgram(beside=program)
    gate = program.api.gate("integration")
    recovering = asyncio.create_task(program.reconnect.recover())
    await gate.reached.wait()
    using = asyncio.create_task(other.tokens.use(A, lambda token: program.api.status(token, Priority.PERSON)))
    await program.clock.settle()
    gate.open()
    await asyncio.gather(recovering, using)
    assert await program.entry("A") == TokenEntry(current=pending.pair)
    assert "issue A" not in program.api.calls


async def test_a_pair_of_another_customers_connection_leaves_what_is_pending_there(program):
    program.api.customers[C] = customer("C", "Acme Foods")
    there = PendingPair(pair=program.api.pair("C"), attempt="another", since=program.clock.now())
    await program.put("C", TokenEntry(pending=there))
    pending = await leave_pending(program, "C")
    row = program.row("A")
    outcome = await program.reconnect._proof.settle(Trial(A, row, pending))
    assert isinstance(outcome, NewConnection)
    assert await program.entry("C") == TokenEntry(current=pending.pair, pending=there)
