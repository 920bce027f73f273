"""The weather over all connections: Makini's own trouble, and the moment of waking."""

from datetime import timedelta

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError, RateLimited, ServerFailed, SystemUnreachable
from makini_desktop.domain.evidence import EvidenceSource
from makini_desktop.domain.incident import Cause
from makini_desktop.services.weather import SEVERAL, Trouble, Weather
from tests.fakes.clock import START
from tests.fakes.program import FakeProgram

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
FAILED = ServerFailed("Makini failed.", status=500, code="INTERNAL", request_id="req-7")
LIMITED = RateLimited("Makini asks for fewer requests.", status=429, request_id="req-8")


def watch(program: FakeProgram) -> list[Trouble | None]:
    told: list[Trouble | None] = []
    program.weather.makini_changed.subscribe(told.append)
    program.tasks.start("monitor", program.monitor.run())
    return told


@pytest.mark.parametrize(("error", "cause"), [(FAILED, Cause.MAKINI), (LIMITED, Cause.RATE_LIMIT)])
async def test_a_list_that_makini_cannot_answer_is_trouble_with_its_evidence(
    program: FakeProgram, error: MakiniDesktopError, cause: Cause
) -> None:
    program.api.fail("list", error)
    told = watch(program)
    await program.clock.advance(SECOND)
    (trouble,) = told
    assert trouble is not None
    assert (trouble.cause, trouble.since, trouble.words) == (cause, START, str(error))
    assert (trouble.evidence.detail, trouble.evidence.request_id) == (error.detail, error.request_id)


async def test_trouble_is_told_once_and_ends_with_a_good_list(program: FakeProgram) -> None:
    program.api.fail("list", FAILED, FAILED, FAILED)
    told = watch(program)
    await program.clock.advance(2 * MINUTE + SECOND)
    assert [trouble and trouble.since for trouble in told] == [START]
    await program.clock.advance(MINUTE)
    assert told[1:] == [None]
    assert program.weather.makini is None


async def test_several_connections_that_fail_in_a_row_by_makini_are_its_trouble_until_one_works() -> None:
    weather, told = Weather(), []
    weather.makini_changed.subscribe(told.append)
    for number in range(SEVERAL):
        assert told == []
        weather.checked(ConnectionId(f"C{number}"), FAILED, START, of=100)
    (trouble,) = told
    assert (trouble.cause, trouble.words) == (Cause.MAKINI, str(FAILED))
    weather.checked(ConnectionId("C9"), FAILED, START, of=100)
    weather.listed(None, START)
    assert len(told) == 1
    weather.checked(ConnectionId("C0"), None, START, of=100)
    assert told[1:] == [None]


async def test_one_connection_that_fails_again_and_again_is_no_trouble_of_makini() -> None:
    weather, told = Weather(), []
    weather.makini_changed.subscribe(told.append)
    for _ in range(2 * SEVERAL):
        weather.checked(ConnectionId("C1"), FAILED, START, of=100)
    weather.checked(ConnectionId("C2"), SystemUnreachable("Off.", status=503), START, of=100)
    assert told == []


async def test_of_two_connections_both_are_several() -> None:
    weather = Weather()
    for number in range(2):
        weather.checked(ConnectionId(f"C{number}"), LIMITED, START, of=2)
    assert weather.makini is not None
    assert weather.makini.cause is Cause.RATE_LIMIT


async def test_a_list_that_works_while_checks_do_not_does_not_end_their_trouble(program: FakeProgram) -> None:
    await program.hold("A")
    await program.hold("B")
    program.api.fail_always("status", FAILED)
    told = watch(program)
    await program.clock.advance(5 * MINUTE)
    assert [trouble and trouble.evidence.source for trouble in told] == [EvidenceSource.STATUS]
    program.api.fail_always("status", None)
    await program.clock.advance(5 * MINUTE)
    assert told[1:] == [None]
