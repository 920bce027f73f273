"""Watches: the list every minute, each connection in its turn, the clock over all of them."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    KeychainUnavailable,
    MakiniDesktopError,
    PersonMustAct,
    Unreachable,
    VaultDamaged,
)
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.services.alarm import Alarm
from makini_desktop.services.breaker import FIRST_WAIT, Breakers
from makini_desktop.services.checker import Checker
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.listing import Listing
from makini_desktop.services.pace import SOON, Pace
from makini_desktop.services.ports import Api, Priority
from makini_desktop.services.schedule import Schedule
from makini_desktop.services.store import Offline, Online, Refusing, Row, Store
from makini_desktop.services.token_list import TokenList
from makini_desktop.services.tokens import Tokens
from makini_desktop.services.weather import Weather

_log = logging.getLogger(__name__)

LIST_EVERY = timedelta(seconds=60)
OFFLINE_FIRST = timedelta(seconds=5)
OFFLINE_AT_MOST = timedelta(seconds=60)

AT_ONCE = 8
"""Checks under way together: as many as the budget has places for what nobody waits for."""

SPREAD = timedelta(minutes=2)
"""Over so long, or as long as a sweep takes, the first looks after waking are spread."""

REASSESS_EVERY = 30.0
REASSESS_SLICE = 200
SHOW_EVERY = 1.0
"""Seconds between two words on how a sweep goes."""

_LIST = "read list"


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
        self._listing = Listing(api, token_list, store, ledger)
        self._store = store
        self._ledger = ledger
        self._weather = weather
        self._tasks = tasks
        self._clock = clock
        self._budget = budget
        self._pace = Pace(budget)
        self._schedule = Schedule()
        self._checked: dict[ConnectionId, datetime] = {}
        self._breakers = Breakers(ledger, clock)
        self._suspects: set[ConnectionId] = set()
        self._checking: set[ConnectionId] = set()
        self._proven = False
        self._list_failed = False
        self._list_due = clock.now()
        self._offline_wait = OFFLINE_FIRST
        self._to_spread = False
        self._watched: ConnectionId | None = None
        self._wake = asyncio.Event()
        self._alarm = Alarm(clock, self._wake)
        self._shown_at = clock.monotonic() - SHOW_EVERY
        self.issuing_wanted = self._checker.issuing_wanted
        weather.woke.subscribe(self._woke)
        store.changed.subscribe(self._rows_changed)

    def watch(self, connection: ConnectionId | None) -> None:
        """Keep one connection, the one open in the detail, as fresh as an ill one."""
        self._watched = connection
        if connection is not None and (checked := self._checked.get(connection)) is not None:
            self._hasten(connection, checked + SOON)

    def everything_now(self) -> None:
        """Read the list and check every connection as soon as the budget allows."""
        now = self._clock.now()
        self._list_due = now
        for connection in self._readable():
            if connection not in self._checking:
                self._schedule.put(connection, now)
        self._hurry()
        self._wake.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        self._tasks.start("reassess", self._reassess())
        try:
            while True:
                self._wake.clear()
                if self._clock.now() >= self._list_due:
                    self._tasks.start(_LIST, self._list_step())
                if self._reached:
                    self._start_checks()
                self._show_sweep()
                self._set_alarm()
                await self._wake.wait()
        finally:
            self._alarm.cancel()

    async def read_list(self) -> bool:
        """Read the connection list, or without a client secret what the tokens held say.

        Returns:
            False if the list broke off (contract section 3, next link): what it did not name is as it was.

        Raises:
            MakiniDesktopError: it could not be read; what was read before is kept.
        """
        return await self._listing.read()

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
        self._breakers.begin(connection)
        try:
            failure = await self._checker.check(connection, priority, renew=renew)
        except Unreachable:
            self._suspects.add(connection)
            raise
        else:
            self._suspects.discard(connection)
            self._weather.checked(connection, failure, self._clock.now(), of=len(self._store.rows))
            self._breakers.judge(connection, good=failure is None)
        finally:
            self._breakers.end(connection)
            self._plan(connection)

    @property
    def _reached(self) -> bool:
        """Tell whether Makini answers, as far as is known."""
        return self._proven and isinstance(self._store.line, Online)

    async def _list_step(self) -> None:
        now = self._clock.now()
        self._list_due = now + LIST_EVERY
        try:
            await self.read_list()
        except Unreachable as error:
            self._list_failed = True
            self._store.set_line(Offline(now, str(error)))
            self._list_due = self._clock.now() + self._offline_wait
            self._offline_wait = min(OFFLINE_AT_MOST, self._offline_wait * 2)
        except (KeychainUnavailable, VaultDamaged) as error:
            _log.warning("the list could not be asked for: %s", error)
        except PersonMustAct as error:
            self._store.set_line(Refusing(now, str(error)))
        except MakiniDesktopError as error:
            self._list_failed = True
            _log.warning("the list could not be read: %s", error)
            self._weather.listed(error, now)
        else:
            self._offline_wait = OFFLINE_FIRST
            self._weather.listed(None, now)
            self._take_up()
        self._proven = True
        self._suspects.clear()
        self._enrol()
        self._show_sweep(listed=True)
        self._wake.set()

    def _enrol(self) -> None:
        """Let every connection of the list have its turn, and nobody else."""
        now = self._clock.now()
        readable = self._readable()
        for connection in readable:
            if connection not in self._schedule and connection not in self._checking:
                self._schedule.put(connection, now)
        for connection in self._schedule.keep(set(readable)):
            self._pace.forget(connection)
            self._checked.pop(connection, None)
            self._breakers.forget(connection)

    def _readable(self) -> list[ConnectionId]:
        return [id_ for id_, row in self._store.rows.items() if row.connection.readable]

    def _start_checks(self) -> None:
        """Start what is due, few at once; one that takes long holds up nobody but itself."""
        while len(self._checking) < AT_ONCE and (connection := self._next_due()) is not None:
            self._checking.add(connection)
            if not self._tasks.start(f"watch {connection}", self._watch_one(connection)):
                self._checking.discard(connection)

    def _next_due(self) -> ConnectionId | None:
        now = self._clock.now()
        while (connection := self._schedule.take(now)) is not None:
            if connection in self._checking:
                continue  # it is planned anew when that has ended
            if self._breakers.may_try(connection):
                return connection
            self._schedule.put(connection, now + FIRST_WAIT)  # a person's check decides
        return None

    async def _watch_one(self, connection: ConnectionId) -> None:
        row = self._store.row(connection)
        try:
            renew = row is None or await self._worth_renewing(row)
            await self.check(connection, renew=renew)
        except Unreachable:
            self._proven = False
            self._list_due = self._clock.now()
        except (KeychainUnavailable, VaultDamaged):
            self._schedule.defer(self._clock.now() + LIST_EVERY)
        finally:
            self._checking.discard(connection)
            self._look_up()

    def _take_up(self) -> None:
        """Take in that the list was read: whoever was not reached has failed by itself.

        After a time in which the list could not be read either, the paused ones are tried again at once;
        after waking from sleep all are looked at, one after the other.
        """
        for connection in tuple(self._suspects):
            self._breakers.judge(connection, good=False)
            self._plan(connection)
        if self._to_spread:
            self._to_spread = False
            self._spread()
        if self._list_failed:
            self._list_failed = False
            self._hurry()

    def _hurry(self) -> None:
        for connection in self._breakers.hurry():
            self._schedule.put(connection, self._clock.now())

    def _spread(self) -> None:
        """Let the first looks at everybody come one after the other: what is open, the ill, the others."""
        now = self._clock.now()
        ids = sorted(self._schedule.ids(), key=self._urgency)
        span = max(SPREAD, self._pace.sweep(len(ids)))
        for place, connection in enumerate(ids):
            self._schedule.put(connection, now + span * place / len(ids))

    def _urgency(self, connection: ConnectionId) -> int:
        row = self._store.row(connection)
        if connection == self._watched or row is None:
            return -1
        return SEVERITY[row.condition.last_known or row.health]

    def _woke(self, at: datetime) -> None:
        """Begin anew after sleep: first the list, which proves the network, then everybody."""
        self._proven = False
        self._to_spread = True
        self._offline_wait = OFFLINE_FIRST
        self._list_due = at
        self._alarm.cancel()  # it was set by a clock that stood still, or was changed
        self._wake.set()

    def _rows_changed(self, ids: frozenset[ConnectionId]) -> None:
        """Look soon at what has become another without being looked at, as by the list or a login."""
        for connection in ids:
            if connection in self._schedule:
                row = self._store.row(connection)
                if row is not None and self._pace.news(row):
                    self._hasten(connection, self._clock.now())

    def _hasten(self, connection: ConnectionId, at: datetime) -> None:
        self._schedule.hasten(connection, at)
        self._wake.set()

    async def _worth_renewing(self, row: Row) -> bool:
        """Tell whether to renew: not while a person is waited for, unless what was needed has come since.

        That is the customer's own sign-in, a token of another process, or the consent to issue one.
        """
        if row.health is not Health.RECONNECT_NEEDED:
            return True
        connected_at = row.connection.connected_at
        if connected_at is not None and connected_at > row.condition.evidence.at:
            return True
        if row.facts.token is None or row.facts.token.renewable:
            return False
        return (await self._tokens.seen(row.id)).renewable

    def _plan(self, connection: ConnectionId) -> None:
        """Decide when a connection is checked next."""
        row = self._store.row(connection)
        if row is None:
            self._schedule.remove(connection)
            self._pace.forget(connection)
            return
        now = self._clock.now()
        watched = connection == self._watched
        interval = self._pace.after_check(row, now, connections=len(self._store.rows), watched=watched)
        if (pause := self._breakers.paused(connection)) is not None:
            interval = max(timedelta(), pause.next_at - now)
        self._checked[connection] = now
        self._ledger.set_interval(connection, interval)
        self._schedule.put(connection, now + interval)

    def _look_up(self) -> None:
        """Go on at once if there is something to do before the alarm rings."""
        next_at = self._schedule.next_at()
        if not self._reached or (next_at is not None and not self._alarm.rings_before(next_at)):
            self._wake.set()

    def _set_alarm(self) -> None:
        """Be woken when something is due; nothing is while all that may go on does."""
        moments: list[datetime] = []
        if not self._tasks.running(_LIST):
            moments.append(self._list_due)
        if self._reached and len(self._checking) < AT_ONCE and (at := self._schedule.next_at()) is not None:
            moments.append(at)
        if moments:
            self._alarm.set(min(moments))

    async def _reassess(self) -> None:
        while True:
            await self._clock.sleep(REASSESS_EVERY)
            ids = list(self._store.rows)
            for start in range(0, len(ids), REASSESS_SLICE):
                self._ledger.reassess(ids[start : start + REASSESS_SLICE])
                await asyncio.sleep(0)

    def _show_sweep(self, *, listed: bool = False) -> None:
        now, sweep = self._clock.now(), self._store.sweep
        if not listed:
            waiting = self._schedule.next_at()
            if waiting is None or waiting > now:
                if not sweep.checking:
                    return
            elif self._clock.monotonic() - self._shown_at < SHOW_EVERY:
                return
        self._shown_at = self._clock.monotonic()
        overdue = self._schedule.overdue(now)
        self._store.set_sweep(
            msgspec.structs.replace(
                sweep,
                checking=overdue + len(self._checking) if overdue else 0,
                last_at=now if listed and isinstance(self._store.line, Online) else sweep.last_at,
                next_at=self._list_due,
                budget=self._budget,
                api_version=self._api.api_version(),
            )
        )
