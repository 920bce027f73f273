"""The life of a token, day by day: renewed silently, else issued, else told in time."""

from datetime import timedelta

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from tests.fakes.program import FakeProgram

A = ConnectionId("A")


async def day(program: FakeProgram, number: int) -> Health:
    """Look at A on that day of its token's life, which is 30 days long, and return its health."""
    start = (await program.tokens.seen(A)).expires_at - timedelta(days=30)
    await program.clock.advance(start + timedelta(days=number, seconds=1) - program.clock.now())
    await program.check("A")
    return program.health("A")


@pytest.fixture(autouse=True)
async def with_a_token(program):
    await program.hold("A")
    await program.check("A")
    program.api.calls.clear()
    await program.clock.advance(1)


async def test_at_half_life_it_is_renewed_and_nobody_is_told(program):
    told = await program.ledger.timeline(A)
    assert await day(program, 14) is Health.HEALTHY
    assert "refresh" not in program.api.calls
    assert await day(program, 15) is Health.HEALTHY
    assert program.api.calls.count("refresh") == 1
    assert await program.ledger.timeline(A) == told
    assert not program.notices


async def test_one_that_cannot_be_refreshed_is_issued_where_that_was_agreed_to(program):
    program.change_account(issue_tokens=True)
    program.api.kill((await program.entry("A")).current, refresh=True)
    program.api._access[(await program.entry("A")).current.access.value] = A
    assert await day(program, 15) is Health.HEALTHY
    assert program.api.calls.count("issue A") == 1


async def test_one_that_nothing_renews_is_expiring_for_seven_days_and_then_needs_a_reconnect(program):
    pair = (await program.entry("A")).current
    program.api.kill(pair, refresh=True)
    program.api._access[pair.access.value] = A
    healths = [await day(program, number) for number in (15, 22)]
    expiring = [await day(program, number) for number in (23, 29)]
    program.api.kill(pair)
    assert healths == [Health.HEALTHY] * 2
    assert expiring == [Health.EXPIRING] * 2
    assert await day(program, 30) is Health.RECONNECT_NEEDED
    assert program.api.calls.count("refresh") == 1


async def test_what_needed_a_reconnect_is_renewed_once_issuing_is_agreed_to(program):
    program.api.kill((await program.entry("A")).current, refresh=True)
    await program.check("A")
    assert program.health("A") is Health.RECONNECT_NEEDED
    program.tasks.start("monitor", program.monitor.run())
    await program.clock.advance(30)
    program.commands.answer_issuing(allowed=True)
    await program.clock.settle()
    assert program.health("A") is Health.HEALTHY
