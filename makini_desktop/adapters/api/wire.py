"""Reading the server's answers leniently (contract section 3): numbers as strings, nulls, new words.

Nothing here raises for a strange value inside a row: what cannot be read is left out, the raw word
is kept, and a row that is no object at all becomes an unreadable one.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.account import Client
from makini_desktop.domain.connection import (
    Connection,
    ConnectionId,
    ConnectionStatus,
    Integration,
    ListStatus,
)
from makini_desktop.domain.settings import SyncMode, SyncSchedule
from makini_desktop.domain.sync import (
    Records,
    Sync,
    SyncId,
    SyncProblem,
    SyncState,
    SyncStatus,
    SyncVerdict,
)
from makini_desktop.domain.token import Secret, TokenPair

Object = Mapping[str, Any]

_TIMESTAMP_FROM = 1e9
"""A number above this is an absolute Unix time, below it a duration (contract section 2, traps)."""

_LARGEST = 2**53
"""JSON's largest exact number (RFC 8259 section 6); no count or duration comes near it."""

_YEARS = range(1970, 2500)
"""Other years stand for "never" on some servers, and break sums and time zones here."""

_VERDICTS = {
    "inprogress": SyncVerdict.IN_PROGRESS,
    "completed": SyncVerdict.COMPLETED,
    "done": SyncVerdict.COMPLETED,
    "fulldone": SyncVerdict.COMPLETED,
    "failed": SyncVerdict.FAILED,
    "error": SyncVerdict.FAILED,
    "fail": SyncVerdict.CREDENTIALS_REFUSED,
    "pending": SyncVerdict.PENDING,
}


def decode(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the JSON in `body`.

    One text that is broken, as by half a character, does not make the rest unreadable.

    Raises:
        ValueError: it is not JSON, or nested deeper than any answer is.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError:
            return _mended(json.loads(body.decode(errors="replace"), strict=False))
    except RecursionError as error:
        raise ValueError(str(error)) from error


def _mended(value: Any) -> Any:  # noqa: ANN401
    """Return `value` with halves of characters replaced, which no file takes."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(item) for name, item in value.items()}
    return value


def single(document: Any) -> Object:  # noqa: ANN401
    """Return the object in `data`, or the document itself where there is no envelope."""
    if isinstance(document, Mapping):
        inner = document.get("data")
        return inner if isinstance(inner, Mapping) else document
    return {}


def rows(document: Any) -> list[Any]:  # noqa: ANN401
    """Return the list in `data`, or the document itself where it is a bare list."""
    inner = document.get("data") if isinstance(document, Mapping) else document
    return list(inner) if isinstance(inner, list) else []


def text(value: Any) -> str:  # noqa: ANN401
    """Return a word for any scalar; an empty one for null and for structures."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else ""


def number(value: Any) -> int | None:  # noqa: ANN401
    """Return a whole number from a number or its spelling; None for one that counts nothing real."""
    try:
        found = int(float(value)) if isinstance(value, (str, int, float)) else None
    except (ValueError, OverflowError):
        return None
    return found if found is not None and abs(found) <= _LARGEST else None


def truth(value: Any) -> bool:  # noqa: ANN401
    """Return a yes or no from a boolean, a number or a word."""
    if isinstance(value, str):
        return value.strip().casefold() in {"true", "1", "yes"}
    return bool(value)


def moment(value: Any) -> datetime | None:  # noqa: ANN401
    """Return a time in UTC from ISO 8601 or Unix seconds; without a zone it is UTC already."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        elif re.fullmatch(r"\d{9,11}(\.\d+)?", word := text(value).strip()):
            found = datetime.fromtimestamp(float(word), UTC)
        else:
            found = datetime.fromisoformat(word)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.year in _YEARS else None


def words(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return words from a list, or from one text separated by spaces or commas."""
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[\s,]+", value) if part)
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return tuple(filter(None, (text(item) for item in value)))
    return ()


def client(document: Any) -> Client:  # noqa: ANN401
    """Read `GET {P}/system/client`."""
    found = single(document)
    return Client(
        id=text(found.get("id")),
        name=text(found.get("name")),
        email=text(found.get("email")),
        default_redirect=text(found.get("default_redirect")),
        redirects=words(found.get("redirects")),
    )


def connection(row: Any, position: str) -> Connection:  # noqa: ANN401
    """Read one row of the list; `position` names a row that has no key of its own."""
    if not isinstance(row, Mapping) or not text(row.get("key")):
        return Connection(
            id=ConnectionId(f"unreadable:{position}"),
            name=_("Unreadable row"),
            system="",
            readable=False,
        )
    word = text(row.get("status"))
    return Connection(
        id=ConnectionId(text(row.get("key"))),
        name=text(row.get("name")) or text(row.get("email")) or text(row.get("key")),
        system=text(row.get("integration_name")),
        status=_list_status(word),
        status_word=word,
        email=text(row.get("email")),
        scopes=words(row.get("scopes")),
        tags=words(row.get("tags")),
        created_at=moment(row.get("created_at")),
        connected_at=moment(row.get("connected_at")),
        updated_at=moment(row.get("updated_at")),
    )


def integration(document: Any) -> Integration:  # noqa: ANN401
    """Read `GET {P}/integrations/current`."""
    found = single(document)
    return Integration(
        id=ConnectionId(text(found.get("id"))),
        company_name=text(found.get("company_name")),
        provider=text(found.get("provider")),
        email=text(found.get("email")),
        sync_word=text(found.get("sync_status")),
        sync_updated_at=moment(found.get("sync_updated_at")),
    )


def connection_status(document: Any) -> ConnectionStatus:  # noqa: ANN401
    """Read `GET {P}/integrations/current/status`."""
    found = single(document)
    return ConnectionStatus(
        online=text(found.get("state")).casefold() != "offline",
        reauthorization_required=truth(found.get("reauthorization_required")),
        reason=text(found.get("reason")) or None,
        checked_at=moment(found.get("checked_at")),
    )


def sync_status(document: Any) -> SyncStatus:  # noqa: ANN401
    """Read `GET {P}/sync-status` or the withdrawn form, a bare `status`."""
    found = single(document)
    word = text(found.get("status"))
    current = found.get("current")
    return SyncStatus(
        verdict=verdict(word),
        word=word,
        last_good_at=moment(found.get("last_successful_sync_at")),
        next_at=moment(found.get("next_scheduled_sync_at")),
        problem=_problem(found.get("error")),
        current=sync(current) if isinstance(current, Mapping) else None,
    )


def sync_status_of(current: Integration) -> SyncStatus:
    """Return the sync status as far as `integrations/current` tells it."""
    found = verdict(current.sync_word)
    return SyncStatus(
        verdict=found,
        word=current.sync_word,
        last_good_at=current.sync_updated_at if found is SyncVerdict.COMPLETED else None,
    )


def verdict(word: str) -> SyncVerdict:
    """Return the verdict for a word in any spelling."""
    return _VERDICTS.get(plain(word), SyncVerdict.UNKNOWN)


def sync(found: Object) -> Sync:
    """Read a Sync."""
    word = text(found.get("status"))
    progress = found.get("progress")
    counts = found.get("records")
    progress = progress if isinstance(progress, Mapping) else {}
    counts = counts if isinstance(counts, Mapping) else {}
    return Sync(
        id=SyncId(text(found.get("id"))),
        state=next((state for state in SyncState if plain(state.value) == plain(word)), SyncState.UNKNOWN),
        state_word=word,
        kind=text(found.get("type")),
        action=text(found.get("action")),
        scopes=words(found.get("scopes")),
        done=number(progress.get("done")),
        expected=number(progress.get("total")),
        records=Records(
            created=number(counts.get("created")) or 0,
            updated=number(counts.get("updated")) or 0,
            deleted=number(counts.get("deleted")) or 0,
        ),
        started_at=moment(found.get("started_at")),
        finished_at=moment(found.get("finished_at")),
        problem=_problem(found.get("error")),
        request_id=text(found.get("request_id")) or None,
    )


def schedule(document: Any) -> SyncSchedule:  # noqa: ANN401
    """Read `GET {P}/integrations/current/settings`."""
    found = single(document)
    word = text(found.get("mode"))
    return SyncSchedule(
        mode=next((mode for mode in SyncMode if plain(mode.value) == plain(word)), SyncMode.UNKNOWN),
        mode_word=word,
        interval_minutes=number(found.get("interval_minutes")),
        history_days=number(found.get("history_days")),
        next_at=moment(found.get("next_scheduled_sync_at")),
    )


def token_pair(document: Any, now: datetime, ahead: float = 0.0) -> TokenPair | None:  # noqa: ANN401
    """Read a token answer in any published form; None where it holds no token.

    Args:
        ahead: seconds by which `now` is ahead of the server's clock; ends that the server names are put
            in terms of `now`'s.
    """
    found = single(document)
    access = text(found.get("access_token")) or text(found.get("token"))
    if not access:
        return None
    return TokenPair(
        access=Secret(access),
        refresh=Secret(text(found["refresh_token"])) if text(found.get("refresh_token")) else None,
        obtained_at=now,
        expires_at=jwt_end(access, ahead) or _end(found.get("expires_in"), now, ahead),
    )


def _end(value: Any, now: datetime, ahead: float) -> datetime | None:  # noqa: ANN401
    seconds = number(value)
    if seconds is None or seconds > _TIMESTAMP_FROM:
        return _ours(moment(value if seconds is None else seconds), ahead)
    return now + timedelta(seconds=seconds) if seconds > 0 else None


def _ours(theirs: datetime | None, ahead: float) -> datetime | None:
    """Return a moment of the server's clock by ours."""
    return None if theirs is None else theirs + timedelta(seconds=ahead)


def jwt_end(token: str, ahead: float = 0.0) -> datetime | None:
    """Return a JWT's own `exp`, unverified: it is our token and the claim only steers refreshing.

    Args:
        ahead: seconds by which this computer's clock is ahead of the server's.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(claims, Mapping) or not claims.get("exp"):
        return None
    return _ours(moment(claims["exp"]), ahead)


def _problem(value: Any) -> SyncProblem | None:  # noqa: ANN401
    if isinstance(value, Mapping):
        return SyncProblem(
            code=text(value.get("code")),
            message=text(value.get("message")),
            entity=text(value.get("entity")) or None,
        )
    return SyncProblem(code="", message=text(value)) if text(value) else None


def _list_status(word: str) -> ListStatus:
    return next((status for status in ListStatus if plain(status.value) == plain(word)), ListStatus.UNKNOWN)


def plain(word: str) -> str:
    """Return a word as it is compared: in small letters, without what parts it."""
    return re.sub(r"[\s_\-]", "", word).casefold()
