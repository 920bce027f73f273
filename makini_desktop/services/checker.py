"""One connection's check: what is asked, and what the answers and errors say of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import TypeVar

from makini_desktop.core.clock import Clock
from makini_desktop.core.event import Event
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ConnectionGone,
    IssueNotAllowed,
    KeychainUnavailable,
    MakiniDesktopError,
    MakiniMustAct,
    NotOffered,
    ReconnectNeeded,
    SystemUnreachable,
    Unreachable,
    VaultDamaged,
)
from makini_desktop.domain.evidence import (
    AccessRefused,
    CheckFailed,
    Disconnected,
    Evidence,
    EvidenceSource,
    IntegrationSeen,
    Observation,
    StatusSeen,
    SyncStatusSeen,
    SystemSilent,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import Sync, SyncState
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.ports import Answer, Api, Priority
from makini_desktop.services.store import Store
from makini_desktop.services.tokens import Tokens

T = TypeVar("T")
_log = logging.getLogger(__name__)

RHYTHM_EVERY = timedelta(minutes=10)
HISTORY_READ = 20

_NO_TOKEN_WANTED = frozenset({Health.PENDING, Health.INACTIVE, Health.DISCONNECTED})
"""Healths in which no token is renewed or issued: the customer or the vendor has to act first."""


class Checker:
    """Asks for a connection's status and sync status, and takes in the result.

    Attributes:
        issuing_wanted: a connection has no token, and issuing one is not allowed.
    """

    def __init__(self, api: Api, tokens: Tokens, store: Store, ledger: Ledger, clock: Clock) -> None:
        self._api = api
        self._tokens = tokens
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._rhythm_read: dict[ConnectionId, datetime] = {}
        self._scheduled: set[ConnectionId] = set()
        self.issuing_wanted: Event[None] = Event()

    async def check(self, connection: ConnectionId, priority: Priority, *, renew: bool) -> bool:
        """Check one connection.

        Args:
            connection: which.
            priority: `PERSON` if somebody waits for it.
            renew: False for one that waits for a person: read with the token that is there only.

        Returns:
            False if it failed for a reason that may pass by itself, and that the next check may meet again.

        Raises:
            Unreachable: no answer came from Makini, which says nothing about the connection.
            KeychainUnavailable, VaultDamaged: no token can be had.
        """
        seen: list[Observation] = []
        row = self._store.row(connection)
        if row is not None and row.health in _NO_TOKEN_WANTED:
            renew = False
        try:
            error = await self._look(connection, priority, renew=renew, seen=seen)
        except (Unreachable, KeychainUnavailable, VaultDamaged) as failure:
            seen.append(CheckFailed(self._evidence(EvidenceSource.STATUS, failure), str(failure)))
            self._ledger.note(connection, seen)
            raise
        self._ledger.note(connection, seen)
        if error is not None and _may_pass(error):
            return False
        await self._learn_rhythm(connection, priority)
        return True

    async def _look(
        self, connection: ConnectionId, priority: Priority, *, renew: bool, seen: list[Observation]
    ) -> MakiniDesktopError | None:
        """Ask, put into `seen` what was seen, and return the error that ended it."""
        ended: MakiniDesktopError | None = None
        try:
            try:
                status = await self._tokens.use(
                    connection, lambda token: self._api.status(token, priority), renew=renew
                )
                evidence = _cited(EvidenceSource.STATUS, status, status.value.reason or "")
                seen.append(StatusSeen(evidence, status.value))
                if status.value.reauthorization_required:
                    # The sync status would only answer 401; a person has to act first.
                    seen.append(await self._tokens.seen(connection))
                    return None
            except NotOffered:
                current = await self._tokens.use(
                    connection, lambda token: self._api.integration(token, priority), renew=renew
                )
                seen.append(IntegrationSeen(_cited(EvidenceSource.INTEGRATION, current), current.value))
            syncs = await self._tokens.use(
                connection, lambda token: self._api.sync_status(token, priority), renew=renew
            )
            seen.append(SyncStatusSeen(_cited(EvidenceSource.SYNC_STATUS, syncs), syncs.value))
        except (Unreachable, KeychainUnavailable, VaultDamaged):
            raise
        except MakiniDesktopError as error:
            if renew and isinstance(error, IssueNotAllowed):
                self.issuing_wanted.emit(None)
            seen.append(self._observed(error, after_status=bool(seen)))
            ended = error
        seen.append(await self._tokens.seen(connection))
        return ended

    def _observed(self, error: MakiniDesktopError, *, after_status: bool) -> Observation:
        """Return what an error says about the connection."""
        evidence = self._evidence(
            EvidenceSource.SYNC_STATUS if after_status else EvidenceSource.STATUS, error
        )
        match error:
            case ReconnectNeeded():
                return AccessRefused(evidence, error.code or "")
            case SystemUnreachable():
                return SystemSilent(evidence)
            case ConnectionGone():
                return Disconnected(evidence)
            case _:
                return CheckFailed(evidence, str(error))

    async def _learn_rhythm(self, connection: ConnectionId, priority: Priority) -> None:
        """Learn the connection's interval and identity once, and its usual duration where that matters now.

        The identity is what a later login is compared with (contract section 2); the list spells systems
        another way.
        """
        row = self._store.row(connection)
        now = self._clock.now()
        if row is None or row.facts.token is None or not row.facts.token.present:
            return
        if row.health in (Health.RECONNECT_NEEDED, Health.DISCONNECTED):
            return
        try:
            if connection not in self._scheduled:
                self._scheduled.add(connection)
                if row.facts.integration is None:
                    current = await self._tokens.use(
                        connection, lambda token: self._api.integration(token, priority)
                    )
                    seen = IntegrationSeen(_cited(EvidenceSource.INTEGRATION, current), current.value)
                    self._ledger.note(connection, [seen])
                if row.facts.interval_seconds is None:
                    schedule = await self._tokens.use(
                        connection, lambda token: self._api.schedule(token, priority)
                    )
                    if schedule.value.interval_minutes:
                        self._ledger.note(
                            connection, (), interval_seconds=schedule.value.interval_minutes * 60.0
                        )
            matters = row.health in (Health.SYNCING, Health.STUCK, Health.FAILING)
            if matters and now - self._rhythm_read.get(connection, now - RHYTHM_EVERY) >= RHYTHM_EVERY:
                self._rhythm_read[connection] = now
                history = await self._tokens.use(
                    connection, lambda token: self._api.syncs(token, HISTORY_READ, priority)
                )
                self._ledger.note(
                    connection, (), usual_seconds=_usual(history.value), failures=_failures(history.value)
                )
        except NotOffered as error:
            _log.info("rhythm of %s not offered: %s", connection, error)
        except MakiniDesktopError as error:
            self._scheduled.discard(connection)
            _log.info("rhythm of %s not learned: %s", connection, error)

    def _evidence(self, source: EvidenceSource, error: MakiniDesktopError) -> Evidence:
        return Evidence(source=source, at=self._clock.now(), detail=error.detail, request_id=error.request_id)


def _may_pass(error: MakiniDesktopError) -> bool:
    """Tell whether an error is of a kind that waiting may cure, at Makini's or in the customer's system."""
    if isinstance(error, (NotOffered, ConnectionGone)):
        return False
    return isinstance(error, (MakiniMustAct, SystemUnreachable))


def _cited(source: EvidenceSource, answer: Answer[T], result: str = "") -> Evidence:
    detail = f"{answer.detail} {result}".strip()
    return Evidence(source=source, at=answer.at, detail=detail, request_id=answer.request_id)


def _usual(history: Sequence[Sync]) -> float | None:
    """Return the median duration of the good syncs in seconds, None without any."""
    durations = [
        (sync.finished_at - sync.started_at).total_seconds()
        for sync in history
        if sync.state is SyncState.COMPLETED and sync.started_at and sync.finished_at
    ]
    return median(durations) if durations else None


def _failures(history: Sequence[Sync]) -> int:
    """Return how many syncs in a row failed, counted from the newest that ended."""
    count = 0
    for sync in history:
        if sync.state.running:
            continue
        if sync.state is not SyncState.FAILED:
            break
        count += 1
    return count
