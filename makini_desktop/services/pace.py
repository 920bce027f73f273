"""How often a connection is looked at: the ill and what has just changed soon, all within the budget.

Where many wait to be looked at, an even pace for all is stretched before the ill wait for the well.
"""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

import msgspec

from makini_desktop.domain.assessment import next_deadline
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.cached import effective_health
from makini_desktop.services.store import Row

FOR_EACH_CONNECTION = timedelta(seconds=2)
HEALTHY_AT_LEAST = timedelta(minutes=1)
HEALTHY_AT_MOST = timedelta(minutes=10)
"""A well connection is looked at as often as their number allows, between these."""

SOON = timedelta(minutes=1)
SLOWER = 1.5
"""What is ill or has just changed is looked at after `SOON`, then less and less, up to ten minutes."""

WAITING_FOR_PERSON = timedelta(minutes=15)
SYNCING_WATCHED = timedelta(seconds=15)
"""How often the progress of a sync is looked at that somebody has open."""

REQUESTS_PER_CHECK = 2
SHARE_OF_BUDGET = 0.8
"""What part of the budget regular checks may take."""

AFTER_DEADLINE = timedelta(seconds=1)

WAITS_FOR_PERSON = frozenset({Health.RECONNECT_NEEDED, Health.DISCONNECTED, Health.INACTIVE, Health.PENDING})
"""Healths that no waiting changes: the customer, the vendor or somebody here has to act."""


class _Known(msgspec.Struct, frozen=True):
    """What a connection was like when it was last looked at; `step` is its next wait while it backs off."""

    health: Health
    connected_at: datetime | None
    step: timedelta | None = None


class Pace:
    """Decides how long to wait between two looks at a connection.

    Args:
        budget: requests a second that may be made for the account.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._known: dict[ConnectionId, _Known] = {}

    def even(self, connections: int) -> timedelta:
        """Return how often each of so many connections can be looked at while all is well."""
        wanted = min(HEALTHY_AT_MOST, max(HEALTHY_AT_LEAST, connections * FOR_EACH_CONNECTION))
        return max(wanted, self.sweep(connections))

    def sweep(self, connections: int) -> timedelta:
        """Return how long it takes to look at so many connections within the budget's share."""
        return timedelta(seconds=connections * REQUESTS_PER_CHECK / (self._budget * SHARE_OF_BUDGET))

    def news(self, row: Row) -> bool:
        """Tell whether a connection is not what it was when it was last looked at."""
        known = self._known.get(row.id)
        return known is not None and not _same(known, row)

    def after_check(self, row: Row, now: datetime, *, connections: int, watched: bool) -> timedelta:
        """Return how long to wait now that a connection was looked at.

        Args:
            watched: it is open in the detail.
        """
        even = self.even(connections)
        known = self._known.get(row.id)
        health = _health(row)
        changed = known is not None and not _same(known, row)
        step: timedelta | None = None
        if health in WAITS_FOR_PERSON:
            interval = max(WAITING_FOR_PERSON, even)
        elif health is Health.HEALTHY and known is None:
            interval = even * _fraction(row.id) if even > HEALTHY_AT_LEAST else even
        elif health is Health.HEALTHY and known is not None and known.step is None and not changed:
            interval = even
        else:
            interval = known.step if known is not None and known.step is not None and not changed else SOON
            longer = min(HEALTHY_AT_MOST, interval * SLOWER)
            if health is Health.HEALTHY:
                interval = min(interval, even)
                step = longer if longer < even else None
            else:
                step = longer
        self._known[row.id] = _Known(health, row.connection.connected_at, step)
        if watched:
            interval = min(interval, SYNCING_WATCHED if row.health is Health.SYNCING else SOON)
        deadline = next_deadline(row.facts)
        if deadline is not None and now <= deadline < now + interval:
            interval = deadline - now + AFTER_DEADLINE
        return interval

    def forget(self, connection: ConnectionId) -> None:
        """Forget a connection that is gone."""
        self._known.pop(connection, None)


def _fraction(connection: ConnectionId) -> float:
    """Return from 0.1 to 1: after the first sweep not all are due together again, and again."""
    return 0.1 + 0.9 * (zlib.crc32(connection.encode()) / 2**32)


def _same(known: _Known, row: Row) -> bool:
    return known.health is _health(row) and known.connected_at == row.connection.connected_at


def _health(row: Row) -> Health:
    """Return what counts as the same health here: a sync that runs is nothing new."""
    health = effective_health(row.condition)
    return Health.HEALTHY if health is Health.SYNCING else health
