"""A network that wants a sign-in first, or a server that is gone: we are offline, and nothing turns red."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from makini_desktop.app import Program
from makini_desktop.core.paths import Paths
from makini_desktop.domain.account import VersionPlacement
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    MakiniDesktopError,
    NotMakini,
    NotOffered,
    PermissionDenied,
    RateLimited,
    ServerFailed,
    TokenRejected,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.token import Secret, TokenEntry, TokenPair
from makini_desktop.services.accounts import new_account
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.services.ports import Priority
from makini_desktop.services.store import Offline, Online
from tests.api_client import HurriedClock, Opened, hostile_account, opened
from tests.raw_server import Asked, RawServer, answer

PAGE = b"<!DOCTYPE html><html><body>Welcome to the hotel. Please sign in.</body></html>"
TOKEN = Secret("token-5up3r")
COUNT = 30
PATIENCE = 20.0
SIGN_IN = "may want a sign-in"


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with RawServer() as found:
        yield found


@pytest.fixture
async def client(server: RawServer) -> AsyncIterator[Opened]:
    async with opened(hostile_account(server.base), HurriedClock()) as found:
        yield found


async def failure_of(call: Awaitable[object]) -> MakiniDesktopError:
    with pytest.raises(MakiniDesktopError) as caught:
        await call
    return caught.value


@pytest.mark.parametrize(
    "page",
    [
        answer(PAGE, 200, Content_Type="text/html; charset=utf-8"),
        answer(PAGE, 200),
        answer(b"", 200, Content_Type="text/html"),
        answer(PAGE, 511, Content_Type="text/html"),
        answer(PAGE, 401, Content_Type="text/html"),
        answer(PAGE, 403, Content_Type="text/html"),
        answer(b"", 302, Location="https://portal.hotel.example/?to=api"),
        answer(b"", 307, Location="/sign-in"),
        answer(b"", 303),
    ],
)
async def test_a_page_or_a_redirect_is_not_makini_for_any_call(
    server: RawServer, client: Opened, page: bytes
) -> None:
    server.say = lambda _asked: page
    calls: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: client.api.status(TOKEN, Priority.PERSON),
        lambda: client.api.integration(TOKEN, Priority.PERSON),
        lambda: client.api.refresh(Secret("refresh-5up3r")),
        client.api.client,
        lambda: anext(aiter(client.api.connection_pages())),
    )
    for call in calls:
        server.asked.clear()
        failure = await failure_of(call())
        assert type(failure) is NotMakini
        assert SIGN_IN in str(failure)
        assert len(server.asked) == 1


async def test_a_page_in_the_place_of_an_admin_token_is_no_rejected_client(
    server: RawServer, client: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.raw_server.TOKEN_ANSWER", PAGE)
    assert type(await failure_of(client.api.client())) is NotMakini


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (500, {}, ServerFailed),
        (502, {}, ServerFailed),
        (429, {"Retry_After": "900"}, RateLimited),
        (401, {"X_Request_Id": "req-1"}, TokenRejected),
        (403, {"X_API_Version": "v1"}, PermissionDenied),
    ],
)
async def test_makinis_own_error_page_is_makinis_answer(
    server: RawServer, client: Opened, status: int, headers: dict[str, str], error: type[Exception]
) -> None:
    server.say = lambda _asked: answer(PAGE, status, Content_Type="text/html", **headers)
    assert type(await failure_of(client.api.integration(TOKEN, Priority.PERSON))) is error


async def test_a_server_that_lacks_an_endpoint_may_say_so_with_a_page(
    server: RawServer, client: Opened
) -> None:
    def say(asked: Asked) -> bytes:
        if asked.path.endswith("/integrations/current"):
            return answer({"data": {"id": "A", "company_name": "Acme", "provider": "sap"}})
        return answer(PAGE, 404, Content_Type="text/html")

    server.say = say
    assert type(await failure_of(client.api.status(TOKEN, Priority.PERSON))) is NotOffered


def makini(asked: Asked) -> bytes:
    """Answer as a server does on which all is well."""
    if asked.path.endswith("/system/connections"):
        rows = [
            {"key": f"C{number:02}", "name": f"Customer {number}", "status": "Active"}
            for number in range(COUNT)
        ]
        return answer({"data": rows})
    if asked.path.endswith("/status"):
        return answer({"data": {"state": "online", "reauthorization_required": False}})
    if asked.path.endswith("/sync-status"):
        return answer({"data": {"status": "completed"}})
    if asked.path.endswith("/settings"):
        return answer({"data": {"mode": "scheduled", "interval_minutes": 60}})
    return answer({"data": {"id": "A", "company_name": "Acme", "provider": "sap"}})


@pytest.fixture
async def program(server: RawServer, tmp_path: Path) -> AsyncIterator[Program]:
    """The program on a server of its own with sixty connections, watched for the first time."""
    server.say = makini
    errors: list[BaseException] = []
    options = Options(paths=Paths(tmp_path), vault=VaultKind.MEMORY)
    options.paths.create()
    program = Program(options, report=errors.append)
    await program.ground.open()
    account = new_account(
        name="acme",
        api_base=server.base,
        link_base=server.base,
        client_id="client",
        redirect_uris=("http://127.0.0.1/callback",),
        version_in=VersionPlacement.PATH,
    )
    await program.accounts.add(account, Secret("client-5up3r"))
    now = program.clock.now()
    for number in range(COUNT):
        pair = TokenPair(access=Secret(f"access-5up3r-{number}"), obtained_at=now)
        await program.vault.change_token(
            account.name,
            ConnectionId(f"C{number:02}"),
            lambda _entry, pair=pair: TokenEntry(current=pair),
        )
    await program.begin(account)
    program.watch()
    yield program
    await program.aclose()
    await program.ground.aclose()
    assert errors == []


async def eventually(program: Program, look: Callable[[], bool]) -> None:
    """Wait until something can be seen, looking at every change of the store."""
    changed = asyncio.Event()
    ends = [
        each.subscribe(lambda _news: changed.set())
        for each in (program.store.changed, program.store.line_changed, program.store.sweep_changed)
    ]
    async with asyncio.timeout(PATIENCE):
        while not look():
            await changed.wait()
            changed.clear()
    for end in ends:
        end()


def well(program: Program) -> int:
    return sum(1 for row in program.store.rows.values() if row.facts.sync is not None)


@pytest.mark.parametrize(
    "page",
    [
        answer(PAGE, 200, Content_Type="text/html"),
        answer(PAGE, 403, Content_Type="text/html"),
        answer(b"", 302, Location="https://portal.hotel.example/"),
    ],
    ids=["page", "refusing page", "redirect"],
)
async def test_a_portal_in_the_middle_of_a_sweep_is_one_banner_and_a_handful_of_requests(
    program: Program, server: RawServer, page: bytes
) -> None:
    await eventually(program, lambda: well(program) >= 10)
    server.asked.clear()
    server.say = lambda _asked: page
    await eventually(program, lambda: isinstance(program.store.line, Offline))
    await eventually(program, lambda: not program.monitor._checking)
    line = program.store.line
    assert isinstance(line, Offline)
    assert SIGN_IN in line.words
    assert (program.clock.now() - line.since).total_seconds() < 10
    assert {row.health for row in program.store.rows.values()} <= {Health.HEALTHY, Health.UNKNOWN}
    assert len(server.asked) <= 20
    assert program.store.incidents == {} or all(not each.members for each in program.store.incidents.values())
    server.say = makini
    program.monitor.everything_now()
    await eventually(program, lambda: isinstance(program.store.line, Online) and well(program) == COUNT)


async def test_a_server_that_is_gone_in_the_middle_of_a_sweep_is_the_same(
    program: Program, server: RawServer
) -> None:
    await eventually(program, lambda: well(program) >= 10)
    await server.__aexit__()
    program.monitor.everything_now()
    await eventually(program, lambda: isinstance(program.store.line, Offline))
    assert {row.health for row in program.store.rows.values()} <= {Health.HEALTHY, Health.UNKNOWN}
    assert len(program.api.requests()) < 4 * COUNT
