"""How lists are read to their end, whatever the server says of it (contract section 3)."""

import pytest

from makini_desktop.adapters.api.pages import PAGE_LIMIT
from makini_desktop.domain.capability import ENDPOINTS, Capability
from makini_desktop.domain.connection import Connection
from makini_desktop.domain.errors import AnswerUnreadable
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import Opened
from tests.raw_server import Asked, RawServer, answer, rows_page

ROW = {"key": "1", "name": "Acme"}
PATH = f"/api/v1{ENDPOINTS[Capability.LIST_CONNECTIONS].path}"


async def listed(client: Opened, *, whole: bool = True) -> list[Connection]:
    """Read the list to its end; the last page says whether it is the true one."""
    pages = [page async for page in client.api.connection_pages()]
    assert [page.whole for page in pages] == [True] * (len(pages) - 1) + [whole]
    return [row for page in pages for row in page.value]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"data": null}', b'{"data": {"key": "1"}}', b"null"])
async def test_a_list_that_is_none_is_not_an_empty_one(server: RawServer, hostile: Opened, body: bytes):
    server.say = lambda _asked: answer(body)
    with pytest.raises(AnswerUnreadable):
        await listed(hostile)


@pytest.mark.parametrize(
    "link",
    [
        "http://elsewhere.invalid/api/v1/system/connections?page=2",
        "//elsewhere.invalid/api/v1/system/connections?page=2",
        "ftp://127.0.0.1/api/v1/system/connections?page=2",
        "http://[garbage",
        "next",
        "/api/v1/system/platforms?page=2",
        "{self}?page=1&per_page=200",
        42,
        {"href": "x"},
        True,
    ],
)
async def test_a_next_link_that_leads_nowhere_breaks_the_list_off(
    server: RawServer, hostile: Opened, link: object
):
    if isinstance(link, str):
        link = link.replace("{self}", f"{server.base}{PATH}")
    server.say = lambda _asked: rows_page([ROW], links={"next": link})
    assert [row.id for row in await listed(hostile, whole=False)] == ["1"]
    assert len(server.asked) == 1


async def test_links_that_go_in_a_circle_break_the_list_off(server: RawServer, hostile: Opened):
    pages = {1: 2, 2: 3, 3: 2}

    def say(asked: Asked) -> bytes:
        page = int(asked.target.partition("page=")[2].partition("&")[0])
        row = {"key": str(page), "name": "Acme"}
        return rows_page([row], links={"next": f"{server.base}{PATH}?page={pages[page]}&per_page=200"})

    server.say = say
    assert [row.id for row in await listed(hostile, whole=False)] == ["1", "2", "3"]


async def test_a_list_without_end_is_ended(
    server: RawServer, hostile: Opened, monkeypatch: pytest.MonkeyPatch
):
    assert PAGE_LIMIT * 200 > 100_000
    monkeypatch.setattr("makini_desktop.adapters.api.pages.PAGE_LIMIT", 5)
    server.say = lambda _asked: rows_page([ROW], links={"next": f"{PATH}?page={len(server.asked) + 1}"})
    await listed(hostile, whole=False)
    assert len(server.asked) == 5


@pytest.mark.parametrize("last", [0, "0", -1, None, "many", 1])
async def test_a_last_page_that_is_none_ends_the_list(server: RawServer, hostile: Opened, last: object):
    server.say = lambda _asked: rows_page([ROW], links={"next": None}, meta={"last_page": last})
    assert [row.id for row in await listed(hostile)] == ["1"]
    assert len(server.asked) == 1


@pytest.mark.parametrize("last", [3, "3", 3.0])
async def test_without_links_the_count_of_pages_leads(server: RawServer, hostile: Opened, last: object):
    server.say = lambda _asked: rows_page([ROW], links=None, meta={"last_page": last, "per_page": "50"})
    await listed(hostile)
    assert [asked.target.partition("?")[2] for asked in server.asked] == [
        "page=1&per_page=200",
        "page=2&per_page=50",
        "page=3&per_page=50",
    ]


async def test_a_bad_row_spoils_no_page(server: RawServer, hostile: Opened):
    server.say = lambda _asked: rows_page([ROW, None, "row", {"name": "no key"}, {"key": 7, "status": 9}])
    rows = await listed(hostile)
    assert [(row.id, row.readable) for row in rows] == [
        ("1", True), ("unreadable:1.2", False), ("unreadable:1.3", False), ("unreadable:1.4", False),
        ("7", True),
    ]  # fmt: skip


async def test_a_bad_sync_spoils_no_history(server: RawServer, hostile: Opened):
    server.say = lambda _asked: answer({"data": [None, {"id": "s-1"}, 3], "next_cursor": None})
    assert [sync.id for sync in (await hostile.api.syncs(Secret("token"), 5, Priority.PERSON)).value] == [
        "s-1"
    ]
