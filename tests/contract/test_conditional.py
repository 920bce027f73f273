"""Conditional requests: what has not changed is not sent again, and no token is told another's answer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from makini_desktop.adapters.api.http import Response
from makini_desktop.adapters.api.kept import UNUSED_FOR, KeptAnswers
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import AnswerUnreadable
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import HurriedClock, Opened, hostile_account, opened
from tests.raw_server import Asked, RawServer, answer
from tests.sandbox_process import SandboxProcess

ONE, OTHER = Secret("access-5up3r-1"), Secret("access-5up3r-2")
PERSON = Priority.PERSON
NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with RawServer() as found:
        yield found


@pytest.fixture
async def hostile(server: RawServer) -> AsyncIterator[Opened]:
    async with opened(hostile_account(server.base), HurriedClock()) as found:
        yield found


def tagged(asked: Asked, name: str, tag: str = 'W/"1"', **headers: str) -> bytes:
    """Answer as a server that gives tags: by 304 to who has the answer already."""
    if asked.headers.get("if-none-match") == tag:
        return answer(b"", 304, ETag=tag, X_Request_Id="req-304", **headers)
    return answer({"data": {"id": name, "company_name": name}}, ETag=tag, X_Request_Id="req-200", **headers)


def whose(asked: Asked) -> str:
    return asked.headers["authorization"].rpartition("-")[2]


async def name_of(client: Opened, token: Secret = ONE) -> str:
    return (await client.api.integration(token, PERSON)).value.company_name


async def test_an_answer_that_has_not_changed_is_the_same_with_a_new_time(
    server: RawServer, hostile: Opened
) -> None:
    server.say = lambda asked: tagged(asked, "Acme")
    first = await hostile.api.integration(ONE, PERSON)
    second = await hostile.api.integration(ONE, PERSON)
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, 'W/"1"']
    assert second.value == first.value
    assert second.at > first.at
    assert (first.request_id, second.request_id) == ("req-200", "req-304")
    assert hostile.api.requests()[0].status == 304


async def test_an_answer_that_has_changed_takes_the_place_of_the_old(
    server: RawServer, hostile: Opened
) -> None:
    server.say = lambda asked: tagged(asked, "Acme")
    await name_of(hostile)
    server.say = lambda asked: tagged(asked, "Bolt", 'W/"2"')
    assert [await name_of(hostile), await name_of(hostile)] == ["Bolt", "Bolt"]
    assert server.asked[-1].headers["if-none-match"] == 'W/"2"'


async def test_one_tokens_answer_is_never_anothers_even_under_one_tag(
    server: RawServer, hostile: Opened
) -> None:
    server.say = lambda asked: tagged(asked, f"Customer {whose(asked)}")
    names = [await name_of(hostile, token) for token in (ONE, OTHER, ONE, OTHER)]
    assert names == ["Customer 1", "Customer 2", "Customer 1", "Customer 2"]
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, None, 'W/"1"', 'W/"1"']


@pytest.mark.parametrize("ended", [True, False])
async def test_of_a_token_that_is_used_no_more_nothing_is_kept(
    server: RawServer, hostile: Opened, ended: bool
) -> None:
    server.say = lambda asked: tagged(asked, "Acme")
    connection = ConnectionId("1")
    hostile.api.belongs(ONE, connection)
    await name_of(hostile)
    if ended:
        hostile.api.forget(connection)
    else:
        hostile.api.belongs(OTHER, connection)
    await name_of(hostile)
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, None]


@pytest.mark.parametrize("headers", [{"Cache_Control": "no-store"}, {"ETag": ""}, {"ETag": "caf\xe9"}])
async def test_what_may_not_be_kept_or_has_no_tag_is_asked_for_whole(
    server: RawServer, hostile: Opened, headers: dict[str, str]
) -> None:
    headers = {"ETag": 'W/"1"', **headers}
    server.say = lambda _asked: answer({"data": {"id": "A", "company_name": "Acme"}}, **headers)
    await name_of(hostile)
    await name_of(hostile)
    assert "if-none-match" not in server.asked[-1].headers


async def test_a_304_that_nobody_asked_for_is_no_answer(server: RawServer, hostile: Opened) -> None:
    server.say = lambda _asked: answer(b"", 304)
    with pytest.raises(AnswerUnreadable):
        await name_of(hostile)


async def test_a_refusal_between_takes_nothing_away(server: RawServer, hostile: Opened) -> None:
    server.say = lambda asked: tagged(asked, "Acme")
    await name_of(hostile)
    server.say = lambda _asked: answer({"message": "No."}, 418)
    with pytest.raises(AnswerUnreadable):
        await name_of(hostile)
    server.say = lambda asked: tagged(asked, "Acme")
    assert await name_of(hostile) == "Acme"
    assert server.asked[-1].headers["if-none-match"] == 'W/"1"'


async def test_the_sandbox_answers_what_is_as_it_was_with_304(
    sandbox: SandboxProcess, client: Opened
) -> None:
    key = ConnectionId(sandbox.quiet())
    token = (await client.api.issue_token(key)).access
    for _ in range(2):
        await client.api.status(token, PERSON)
        await client.api.sync_status(token, PERSON)
        await client.api.client()
    seen = [(each.path.rpartition("/")[2], each.status) for each in client.api.requests()[:3]]
    assert seen == [("client", 304), ("sync-status", 304), ("status", 304)]
    sandbox.control("change_credentials", connection=key)
    assert (await client.api.status(token, PERSON)).value.reauthorization_required


def response(body: bytes, at: datetime, tag: str = '"1"') -> Response:
    return Response(status=200, headers={"etag": tag}, body=body, at=at)


def test_what_is_kept_has_a_bound_and_what_was_not_used_for_an_hour_makes_room() -> None:
    kept = KeptAnswers(limit=3_000)
    for number in range(5):
        kept.take(Secret(f"{number}"), "/a", None, response(b"x" * 500, NOW))
    held = [number for number in range(5) if kept.get(Secret(f"{number}"), "/a")]
    assert held == [0, 1, 2]
    later = NOW + UNUSED_FOR + timedelta(seconds=1)
    kept.take(Secret("9"), "/a", None, response(b"x" * 500, later))
    assert kept.get(Secret("9"), "/a") is not None
    assert kept.get(Secret("0"), "/a") is None
