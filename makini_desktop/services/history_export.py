"""A connection's history as a file: JSON for programs, CSV for spreadsheets, both in UTF-8."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import msgspec

from makini_desktop.domain.activity import Activity
from makini_desktop.domain.connection import Connection
from makini_desktop.domain.history import HealthChange, HealthDay, HealthHistory, Uptime
from makini_desktop.services.csv_table import csv_table


class ExportForm(Enum):
    """How a history is written."""

    JSON = "json"
    CSV = "csv"


class WholeHistory(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a connection's past.

    Attributes:
        activity: the timeline, the newest first.
        uptime: over 7, 30 and 90 days before `at`.
    """

    connection: Connection
    at: datetime
    activity: tuple[Activity, ...]
    health: HealthHistory
    uptime: tuple[Uptime, ...]


_COLUMNS = ("at", "record", "kind", "health", "headline", "detail", "source", "request_id")

BYTE_ORDER_MARK = "\ufeff"
"""Before a file's text, so that spreadsheets take it for UTF-8."""


def document(history: WholeHistory) -> dict[str, Any]:
    """Return the history as one JSON object; lists are the newest first, lengths in seconds."""
    return {
        "id": history.connection.id,
        "name": history.connection.name,
        "system": history.connection.system,
        "at": _time(history.at),
        "uptime": [_uptime(each) for each in history.uptime],
        "changes": [_change(each) for each in reversed(history.health.changes)],
        "days": [_day(each) for each in reversed(history.health.days)],
        "timeline": [_entry(each) for each in history.activity],
    }


def csv_text(history: WholeHistory) -> str:
    """Return timeline and changes of health as one table, the newest first."""
    lines = [_change_line(each) for each in history.health.changes]
    lines += [_entry_line(each) for each in history.activity]
    lines.sort(key=lambda line: line[0], reverse=True)
    return csv_table(_COLUMNS, lines)


def file_bytes(history: WholeHistory, form: ExportForm) -> bytes:
    """Return what a file of that form holds."""
    match form:
        case ExportForm.JSON:
            return msgspec.json.format(msgspec.json.encode(document(history)), indent=2) + b"\n"
        case ExportForm.CSV:
            return (BYTE_ORDER_MARK + csv_text(history)).encode()


def _change_line(change: HealthChange) -> Sequence[str]:
    evidence = change.evidence
    return (
        _exact(change.at),
        "change",
        "health",
        change.health.value,
        "",
        evidence.detail,
        evidence.source.value,
        evidence.request_id or "",
    )


def _entry_line(entry: Activity) -> Sequence[str]:
    return (
        _exact(entry.at),
        "timeline",
        entry.kind.value,
        entry.health.value,
        entry.headline,
        entry.detail,
        "",
        entry.request_id or "",
    )


def _change(change: HealthChange) -> dict[str, Any]:
    return {
        "at": _exact(change.at),
        "health": change.health.value,
        "evidence": {
            "source": change.evidence.source.value,
            "at": _time(change.evidence.at),
            "detail": change.evidence.detail,
            "request_id": change.evidence.request_id,
        },
    }


def _day(day: HealthDay) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "working_seconds": _seconds(day.working),
        "known_seconds": _seconds(day.known),
        "breaks": day.breaks,
        "repairs": day.repairs,
        "repairing_seconds": _seconds(day.repairing),
    }


def _uptime(uptime: Uptime) -> dict[str, Any]:
    return {
        "days": uptime.days,
        "share": uptime.share if uptime.share is None else round(uptime.share, 6),
        "known_seconds": _seconds(uptime.known),
        "breaks": uptime.breaks,
        "mean_repair_seconds": None if uptime.mean_repair is None else _seconds(uptime.mean_repair),
    }


def _entry(entry: Activity) -> dict[str, Any]:
    return {
        "at": _exact(entry.at),
        "kind": entry.kind.value,
        "headline": entry.headline,
        "detail": entry.detail,
        "health": entry.health.value,
        "request_id": entry.request_id,
    }


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())


def _time(moment: datetime) -> str:
    return _iso(moment.replace(microsecond=0), "seconds")


def _exact(moment: datetime) -> str:
    """Return a time by which two changes can be told apart."""
    return _iso(moment, "milliseconds")


def _iso(moment: datetime, to: str) -> str:
    return moment.astimezone(UTC).isoformat(timespec=to).replace("+00:00", "Z")
