"""Which turns of a connection's health go into its history, and from when on.

Healthy and syncing are one there: a sync that runs after a break proves nothing yet, and before one it is
no news. When nothing has been known for a while, as with the program closed, the history says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from makini_desktop.core.event import Event
from makini_desktop.domain.assessment import PROOF_AGE
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence, EvidenceSource, Facts
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import BROKEN, HealthChange
from makini_desktop.services.store import Row

_INSTANT = timedelta(microseconds=1)


class HealthLog:
    """Gathers the changes until they are written.

    Attributes:
        noted: a change that was not known before.
    """

    def __init__(self) -> None:
        self._last: dict[ConnectionId, HealthChange] = {}
        self._unsaved: list[HealthChange] = []
        self.noted: Event[HealthChange] = Event()

    def note(self, before: Row | None, after: Row, now: datetime) -> None:
        """Take in how a row changed.

        Two processes that see the same make the same of it, so that it is kept once.
        """
        if before is not None and before.health is after.health:
            return
        if before is not None and before.health is Health.UNKNOWN and after.id not in self._last:
            self._note_unknown(before, now)
        known = self._known(before) if before is not None else None
        health = after.health
        if health is Health.SYNCING:
            was = before.condition.last_known if known is Health.UNKNOWN and before is not None else known
            if was in BROKEN:
                return
            health = Health.HEALTHY
        if health is known:
            return
        if health is Health.UNKNOWN:
            self._note_unknown(after, now)
            return
        seen = newest_proof(after.facts)
        by_the_clock = seen is None or (before is not None and newest_proof(before.facts) == seen)
        self._add(
            HealthChange(
                connection=after.id,
                at=now if by_the_clock or seen is None else seen,
                health=health,
                evidence=after.condition.evidence,
            )
        )

    def take(self) -> Sequence[HealthChange]:
        """Return the changes that are to be written; they are the caller's now."""
        taken, self._unsaved = self._unsaved, []
        return taken

    def give_back(self, changes: Sequence[HealthChange]) -> None:
        """Keep changes that could not be written for the next time."""
        self._unsaved[:0] = changes

    def _known(self, before: Row) -> Health | None:
        """Return what the history said last; None where a sync ran when the program last ended."""
        last = self._last.get(before.id)
        if last is not None:
            return last.health
        return None if before.health is Health.SYNCING else before.health

    def _note_unknown(self, row: Row, now: datetime) -> None:
        since = unknown_since(row, now)
        if since is not None:
            evidence = Evidence(source=EvidenceSource.CLOCK, at=since, detail="nothing newer is known")
            self._add(HealthChange(connection=row.id, at=since, health=Health.UNKNOWN, evidence=evidence))

    def _add(self, change: HealthChange) -> None:
        last = self._last.get(change.connection)
        if last is not None and change.at <= last.at:
            change = HealthChange(
                connection=change.connection,
                at=last.at + _INSTANT,
                health=change.health,
                evidence=change.evidence,
            )
        self._last[change.connection] = change
        self._unsaved.append(change)
        self.noted.emit(change)


def unknown_since(row: Row, now: datetime) -> datetime | None:
    """Return from when on nothing is known of an unknown connection; None where nothing ever was."""
    seen = newest_proof(row.facts)
    return None if seen is None else min(now, seen + PROOF_AGE)


def newest_proof(facts: Facts) -> datetime | None:
    """Return when the connection was last seen; that a check failed, or how old the token is, is no sight."""
    proofs = (
        facts.listed,
        facts.status,
        facts.sync,
        facts.integration,
        facts.refused,
        facts.silent,
        facts.login,
        facts.disconnected,
    )
    return max((seen.evidence.at for seen in proofs if seen is not None), default=None)
