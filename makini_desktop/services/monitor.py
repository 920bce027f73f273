"""Watches: the list every minute, each connection in its turn, the clock over all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import TypeVar

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.event import Event
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ConnectionGone,
    IssueNotAllowed,
    KeychainUnavailable,
    MakiniDesktopError,
    NoClientSecret,
    NotOffered,
    PersonMustAct,
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
from makini_desktop.services.store import Offline, Online, Refusing, Row, Store
from makini_desktop.services.token_list import TokenList
from makini_desktop.services.tokens import Tokens

T = TypeVar("T")
_log = logging.getLogger(__name__)

LIST_EVERY = timedelta(seconds=60)
HEALTHY_AT_MOST = timedelta(minutes=10)
ILL_FIRST = timedelta(minutes=1)
WAITING_FOR_PERSON = timedelta(minutes=15)
SYNCING_EVERY = timedelta(seconds=15)
OFFLINE_FIRST = timedelta(seconds=5)
OFFLINE_AT_MOST = timedelta(seconds=60)
SHARE_OF_BUDGET = 0.5
"""What part of the budget regular checks may take."""

REQUESTS_PER_CHECK = 2
AT_ONCE = 6
"""Checks under way together; fewer than the places of the budget, so that a click finds one free."""

_NO_TOKEN_WANTED = frozenset({Health.PENDING, Health.INACTIVE, Health.DISCONNECTED})
"""Healths in which no token is renewed or issued: the customer or the vendor has to act first."""

RHYTHM_EVERY = timedelta(minutes=10)
HISTORY_READ = 20
REASSESS_EVERY = 30.0
REASSESS_SLICE = 200


class Monitor:
    """Keeps every row as true as the budget allows.

    Attributes:
        issuing_wanted: a connection has no token, and issuing one is not allowed.
    """

    def __init__(
        self,
        api: Api,
        tokens: Tokens,
        token_list: TokenList,
        store: Store,
        ledger: Ledger,
        tasks: Tasks,
        clock: Clock,
        budget: int,
    ) -> None:
        self._api = api
        self._tokens = tokens
        self._token_list = token_list
        self._store = store
        self._ledger = ledger
        self._tasks = tasks
        self._clock = clock
        self._budget = budget
        self._due: dict[ConnectionId, datetime] = {}
        self._backoff: dict[ConnectionId, timedelta] = {}
        self._rhythm_read: dict[ConnectionId, datetime] = {}
        self._scheduled: set[ConnectionId] = set()
        self._list_due = clock.now()
        self._offline_wait = OFFLINE_FIRST
        self._watched: ConnectionId | None = None
        self._wake = asyncio.Event()
        self.issuing_wanted: Event[None] = Event()

    def watch(self, connection: ConnectionId | None) -> None:
        """Keep one connection, the one open in the detail, as fresh as an ill one."""
        self._watched = connection

    def everything_now(self) -> None:
        """Read the list and check every connection as soon as the budget allows."""
        now = self._clock.now()
        self._list_due = now
        self._due = dict.fromkeys(self._readable(), now)
        self._wake.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        self._tasks.start("reassess", self._reassess())
        while True:
            now = self._clock.now()
            if now >= self._list_due:
                await self._list_step()
            elif not isinstance(self._store.line, Online):
                pass
            elif due := self._now_due(now):
                await self._check_some(due)
            await self._pause()

    async def read_list(self) -> bool:
        """Read the connection list, or without a client secret what the tokens held say.

        Returns:
            False if the list broke off (contract section 3, next link): what it did not name is as it was.

        Raises:
            MakiniDesktopError: it could not be read; what was read before is kept.
        """
        whole = True
        try:
            whole = await self._read_pages()
        except NoClientSecret:
            if not await self._token_list.read():
                raise
        self._store.set_line(Online())
        return whole

    async def _read_pages(self) -> bool:
        present: set[ConnectionId] = set()
        last: Answer[object] | None = None
        whole = True
        async for page in self._api.connection_pages():
            self._ledger.listed(page)
            present |= {connection.id for connection in page.value}
            last = Answer(value=None, at=page.at, request_id=page.request_id, detail=page.detail)
            whole = page.whole
            await asyncio.sleep(0)
        if not whole:
            _log.warning("the list broke off after %d connections", len(present))
        elif last is not None:
            self._ledger.complete(frozenset(present), last)
        return whole

    async def check(
        self, connection: ConnectionId, priority: Priority = Priority.BACKGROUND, *, renew: bool = True
    ) -> None:
        """Check one connection by its status and its sync status, and take in the result.

        Args:
            connection: which.
            priority: `PERSON` if somebody waits for it.
            renew: False for one that waits for a person: read with the token that is there only.

        Raises:
            Unreachable: Makini cannot be reached from here, which says nothing about the connection.
            KeychainUnavailable, VaultDamaged: no token can be had.
        """
        seen: list[Observation] = []
        row = self._store.row(connection)
        if row is not None and row.health in _NO_TOKEN_WANTED:
            renew = False
        try:
            await self._look(connection, priority, renew=renew, seen=seen)
        except (Unreachable, KeychainUnavailable, VaultDamaged) as error:
            seen.append(CheckFailed(self._evidence(EvidenceSource.STATUS, error), str(error)))
            self._ledger.note(connection, seen)
            raise
        self._ledger.note(connection, seen)
        await self._learn_rhythm(connection, priority)

    async def _look(
        self, connection: ConnectionId, priority: Priority, *, renew: bool, seen: list[Observation]
    ) -> None:
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
                    return
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
        seen.append(await self._tokens.seen(connection))

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

    async def _list_step(self) -> None:
        now = self._clock.now()
        try:
            await self.read_list()
        except Unreachable as error:
            self._store.set_line(Offline(now, str(error)))
            self._list_due = self._clock.now() + self._offline_wait
            self._offline_wait = min(OFFLINE_AT_MOST, self._offline_wait * 2)
        except (KeychainUnavailable, VaultDamaged) as error:
            _log.warning("the list could not be asked for: %s", error)
            self._list_due = self._clock.now() + LIST_EVERY
        except PersonMustAct as error:
            self._store.set_line(Refusing(now, str(error)))
            self._list_due = self._clock.now() + LIST_EVERY
        except MakiniDesktopError as error:
            _log.warning("the list could not be read: %s", error)
            self._list_due = self._clock.now() + LIST_EVERY
        else:
            self._offline_wait = OFFLINE_FIRST
            self._list_due = now + LIST_EVERY
        self._due = {connection: self._due.get(connection, now) for connection in self._readable()}
        self._show_sweep(checking=0, listed=True)

    def _now_due(self, now: datetime) -> list[ConnectionId]:
        due = [connection for connection, at in self._due.items() if at <= now]
        return sorted(due, key=lambda connection: self._due[connection])

    def _readable(self) -> list[ConnectionId]:
        return [row.id for row in self._store.rows.values() if row.connection.readable]

    async def _check_some(self, due: Sequence[ConnectionId]) -> None:
        """Check what is due, few at once; a click or the list's turn ends the round early."""
        queue = list(reversed(due))
        offline = False

        async def work() -> None:
            nonlocal offline
            while queue and not offline:
                if self._clock.now() >= self._list_due:
                    return
                connection = queue.pop()
                self._show_sweep(checking=len(queue) + 1)
                row = self._store.row(connection)
                try:
                    renew = row is None or await self._worth_renewing(row)
                    await self.check(connection, renew=renew)
                except Unreachable:
                    offline = True
                    self._list_due = self._clock.now()
                except (KeychainUnavailable, VaultDamaged):
                    offline = True
                    later = self._clock.now() + LIST_EVERY
                    self._due = {each: max(at, later) for each, at in self._due.items()}
                    return
                self._plan(connection)

        await asyncio.gather(*(work() for _ in range(min(AT_ONCE, len(queue)))))
        self._show_sweep(checking=0)

    async def _worth_renewing(self, row: Row) -> bool:
        """Tell whether to renew: not while a person is waited for, unless what was needed has come since.

        That is a token of another process, or the consent to issue one.
        """
        if row.health is not Health.RECONNECT_NEEDED:
            return True
        if row.facts.token is None or row.facts.token.renewable:
            return False
        return (await self._tokens.seen(row.id)).renewable

    def _plan(self, connection: ConnectionId) -> None:
        """Decide when a connection is checked next: the ill sooner, backing off; the well at an even pace."""
        row = self._store.row(connection)
        if row is None:
            self._due.pop(connection, None)
            return
        now = self._clock.now()
        well = self._healthy_interval()
        if row.health is Health.SYNCING:
            interval = min(SYNCING_EVERY, well)
        elif row.health in (Health.RECONNECT_NEEDED, Health.DISCONNECTED, Health.INACTIVE, Health.PENDING):
            interval = max(WAITING_FOR_PERSON, well)
        elif row.health is Health.HEALTHY:
            self._backoff.pop(connection, None)
            interval = well
        else:
            interval = self._backoff.get(connection, ILL_FIRST)
            self._backoff[connection] = min(HEALTHY_AT_MOST, interval * 1.5)
        if connection == self._watched:
            interval = min(interval, ILL_FIRST)
        self._ledger.set_interval(connection, interval)
        self._due[connection] = now + interval

    def _healthy_interval(self) -> timedelta:
        pace = self._budget * SHARE_OF_BUDGET / REQUESTS_PER_CHECK
        even = timedelta(seconds=len(self._store.rows) / pace)
        return min(HEALTHY_AT_MOST, max(LIST_EVERY, even))

    async def _pause(self) -> None:
        """Wait until something is due, or somebody clicks."""
        now = self._clock.now()
        next_due = self._list_due
        if isinstance(self._store.line, Online) and self._due:
            next_due = min(next_due, *self._due.values())
        if next_due <= now:
            await asyncio.sleep(0)
        else:
            sleeping = asyncio.ensure_future(self._clock.sleep((next_due - now).total_seconds()))
            waking = asyncio.ensure_future(self._wake.wait())
            try:
                await asyncio.wait((sleeping, waking), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeping.cancel()
                waking.cancel()
                await asyncio.gather(sleeping, waking, return_exceptions=True)
        self._wake.clear()

    async def _reassess(self) -> None:
        while True:
            await self._clock.sleep(REASSESS_EVERY)
            ids = list(self._store.rows)
            for start in range(0, len(ids), REASSESS_SLICE):
                self._ledger.reassess(ids[start : start + REASSESS_SLICE])
                await asyncio.sleep(0)

    def _show_sweep(self, *, checking: int, listed: bool = False) -> None:
        now = self._clock.now()
        self._store.set_sweep(
            msgspec.structs.replace(
                self._store.sweep,
                checking=checking,
                last_at=now if listed and isinstance(self._store.line, Online) else self._store.sweep.last_at,
                next_at=self._list_due,
                budget=self._budget,
                api_version=self._api.api_version(),
            )
        )

    def _evidence(self, source: EvidenceSource, error: MakiniDesktopError) -> Evidence:
        return Evidence(source=source, at=self._clock.now(), detail=error.detail, request_id=error.request_id)


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
