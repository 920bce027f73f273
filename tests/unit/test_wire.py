"""Reading answers leniently: whatever JSON a row holds, something sensible comes out."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makini_desktop.adapters.api import wire, wire_settings
from makini_desktop.domain.connection import ListStatus
from makini_desktop.domain.sync import SyncState, SyncVerdict

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2025, 3, 31, 12, tzinfo=UTC)

FIELDS = [
    "key", "name", "email", "status", "integration_name", "redirect", "scopes", "tags",
    "user_metadata", "client_id", "updated_at", "created_at", "connected_at", "id", "company_name",
    "provider", "sync_status", "sync_updated_at", "state", "reauthorization_required", "reason",
    "checked_at", "last_successful_sync_at", "next_scheduled_sync_at", "error", "code", "message",
    "current", "type", "action", "progress", "done", "total", "records", "created", "updated",
    "deleted", "started_at", "finished_at", "entity", "request_id", "mode", "interval_minutes",
    "history_days", "access_token", "refresh_token", "token", "expires_in", "data",
    "default_redirect", "redirects",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(),
    st.sampled_from(
        [
            "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00Z", "99999999999",
            "2025-03-01", "2025-03-01T12:00:00", "2025-13-45T99:99:99Z", "1e400", "-1e400", "nan", "inf",
            "1_000", "٣", "²", "true", "In progress", "a.b.c", "e30.e30.e30", "\x00", "null", "-1",
        ]
    ),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**1100), 2**1100)
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(FIELDS), inner, max_size=12),
        st.dictionaries(st.text(), inner, max_size=3),
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=10)
READERS: dict[str, Callable[[Any], object]] = {
    "client": wire.client,
    "connection": lambda row: wire.connection(row, "1.1"),
    "integration": wire.integration,
    "connection status": wire.connection_status,
    "sync status": wire.sync_status,
    "sync status of": lambda document: wire.sync_status_of(wire.integration(document)),
    "sync": lambda document: wire.sync(wire.single(document)),
    "schedule": wire.schedule,
    "webhook": wire_settings.webhook,
    "metadata": wire_settings.metadata,
    "platforms": lambda document: wire_settings.platforms(wire.rows(document)),
    "token pair": lambda document: wire.token_pair(document, NOW),
    "rows": wire.rows,
    "verdict": lambda document: wire.verdict(wire.text(document)),
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
@settings(max_examples=40)
@given(document=st.one_of(OBJECTS, st.fixed_dictionaries({"data": OBJECTS}), JSON))
def test_any_json_is_read_without_an_error(reader: Callable[[Any], object], document: Any):
    reader(document)


@settings(max_examples=60)
@given(row=OBJECTS)
def test_what_is_read_can_be_kept_compared_and_reckoned_with(row: dict[str, Any]):
    found = [wire.connection(row, "1"), wire.sync(row), wire.sync_status(row), wire.schedule(row)]
    assert msgspec.json.encode(found)
    assert found == [wire.connection(row, "1"), wire.sync(row), wire.sync_status(row), wire.schedule(row)]
    assert all(NOW - moment for moment in moments(found))
    assert all(moment.astimezone() + timedelta(days=365) for moment in moments(found))
    assert all(-(2**63) <= number < 2**63 for number in numbers(found)), "no database holds more"


def moments(value: object) -> list[datetime]:
    return [each for each in leaves(value) if isinstance(each, datetime)]


def numbers(value: object) -> list[int]:
    return [each for each in leaves(value) if isinstance(each, int)]


def leaves(value: object) -> list[object]:
    if isinstance(value, msgspec.Struct):
        value = [getattr(value, name) for name in value.__struct_fields__]
    if isinstance(value, (list, tuple)):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


@settings(max_examples=60)
@given(body=st.one_of(st.binary(), JSON.map(lambda value: json.dumps(value).encode())))
def test_any_body_is_json_or_a_value_error(body: bytes):
    try:
        wire.decode(body)
    except ValueError:
        return


def test_a_byte_order_mark_does_no_harm():
    assert wire.decode(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@settings(max_examples=60)
@given(row=OBJECTS)
def test_a_row_without_a_key_is_unreadable_and_keeps_its_place(row: dict[str, Any]):
    row["key"] = None
    found = wire.connection(row, "3.14")
    assert (found.id, found.readable) == ("unreadable:3.14", False)


def test_a_row_of_nulls_but_for_its_key_is_a_connection():
    found = wire.connection(dict.fromkeys(FIELDS) | {"key": 17}, "1")
    assert (found.id, found.name, found.readable) == ("17", "17", True)
    assert (found.status, found.created_at, found.tags) == (ListStatus.UNKNOWN, None, ())


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Active", ListStatus.ACTIVE),
        ("ACTIVE", ListStatus.ACTIVE),
        ("In progress", ListStatus.IN_PROGRESS),
        ("in_progress", ListStatus.IN_PROGRESS),
        ("IN-PROGRESS", ListStatus.IN_PROGRESS),
        ("Synchronizing", ListStatus.SYNCHRONIZING),
        ("Paused", ListStatus.UNKNOWN),
        (None, ListStatus.UNKNOWN),
    ],
)
def test_a_status_is_known_in_any_spelling_and_its_word_is_kept(word: str | None, status: ListStatus):
    found = wire.connection({"key": "1", "status": word}, "1")
    assert (found.status, found.status_word) == (status, word or "")


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("inprogress", SyncVerdict.IN_PROGRESS),
        ("in_progress", SyncVerdict.IN_PROGRESS),
        ("done", SyncVerdict.COMPLETED),
        ("full_done", SyncVerdict.COMPLETED),
        ("fulldone", SyncVerdict.COMPLETED),
        ("completed", SyncVerdict.COMPLETED),
        ("error", SyncVerdict.FAILED),
        ("failed", SyncVerdict.FAILED),
        ("fail", SyncVerdict.CREDENTIALS_REFUSED),
        ("pending", SyncVerdict.PENDING),
        ("exploded", SyncVerdict.UNKNOWN),
    ],
)
def test_a_failed_sync_is_told_from_credentials_that_fail(word: str, verdict: SyncVerdict):
    assert wire.sync_status({"status": word}).verdict is verdict
    assert wire.sync_status({"data": {"status": word}}).word == word


def test_numbers_come_as_strings():
    found = wire.sync(
        {
            "id": 5,
            "status": "Completed",
            "progress": {"done": "719", "total": "3000.0"},
            "records": {"created": "1", "updated": None},
        }
    )
    assert (found.id, found.state, found.done, found.expected) == ("5", SyncState.COMPLETED, 719, 3000)
    assert (found.records.created, found.records.updated) == (1, 0)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (" 7 ", 7),
        ("7.9", 7),
        (2**53, 2**53),
        (2**53 + 2, None),
        ("1e300", None),
        ("inf", None),
        ("nan", None),
        ([], None),
    ],
)
def test_a_number_is_one_that_counts_something_real(value: object, found: int | None):
    assert wire.number(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2025-03-01T12:00:00Z", NOW),
        ("2025-03-01T12:00:00.000000Z", NOW),
        ("2025-03-01T13:00:00+01:00", NOW),
        ("2025-03-01 12:00:00", NOW),
        (1740830400, NOW),
        ("1740830400", NOW),
        (1740830400.0, NOW),
        ("", None),
        (None, None),
        (True, None),
        ("soon", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        (1740830400000, None),
    ],
)
def test_times_come_in_every_form(value: object, found: datetime | None):
    assert wire.moment(value) == found


@pytest.mark.parametrize(
    ("expires_in", "ends"),
    [
        ("1743422400", LATER),
        (1743422400, LATER),
        ("2592000", LATER),
        (2592000, LATER),
        (2592000.0, LATER),
        ("2025-03-31T12:00:00Z", LATER),
        (300, NOW + timedelta(minutes=5)),
        (None, None),
        ("", None),
        ("never", None),
        (0, None),
        (-5, None),
        (1e300, None),
        ([], None),
    ],
)
def test_a_tokens_end_comes_as_a_time_or_a_duration(expires_in: object, ends: datetime | None):
    pair = wire.token_pair({"access_token": "a", "expires_in": expires_in}, NOW)
    assert pair is not None
    assert pair.expires_at == ends


def jwt(claims: object) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in ({}, claims)]
    return b".".join([*parts, b"signature"]).decode()


def test_a_jwts_own_end_goes_before_what_is_said_of_it():
    pair = wire.token_pair({"access_token": jwt({"exp": 1743422400}), "expires_in": 300}, NOW)
    assert pair is not None
    assert pair.expires_at == LATER


@pytest.mark.parametrize("claims", [{}, [], None, {"exp": None}, {"exp": "x"}, {"exp": 1e300}, {"exp": []}])
def test_a_jwt_that_does_not_say_leaves_what_is_said_of_it(claims: object):
    pair = wire.token_pair({"access_token": jwt(claims), "expires_in": 300}, NOW)
    assert pair is not None
    assert pair.expires_at == NOW + timedelta(minutes=5)


def test_a_token_does_not_show_itself():
    pair = wire.token_pair({"data": {"token": "t0ken-5up3r", "refresh_token": "r3fresh-5up3r"}}, NOW)
    assert pair is not None
    assert pair.access.value == "t0ken-5up3r"
    assert "5up3r" not in f"{pair} {pair!r}"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a, b c", ("a", "b", "c")),
        (["a", None, 3, ["x"]], ("a", "3")),
        ({"a": 1}, ()),
        (None, ()),
        (5, ()),
    ],
)
def test_words_come_in_lists_and_in_one_text(value: object, words: tuple[str, ...]):
    assert wire.words(value) == words
