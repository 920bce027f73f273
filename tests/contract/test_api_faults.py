"""The port `Api` on a server in trouble: limits, failures, cut lines, slow answers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import pytest

from makini_desktop.core.clock import SystemClock
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError, RateLimited
from makini_desktop.domain.sync import SyncOrder
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import HurriedClock, Opened, opened
from tests.raw_server import RawServer, answer
from tests.sandbox_process import CLIENT_ID, SandboxProcess


def answers(server, mark: int) -> list[int]:
    """Return the statuses answered since `mark`; "not modified" is as good as 200."""
    return [200 if each["status"] == 304 else each["status"] for each in server.log(mark)]


@pytest.fixture
def troubled(sandbox: SandboxProcess) -> Iterator[SandboxProcess]:
    """The module's sandbox, put right again after the test."""
    yield sandbox
    sandbox.control("reset")


@pytest.fixture
async def trying(troubled: SandboxProcess, clock: HurriedClock) -> AsyncIterator[Opened]:
    """An adapter that has spoken with the server before the trouble begins."""
    async with opened(troubled.account(), clock) as client:
        await client.api.client()
        clock.slept.clear()
        yield client


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_a_rate_limit_is_waited_out_in_both_forms(
    troubled: SandboxProcess, trying: Opened, clock: HurriedClock, form: str
):
    troubled.control("rate_limit", requests=0, seconds=25, form=form)
    clock.on_sleep = lambda: troubled.control("rate_limit", requests=0, seconds=0, form=form)
    mark = troubled.mark()
    assert (await trying.api.client()).value.id == CLIENT_ID
    assert answers(troubled, mark) == [429, 200]
    assert 24 <= max(clock.slept) <= 28


async def test_a_rate_limit_pauses_the_other_requests_too(
    troubled: SandboxProcess, trying: Opened, clock: HurriedClock
):
    troubled.control("rate_limit", requests=0, seconds=25)
    with pytest.raises(MakiniDesktopError) as failure:
        await trying.api.client()
    assert failure.value.detail == "429 RATE_LIMIT_EXCEEDED"
    assert failure.value.request_id
    clock.slept.clear()
    troubled.control("rate_limit", requests=0, seconds=0)
    await trying.api.client()
    assert sum(clock.slept) > 20, "the server had asked for silence"


async def test_a_failing_server_is_asked_again(troubled: SandboxProcess, trying: Opened):
    troubled.control("server_errors", count=2)
    mark = troubled.mark()
    assert (await trying.api.client()).value.id == CLIENT_ID
    assert answers(troubled, mark) == [502, 500, 200]


@pytest.mark.parametrize("count", [3, 4])
async def test_a_server_that_goes_on_failing_is_given_up(
    troubled: SandboxProcess, trying: Opened, count: int
):
    troubled.control("server_errors", count=count)
    mark = troubled.mark()
    with pytest.raises(MakiniDesktopError, match="Makini failed on the account") as failure:
        await trying.api.client()
    assert failure.value.status in {500, 502}
    assert failure.value.request_id == troubled.log()[-1]["request_id"]
    assert len(troubled.log(mark)) == 3


async def test_a_cut_line_is_tried_again(troubled: SandboxProcess, trying: Opened):
    troubled.control("drop", count=2)
    assert (await trying.api.client()).value.id == CLIENT_ID


@pytest.mark.parametrize("processed", [False, True])
async def test_a_sync_start_survives_a_cut_line_and_starts_one(
    troubled: SandboxProcess, trying: Opened, processed: bool
):
    connection = ConnectionId(troubled.quiet())
    token = (await trying.api.issue_token(connection)).access
    troubled.control("drop", count=1, processed=processed)
    mark = troubled.mark()
    started = (await trying.api.start_sync(token, SyncOrder(), "once")).value
    tries = [each for each in troubled.log(mark) if each["path"].endswith("/integrations/sync")]
    assert [each["idempotency_key"] for each in tries] == ["once", "once"]
    assert troubled.state()[connection]["running_sync"] == started.id


async def test_slow_answers_are_waited_for(troubled: SandboxProcess, trying: Opened):
    troubled.control("slow", ms=300)
    assert (await trying.api.client()).value.id == CLIENT_ID


async def test_a_deprecated_version_goes_on_working(troubled: SandboxProcess, trying: Opened):
    troubled.control("deprecate", days=30)
    assert (await trying.api.client()).value.id == CLIENT_ID
    assert trying.api.api_version() == "v1"


async def test_an_admin_token_that_ended_is_fetched_anew(troubled: SandboxProcess, trying: Opened):
    troubled.control("reset")
    mark = troubled.mark()
    assert (await trying.api.client()).value.id == CLIENT_ID
    assert [each["status"] for each in troubled.log(mark)] == [401, 200, 200]


async def test_a_hundred_requests_at_once_stay_within_the_budget(troubled: SandboxProcess):
    async with opened(troubled.account(), SystemClock()) as client:
        await client.api.client()
        mark = troubled.mark()
        await asyncio.gather(*(client.api.client() for _ in range(120)))
        times = [datetime.fromisoformat(each["at"]) for each in troubled.log(mark)]
    assert len(times) == 120
    busiest = max(sum(at <= other < at + timedelta(seconds=1) for other in times) for at in times)
    assert busiest <= client.budget.per_second


async def test_a_limit_of_one_token_holds_up_no_other(
    server: RawServer, hostile: Opened, clock: HurriedClock
):
    a, b = Secret("token-of-a"), Secret("token-of-b")
    hostile.api.belongs(a, ConnectionId("a"))
    hostile.api.belongs(b, ConnectionId("b"))
    limited = answer({}, 429, Retry_After="90")
    server.say = lambda asked: (
        limited if asked.headers["authorization"].endswith("a") else answer({"data": {"id": "b"}})
    )
    with pytest.raises(RateLimited):
        await hostile.api.integration(a, Priority.PERSON)
    assert (await hostile.api.integration(b, Priority.PERSON)).value.id == "b"
    with pytest.raises(RateLimited, match="2 more minutes without requests") as told:
        await hostile.api.integration(a, Priority.PERSON)
    assert 80 < told.value.retry_after <= 90
    assert len(server.asked) == 2, "what has to wait so long is not sent"


async def test_a_limit_of_the_administrator_s_token_holds_up_all(server: RawServer, hostile: Opened):
    token = Secret("token-of-a")
    hostile.api.belongs(token, ConnectionId("a"))
    server.say = lambda _asked: answer({}, 429, Retry_After="90")
    with pytest.raises(RateLimited):
        await hostile.api.client()
    with pytest.raises(RateLimited):
        await hostile.api.integration(token, Priority.PERSON)
    assert len(server.asked) == 1
