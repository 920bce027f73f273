"""From observations to rows: the one way in which a connection's row changes, and is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.event import Event
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.assessment import assess, holds_until, proof_age
from makini_desktop.domain.connection import Connection, ConnectionId
from makini_desktop.domain.evidence import (
    Evidence,
    EvidenceSource,
    Facts,
    Listed,
    Observation,
    merge,
    observe,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import HealthChange
from makini_desktop.domain.login import Stage
from makini_desktop.domain.sync import Sync
from makini_desktop.services import wording
from makini_desktop.services.cached import cached_rows, effective_health, latest_sync
from makini_desktop.services.day_strips import DayStrips
from makini_desktop.services.health_log import HealthLog
from makini_desktop.services.incidents import Incidents
from makini_desktop.services.ports import Answer, Database
from makini_desktop.services.store import Paused, Row, Store, StoredConnection

TIMELINE_LENGTH = 200
_WORKING = frozenset({Health.HEALTHY, Health.SYNCING})


class Ledger:
    """Turns what was seen into rows of the store, and keeps them in the database.

    Changes are gathered and written by `flush`, which somebody calls every second or so.

    Args:
        account: gives whose connections they are.

    Attributes:
        told: the connection whose timeline has a new entry.
        health_log: the turns of health that go into the history.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        store: Store,
        database: Database,
        incidents: Incidents,
        clock: Clock,
    ) -> None:
        self._account = account
        self._store = store
        self._database = database
        self._incidents = incidents
        self._clock = clock
        self._intervals: dict[ConnectionId, timedelta] = {}
        self._holds_until: dict[ConnectionId, datetime] = {}
        self._relisted: dict[ConnectionId, Evidence] = {}
        self._days = DayStrips()
        self._unsaved: set[ConnectionId] = set()
        self._activity: list[Activity] = []
        self._data_version: int | None = None
        self._flushing = asyncio.Lock()
        self.told: Event[ConnectionId] = Event()
        self.health_log = HealthLog()

    def load(
        self,
        stored: Iterable[StoredConnection],
        days: Mapping[ConnectionId, Mapping[str, Health]],
        running: Mapping[ConnectionId, Sync],
    ) -> None:
        """Show what was kept from the last run, aged by the clock; nothing is announced."""
        self._days.load(days)
        self._store.put(cached_rows(stored, days, running, self._clock.now()))

    def listed(self, page: Answer[tuple[Connection, ...]]) -> None:
        """Take in one page of the connection list.

        Where it says nothing new of a connection, that waits until the row is next looked at, or would
        change by the clock: a page of the list does not rewrite all its rows.
        """
        evidence = Evidence(
            source=EvidenceSource.LIST, at=page.at, detail=page.detail, request_id=page.request_id
        )
        rows, known = [], self._store.rows
        for connection in page.value:
            before = known.get(connection.id)
            if before is not None and _as_listed(before, connection):
                self._relisted[connection.id] = evidence
                continue
            seen = Listed(evidence, connection.status, connection.status_word)
            rows.append(self._next(connection, before, (seen,)))
        self._store.put(rows)

    def complete(self, present: Set[ConnectionId], answer: Answer[object]) -> None:
        """Take in that the list is complete: who is not in it is no longer connected.

        Unreadable rows have no identity of their own and are simply dropped when they go.
        """
        evidence = Evidence(
            source=EvidenceSource.LIST, at=answer.at, detail=answer.detail, request_id=answer.request_id
        )
        missing = [row for id_, row in self._store.rows.items() if id_ not in present]
        dropped = [row.id for row in missing if not row.connection.readable]
        self._store.remove(dropped)
        self._incidents.gone(dropped)
        self._days.forget(dropped)
        for connection in dropped:
            self._intervals.pop(connection, None)
            self._holds_until.pop(connection, None)
            self._relisted.pop(connection, None)
        self._store.put(
            self._next(
                row.connection,
                row,
                (Listed(evidence, row.connection.status, row.connection.status_word, present=False),),
            )
            for row in missing
            if row.connection.readable
        )

    def note(
        self,
        connection: ConnectionId,
        observations: Sequence[Observation],
        *,
        usual_seconds: float | None = None,
        interval_seconds: float | None = None,
        failures: int | None = None,
    ) -> None:
        """Take in what was seen of one connection, and what was learned of its rhythm."""
        row = self._store.row(connection)
        if row is None:
            return
        rhythm = {
            name: value
            for name, value in (
                ("usual_seconds", usual_seconds),
                ("interval_seconds", interval_seconds),
                ("failures", failures),
            )
            if value is not None
        }
        facts = msgspec.structs.replace(row.facts, **rhythm)
        self._store.put([self._next(row.connection, row, observations, facts=facts)])

    def set_stage(self, connection: ConnectionId, stage: Stage | None) -> None:
        """Show where a reconnect stands."""
        if (row := self._store.row(connection)) is not None:
            self._store.put([msgspec.structs.replace(row, stage=stage)])

    def set_paused(self, connection: ConnectionId, paused: Paused | None) -> None:
        """Show that background checks leave a connection alone, or no longer."""
        row = self._store.row(connection)
        if row is not None and row.paused != paused:
            self._store.put([msgspec.structs.replace(row, paused=paused)])

    def set_sync(self, connection: ConnectionId, sync: Sync) -> None:
        """Show a sync that is followed."""
        if (row := self._store.row(connection)) is not None:
            self._store.put([msgspec.structs.replace(row, sync=sync)])

    def set_interval(self, connection: ConnectionId, interval: timedelta) -> None:
        """Record how often a connection is checked; three times that is how long a proof counts."""
        before = self._intervals.get(connection, timedelta())
        self._intervals[connection] = interval
        if proof_age(before) != proof_age(interval):
            self._holds_until.pop(connection, None)

    def moved(self, old: ConnectionId, new: ConnectionId) -> None:
        """Show the day strip of `old` with that of `new`, as `Database.move_connection` has moved it."""
        self._days.move(old, new)
        now = self._clock.now()
        self._store.put(
            msgspec.structs.replace(row, days=self._days.strip(row.id, now))
            for each in (old, new)
            if (row := self._store.row(each)) is not None
        )

    def reassess(self, connections: Iterable[ConnectionId]) -> None:
        """Let the clock speak: proofs grow old, syncs get late or stuck."""
        now = self._clock.now()
        self._store.put(
            [
                self._next(row.connection, row, ())
                for connection in connections
                if now >= self._holds_until.get(connection, now)
                if (row := self._store.row(connection)) is not None
            ]
        )

    def tell(
        self,
        connection: ConnectionId,
        kind: ActivityKind,
        headline: str,
        *,
        detail: str = "",
        health: Health = Health.UNKNOWN,
        request_id: str | None = None,
    ) -> None:
        """Add an entry to a connection's timeline."""
        self._activity.append(
            Activity(
                connection=connection,
                at=self._clock.now(),
                kind=kind,
                headline=headline,
                detail=detail,
                health=health,
                request_id=request_id,
            )
        )
        self.told.emit(connection)

    async def timeline(self, connection: ConnectionId) -> tuple[Activity, ...]:
        """Return what happened to a connection, the newest first."""
        await self.flush()
        return await self._database.activity(self._account().name, connection, TIMELINE_LENGTH)

    async def flush(self) -> None:
        """Write what has changed since the last call, on top of what other processes wrote.

        Raises:
            ProfileUnwritable: nothing is lost by it; the next call tries again.
        """
        async with self._flushing:  # whoever reads what was written waits for all of it
            await self._flush()

    async def _flush(self) -> None:
        if self._unsaved:
            await self.adopt()
        unsaved, self._unsaved = self._unsaved, set()
        unsaved_days = self._days.take()
        activity, self._activity = self._activity, []
        changes = self.health_log.take()
        try:
            await self._write(unsaved, unsaved_days, activity, changes)
        except BaseException:
            self._unsaved |= unsaved
            self._days.give_back(unsaved_days)
            self._activity[:0] = activity
            self.health_log.give_back(changes)
            raise

    def forget_unsaved(self) -> None:
        """Leave the keeping to another process that sees the same."""
        self._unsaved.clear()
        self._days.take()
        self._activity.clear()
        self.health_log.take()

    async def _write(
        self,
        unsaved: Set[ConnectionId],
        unsaved_days: Set[tuple[str, ConnectionId]],
        activity: Sequence[Activity],
        changes: Sequence[HealthChange],
    ) -> None:
        if unsaved:
            await self._database.save_connections(
                self._account().name,
                [_stored(row) for connection in unsaved if (row := self._store.row(connection)) is not None],
            )
        for day, worst in self._days.by_day(unsaved_days).items():
            await self._database.save_days(self._account().name, day, worst)
        if activity:
            await self._database.add_activity(self._account().name, activity)
        if changes:
            await self._database.add_health_changes(self._account().name, changes)

    async def adopt(self) -> None:
        """Take in what another process has written, if any has."""
        version = await self._database.data_version()
        if version == self._data_version:
            return
        self._data_version = version
        changed = []
        for stored in await self._database.connections(self._account().name):
            before = self._store.row(stored.connection.id)
            if before is None:
                before = Row(
                    connection=stored.connection,
                    facts=stored.facts,
                    condition=assess(stored.facts, self._clock.now()),
                    since=stored.since,
                )
                changed.append(before)
                continue
            merged = merge(before.facts, stored.facts)
            if merged != before.facts:
                changed.append(self._next(before.connection, before, (), facts=merged, told=True))
        self._store.put(changed)

    def _next(
        self,
        connection: Connection,
        row: Row | None,
        observations: Sequence[Observation],
        *,
        facts: Facts | None = None,
        told: bool = False,
    ) -> Row:
        """Return the row that follows from `row` and the observations, and remember what changed.

        Args:
            facts: what is known, where that is more than the row's own.
            told: whether the process that saw it has told the timeline.
        """
        now = self._clock.now()
        by_the_clock = facts is None and not observations
        if facts is None:
            facts = row.facts if row is not None else Facts()
        facts = observe(facts, *observations, *self._seen_in_list(connection.id, facts))
        interval = self._intervals.get(connection.id, timedelta())
        condition = assess(facts, now, interval)
        self._holds_until[connection.id] = holds_until(facts, now, interval)
        turned = row is None or effective_health(row.condition) is not effective_health(condition)
        since = now if by_the_clock else condition.evidence.at
        after = Row(
            connection=connection,
            facts=facts,
            condition=condition,
            since=since if turned or row is None else row.since,
            sync=latest_sync(facts, row.sync if row is not None else None),
            stage=row.stage if row is not None else None,
            days=self._days.seen(connection.id, condition.health, now, row.days if row is not None else ()),
            paused=row.paused if row is not None else None,
        )
        self._incidents.pass_by(row, after)
        self.health_log.note(row, after, now)
        if turned and not told:
            self._tell_turn(row, after)
        if after != row:
            self._unsaved.add(connection.id)
        return after

    def _seen_in_list(self, connection: ConnectionId, facts: Facts) -> tuple[Listed, ...]:
        """Return that the list has named a connection again, as it had before, if it has."""
        evidence = self._relisted.pop(connection, None)
        if evidence is None or facts.listed is None:
            return ()
        return (Listed(evidence, facts.listed.status, facts.listed.word),)

    def _tell_turn(self, before: Row | None, after: Row) -> None:
        healths = {after.health} | ({before.health} if before is not None else set())
        if after.health is Health.UNKNOWN or healths <= _WORKING:
            return
        self.tell(
            after.id,
            ActivityKind.HEALTH,
            wording.health_word(after.health)
            if after.health in _WORKING
            else wording.reason_short(msgspec.structs.replace(after, stage=None), self._clock.now())
            or wording.health_word(after.health),
            detail=_("{source} · {detail}").format(
                source=wording.source_word(after.condition.evidence.source),
                detail=after.condition.evidence.detail,
            ),
            health=after.health,
            request_id=after.condition.evidence.request_id,
        )


def _as_listed(row: Row, connection: Connection) -> bool:
    """Tell whether the list says of a connection what its row says already, and needs no more proof."""
    listed, gone = row.facts.listed, row.facts.disconnected
    return (
        listed is not None
        and listed.present
        and (row.connection is connection or row.connection == connection)
        and row.condition.health is not Health.UNKNOWN
        and (gone is None or gone.evidence.at < listed.evidence.at)
    )


def _stored(row: Row) -> StoredConnection:
    return StoredConnection(
        connection=row.connection,
        facts=row.facts,
        health=row.condition.last_known or row.health,
        since=row.since,
    )
