"""Platforms, metadata and settings before servers that answer otherwise than the contract says."""

import json
from typing import Any

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    AnswerUnreadable,
    ConnectionGone,
    InvalidRequest,
    NotOffered,
    Unreachable,
)
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.settings import Metadatum, SyncMode, SyncSchedule, Webhook
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import Opened
from tests.raw_server import Asked, RawServer, answer

PERSON = Priority.PERSON
TOKEN = Secret("t0ken-5up3r")
KEY = ConnectionId("key/1")


def says(server: RawServer, body: object, status: int = 200) -> None:
    server.say = lambda _asked: answer(body, status)


@pytest.mark.parametrize(
    ("row", "platform"),
    [
        ({"key": "sap", "name": "SAP", "category": "ERP"}, Platform(key="sap", name="SAP", category="ERP")),
        ({"id": 17, "title": "Odoo"}, Platform(key="17", name="Odoo")),
        ({"slug": "fiix"}, Platform(key="fiix", name="fiix")),
        ({"name": "UpKeep", "type": None, "new": []}, Platform(key="UpKeep", name="UpKeep")),
        ("maximo", Platform(key="maximo", name="maximo")),
    ],
)
async def test_a_platform_is_read_in_any_form(
    server: RawServer, hostile: Opened, row: object, platform: Platform
):
    says(server, {"data": [None, 42, {}, [], {"key": " "}, row]})
    assert (await hostile.api.platforms()).value == (platform,)


async def test_platforms_are_read_over_all_pages_each_once(server: RawServer, hostile: Opened):
    def say(asked: Asked) -> bytes:
        page = "2" if "?page=2" in asked.target else "1"
        following = None if page == "2" else f"{server.base}/api/v1/system/platforms?page=2"
        return answer({"data": [{"key": "same"}, {"key": page}], "links": {"next": following}})

    server.say = say
    assert [each.key for each in (await hostile.api.platforms()).value] == ["same", "1", "2"]


async def test_a_next_page_elsewhere_is_not_asked_for(server: RawServer, hostile: Opened):
    says(server, {"data": [], "links": {"next": "https://elsewhere.invalid/system/platforms?page=2"}})
    found = await hostile.api.platforms()
    assert (found.value, found.whole) == ((), False)
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"null", {}, {"data": None}, {"data": {"key": "sap"}}])
async def test_a_list_of_platforms_that_is_none_is_not_an_empty_one(
    server: RawServer, hostile: Opened, body: object
):
    says(server, body)
    with pytest.raises(AnswerUnreadable):
        await hostile.api.platforms()


@pytest.mark.parametrize(
    "data",
    [
        [{"key": "owner", "value": "Anna"}, {"key": "n", "value": 7}],
        {"owner": "Anna", "n": 7},
        {"key": "K", "name": "Acme", "user_metadata": {"owner": "Anna", "n": 7}},
        [{"key": "K", "user_metadata": '{"owner": "Anna", "n": 7}'}],
        '{"owner": "Anna", "n": "7"}',
        [None, 3, {"value": "no key"}, {"key": "owner", "value": "old"}, {"key": "n", "value": "7"},
         {"key": "owner", "value": "Anna"}],
    ],
)  # fmt: skip
async def test_metadata_is_read_in_every_published_form(server: RawServer, hostile: Opened, data: Any):
    says(server, {"data": data})
    assert (await hostile.api.metadata(KEY)).value == (Metadatum("owner", "Anna"), Metadatum("n", "7"))


@pytest.mark.parametrize("data", [[], {}, "no json", [[[[[[{"key": "deep", "value": "1"}]]]]]]])
async def test_metadata_that_says_nothing_is_empty(server: RawServer, hostile: Opened, data: Any):
    says(server, {"data": data})
    assert (await hostile.api.metadata(KEY)).value == ()


async def test_a_key_is_quoted_in_the_path_and_metadata_sent_as_published(server: RawServer, hostile: Opened):
    says(server, b"", 204)
    await hostile.api.set_metadata(KEY, [Metadatum("owner", "Anna")])
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/api/v1/system/connections/key%2F1/metadata")
    assert json.loads(asked.body) == [{"key": "owner", "value": "Anna"}]


@pytest.mark.parametrize("word", ["Scheduled", "SCHEDULED"])
async def test_a_schedule_is_read_whatever_its_types(server: RawServer, hostile: Opened, word: str):
    says(server, {"mode": word, "interval_minutes": "30", "history_days": 60.0, "surprise": [1]})
    found = (await hostile.api.schedule(TOKEN, PERSON)).value
    assert found == SyncSchedule(
        mode=SyncMode.SCHEDULED, mode_word=word, interval_minutes=30, history_days=60
    )


async def test_a_mode_that_is_new_keeps_its_word_and_is_sent_back_unchanged(
    server: RawServer, hostile: Opened
):
    says(server, {"data": {"mode": "stream", "interval_minutes": None}})
    found = (await hostile.api.schedule(TOKEN, PERSON)).value
    assert (found.mode, found.mode_word) == (SyncMode.UNKNOWN, "stream")
    await hostile.api.set_schedule(TOKEN, found)
    assert json.loads(server.asked[-1].body) == {"mode": "stream"}


async def test_a_bare_yes_to_a_change_stands_for_what_was_sent(server: RawServer, hostile: Opened):
    says(server, b"", 204)
    schedule = SyncSchedule(interval_minutes=30)
    assert (await hostile.api.set_schedule(TOKEN, schedule)).value == schedule
    webhook = Webhook(url="https://example.com/", events=("new.word",))
    assert (await hostile.api.set_webhook(TOKEN, webhook, None)).value == webhook
    assert (await hostile.api.disconnect(KEY)).detail == "204"


@pytest.mark.parametrize("found", [{"url": 7, "events": "a, b"}, {"url": "7", "events": ["a", None, "b"]}])
async def test_a_webhook_is_read_whatever_its_types_and_its_secret_left_alone(
    server: RawServer, hostile: Opened, found: dict[str, Any]
):
    says(server, {"data": {**found, "secret": "told-5up3r"}})
    webhook = (await hostile.api.webhook(TOKEN, PERSON)).value
    assert webhook == Webhook(url="7", events=("a", "b"))
    assert "5up3r" not in repr(webhook)


@pytest.mark.parametrize("status", [405, 501])
async def test_a_server_that_cannot_disconnect_has_not_lost_the_connection(
    server: RawServer, hostile: Opened, status: int
):
    says(server, {}, status)
    for order in (hostile.api.disconnect(KEY), hostile.api.disconnect_self(TOKEN)):
        with pytest.raises(NotOffered):
            await order
    says(server, {}, 404)
    for order in (hostile.api.disconnect(KEY), hostile.api.disconnect_self(TOKEN)):
        with pytest.raises(ConnectionGone):
            await order


async def test_what_changes_something_is_not_sent_twice_over_a_broken_line(
    server: RawServer, hostile: Opened
):
    server.say = lambda _asked: b""
    for order in (
        hostile.api.disconnect(KEY),
        hostile.api.disconnect_self(TOKEN),
        hostile.api.set_schedule(TOKEN, SyncSchedule(interval_minutes=30)),
        hostile.api.create_connection("A", "a@b.example", "sap", {"password": Secret("pa55word-5up3r")}),
    ):
        server.asked.clear()
        with pytest.raises(Unreachable):
            await order
        assert len(server.asked) == 1


async def test_secrets_that_a_server_says_again_are_taken_out(server: RawServer, hostile: Opened):
    def say(asked: Asked) -> bytes:
        return answer({"error": {"message": f"Cannot use {asked.body.decode()}"}}, 422)

    server.say = say
    for order in (
        hostile.api.create_connection("A", "a@b.example", "sap", {"password": Secret("pa55word-5up3r")}),
        hostile.api.set_webhook(TOKEN, Webhook(), Secret("webhook-5up3r")),
    ):
        with pytest.raises(InvalidRequest, match="Cannot use") as failure:
            await order
        assert "5up3r" not in f"{failure.value} {failure.value!r}"
