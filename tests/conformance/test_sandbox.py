"""The sandbox answers as published: every endpoint marked P, on a full and on a bare server."""

from collections.abc import AsyncIterator

import httpx
import pytest

from makini_desktop.sandbox.sandbox import Options
from tests.conformance.conftest import Judge
from tests.sandbox.harness import Harness, bearer, client_credentials, returned

NOT_OURS = {"/api/raw/tables", "/api/raw/tables/{table}/data", "/api/passthrough"}
"""Published, and nothing that this program needs (contract section 3)."""

ENVELOPE = {"data", "links", "meta"}
META = {"current_page", "from", "last_page", "path", "per_page", "to", "total"}


@pytest.fixture(params=["full", "bare", "unversioned"])
async def box(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    """A sandbox of each kind."""
    box = Harness(Options(bare=request.param == "bare", versioned=request.param != "unversioned"), 60, 1)
    yield box
    await box.client.aclose()


async def token(box: Harness, connection) -> dict[str, str]:
    """The header of a connection's token, however this server spells it."""
    issued = await box.issue(connection)
    return bearer(issued.get("access_token") or issued["token"])


async def test_every_published_endpoint_is_answered_as_published(box: Harness, judge: Judge) -> None:
    connection, admin = box.a(), await box.admin()
    one = f"/system/connections/{connection.key}"
    created = {
        "name": "Inextia",
        "email": "hey@example.com",
        "provider": "sap_s4hana",
        "credentials": {"login": "login"},
    }

    async def say(method: str, path: str, headers: dict[str, str], **options: object) -> None:
        answer = await box.client.request(method, f"{box.prefix}{path}", headers=headers, **options)
        assert answer.status_code == 200, answer.text
        judge.answer(answer)

    await say("GET", "/system/client", admin)
    for query in ("", "?page=2&per_page=2"):
        await say("GET", f"/system/platforms{query}", admin)
        await say("GET", f"/system/connections{query}", admin)
    await say("GET", "/system/connections?page=99", admin)
    await say("POST", "/system/connections", admin, json=created)
    await say("GET", f"{one}/metadata", admin)
    await say("POST", f"{one}/metadata", admin, json=[{"key": "site", "value": "north"}])
    await say("GET", f"{one}/metadata", admin)
    await say("POST", f"{one}/token", admin, json={})
    await say("GET", "/integrations/current", await token(box, connection))
    await say("DELETE", "/integrations/current", await token(box, connection))
    await say("DELETE", f"/system/connections/{box.a('offline').key}", admin)
    assert {path for _method, path in judge.operations() - judge.seen} == NOT_OURS


async def test_every_row_of_every_kind_of_connection_is_as_published(box: Harness, judge: Judge) -> None:
    kinds = {connection.quirk for connection in box.sandbox.world}
    assert len(kinds) > 1
    answer = await box.get("/system/connections", await box.admin(), per_page=200)
    assert len(answer.json()["data"]) == 60
    judge.answer(answer)
    for connection in list(box.sandbox.world)[:20]:
        judge.answer(await box.get("/integrations/current", await token(box, connection)))


# What the file lacks is in the contract.


async def test_pages_are_asked_for_and_told_as_the_contract_says(box: Harness) -> None:
    answer = await box.get("/system/connections", await box.admin(), page=2, per_page=7)
    body = answer.json()
    assert set(body) == ENVELOPE
    assert set(body["links"]) == {"first", "last", "prev", "next"}
    assert set(body["meta"]) == META
    assert (len(body["data"]), body["meta"]["current_page"], int(body["meta"]["per_page"])) == (7, 2, 7)
    assert httpx.URL(body["links"]["next"]).params["page"] == "3"


async def test_entity_pages_have_the_published_envelope(box: Harness) -> None:
    connection = box.a()
    path = f"/{connection.platform.family}/{connection.scopes[0]}"
    answer = await box.get(path, await token(box, connection), page=1, per_page=3)
    assert answer.status_code == 200
    assert set(answer.json()) == ENVELOPE
    assert set(answer.json()["meta"]) == META


async def test_the_token_endpoint_gives_the_admin_a_token_for_json(box: Harness) -> None:
    answer = await box.client.post("/link/token", json=client_credentials())
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}


async def test_the_token_endpoint_gives_a_pair_for_a_code_and_for_a_refresh_token(box: Harness) -> None:
    page = await box.open_login()
    system = await box.submit(page, system="sap_s4hana")
    back = returned(await box.submit(await box.sign_in(system, company="Inextia"), decision="allow"))
    assert back.get("state", "the-state") == "the-state"
    for answer in (
        exchanged := await box.exchange(back["code"]),
        await box.refresh(exchanged.json()["refresh_token"]),
    ):
        assert answer.status_code == 200
        assert set(answer.json()) == {"access_token", "refresh_token", "token_type", "expires_in"}


async def test_errors_are_told_as_the_contract_says(box: Harness) -> None:
    answer = await box.get("/integrations/current", bearer("unknown"))
    assert answer.status_code == 401
    if box.sandbox.options.bare:
        assert set(answer.json()) == {"message"}
    else:
        assert set(answer.json()["error"]) == {"code", "type", "message", "request_id", "details"}
    assert answer.headers["X-Request-Id"]
