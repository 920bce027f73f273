"""Incidents at work: what rows, the line and the weather say becomes incidents of the store, and is kept.

The ledger shows every row that passes; one whose health is as it was costs next to nothing. What is new is
gathered for a moment, so that what breaks together is told together.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import Condition, Health
from makini_desktop.domain.incident import Cause, Incident, IncidentId, Snooze, Told
from makini_desktop.domain.incidents import Found, OpenIncidents
from makini_desktop.domain.trouble import (
    CLEAR,
    WELL,
    WORKING,
    Finding,
    Findings,
    Question,
    Silent,
    Trouble,
    Working,
    findings,
    tells_of,
)
from makini_desktop.services.ports import Database
from makini_desktop.services.store import Offline, Online, Refusing, Row, Store
from makini_desktop.services.weather import Weather

_log = logging.getLogger(__name__)

GATHER_SECONDS = 0.05
"""What is found within this time is taken in together."""

KEPT_FOR = timedelta(days=90)
"""For so long a closed incident stays in the store."""

AFTER_REPAIR = timedelta(hours=1)
"""For so long after a repair a sync from before it does not count: the first one since may take its time."""

_SAME_FINDINGS = frozenset({Health.HEALTHY, Health.SYNCING})
"""Healths that leave no room for different troubles."""

_SYNCS = Trouble(Cause.SYNCS)
_OF_ACCOUNT = (Cause.NETWORK, Cause.MAKINI, Cause.RATE_LIMIT)


class Incidents:
    """Opens, grows, shrinks and closes the incidents of one account.

    Until `restore` was awaited nothing is taken in: a command leaves incidents to the window, so that one
    break does not become two.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        store: Store,
        database: Database,
        weather: Weather,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._account = account
        self._store = store
        self._database = database
        self._weather = weather
        self._tasks = tasks
        self._clock = clock
        self._open = OpenIncidents()
        self._seen: dict[ConnectionId, Findings] = {}
        self._found: dict[tuple[ConnectionId, Question], Found] = {}
        self._unsaved: set[IncidentId] = set()
        self._pruned_at = clock.now()
        self._restored = False

    @property
    def open(self) -> Sequence[Incident]:
        """The open incidents, the oldest first."""
        return tuple(self._open.open.values())

    async def restore(self) -> None:
        """Take up what an earlier run left, look at all rows as they are, and begin.

        Raises:
            MakiniDesktopError: the database cannot be read.
        """
        kept = await self._database.incidents(self._account().name)
        self._open = OpenIncidents(kept)
        self._store.put_incidents(kept)
        if not self._restored:
            self._restored = True
            self._store.line_changed.subscribe(lambda _line: self._look_around())
            self._weather.makini_changed.subscribe(lambda _trouble: self._look_around())
        for row in tuple(self._store.rows.values()):
            self._look(row, row)
        self._look_around()

    def pass_by(self, before: Row | None, after: Row) -> None:
        """Take in what became of a row."""
        if not self._restored:
            return
        if before is None or not _finds_the_same(before.condition, after.condition):
            self._look(before, after)

    def gone(self, connections: Iterable[ConnectionId]) -> None:
        """Take in that rows were dropped: nothing more will be heard of them."""
        now = self._clock.now()
        for connection in connections:
            self._seen.pop(connection, None)
            if self._open.involves(connection):
                evidence = Evidence(source=EvidenceSource.LIST, at=now)
                for question in Question:
                    self._find(
                        Found(
                            connection=connection,
                            system="",
                            question=question,
                            finding=CLEAR,
                            since=now,
                            evidence=evidence,
                            news=False,
                        )
                    )

    def acknowledge(self, ids: Iterable[IncidentId]) -> None:
        """Note that somebody knows of them: they are not announced any more."""
        now = self._clock.now()
        self._note(ids, lambda incident: msgspec.structs.replace(incident, acknowledged_at=now))

    def snooze(self, ids: Iterable[IncidentId], snooze: Snooze | None) -> None:
        """Announce them later, as if for the first time; None ends that."""
        self._note(ids, lambda incident: msgspec.structs.replace(incident, snooze=snooze, told=None))

    def tell(self, incident: IncidentId, told: Told) -> None:
        """Note what the person was told."""
        self._note([incident], lambda known: msgspec.structs.replace(known, told=told))

    async def flush(self) -> None:
        """Write what has changed since the last call.

        Raises:
            ProfileUnwritable: nothing is lost by it; the next call tries again.
        """
        unsaved, self._unsaved = self._unsaved, set()
        known = self._store.incidents
        try:
            if changed := [known[each] for each in unsaved if each in known]:
                await self._database.save_incidents(self._account().name, changed)
        except BaseException:
            self._unsaved |= unsaved
            raise

    def _note(self, ids: Iterable[IncidentId], change: Callable[[Incident], Incident]) -> None:
        changed = [change(self._open.open[each]) for each in ids if each in self._open.open]
        for incident in changed:
            self._open.replace(incident)
        self._put(changed)
        if changed:  # at once, so that not even a kill makes the next run tell it again
            self._tasks.start("keep incidents", self._keep())

    def _look(self, before: Row | None, after: Row) -> None:
        now = self._clock.now()
        found = findings(after.condition, now)
        if found.data == _SYNCS and self._from_before_a_repair(after, found, now):
            found = Findings(found.access, WORKING)
        known = self._seen.get(after.id)
        if found == known or (known is None and not found.troubled and not self._open.involves(after.id)):
            return
        if found == WELL:
            self._seen.pop(after.id, None)
        else:
            self._seen[after.id] = found
        news = before is not None and _was_checked(before) and not _rhythm_learned(before, after)
        condition = after.condition
        for question, finding, evidence in (
            (Question.ACCESS, found.access, condition.access.evidence),
            (Question.DATA, found.data, condition.data.evidence),
        ):
            self._find(
                Found(
                    connection=after.id,
                    system=after.connection.system,
                    question=question,
                    finding=finding,
                    since=after.since,
                    evidence=evidence,
                    news=news,
                )
            )

    def _from_before_a_repair(self, row: Row, found: Findings, now: datetime) -> bool:
        """Tell whether syncs are in trouble only because of what was repaired since."""
        repaired_at = now if self._being_repaired(row.id, found) else self._open.repaired_at(row.id)
        if repaired_at is None or now > repaired_at + AFTER_REPAIR:
            return False
        moment = tells_of(row.facts, row.condition)
        return moment is None or moment <= repaired_at

    def _being_repaired(self, connection: ConnectionId, found: Findings) -> bool:
        """Tell whether the same look at a connection proves that something else is repaired."""
        access, data = (self._open.of(connection, question) for question in (Question.ACCESS, Question.DATA))
        return (access is not None and access.explains_syncs and found.access == CLEAR) or (
            data is not None and data.explains_syncs and found.data == _SYNCS
        )

    def _find(self, found: Found) -> None:
        key = found.connection, found.question
        if _tells_less(found.finding, self._found.get(key)):
            return
        self._found[key] = found
        self._tasks.start("incidents", self._gather())

    async def _gather(self) -> None:
        while self._found:
            await self._clock.sleep(GATHER_SECONDS)
            found, self._found = self._found, {}
            self._put(self._open.take(found.values(), self._clock.now()))

    def _look_around(self) -> None:
        """Open and close what concerns the account itself; while Makini is not reached nothing is proven."""
        now = self._clock.now()
        line, makini = self._store.line, self._weather.makini
        standing: dict[Cause, tuple[datetime, Evidence]] = {}
        match line:
            case Offline(since=since, words=words):
                standing[Cause.NETWORK] = since, _said(words, since)
            case Refusing(since=since, words=words):
                standing[Cause.MAKINI] = since, _said(words, since)
            case Online():
                pass
        if makini is not None:
            evidence = msgspec.structs.replace(makini.evidence, detail=makini.words)
            standing.setdefault(makini.cause, (makini.since, evidence))
        changed: list[Incident] = []
        for cause in _OF_ACCOUNT:
            if cause in standing:
                since, evidence = standing[cause]
                news = self._store.sweep.last_at is not None
                changed += self._open.open_for_account(cause, evidence, since, now, news=news)
            elif cause is Cause.NETWORK or not isinstance(line, Offline):
                changed += self._open.close_for_account(cause, now)
        self._put(changed)

    def _put(self, changed: Sequence[Incident]) -> None:
        if not changed:
            return
        self._unsaved |= {incident.id for incident in changed}
        self._store.put_incidents(changed)
        self._prune()

    async def _keep(self) -> None:
        try:
            while self._unsaved:
                await self.flush()
        except MakiniDesktopError as error:  # whoever calls `flush` next tries again, and tells
            _log.warning("incidents were not written: %s", error)

    def _prune(self) -> None:
        now = self._clock.now()
        if now - self._pruned_at > timedelta(days=1):
            self._pruned_at = now
            self._store.remove_incidents(
                [
                    incident.id
                    for incident in self._store.incidents.values()
                    if incident.closed_at is not None and now - incident.closed_at > KEPT_FOR
                ]
            )


def _tells_less(finding: Finding, known: Found | None) -> bool:
    """Tell whether a finding adds nothing to what was found just before it."""
    if isinstance(finding, Silent):
        return True
    if known is None or not isinstance(finding, Working):
        return False
    return known.finding != Trouble(Cause.SYSTEM)


def _was_checked(row: Row) -> bool:
    """Tell whether the connection's access was looked at before; the list alone does not say how that is."""
    facts = row.facts
    return any((facts.status, facts.sync, facts.integration, facts.refused, facts.login))


def _rhythm_learned(before: Row, after: Row) -> bool:
    """Tell whether only now it is known what would be late or stuck."""
    return (before.facts.interval_seconds is None and after.facts.interval_seconds is not None) or (
        before.facts.usual_seconds is None and after.facts.usual_seconds is not None
    )


def _said(words: str, at: datetime) -> Evidence:
    return Evidence(source=EvidenceSource.LIST, at=at, detail=words)


def _finds_the_same(before: Condition, after: Condition) -> bool:
    """Tell at the cost of next to nothing whether a row has brought no news, as most do not.

    One health has several answers behind it: "Healthy" may prove the syncs, or leave them unknown.
    """
    return (
        after.health in _SAME_FINDINGS
        and before.health is after.health
        and type(before.data) is type(after.data)
        and type(before.access) is type(after.access)
    )
