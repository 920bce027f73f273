"""The worst health of each day: what the strip in the list shows of the last thirty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import date, datetime

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.services.store import last_days, strip

UnsavedDays = set[tuple[str, ConnectionId]]
"""Days (ISO date, UTC) of connections that the database does not know yet."""


class DayStrips:
    """Keeps the days of all connections, and which of them are still to be written."""

    def __init__(self) -> None:
        self._days: dict[ConnectionId, dict[str, Health]] = {}
        self._unsaved: UnsavedDays = set()
        self._today: date | None = None
        self._dates: tuple[str, ...] = ()

    def load(self, days: Mapping[ConnectionId, Mapping[str, Health]]) -> None:
        """Begin with what was kept."""
        self._days = {connection: dict(found) for connection, found in days.items()}

    def seen(
        self, connection: ConnectionId, health: Health, now: datetime, shown: tuple[Health, ...]
    ) -> tuple[Health, ...]:
        """Take in a health and return the strip with it; that is `shown` itself where nothing got worse."""
        if health is Health.SYNCING:
            health = Health.HEALTHY
        self._turn_to(now)
        today = self._dates[-1]
        days = self._days.setdefault(connection, {})
        known = days.get(today)
        if known is not None and shown and SEVERITY[known] <= SEVERITY[health]:
            return shown
        if SEVERITY[health] < SEVERITY[known or Health.UNKNOWN]:
            days[today] = health
            self._unsaved.add((today, connection))
        return strip(days, self._dates)

    def strip(self, connection: ConnectionId, now: datetime) -> tuple[Health, ...]:
        """Return the strip of a connection, the oldest day first."""
        self._turn_to(now)
        return strip(self._days.get(connection, {}), self._dates)

    def move(self, old: ConnectionId, new: ConnectionId) -> None:
        """Give the days of `old` to `new`; of two healths of one day the worse stays."""
        given, days = self._days.pop(old, {}), self._days.setdefault(new, {})
        for day, health in given.items():
            days[day] = min(health, days.get(day, health), key=SEVERITY.__getitem__)
        self._unsaved = {each for each in self._unsaved if each[1] != old}

    def forget(self, connections: Iterable[ConnectionId]) -> None:
        """Keep nothing of connections that are listed no more."""
        for connection in connections:
            self._days.pop(connection, None)

    def take(self) -> UnsavedDays:
        """Return what is to be written, which counts as written from now on."""
        unsaved, self._unsaved = self._unsaved, set()
        return unsaved

    def give_back(self, unsaved: UnsavedDays) -> None:
        """Take back what could not be written."""
        self._unsaved |= unsaved

    def by_day(self, unsaved: Set[tuple[str, ConnectionId]]) -> dict[str, dict[ConnectionId, Health]]:
        """Return the healths of `unsaved`, day by day, the oldest first."""
        found: dict[str, dict[ConnectionId, Health]] = {}
        for day, connection in sorted(unsaved):
            if (health := self._days.get(connection, {}).get(day)) is not None:
                found.setdefault(day, {})[connection] = health
        return found

    def _turn_to(self, now: datetime) -> None:
        """Let go of the days before the strip, once a day."""
        if now.date() == self._today:
            return
        self._today, self._dates = now.date(), last_days(now)
        first = self._dates[0]
        for days in self._days.values():
            for day in [day for day in days if day < first]:
                del days[day]
