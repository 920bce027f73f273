"""Spoilt answers: whatever a server says, there is a value or an error of our tree, and no page is lost."""

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from makini_desktop.adapters.api.http import Response, _ahead
from makini_desktop.adapters.api.makini import MakiniApi
from makini_desktop.adapters.api.refusal import request_id
from makini_desktop.adapters.api.traffic import Traffic
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.domain.settings import Metadatum, SyncSchedule, Webhook
from makini_desktop.domain.sync import SyncOrder
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from makini_desktop.services.server import Server
from makini_desktop.services.store import Store
from tests.api_client import hostile_account
from tests.fakes.clock import FakeClock
from tests.fakes.database import FakeDatabase
from tests.mutations import Mutations, places

RECORDED = {
    path.stem: json.loads(path.read_text())
    for path in sorted((Path(__file__).parents[1] / "data" / "answers").glob("*.json"))
}
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TOKEN, PERSON = Secret("token-1"), Priority.PERSON
ADMIN = Response(status=200, headers={}, body=b'{"access_token": "admin-token"}', at=NOW)
BASE = "http://127.0.0.1:9"
LIST = "/api/v1/system/connections"


class SpoiltHttp:
    """Answers every request, but those for admin tokens, with what `say` returns.

    Attributes:
        asked: the URLs, in order.
    """

    def __init__(self, say: Callable[[str], Response]) -> None:
        self.say = say
        self.asked: list[str] = []

    async def send(self, method: str, url: str, **options: Any) -> Response:
        if options.get("json") and "grant_type" in options["json"]:
            return ADMIN
        self.asked.append(url)
        return self.say(url)


def api_on(http: SpoiltHttp) -> MakiniApi:
    account, store, clock = hostile_account(BASE), Store(), FakeClock()

    async def the_http() -> Any:
        return http

    async def the_secret() -> Secret:
        return Secret("client-secret")

    async def placed(_placement: object) -> None:
        pass

    server = Server(lambda: account, store, FakeDatabase(), clock)
    return MakiniApi(lambda: account, the_http, the_secret, placed, server, Traffic(store.set_skew))


def response(status: int, headers: dict[str, str], body: bytes) -> Response:
    """Return a response as the client makes it, having read from it all that the client reads."""
    received = httpx.Headers([(name.encode(), value.encode("latin-1")) for name, value in headers.items()])
    headers = dict(received.items())
    found = Response(status=status, headers=headers, body=body, at=NOW, ahead=_ahead(received, NOW, NOW))
    assert (wait := found.retry_after()) is None or wait >= 0
    identity = request_id(found)
    assert identity is None or identity.isprintable()
    assert isinstance(found.passing, bool)
    return found


async def every_page(api: MakiniApi) -> list[Any]:
    return [page async for page in api.connection_pages()]


CALLS: list[Callable[[MakiniApi], Awaitable[Any]]] = [
    lambda api: api.client(),
    every_page,
    lambda api: api.issue_token(ConnectionId("1")),
    lambda api: api.refresh(TOKEN),
    lambda api: api.exchange_code(TOKEN, "http://127.0.0.1/callback", TOKEN),
    lambda api: api.integration(TOKEN, PERSON),
    lambda api: api.status(TOKEN, PERSON),
    lambda api: api.sync_status(TOKEN, PERSON),
    lambda api: api.schedule(TOKEN, PERSON),
    lambda api: api.syncs(TOKEN, 20, PERSON),
    lambda api: api.start_sync(TOKEN, SyncOrder(), "key"),
    lambda api: api.platforms(),
    lambda api: api.create_connection("Acme", "it@acme.example", "sap", {"password": TOKEN}),
    lambda api: api.metadata(ConnectionId("1")),
    lambda api: api.set_metadata(ConnectionId("1"), [Metadatum("owner", "Anna")]),
    lambda api: api.set_schedule(TOKEN, SyncSchedule(interval_minutes=30)),
    lambda api: api.webhook(TOKEN, PERSON),
    lambda api: api.set_webhook(TOKEN, Webhook(), TOKEN),
    lambda api: api.disconnect(ConnectionId("1")),
    lambda api: api.disconnect_self(TOKEN),
]


async def spoil(seed: int, times: int) -> tuple[int, int]:
    """Let every call meet spoilt answers; return how many were understood, and how many refused."""
    mutations, draw = Mutations(seed), Random(seed)
    names = list(RECORDED)
    understood = refused = 0
    for number in range(times):
        recorded = RECORDED[draw.choice(names)]
        spoilt: list[Any] = []

        def say(_url: str, recorded: Any = recorded, spoilt: list[Any] = spoilt) -> Response:
            spoilt.append(mutations.answer(recorded))
            return response(*spoilt[-1])

        api = api_on(SpoiltHttp(say))
        try:
            await draw.choice(CALLS)(api)
        except MakiniDesktopError as error:
            refused += 1
            words = str(error)
        except Exception as error:
            raise AssertionError(f"seed {seed}, number {number}: {spoilt}") from error
        else:
            understood += 1
            words = ""
        assert words.isprintable(), (seed, number, spoilt)
    return understood, refused


def pages_of(documents: list[Any]) -> Callable[[str], Response]:
    def say(url: str) -> Response:
        page = int(httpx.URL(url).params["page"])
        return response(200, {}, json.dumps(documents[page - 1]).encode())

    return say


def three_pages() -> list[Any]:
    recorded = RECORDED["connections"]["body"]
    rows = recorded["data"]
    return [
        {
            **copy.deepcopy(recorded),
            "data": [{**row, "key": f"{page}-{index}"} for index, row in enumerate(rows)],
            "links": {"next": f"{BASE}{LIST}?page={page + 1}&per_page=200" if page < 3 else None},
        }
        for page in (1, 2, 3)
    ]


async def spoil_a_row(seed: int, times: int) -> None:
    """Spoil one row of the second of three pages: all the others are there."""
    mutations, draw = Mutations(seed), Random(seed)
    expected = {f"{page}-{index}" for page in (1, 2, 3) for index in range(4)}
    for number in range(times):
        documents = three_pages()
        index = draw.randrange(4)
        row = mutations.document(documents[1]["data"][index])
        documents[1]["data"][index] = row
        pages = await every_page(api_on(SpoiltHttp(pages_of(documents))))
        found = [each.id for page in pages for each in page.value]
        assert len(found) == 12, (seed, number, row)
        assert expected - set(found) <= {f"2-{index}"}, (seed, number, row)
        assert all(page.whole for page in pages)


async def spoil_a_page(seed: int, times: int) -> None:
    """Spoil the second of three pages as a whole: the first is there, and so is any that is named."""
    mutations = Mutations(seed)
    for number in range(times):
        documents = three_pages()
        documents[1] = mutations.document(mutations.document(documents[1]))
        api = api_on(SpoiltHttp(pages_of(documents)))
        found: list[str] = []
        whole = False
        try:
            async for page in api.connection_pages():
                found += [row.id for row in page.value]
                whole = page.whole
        except MakiniDesktopError:
            whole = False
        assert {f"1-{index}" for index in range(4)} <= set(found), (seed, number, documents[1])
        links = documents[1].get("links") if isinstance(documents[1], dict) else None
        if whole and isinstance(links, dict) and links.get("next"):
            assert {f"3-{index}" for index in range(4)} <= set(found), (seed, number, documents[1])


def test_the_recorded_answers_are_understood_as_they_are():
    assert len(RECORDED) >= 12
    recorded = RECORDED["connections"]
    http = SpoiltHttp(
        lambda _url: response(recorded["status"], recorded["headers"], json.dumps(recorded["body"]).encode())
    )
    (page,) = asyncio.run(every_page(api_on(http)))
    assert len(page.value) == 4
    assert all(row.readable for row in page.value)


def test_mutations_are_the_same_for_a_seed_and_reach_every_place():
    recorded = RECORDED["syncs"]
    assert Mutations(1).answer(recorded) == Mutations(1).answer(recorded)
    changed = {
        place
        for seed in range(300)
        for place, (before, after) in enumerate(
            zip(places(recorded["body"]), places(Mutations(seed).document(recorded["body"])), strict=False)
        )
        if before[0][before[1]] != after[0][after[1]]
    }
    assert len(changed) > 20


def test_a_spoilt_answer_is_a_value_or_an_error_of_ours():
    understood, refused = asyncio.run(spoil(1, 3_000))
    assert understood > 300
    assert refused > 300


def test_a_spoilt_row_costs_no_other_row():
    asyncio.run(spoil_a_row(2, 500))


def test_a_spoilt_page_costs_no_page_before_it_nor_one_that_it_names():
    asyncio.run(spoil_a_page(3, 500))


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 110))
def test_two_hundred_thousand_spoilt_answers(seed: int):
    asyncio.run(spoil(seed, 20_000))
    asyncio.run(spoil_a_row(seed, 2_000))
    asyncio.run(spoil_a_page(seed, 2_000))
