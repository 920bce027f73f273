"""Health history in the file: a row for each change, and a row for each day whose changes were let go of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from makini_desktop.adapters.db.values import microseconds, moment
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import HealthChange, HealthDay, HealthHistory

_MICROSECOND = timedelta(microseconds=1)


def read(connection: sqlite3.Connection, account: AccountName, connection_id: ConnectionId) -> HealthHistory:
    """Return all that is kept of a connection's health."""
    days = connection.execute(
        "SELECT day, working, known, breaks, repairs, repairing, broken_since FROM health_day "
        "WHERE account = ? AND connection = ? ORDER BY day",
        (account, connection_id),
    )
    changes = connection.execute(
        "SELECT at, health, source, evidence_at, detail, request_id FROM health_change "
        "WHERE account = ? AND connection = ? ORDER BY at",
        (account, connection_id),
    )
    return HealthHistory(
        days=tuple(
            HealthDay(
                day=date.fromisoformat(day),
                working=timedelta(microseconds=working),
                known=timedelta(microseconds=known),
                breaks=breaks,
                repairs=repairs,
                repairing=timedelta(microseconds=repairing),
                broken_since=None if broken_since is None else moment(broken_since),
            )
            for day, working, known, breaks, repairs, repairing, broken_since in days
        ),
        changes=tuple(
            HealthChange(
                connection=connection_id,
                at=moment(at),
                health=Health(health),
                evidence=Evidence(
                    source=EvidenceSource(source), at=moment(seen), detail=detail, request_id=request_id
                ),
            )
            for at, health, source, seen, detail, request_id in changes
        ),
    )


def add(connection: sqlite3.Connection, account: AccountName, changes: Iterable[HealthChange]) -> None:
    """Append changes; of two of one connection and one moment the later one told stays."""
    connection.executemany(
        "INSERT OR REPLACE INTO health_change VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                account,
                change.connection,
                microseconds(change.at),
                change.health.value,
                change.evidence.source.value,
                microseconds(change.evidence.at),
                change.evidence.detail,
                change.evidence.request_id,
            )
            for change in changes
        ],
    )


def replace(
    connection: sqlite3.Connection,
    account: AccountName,
    connection_id: ConnectionId,
    before: HealthHistory,
    after: HealthHistory,
) -> None:
    """Write `after` in the place of `before`, touching only what differs."""
    changes, days, known_days = set(after.changes), {day.day for day in after.days}, set(before.days)
    connection.executemany(
        "DELETE FROM health_change WHERE account = ? AND connection = ? AND at = ?",
        [
            (account, connection_id, microseconds(change.at))
            for change in before.changes
            if change not in changes
        ],
    )
    connection.executemany(
        "DELETE FROM health_day WHERE account = ? AND connection = ? AND day = ?",
        [(account, connection_id, day.day.isoformat()) for day in before.days if day.day not in days],
    )
    add(connection, account, _without(after.changes, before.changes))
    connection.executemany(
        "INSERT OR REPLACE INTO health_day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                account,
                connection_id,
                day.day.isoformat(),
                day.working // _MICROSECOND,
                day.known // _MICROSECOND,
                day.breaks,
                day.repairs,
                day.repairing // _MICROSECOND,
                None if day.broken_since is None else microseconds(day.broken_since),
            )
            for day in after.days
            if day not in known_days
        ],
    )


def _without(changes: Sequence[HealthChange], known: Sequence[HealthChange]) -> list[HealthChange]:
    there = set(known)
    return [change for change in changes if change not in there]
