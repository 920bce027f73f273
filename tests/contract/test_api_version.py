"""The port `Api` on servers whose version ends, has ended, or is another one."""

from collections.abc import Awaitable, Callable

import pytest

from makini_desktop.domain.account import VersionPlacement
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.errors import (
    ConnectionGone,
    InvalidRequest,
    MakiniDesktopError,
    NotOffered,
    VersionNotSpoken,
)
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import HurriedClock, Opened, hostile_account, opened
from tests.raw_server import Asked, RawServer, answer, rows_page
from tests.sandbox_process import SandboxProcess

TOKEN = Secret("t0ken")
PERSON = Priority.PERSON
SUCCESSOR = '</api/v2>; rel="successor-version"'
ENDED = {"Deprecation": "@1577836800", "Sunset": "Wed, 01 Jan 2020 00:00:00 GMT"}
LIVING = {"Deprecation": "true"}


async def listed(client: Opened) -> None:
    async for _page in client.api.connection_pages():
        pass


CALLS: dict[str, Callable[[Opened], Awaitable[object]]] = {
    "account": lambda client: client.api.client(),
    "list": listed,
    "integration": lambda client: client.api.integration(TOKEN, PERSON),
    "status": lambda client: client.api.status(TOKEN, PERSON),
    "sync status": lambda client: client.api.sync_status(TOKEN, PERSON),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (404, {"X-API-Version": "v2"}),
        (404, {"Makini-Version": "2.3"}),
        (410, {"API-Version": "v2"}),
        (404, {"Link": SUCCESSOR}),
        (410, {"Link": SUCCESSOR, **ENDED}),
    ],
)
async def test_a_server_that_speaks_a_newer_version_only_is_said_so_in_one_sentence(
    server: RawServer, hostile: Opened, call: str, status: int, headers: dict[str, str]
):
    server.say = lambda _asked: answer({"message": "Nothing here."}, status, **headers)
    with pytest.raises(
        VersionNotSpoken, match=r"^This server speaks v?2(\.3)? only; this program speaks v1\.$"
    ):
        await CALLS[call](hostile)
    assert hostile.store.capabilities == {}


@pytest.mark.parametrize("call", ["account", "list", "integration"])
async def test_a_version_that_is_refused_as_a_bad_request_is_said_so(
    server: RawServer, hostile: Opened, call: str
):
    server.say = lambda _asked: answer({"message": "Unknown version."}, 400, X_API_Version="v2")
    with pytest.raises(VersionNotSpoken, match="speaks v2 only"):
        await CALLS[call](hostile)


@pytest.mark.parametrize("version", ["v1", "v1.7", "1", None])
async def test_a_bad_request_in_our_version_is_one(server: RawServer, hostile: Opened, version: str | None):
    headers = {"X_API_Version": version} if version else {}
    server.say = lambda _asked: answer({"message": "No."}, 400, **headers)
    with pytest.raises(InvalidRequest):
        await hostile.api.client()


@pytest.mark.parametrize("headers", [{"X-API-Version": "v2"}, {"Link": SUCCESSOR}])
async def test_a_name_that_good_answers_carry_explains_no_refusal(
    server: RawServer, hostile: Opened, headers: dict[str, str]
):
    def say(asked: Asked) -> bytes:
        if asked.path.endswith("/system/client"):
            return answer({"data": {"id": "1"}}, **headers)
        return answer({"message": "Gone."}, 404, **headers)

    server.say = say
    await hostile.api.client()
    with pytest.raises(ConnectionGone):
        await hostile.api.integration(TOKEN, PERSON)


async def test_the_successor_of_a_living_version_explains_no_refusal(server: RawServer, hostile: Opened):
    server.say = lambda _asked: answer({"message": "Gone."}, 404, Link=SUCCESSOR, **LIVING)
    with pytest.raises(ConnectionGone):
        await hostile.api.integration(TOKEN, PERSON)


@pytest.mark.parametrize("status", [404, 405, 501])
@pytest.mark.parametrize("call", ["account", "list"])
async def test_a_server_that_lost_what_every_server_has_has_lost_the_version(
    server: RawServer, hostile: Opened, call: str, status: int
):
    server.say = lambda _asked: answer(b"", status, X_Request_Id="req-1")
    with pytest.raises(VersionNotSpoken, match="may have ended or moved; test the account") as failure:
        await CALLS[call](hostile)
    assert failure.value.request_id == "req-1"


@pytest.mark.parametrize(
    ("path", "header", "placement"),
    [
        (404, 200, VersionPlacement.HEADER),
        (200, 404, VersionPlacement.PATH),
        (404, 400, None),
        (404, 404, None),
    ],
)
async def test_where_the_version_goes_is_found_out_anew(
    server: RawServer, clock: HurriedClock, path: int, header: int, placement: VersionPlacement | None
):
    def say(asked: Asked) -> bytes:
        status = path if asked.path.startswith("/api/v1/") else header
        return answer({"data": {"id": "1"}}, status, X_API_Version="v1" if status == 200 else "v2")

    server.say = say
    async with opened(hostile_account(server.base, VersionPlacement.PATH), clock) as client:
        if placement is None:
            with pytest.raises(VersionNotSpoken, match="speaks v2 only"):
                await client.api.place_version()
            assert client.placed == []
        else:
            assert await client.api.place_version() is placement
            assert client.placed == ([] if placement is VersionPlacement.PATH else [placement])
            await client.api.client()


# What is said of the version's end


@pytest.fixture
def deprecated(sandbox: SandboxProcess):
    sandbox.control("deprecate", days=100)
    yield sandbox
    sandbox.control("undeprecate")


async def test_every_answer_is_heard(deprecated: SandboxProcess, client: Opened):
    await client.api.client()
    news = client.store.version
    assert news is not None
    assert (news.version, news.calls) == ("v1", ("account", "link_token"))
    assert news.days_left(client.clock.now()) in (99, 100)
    assert news.deprecated_since is not None
    assert news.guide == f"{deprecated.api_base}/sandbox/migration"
    assert news.successor == f"{deprecated.api_base}/api/v2"
    token = (await client.api.issue_token(deprecated.quiet())).access
    await client.api.status(token, PERSON)
    assert {"connection_status", "issue_token"} <= set(client.store.version.calls)
    deprecated.control("undeprecate")
    await client.api.client()
    assert not client.store.version.deprecated
    assert client.store.version.calls == ()


async def test_a_refusal_is_heard_and_takes_nothing_back(server: RawServer, hostile: Opened):
    heads = {"Sunset": "Wed, 01 Jan 2098 00:00:00 GMT"}
    server.say = lambda _asked: answer({}, 403, **heads)
    for _ in range(2):
        with pytest.raises(MakiniDesktopError):
            await hostile.api.client()
        assert hostile.store.version is not None
        assert hostile.store.version.calls == ("account",)
        heads.clear()


async def test_a_version_other_than_the_stated_one_is_seen(server: RawServer, hostile: Opened):
    server.say = lambda _asked: answer({"data": {"id": "1"}}, X_API_Version="v1.7")
    await hostile.api.client()
    assert hostile.store.version is not None
    assert hostile.store.version.version == "v1.7"
    assert hostile.api.api_version() == "v1.7"


async def test_a_deprecated_server_that_lacks_something_lacks_that_alone(server: RawServer, hostile: Opened):
    def say(asked: Asked) -> bytes:
        there = asked.path.endswith("/integrations/current")
        body = {"data": {"id": "1"}} if there else {}
        return answer(body, 200 if there else 404, Link=SUCCESSOR, **LIVING)

    server.say = say
    with pytest.raises(NotOffered):
        await hostile.api.status(TOKEN, PERSON)
    assert hostile.store.capabilities[Capability.CURRENT_INTEGRATION].offered


async def test_an_empty_list_is_a_good_answer(server: RawServer, hostile: Opened):
    server.say = lambda _asked: rows_page([])
    await listed(hostile)
    assert hostile.store.capabilities[Capability.LIST_CONNECTIONS].offered
