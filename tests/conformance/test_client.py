"""The client asks as published, and where the file is silent as the contract says."""

import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from makini_desktop.domain.account import VersionPlacement
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.settings import Metadatum, SyncSchedule, Webhook
from makini_desktop.domain.sync import SyncOrder
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import HurriedClock, Opened, hostile_account, opened
from tests.conformance.conftest import Judge
from tests.raw_server import Asked, RawServer, answer

TOKEN = Secret("connection-token")
PAIR = {"access_token": "new", "refresh_token": "new-refresh", "token_type": "Bearer", "expires_in": 300}
SYNC = {"id": "sync-1", "status": "queued"}


def say(asked: Asked) -> bytes:
    """Answer anything with something good."""
    path = asked.path.replace("/api/v1/", "/api/")
    if asked.path == "/link/token":
        return answer(PAIR)
    if path == "/api/system/connections" and asked.method == "GET":
        page = int(parse_qs(urlsplit(asked.target).query)["page"][0])
        return answer({"data": [{"key": f"key-{page}", "name": "Acme"}], "meta": {"last_page": 2}})
    if path.endswith("/token") or (asked.method, path) == ("POST", "/api/system/connections"):
        return answer({"data": PAIR})
    if path in ("/api/system/platforms", "/api/system/connections/key%2F1/metadata"):
        return answer({"data": [{"key": "sap", "name": "SAP", "value": "1"}]})
    if path == "/api/integrations/sync":
        return answer({"data": SYNC}, 202)
    if path == "/api/integrations/syncs":
        return answer({"data": [SYNC], "next_cursor": None})
    return answer({"data": {"id": "key-1", "name": "Acme", "company_name": "Acme", "state": "online"}})


@pytest.fixture(params=list(VersionPlacement), ids=lambda placement: placement.value)
async def client(request: pytest.FixtureRequest, server: RawServer) -> AsyncIterator[Opened]:
    """The client for an account with the version in either place."""
    account = hostile_account(server.base, version_in=request.param)
    async with opened(account, HurriedClock()) as client:
        yield client


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with RawServer(say) as server:
        yield server


async def everything(client: Opened) -> None:
    """Make every call of the port."""
    api, person = client.api, Priority.PERSON
    await api.client()
    assert [page.value[0].id async for page in api.connection_pages()] == ["key-1", "key-2"]
    await api.issue_token(ConnectionId("key/1"))
    await api.platforms()
    await api.create_connection("Acme", "it@acme.example", "sap", {"password": Secret("pa55word")})
    await api.metadata(ConnectionId("key/1"))
    await api.set_metadata(ConnectionId("key/1"), [Metadatum("owner", "Anna")])
    await api.disconnect(ConnectionId("key/1"))
    await api.disconnect_self(TOKEN)
    await api.integration(TOKEN, person)
    await api.status(TOKEN, person)
    await api.sync_status(TOKEN, person)
    await api.schedule(TOKEN, person)
    await api.set_schedule(TOKEN, SyncSchedule(interval_minutes=30))
    await api.webhook(TOKEN, person)
    await api.set_webhook(TOKEN, Webhook(), Secret("webhook-secret"))
    await api.syncs(TOKEN, 5, person)
    await api.start_sync(TOKEN, SyncOrder(), "idempotency-key")
    await api.exchange_code(Secret("code"), "http://127.0.0.1/callback", Secret("verifier"))
    await api.refresh(Secret("refresh-token"))


async def test_every_request_that_the_file_knows_is_as_published(
    client: Opened, server: RawServer, judge: Judge
) -> None:
    await everything(client)
    for asked in server.asked:
        if judge.knows(asked.method, asked.target):
            judge.request(asked)
    assert judge.seen == {
        ("get", "/api/system/client"),
        ("get", "/api/system/platforms"),
        ("get", "/api/system/connections"),
        ("post", "/api/system/connections"),
        ("delete", "/api/system/connections/{id}"),
        ("get", "/api/system/connections/{id}/metadata"),
        ("post", "/api/system/connections/{id}/metadata"),
        ("post", "/api/system/connections/{id}/token"),
        ("get", "/api/integrations/current"),
        ("delete", "/api/integrations/current"),
    }


async def test_what_the_file_does_not_know_is_in_the_contract(
    client: Opened, server: RawServer, judge: Judge
) -> None:
    await everything(client)
    unknown = {
        (asked.method, asked.path.replace("/api/v1/", "/api/"))
        for asked in server.asked
        if not judge.knows(asked.method, asked.target)
    }
    assert unknown == {
        ("POST", "/link/token"),
        ("GET", "/api/integrations/current/status"),
        ("GET", "/api/sync-status"),
        ("GET", "/api/integrations/current/settings"),
        ("PUT", "/api/integrations/current/settings"),
        ("GET", "/api/integrations/current/webhook"),
        ("PUT", "/api/integrations/current/webhook"),
        ("GET", "/api/integrations/syncs"),
        ("POST", "/api/integrations/sync"),
    }


async def test_the_version_is_in_every_path_or_in_none_and_always_in_the_header(
    client: Opened, server: RawServer
) -> None:
    await everything(client)
    in_path = client.account.version_in is VersionPlacement.PATH
    for asked in server.asked:
        assert asked.headers["x-api-version"] == "v1"
        if asked.path != "/link/token":
            assert asked.path.startswith("/api/v1/") is in_path


async def test_pages_are_asked_for_by_number_and_size(client: Opened, server: RawServer) -> None:
    await everything(client)
    queries = [
        parse_qs(urlsplit(asked.target).query) for asked in server.asked if "/connections?" in asked.target
    ]
    assert [query["page"] for query in queries] == [["1"], ["2"]]
    assert all(set(query) == {"page", "per_page"} for query in queries)


async def test_a_key_in_a_path_is_one_segment(client: Opened, server: RawServer) -> None:
    await everything(client)
    (issued,) = [
        asked for asked in server.asked if asked.path.endswith("/token") and "/system/" in asked.path
    ]
    assert "/connections/key%2F1/token" in issued.target


async def test_the_admin_token_is_asked_for_in_json(client: Opened, server: RawServer) -> None:
    await everything(client)
    (asked,) = server.credentials
    assert (asked.method, asked.path) == ("POST", "/link/token")
    assert asked.headers["content-type"] == "application/json"
    assert set(json.loads(asked.body)) == {"grant_type", "client_id", "client_secret"}


async def test_a_connections_tokens_are_asked_for_in_a_form(client: Opened, server: RawServer) -> None:
    await everything(client)
    forms = {}
    for asked in server.asked:
        if asked.path == "/link/token":
            assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
            assert "authorization" not in asked.headers
            form = parse_qs(asked.body.decode())
            forms[form["grant_type"][0]] = set(form)
    client_fields = {"grant_type", "client_id", "client_secret"}
    assert forms == {
        "authorization_code": client_fields | {"code", "redirect_uri", "code_verifier"},
        "refresh_token": client_fields | {"refresh_token"},
    }


async def test_a_sync_is_started_with_a_key_that_makes_a_repetition_harmless(
    client: Opened, server: RawServer
) -> None:
    await everything(client)
    (started,) = [asked for asked in server.asked if asked.path.endswith("/integrations/sync")]
    assert started.headers["idempotency-key"] == "idempotency-key"
    assert json.loads(started.body) == {"type": "manual", "action": "incremental"}
