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
from makini_desktop.services.store import Row, Store
from makini_desktop.services.tokens import Tokens

T = TypeVar("T")
_log = logging.getLogger(__name__)

RELEARN_EVERY = timedelta(days=1)
"""How long what was learned of a connection's identity, interval and usual duration is held to be true."""

RELEARN_APART = timedelta(milliseconds=200)
"""Between two connections that are learned anew, so that all of them do not come at once after days off."""

FAILURES_EVERY = timedelta(minutes=10)
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
        self._history_read: dict[ConnectionId, datetime] = {}
        self._learned_at: dict[ConnectionId, datetime] = {}
        self._relearned_at = clock.now() - RELEARN_APART
        self.issuing_wanted: Event[None] = Event()

    async def check(
        self, connection: ConnectionId, priority: Priority, *, renew: bool
    ) -> MakiniDesktopError | None:
        """Check one connection.

        Args:
            connection: which.
            priority: `PERSON` if somebody waits for it.
            renew: False for one that waits for a person: read with the token that is there only.

        Returns:
            Why it failed, if that may pass by itself and the next check may meet it again; else None.

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
            return error
        await self._learn(connection, priority)
        return None

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

    async def _learn(self, connection: ConnectionId, priority: Priority) -> None:
        """Learn the connection's identity and interval each day, and its usual duration where that matters.

        The identity is what a later login is compared with (contract section 2); the list spells systems
        another way.
        """
        row = self._store.row(connection)
        if row is None or row.facts.token is None or not row.facts.token.present:
            return
        if row.health in (Health.RECONNECT_NEEDED, Health.DISCONNECTED):
            return
        now = self._clock.now()
        try:
            if self._worth_relearning(row, now):
                self._learned_at[connection] = self._relearned_at = now
                await self._relearn(connection, priority)
            if self._worth_reading_history(row, now):
                self._history_read[connection] = now
                history = await self._tokens.use(
                    connection, lambda token: self._api.syncs(token, HISTORY_READ, priority)
                )
                self._ledger.note(
                    connection, (), usual_seconds=_usual(history.value), failures=_failures(history.value)
                )
        except NotOffered as error:
            _log.info("rhythm of %s not offered: %s", connection, error)
        except MakiniDesktopError as error:
            self._learned_at.pop(connection, None)
            _log.info("rhythm of %s not learned: %s", connection, error)

    async def _relearn(self, connection: ConnectionId, priority: Priority) -> None:
        current = await self._tokens.use(connection, lambda token: self._api.integration(token, priority))
        seen = IntegrationSeen(_cited(EvidenceSource.INTEGRATION, current), current.value)
        self._ledger.note(connection, [seen])
        schedule = await self._tokens.use(connection, lambda token: self._api.schedule(token, priority))
        if schedule.value.interval_minutes:
            self._ledger.note(connection, (), interval_seconds=schedule.value.interval_minutes * 60.0)

    def _worth_relearning(self, row: Row, now: datetime) -> bool:
        known = row.facts.integration
        if row.id not in self._learned_at:
            if known is None or row.facts.interval_seconds is None:
                return True
            self._learned_at[row.id] = known.evidence.at  # by an earlier run
        old = now - self._learned_at[row.id] >= RELEARN_EVERY
        return old and now - self._relearned_at >= RELEARN_APART

    def _worth_reading_history(self, row: Row, now: datetime) -> bool:
        read = self._history_read.get(row.id)
        match row.health:
            case Health.FAILING:
                return read is None or now - read >= FAILURES_EVERY
            case Health.SYNCING | Health.STUCK:
                return read is None or now - read >= RELEARN_EVERY
            case _:
                return False

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
