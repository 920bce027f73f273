"""The weather over all connections: Makini's own trouble, and the moment of waking."""

from datetime import timedelta

import pytest

from makini_desktop.domain.errors import MakiniDesktopError, RateLimited, ServerFailed
from makini_desktop.domain.incident import Cause
from makini_desktop.services.weather import HOLD_AFTER_WAKING, Trouble, Weather
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


def test_alerts_are_held_back_for_a_minute_after_waking() -> None:
    weather = Weather()
    assert not weather.holds_back(START)
    told: list[object] = []
    weather.woke.subscribe(told.append)
    weather.set_woke(START)
    assert told == [START]
    assert weather.holds_back(START + HOLD_AFTER_WAKING - SECOND)
    assert not weather.holds_back(START + HOLD_AFTER_WAKING)
