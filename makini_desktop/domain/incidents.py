"""The open incidents of an account: how they open, grow, shrink, and close on proof.

Nothing here waits or asks: what was found goes in with its time, and the incidents that changed come out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import assert_never

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence
from makini_desktop.domain.incident import (
    NEARBY_WITHIN,
    TOGETHER_WITHIN,
    Cause,
    ExpiryStep,
    Incident,
    IncidentId,
    Member,
    SnoozedUntilChange,
)
from makini_desktop.domain.trouble import Clear, Finding, Question, Silent, Trouble, Working

_STEPS = list(ExpiryStep)
_OF_SYSTEMS = frozenset({Cause.CREDENTIALS, Cause.SYSTEM, Cause.SYNCS})
"""Causes that lie at the customers; all others concern the account."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one connection to one question.

    Attributes:
        since: when it became so.
        news: False for what the first look at a connection found.
    """

    connection: ConnectionId
    system: str
    question: Question
    finding: Finding
    since: datetime
    evidence: Evidence
    news: bool


class _Draft:
    """An incident while a number of findings is taken in."""

    def __init__(self, incident: Incident) -> None:
        self.incident = incident
        self.members = {member.connection: member for member in incident.members}

    def join(self, found: Found, now: datetime) -> None:
        scope = self.incident.scope
        change = isinstance(self.incident.snooze, SnoozedUntilChange)
        self.members.pop(found.connection, None)  # one that is back is the last in the order
        self.members[found.connection] = Member(connection=found.connection, since=min(found.since, now))
        self.incident = msgspec.structs.replace(
            self.incident,
            joined_at=now,
            scope=scope if scope == found.system else "",
            snooze=None if change else self.incident.snooze,
        )

    def leave(self, connection: ConnectionId, now: datetime) -> None:
        self.members[connection] = msgspec.structs.replace(self.members[connection], proven_at=now)

    def settled(self, now: datetime) -> Incident:
        """Return the incident, closed if nothing of it is left."""
        members = tuple(self.members.values())
        closed = all(member.proven_at is not None for member in members)
        return msgspec.structs.replace(self.incident, members=members, closed_at=now if closed else None)


class OpenIncidents:
    """Which incidents are open, and which connection is in which of them.

    A connection is in one incident for each question at most. The same findings, however often they are
    said and in whatever order those of one moment come, leave the same connections in the same causes.

    Args:
        incidents: those of an earlier run; closed ones tell who was repaired when.
    """

    def __init__(self, incidents: Iterable[Incident] = ()) -> None:
        self._open: dict[IncidentId, Incident] = {}
        self._places: dict[tuple[ConnectionId, Question], IncidentId] = {}
        self._repaired: dict[ConnectionId, datetime] = {}
        self._ids: set[IncidentId] = set()
        for incident in incidents:
            self._remember(incident)

    @property
    def open(self) -> Mapping[IncidentId, Incident]:
        """The open ones by id, the oldest first."""
        return self._open

    def repaired_at(self, connection: ConnectionId) -> datetime | None:
        """Return when a trouble that explains failed syncs was last proven gone."""
        return self._repaired.get(connection)

    def of(self, connection: ConnectionId, question: Question) -> Incident | None:
        """Return the open incident that a connection is broken in, as far as one question goes."""
        place = self._places.get((connection, question))
        return None if place is None else self._open[place]

    def involves(self, connection: ConnectionId) -> bool:
        """Tell whether a connection is broken in an open incident."""
        return any((connection, question) in self._places for question in Question)

    def replace(self, incident: Incident) -> None:
        """Take an open incident's new notes: acknowledged, snoozed or told."""
        self._open[incident.id] = incident

    def take(self, found: Iterable[Found], now: datetime) -> tuple[Incident, ...]:
        """Take in what was found, all of it seen at about one moment.

        Returns:
            The incidents that are new, other, or closed, in the order in which they opened.
        """
        drafts: dict[IncidentId, _Draft] = {}
        for each in sorted(found, key=_in_order):
            match each.finding:
                case Silent():
                    continue
                case Clear():
                    self._leave(each, drafts, now)
                case Working():
                    if self._cause(each, drafts) is Cause.SYSTEM:
                        self._leave(each, drafts, now)
                case Trouble():
                    self._join(each, each.finding, drafts, now)
                case _:
                    assert_never(each.finding)
        return self._settle(drafts, now)

    def open_for_account(
        self, cause: Cause, evidence: Evidence, since: datetime, now: datetime, *, news: bool
    ) -> tuple[Incident, ...]:
        """Open an incident that concerns the account itself, unless one of its cause is open.

        Returns:
            The incident if it is new, else nothing.
        """
        if self._for_account(cause) is not None:
            return ()
        incident = Incident(
            id=self._new_id(cause, now),
            cause=cause,
            opened_at=min(since, now),
            joined_at=now,
            evidence=evidence,
            first_sight=not news,
        )
        self._open[incident.id] = incident
        return (incident,)

    def close_for_account(self, cause: Cause, now: datetime) -> tuple[Incident, ...]:
        """Close the account's own incident of a cause, if one is open."""
        incident = self._for_account(cause)
        if incident is None:
            return ()
        del self._open[incident.id]
        return (msgspec.structs.replace(incident, closed_at=now),)

    def _for_account(self, cause: Cause) -> Incident | None:
        return next((each for each in self._open.values() if each.cause is cause and not each.members), None)

    def _cause(self, found: Found, drafts: Mapping[IncidentId, _Draft]) -> Cause | None:
        place = self._places.get((found.connection, found.question))
        return None if place is None else self._now(place, drafts).cause

    def _now(self, incident: IncidentId, drafts: Mapping[IncidentId, _Draft]) -> Incident:
        return drafts[incident].incident if incident in drafts else self._open[incident]

    def _draft(self, incident: IncidentId, drafts: dict[IncidentId, _Draft]) -> _Draft:
        if incident not in drafts:
            drafts[incident] = _Draft(self._open[incident])
        return drafts[incident]

    def _leave(self, found: Found, drafts: dict[IncidentId, _Draft], now: datetime) -> None:
        place = self._places.pop((found.connection, found.question), None)
        if place is None:
            return
        draft = self._draft(place, drafts)
        draft.leave(found.connection, now)
        if draft.incident.explains_syncs:
            self._repaired[found.connection] = now

    def _join(self, found: Found, trouble: Trouble, drafts: dict[IncidentId, _Draft], now: datetime) -> None:
        news = found.news
        place = self._places.get((found.connection, found.question))
        if place is not None:
            known = self._now(place, drafts)
            before = Trouble(known.cause, known.step)
            if before == trouble or (before.wants_login and trouble.wants_login):
                return
            news = news and not _back(before.step, trouble.step)
            self._leave(found, drafts, now)
        system = found.system if trouble.cause in _OF_SYSTEMS else ""
        found = msgspec.structs.replace(found, system=system)
        incident = self._fitting(trouble, system, drafts, now, news=news)
        if incident is None:
            incident = Incident(
                id=self._new_id(trouble.cause, now),
                cause=trouble.cause,
                scope=system,
                step=trouble.step,
                opened_at=min(found.since, now),
                joined_at=now,
                evidence=found.evidence,
                first_sight=not news,
            )
            self._open[incident.id] = incident
        self._draft(incident.id, drafts).join(found, now)
        self._places[found.connection, found.question] = incident.id

    def _fitting(
        self, trouble: Trouble, system: str, drafts: Mapping[IncidentId, _Draft], now: datetime, *, news: bool
    ) -> Incident | None:
        """Return the open incident that a break belongs to: of its system rather than of others nearby."""
        best: Incident | None = None
        for identity in self._open:
            each = self._now(identity, drafts)
            of_kind = (
                each.cause is trouble.cause and each.step is trouble.step and each.first_sight is not news
            )
            if not of_kind or (not each.members and identity not in drafts):
                continue
            age = now - each.joined_at
            if age > (TOGETHER_WITHIN if each.scope in ("", system) else NEARBY_WITHIN):
                continue
            if best is None or _closeness(each, system) > _closeness(best, system):
                best = each
        return best

    def _settle(self, drafts: Mapping[IncidentId, _Draft], now: datetime) -> tuple[Incident, ...]:
        changed = []
        for identity, draft in drafts.items():
            incident = draft.settled(now)
            if incident.is_open:
                self._open[identity] = incident
            else:
                del self._open[identity]
            changed.append(incident)
        return tuple(sorted(changed, key=lambda incident: incident.opened_at))

    def _remember(self, incident: Incident) -> None:
        self._ids.add(incident.id)
        question = Question.DATA if incident.cause in (Cause.SYSTEM, Cause.SYNCS) else Question.ACCESS
        if incident.is_open:
            self._open[incident.id] = incident
            for connection in incident.broken:
                self._places[connection, question] = incident.id
        if incident.explains_syncs:
            for member in incident.members:
                if member.proven_at is not None:
                    known = self._repaired.get(member.connection, member.proven_at)
                    self._repaired[member.connection] = max(known, member.proven_at)

    def _new_id(self, cause: Cause, now: datetime) -> IncidentId:
        stem = f"{cause.value}-{now:%Y%m%dT%H%M%S.%f}"
        identity, number = IncidentId(stem), 1
        while identity in self._ids:
            number += 1
            identity = IncidentId(f"{stem}-{number}")
        self._ids.add(identity)
        return identity


def _in_order(found: Found) -> tuple[datetime, ConnectionId, str]:
    return found.since, found.connection, found.question.value


def _closeness(incident: Incident, system: str) -> tuple[bool, bool, datetime]:
    return incident.scope == system, incident.scope == "", incident.joined_at


def _back(before: ExpiryStep | None, after: ExpiryStep | None) -> bool:
    """Tell whether a token's end moved away; the rung it stands on then is no news."""
    return before is not None and after is not None and _STEPS.index(after) < _STEPS.index(before)
