"""Watches: the list every minute, each connection in its turn, the clock over all of them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import UTC, datetime, timedelta

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    KeychainUnavailable,
    MakiniDesktopError,
    NoClientSecret,
    PersonMustAct,
    RateLimited,
    Unreachable,
    VaultDamaged,
)
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import Cause
from makini_desktop.services import breaker
from makini_desktop.services.checker import Checker
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.ports import Answer, Api, Priority
from makini_desktop.services.store import Offline, Online, Refusing, Row, Store
from makini_desktop.services.token_list import TokenList
from makini_desktop.services.tokens import Tokens
from makini_desktop.services.weather import Trouble, Weather

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

_NEVER = datetime.max.replace(tzinfo=UTC)
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
        weather: Weather,
        tasks: Tasks,
        clock: Clock,
        budget: int,
    ) -> None:
        self._api = api
        self._checker = Checker(api, tokens, store, ledger, clock)
        self._tokens = tokens
        self._token_list = token_list
        self._store = store
        self._ledger = ledger
        self._weather = weather
        self._tasks = tasks
        self._clock = clock
        self._budget = budget
        self._due: dict[ConnectionId, datetime] = {}
        self._backoff: dict[ConnectionId, timedelta] = {}
        self._breakers: dict[ConnectionId, breaker.Breaker] = {}
        self._suspects: set[ConnectionId] = set()
        self._queue: deque[ConnectionId] = deque()
        self._checking: set[ConnectionId] = set()
        self._list_failed = False
        self._list_due = clock.now()
        self._offline_wait = OFFLINE_FIRST
        self._watched: ConnectionId | None = None
        self._wake = asyncio.Event()
        self.issuing_wanted = self._checker.issuing_wanted

    def watch(self, connection: ConnectionId | None) -> None:
        """Keep one connection, the one open in the detail, as fresh as an ill one."""
        self._watched = connection

    def everything_now(self) -> None:
        """Read the list and check every connection as soon as the budget allows."""
        now = self._clock.now()
        self._list_due = now
        self._due = dict.fromkeys(self._readable(), now)
        self._queue.clear()
        self._hurry()
        self._wake.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        self._tasks.start("reassess", self._reassess())
        while True:
            if self._clock.now() >= self._list_due:
                await self._list_step()
            elif isinstance(self._store.line, Online):
                self._start_checks()
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

        A connection that is paused is checked all the same: this is the probe that decides.

        Args:
            connection: which.
            priority: `PERSON` if somebody waits for it.
            renew: False for one that waits for a person: read with the token that is there only.

        Raises:
            Unreachable: no answer came from Makini, which says nothing about the connection.
            KeychainUnavailable, VaultDamaged: no token can be had.
        """
        self._breakers[connection] = breaker.tried(self._breaker(connection))
        try:
            good = await self._checker.check(connection, priority, renew=renew)
        except Unreachable:
            self._suspects.add(connection)
            raise
        else:
            self._suspects.discard(connection)
            self._judge(connection, good=good)
        finally:
            self._breakers[connection] = breaker.undecided(self._breaker(connection))
            self._plan(connection)

    async def _list_step(self) -> None:
        now = self._clock.now()
        try:
            await self.read_list()
        except Unreachable as error:
            self._list_failed = True
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
            self._list_failed = True
            _log.warning("the list could not be read: %s", error)
            self._weather.set_makini(_trouble(error, now))
            self._list_due = self._clock.now() + LIST_EVERY
        else:
            self._offline_wait = OFFLINE_FIRST
            self._list_due = now + LIST_EVERY
            self._weather.set_makini(None)
            self._reached()
        self._suspects.clear()
        self._due = {connection: self._due.get(connection, now) for connection in self._readable()}
        self._breakers = {each: state for each, state in self._breakers.items() if each in self._due}
        self._show_sweep(listed=True)

    def _readable(self) -> list[ConnectionId]:
        return [row.id for row in self._store.rows.values() if row.connection.readable]

    def _start_checks(self) -> None:
        """Start what is due, few at once; one that takes long holds up nobody but itself."""
        while len(self._checking) < AT_ONCE and (connection := self._next_due()) is not None:
            self._checking.add(connection)
            if not self._tasks.start(f"watch {connection}", self._watch_one(connection)):
                self._checking.discard(connection)
        self._show_sweep()

    def _next_due(self) -> ConnectionId | None:
        now = self._clock.now()
        if not self._queue:
            due = [each for each, at in self._due.items() if at <= now and each not in self._checking]
            self._queue = deque(sorted(due, key=self._due.__getitem__))
        while self._queue:
            connection = self._queue.popleft()
            if connection in self._checking or self._due.get(connection, _NEVER) > now:
                continue
            if breaker.may_try(self._breaker(connection), now):
                return connection
            self._due[connection] = now + breaker.FIRST_WAIT  # a person's check is under way and decides
        return None

    async def _watch_one(self, connection: ConnectionId) -> None:
        row = self._store.row(connection)
        try:
            renew = row is None or await self._worth_renewing(row)
            await self.check(connection, renew=renew)
        except Unreachable:
            self._list_due = self._clock.now()
        except (KeychainUnavailable, VaultDamaged):
            later = self._clock.now() + LIST_EVERY
            self._due = {each: max(at, later) for each, at in self._due.items()}
            self._queue.clear()
        finally:
            self._checking.discard(connection)
            self._show_sweep()
            self._wake.set()

    def _breaker(self, connection: ConnectionId) -> breaker.Breaker:
        return self._breakers.get(connection, breaker.Closed())

    def _judge(self, connection: ConnectionId, *, good: bool) -> None:
        """Let a check's end open or close the connection's breaker, and show it."""
        state = self._breaker(connection)
        after = breaker.Closed() if good else breaker.failed(state, self._clock.now())
        self._breakers[connection] = after
        self._ledger.set_paused(connection, breaker.paused(after))

    def _reached(self) -> None:
        """Take in that the list was read: whoever was not reached has failed by itself.

        After a time in which the list could not be read either, the paused ones are tried again at once.
        """
        for connection in tuple(self._suspects):
            self._judge(connection, good=False)
            self._plan(connection)
        if self._list_failed:
            self._list_failed = False
            self._hurry()

    def _hurry(self) -> None:
        now = self._clock.now()
        for connection, state in self._breakers.items():
            after = breaker.hurried(state, now)
            if after != state:
                self._breakers[connection] = after
                self._due[connection] = now
                self._ledger.set_paused(connection, breaker.paused(after))

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
        if (pause := breaker.paused(self._breaker(connection))) is not None:
            interval = max(timedelta(), pause.next_at - now)
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
        if isinstance(self._store.line, Online) and len(self._checking) < AT_ONCE:
            waiting = (at for each, at in self._due.items() if each not in self._checking)
            next_due = min(next_due, min(waiting, default=_NEVER))
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

    def _show_sweep(self, *, listed: bool = False) -> None:
        now = self._clock.now()
        self._store.set_sweep(
            msgspec.structs.replace(
                self._store.sweep,
                checking=len(self._queue) + len(self._checking),
                last_at=now if listed and isinstance(self._store.line, Online) else self._store.sweep.last_at,
                next_at=self._list_due,
                budget=self._budget,
                api_version=self._api.api_version(),
            )
        )


def _trouble(error: MakiniDesktopError, now: datetime) -> Trouble:
    """Return what an answer to the list says of Makini itself."""
    return Trouble(
        cause=Cause.RATE_LIMIT if isinstance(error, RateLimited) else Cause.MAKINI,
        since=now,
        words=str(error),
        evidence=Evidence(
            source=EvidenceSource.LIST, at=now, detail=error.detail, request_id=error.request_id
        ),
    )
