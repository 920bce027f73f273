"""History: every change of a connection's health with its evidence, and what it says over a time.

A connection *works* while data can come, is *broken* while somebody or something has to bring it back,
and is out of the reckoning while nothing is known of it or it is not in service. A break lasts until the
proof that it works again, also through times of which nothing is known. A running sync proves nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence
from makini_desktop.domain.health import Health

WORKING = frozenset({Health.HEALTHY, Health.SYNCING, Health.EXPIRING})
BROKEN = frozenset(
    {
        Health.RECONNECT_NEEDED,
        Health.FAILING,
        Health.OFFLINE,
        Health.STUCK,
        Health.LATE,
        Health.INACTIVE,
    }
)

WINDOWS = (7, 30, 90)
"""Days over which uptime is told."""

KEPT_FOR = timedelta(days=90)
"""How far back the history goes."""

_NONE = timedelta()


class HealthChange(msgspec.Struct, frozen=True, kw_only=True):
    """From `at` on a connection had this health, because of this evidence."""

    connection: ConnectionId
    at: datetime
    health: Health
    evidence: Evidence


class HealthDay(msgspec.Struct, frozen=True, kw_only=True):
    """What changes of one day (UTC) came to, whose detail was let go of.

    Attributes:
        known: how long it worked or was broken; `working` is a part of it.
        repairing: how long the repairs completed on this day took, from their break on.
        broken_since: when the break began that was under way after the last of these changes.
    """

    day: date
    working: timedelta = _NONE
    known: timedelta = _NONE
    breaks: int = 0
    repairs: int = 0
    repairing: timedelta = _NONE
    broken_since: datetime | None = None


class HealthHistory(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of one connection's health.

    Attributes:
        days: the sums of what came before `changes`, the oldest first.
        changes: the oldest first.
    """

    days: tuple[HealthDay, ...] = ()
    changes: tuple[HealthChange, ...] = ()


class Uptime(msgspec.Struct, frozen=True, kw_only=True):
    """How a connection did over the last `days`.

    Attributes:
        share: the part of the known time in which it worked, 0 to 1; None where nothing is known.
        known: how much of the time anything is known of.
        breaks: how often it broke.
        mean_repair: how long the repairs completed in this time took on average, each from its break on;
            None where none was completed.
    """

    days: int
    share: float | None
    known: timedelta
    breaks: int
    mean_repair: timedelta | None


def uptime(history: HealthHistory, now: datetime, days: int) -> Uptime:
    """Return how a connection did over the `days` before `now`.

    A day of which only sums are kept counts if it began within that time.
    """
    start = now - timedelta(days=days)
    sums = [day for day in history.days if _begin(day.day) >= start]
    sums += [
        span.sums(max(span.at, start), begins=span.at >= start)
        for span in _spans(history, now)
        if span.until > start
    ]
    known = sum((each.known for each in sums), _NONE)
    repairs = sum(each.repairs for each in sums)
    return Uptime(
        days=days,
        share=sum((each.working for each in sums), _NONE) / known if known else None,
        known=known,
        breaks=sum(each.breaks for each in sums),
        mean_repair=sum((each.repairing for each in sums), _NONE) / repairs if repairs else None,
    )


def shortened(history: HealthHistory, now: datetime, keep: int) -> HealthHistory:
    """Return the history with the detail of its newest changes only, and sums of the others.

    `uptime` says of it what it said before, up to the part of a day at the window's edge.

    Args:
        history: what is kept.
        now: changes and sums from longer than `KEPT_FOR` ago go too, but for the last of them, which
            says how it was since.
        keep: how many changes stay at most, at least 1.
    """
    oldest = now - KEPT_FOR
    cut = max(
        len(history.changes) - max(keep, 1),
        sum(change.at < oldest for change in history.changes) - 1,
        0,
    )
    days = {day.day: day for day in history.days}
    if cut:
        gone = HealthHistory(days=history.days, changes=history.changes[:cut])
        for span in _spans(gone, history.changes[cut].at):
            for part in span.by_day():
                days[part.day] = _added(days[part.day], part) if part.day in days else part
    ordered = [days[day] for day in sorted(days)]
    return HealthHistory(
        days=tuple(day for day in ordered if day.day >= oldest.date() or day is ordered[-1]),
        changes=history.changes[cut:],
    )


def joined(one: HealthHistory, other: HealthHistory) -> HealthHistory:
    """Return the history of a connection that took over another's."""
    days = {day.day: day for day in one.days}
    for day in other.days:
        days[day.day] = _added(days[day.day], day) if day.day in days else day
    changes = {change.at: change for change in (*one.changes, *other.changes)}
    return HealthHistory(
        days=tuple(days[day] for day in sorted(days)), changes=tuple(changes[at] for at in sorted(changes))
    )


class _Span(msgspec.Struct, frozen=True, kw_only=True):
    """A time of one health; `broken_before` and `broken_since` are the break under way before and in it."""

    at: datetime
    until: datetime
    health: Health
    broken_before: datetime | None
    broken_since: datetime | None

    def sums(self, start: datetime, *, begins: bool) -> HealthDay:
        """Return what the part from `start` on comes to; the turn itself counts if it `begins` in it."""
        lasted = self.until - start
        repaired = begins and self.health in WORKING and self.broken_before is not None
        return HealthDay(
            day=start.astimezone(UTC).date(),
            working=lasted if self.health in WORKING else _NONE,
            known=lasted if self.health in WORKING or self.health in BROKEN else _NONE,
            breaks=int(begins and self.broken_before is None and self.broken_since is not None),
            repairs=int(repaired),
            repairing=self.at - self.broken_before if repaired and self.broken_before else _NONE,
            broken_since=self.broken_since,
        )

    def by_day(self) -> Iterator[HealthDay]:
        """Yield what each of its days comes to."""
        start = self.at
        while True:
            midnight = _begin(start.astimezone(UTC).date() + timedelta(days=1))
            part = msgspec.structs.replace(self, until=min(self.until, midnight))
            yield part.sums(start, begins=start == self.at)
            if self.until <= midnight:
                return
            start = midnight


def _spans(history: HealthHistory, until: datetime) -> Iterator[_Span]:
    """Yield the times between changes, the last one up to `until`."""
    broken = history.days[-1].broken_since if history.days else None
    ends = [*(change.at for change in history.changes[1:]), until]
    for change, end in zip(history.changes, ends, strict=False):
        before = broken
        if change.health in BROKEN:
            broken = broken or change.at
        elif change.health is not Health.UNKNOWN:
            broken = None
        if change.at <= until:
            yield _Span(
                at=change.at,
                until=min(end, until),
                health=change.health,
                broken_before=before,
                broken_since=broken,
            )


def _added(one: HealthDay, other: HealthDay) -> HealthDay:
    """Return the sums of both; `other` is the later one."""
    return HealthDay(
        day=one.day,
        working=one.working + other.working,
        known=one.known + other.known,
        breaks=one.breaks + other.breaks,
        repairs=one.repairs + other.repairs,
        repairing=one.repairing + other.repairing,
        broken_since=other.broken_since,
    )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
