"""The life of a connection's syncs, as a pure function of its facts and the time.

Every sync, past, running or to come, follows from the schedule, the incidents and what was started
by hand; no task runs and nothing is written while time passes. Times are Unix seconds.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from hashlib import blake2b
from typing import Literal

import msgspec

from makini_desktop.sandbox.catalog import ENTITY_ERRORS
from makini_desktop.sandbox.connection import Connection, Incident, IncidentKind, Schedule, StartedSync

DAY = 86_400.0
HISTORY = 30 * DAY
ENDLESS = 10 * 365 * DAY
QUEUED_FOR = 0.3
FAILURE_RATE = 0.01
REAUTHORIZATION_REQUIRED = "REAUTHORIZATION_REQUIRED"

_SILENT: tuple[IncidentKind, ...] = ("stalled", "inactive")
_HARMFUL: tuple[IncidentKind, ...] = ("credentials", "offline", "failing", "fail_next")


class SyncError(msgspec.Struct, frozen=True):
    """Why a sync failed."""

    code: str
    message: str
    entity: str | None = None


class Run(msgspec.Struct, frozen=True):
    """One sync with its whole course; `ends_at` lies in the future while it runs."""

    id: str
    type: str
    action: str
    scopes: list[str]
    started_at: float
    ends_at: float
    total: int
    error: SyncError | None = None
    cancelled: bool = False

    def running(self, now: float) -> bool:
        """Whether it is under way at that moment."""
        return self.started_at <= now < self.ends_at

    def succeeded(self, now: float) -> bool:
        """Whether it has come to a good end by that moment."""
        return self.ends_at <= now and self.error is None and not self.cancelled

    def status(self, now: float) -> Literal["queued", "in_progress", "completed", "failed", "cancelled"]:
        """The word of contract section 3."""
        if now < self.ends_at:
            fresh = self.type == "manual" and now - self.started_at < QUEUED_FOR
            return "queued" if fresh else "in_progress"
        if self.cancelled:
            return "cancelled"
        return "failed" if self.error else "completed"

    def done(self, now: float) -> int:
        """Records handled by that moment."""
        if self.succeeded(now):
            return self.total
        elapsed = min(now, self.ends_at) - self.started_at
        usual = 900.0 if self.ends_at - self.started_at > DAY else max(self.ends_at - self.started_at, 0.001)
        return int(self.total * min(elapsed / usual, 0.97))


def runs(connection: Connection, now: float) -> Iterator[Run]:
    """All syncs of the last 30 days that have begun, the newest first."""
    started = [_started_run(connection, sync) for sync in connection.syncs]
    begun = sorted((run for run in started if run.started_at <= now), key=_by_start)
    floor = now - HISTORY
    for run in heapq.merge(_scheduled_runs(connection, now, started), begun, key=_by_start):
        if run.started_at < floor:
            return
        yield run


def current_run(connection: Connection, now: float) -> Run | None:
    """The sync under way, if any."""
    newest = next(runs(connection, now), None)
    return newest if newest is not None and newest.running(now) else None


def last_finished(connection: Connection, now: float) -> Run | None:
    """The newest sync that has ended, and still means something.

    Cancelled ones do not, nor those that failed for credentials which have been renewed since.
    """
    refused = connection.open_incident("credentials", now) is not None
    return next(
        (
            run
            for run in runs(connection, now)
            if run.ends_at <= now
            and not run.cancelled
            and (refused or run.error is None or run.error.code != REAUTHORIZATION_REQUIRED)
        ),
        None,
    )


def last_success(connection: Connection, now: float) -> Run | None:
    """The newest sync of the last 30 days that ended well."""
    return next((run for run in runs(connection, now) if run.succeeded(now)), None)


def next_start(connection: Connection, now: float) -> float | None:
    """When the schedule starts the next sync; in the past where the scheduler has stalled."""
    if not connection.schedules or connection.open_incident("inactive", now):
        return None
    if connection.schedules[-1].mode == "webhook":
        return None
    stalled = connection.open_incident("stalled", now)
    planned = [sync.started_at for sync in connection.syncs if sync.started_at > now]
    return min([_next_slot(connection.schedules[-1], stalled.since if stalled else now), *planned])


def new_sync(
    connection: Connection,
    now: float,
    *,
    kind: Literal["initial", "scheduled", "manual"],
    action: Literal["incremental", "full"],
    scopes: list[str],
    idempotency_key: str | None = None,
    delay: float = 0.0,
) -> StartedSync:
    """Start a sync and return it; the caller has made sure that none is under way.

    A manual sync wakes a stalled scheduler, a full one clears an entity error.
    """
    start = now + delay
    connection.syncs = [sync for sync in connection.syncs if sync.started_at <= now][-200:]
    identity = _digest(connection.key, "started", str(connection.token_generation), repr(start))
    share = _fraction(identity)
    if kind == "initial":
        duration = 40.0 + 50.0 * share
    elif action == "full":
        duration = 18.0 + 14.0 * share
    else:
        duration = 4.0 + 2.0 * share
    sync = StartedSync(
        id=f"syn_{identity.hex()}",
        type=kind,
        action=action,
        scopes=scopes,
        started_at=start,
        duration=duration,
        total=_records_of_window(connection)
        if kind == "initial"
        else _records_waiting(connection, now, full=action == "full"),
        idempotency_key=idempotency_key,
    )
    if kind == "manual":
        connection.end("stalled", now)
        if action == "full":
            connection.end("failing", now)
    connection.syncs.append(sync)
    pending = connection.open_incident("fail_next", start)
    if pending is not None:
        pending.until = math.nextafter(start, math.inf)
    return sync


def fail_next(connection: Connection, now: float) -> None:
    """Let the next sync fail, whether the schedule or a person starts it."""
    silent = any(connection.open_incident(kind, now) for kind in _SILENT)
    until = None if silent or not connection.schedules else _next_slot(connection.schedules[-1], now) + 1.0
    connection.incidents.append(Incident("fail_next", since=now, until=until))


def finish(connection: Connection, now: float) -> bool:
    """Let the sync under way that no schedule started end well now; whether there was one."""
    for sync in connection.syncs:
        if sync.cancelled_at is None and sync.started_at <= now < sync.started_at + sync.duration:
            sync.duration = now - sync.started_at
            return True
    return False


def widen_first(connection: Connection, now: float) -> None:
    """Let a first sync that is under way cover the window that the settings name by now."""
    for sync in connection.syncs:
        if sync.type == "initial" and sync.started_at <= now < sync.started_at + sync.duration:
            sync.total = _records_of_window(connection)


def run_of(connection: Connection, sync: StartedSync) -> Run:
    """The course of a sync that was started by hand."""
    return _started_run(connection, sync)


def _by_start(run: Run) -> float:
    return -run.started_at


def _digest(*parts: str) -> bytes:
    return blake2b(":".join(parts).encode(), digest_size=8).digest()


def _fraction(digest: bytes, part: int = 0) -> float:
    return int.from_bytes(digest[part * 2 : part * 2 + 2], "big") / 65_536


def _records_of_window(connection: Connection) -> int:
    return connection.history_days * (40 + connection.quirk % 60)


def _records_waiting(connection: Connection, now: float, *, full: bool) -> int:
    if full:
        return 3_000 + 100 * (connection.quirk % 60)
    last = last_success(connection, now)
    hours = (now - last.ends_at) / 3_600 if last else 30 * 24
    return min(5_000, 24 + connection.quirk % 40 + int(hours * 9))


def _started_run(connection: Connection, sync: StartedSync) -> Run:
    ends_at, error = _outcome(connection, sync.started_at, sync.duration)
    cancelled = sync.cancelled_at is not None and sync.cancelled_at < ends_at
    return Run(
        id=sync.id,
        type=sync.type,
        action=sync.action,
        scopes=sync.scopes,
        started_at=sync.started_at,
        ends_at=sync.cancelled_at if cancelled and sync.cancelled_at is not None else ends_at,
        total=sync.total,
        error=None if cancelled else error,
        cancelled=cancelled,
    )


def _scheduled_runs(connection: Connection, now: float, started: list[Run]) -> Iterator[Run]:
    silent = [incident for incident in connection.incidents if incident.kind in _SILENT]
    for era, number, schedule, at in _slots(connection.schedules, now):
        if any(incident.covers(at) for incident in silent):
            continue
        if any(run.started_at <= at < run.ends_at for run in started):
            continue
        yield _slot_run(connection, era, number, schedule, at)


def _next_slot(schedule: Schedule, after: float) -> float:
    number = math.floor((after - schedule.anchor) / schedule.interval) + 1
    return schedule.anchor + number * schedule.interval


def _slots(schedules: list[Schedule], now: float) -> Iterator[tuple[int, int, Schedule, float]]:
    upper = now
    for era in reversed(range(len(schedules))):
        schedule = schedules[era]
        number = math.floor((upper - schedule.anchor) / schedule.interval)
        at = schedule.anchor + number * schedule.interval
        while at > schedule.since:
            yield era, number, schedule, at
            number -= 1
            at = schedule.anchor + number * schedule.interval
        upper = min(upper, schedule.since)


def _slot_run(connection: Connection, era: int, number: int, schedule: Schedule, at: float) -> Run:
    identity = _digest(connection.key, str(era), str(number))
    usual = 6.0 + 24.0 * (connection.quirk % 97) / 97
    full = _fraction(identity, 1) < 0.03
    duration = usual * (0.9 + 0.4 * _fraction(identity)) * (1.8 if full else 1.0)
    ends_at, error = _outcome(connection, at, duration)
    # The last slots before a schedule's anchor end well: a fresh world is as healthy as it says.
    if error is None and not -3 <= number <= 0 and _fraction(identity, 2) < FAILURE_RATE:
        ends_at, error = at + duration * 0.6, _entity_error(connection)
    return Run(
        id=f"syn_{identity.hex()}",
        type=schedule.mode,
        action="full" if full else "incremental",
        scopes=connection.scopes,
        started_at=at,
        ends_at=ends_at,
        total=20 + int(_fraction(identity, 3) * 280),
        error=error,
    )


def _outcome(connection: Connection, start: float, duration: float) -> tuple[float, SyncError | None]:
    """When a sync that starts then ends, and with which error, under all incidents known."""
    end, error = start + duration, None
    for incident in connection.incidents:
        if incident.kind not in _HARMFUL or (incident.until is not None and incident.until <= start):
            continue
        at_start = incident.covers(start)
        if incident.kind in {"failing", "fail_next"}:
            if not at_start:
                continue
            moment = start + min(duration * 0.6, 20.0)
        elif at_start:
            moment = start + min(duration * 0.5, 3.0)
        else:
            moment = incident.since
        if moment < end:
            end, error = moment, _incident_error(connection, incident)
    return end, error


def _incident_error(connection: Connection, incident: Incident) -> SyncError:
    system = connection.platform.name
    if incident.kind == "credentials":
        return SyncError(REAUTHORIZATION_REQUIRED, f"{system} no longer accepts this sign-in.")
    if incident.kind == "offline":
        return SyncError("SYSTEM_UNREACHABLE", f"{system} at {connection.name} does not answer.")
    return _entity_error(connection)


def _entity_error(connection: Connection) -> SyncError:
    entity = connection.scopes[connection.quirk % len(connection.scopes)]
    return SyncError("ENTITY_REJECTED", f"{ENTITY_ERRORS[entity]} A full sync reads them all again.", entity)
