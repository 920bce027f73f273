"""Rows as the last run left them, aged by the clock: what a window shows before anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from makini_desktop.domain.assessment import assess
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Facts
from makini_desktop.domain.health import Condition, Health
from makini_desktop.domain.sync import Sync
from makini_desktop.services.store import Row, StoredConnection, last_days, strip


def cached_rows(
    stored: Iterable[StoredConnection],
    days: Mapping[ConnectionId, Mapping[str, Health]],
    running: Mapping[ConnectionId, Sync],
    now: datetime,
) -> list[Row]:
    """Return the rows of what was stored."""
    dates = last_days(now)
    none: Mapping[str, Health] = {}
    rows = []
    for row in stored:
        condition = assess(row.facts, now)
        rows.append(
            Row(
                connection=row.connection,
                facts=row.facts,
                condition=condition,
                since=row.since if effective_health(condition) is row.health else now,
                sync=running.get(row.connection.id) or latest_sync(row.facts, None),
                days=strip(days.get(row.connection.id, none), dates),
            )
        )
    return rows


def effective_health(condition: Condition) -> Health:
    """Return the health, or, where it is unknown, the last one that was proven."""
    return condition.last_known or condition.health


def latest_sync(facts: Facts, known: Sync | None) -> Sync | None:
    """Return the running sync that the sync status names, else the one we know of."""
    current = facts.sync.status.current if facts.sync is not None else None
    if current is None:
        return known
    if known is not None and known.id == current.id and not known.state.running:
        return known
    if known is not None and known.id == current.id and (known.done or 0) > (current.done or 0):
        return known
    return current
