"""The repair queue at work: opens the next login when the last is proven, and survives a kill.

Each step is stored before the next begins, so that after a kill the queue goes on at the first repair that is
not proven; what was proven is in use already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, assert_never

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.domain.login import (
    AlreadyHealthy,
    Cancelled,
    LoginOutcome,
    LoginPath,
    NewConnection,
    Refused,
    Repaired,
    Stage,
    WrongCustomer,
)
from makini_desktop.domain.repair import (
    LinkSent,
    Repair,
    RepairQueue,
    Running,
    Skipped,
    Stopped,
    Turn,
    Waiting,
)
from makini_desktop.domain.repair import Refused as RepairRefused
from makini_desktop.domain.repair import Repaired as RepairDone
from makini_desktop.services.expiry import sign_in_holds
from makini_desktop.services.login_words import outcome_sentence
from makini_desktop.services.orders import Orders
from makini_desktop.services.ports import Database
from makini_desktop.services.store import Store

_TASK = "repair queue"
_TOO_LATE = frozenset({Stage.EXCHANGING, Stage.TESTING, Stage.PROMOTING})

Login = Callable[[ConnectionId, LoginPath], Coroutine[Any, Any, LoginOutcome]]


class Follow(Protocol):
    """What else is done once a login has ended, such as telling it and the catch-up sync."""

    def __call__(self, connection: ConnectionId, outcome: LoginOutcome) -> None:
        """Begin it; the queue does not wait for it."""


class _Choice(Enum):
    """What a person chose for the repair under way."""

    SKIP = "skip"
    LATER = "later"
    LINK = "link"
    PAUSE = "pause"


class Repairs:
    """The orders of the repair queue; its state is `Store.repair_queue`.

    Args:
        account: gives whose queue it is.
        login: runs one login to its end.
        follow: told how each ended.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        login: Login,
        follow: Follow,
        orders: Orders,
        store: Store,
        database: Database,
        clock: Clock,
    ) -> None:
        self._account = account
        self._login = login
        self._follow = follow
        self._orders = orders
        self._store = store
        self._database = database
        self._clock = clock
        self._choice: _Choice | None = None
        self._open: asyncio.Task[LoginOutcome] | None = None

    async def load(self) -> None:
        """Show the queue that an earlier run left unfinished; it goes on when a person says so."""
        kept = await self._database.repair_queue(self._account().name)
        if kept is None:
            return
        try:
            queue = msgspec.json.decode(kept, type=RepairQueue)
        except msgspec.DecodeError:
            await self._database.save_repair_queue(self._account().name, None)
            return
        self._store.set_repair_queue(queue if queue.is_ended else queue.recovered())

    def start(self, ids: Sequence[ConnectionId], path: LoginPath = LoginPath.EMBEDDED) -> None:
        """Repair these, after those that wait already; those of one customer follow each other."""
        repairs = [
            Repair(connection=row.id, customer=row.connection.name, system=row.connection.system)
            for each in ids
            if (row := self._store.row(each)) is not None
        ]
        if not repairs:
            return
        queue = self._store.repair_queue
        if queue is None or queue.is_ended:
            queue = RepairQueue.begin(repairs, self._clock.now(), path)
        else:
            queue = queue.with_more(repairs)
        self._store.set_repair_queue(queue)
        self.go_on()

    def go_on(self) -> None:
        """Open the next login, or the one that was stopped once more."""
        queue = self._store.repair_queue
        if queue is None or queue.is_ended:
            return
        if (current := queue.current) is not None and isinstance(current.turn, Stopped):
            queue = queue.turned(current.connection, Running(self._clock.now(), current.later))
        self._store.set_repair_queue(msgspec.structs.replace(queue, paused=False))
        self._orders.start(_TASK, None, self._run())

    def skip(self) -> None:
        """Leave out the repair under way, or the next one while the queue is paused."""
        self._choose(_Choice.SKIP)

    def later(self) -> None:
        """Put the repair under way, or the next one, after all others."""
        self._choose(_Choice.LATER)

    def link_sent(self) -> None:
        """Take in that the customer of the repair under way, or of the next one, got a link instead."""
        self._choose(_Choice.LINK)

    def pause(self) -> None:
        """Close the login and wait until a person goes on."""
        self._choose(_Choice.PAUSE)

    def close(self) -> None:
        """End the queue: what is left is not repaired, and the report is put away."""
        self._choose(_Choice.PAUSE)
        self._orders.start("close repair queue", None, self._put_away())

    def retry(self) -> None:
        """Begin again with what was refused or skipped."""
        queue = self._store.repair_queue
        if queue is not None:
            again = [
                each.connection for each in queue.repairs if isinstance(each.turn, (RepairRefused, Skipped))
            ]
            self.start(again, queue.path)

    def _choose(self, choice: _Choice) -> None:
        queue = self._store.repair_queue
        if queue is None or queue.is_ended:
            return
        if self._open is not None and not self._open.done():
            row = self._store.row(queue.current.connection) if queue.current is not None else None
            if row is None or row.stage not in _TOO_LATE:
                self._choice = choice
                self._open.cancel()
            elif choice is _Choice.PAUSE:
                self._store.set_repair_queue(msgspec.structs.replace(queue, paused=True))
            return
        target = queue.current or queue.next
        if target is not None and choice is not _Choice.PAUSE:
            self._store.set_repair_queue(self._chosen(queue, target, choice))
            if isinstance(target.turn, Stopped):
                self.go_on()
            else:
                self._orders.start("keep repair queue", None, self._keep())

    def _chosen(self, queue: RepairQueue, repair: Repair, choice: _Choice) -> RepairQueue:
        now = self._clock.now()
        seconds = _seconds(repair.turn, now)
        match choice:
            case _Choice.SKIP:
                return queue.turned(repair.connection, Skipped(now, seconds))
            case _Choice.LATER:
                return queue.put_off(repair.connection)
            case _Choice.LINK:
                return queue.turned(repair.connection, LinkSent(now, seconds))
            case _Choice.PAUSE:
                return msgspec.structs.replace(
                    queue.turned(repair.connection, Waiting(repair.later)), paused=True
                )
            case _:
                assert_never(choice)

    async def _run(self) -> None:
        while (queue := self._store.repair_queue) is not None and not queue.paused:
            repair = queue.current or queue.next
            if repair is None:
                return
            row, now = self._store.row(repair.connection), self._clock.now()
            if row is not None and sign_in_holds(row, now):  # nobody is to sign in twice
                await self._turn(repair.connection, RepairDone(now, 0.0))
                continue
            await self._turn(repair.connection, Running(now, repair.later))
            await self._repair(repair)

    async def _repair(self, repair: Repair) -> None:
        """Run one login; how it ends, or what a person chose meanwhile, decides how the queue goes on."""
        began = self._clock.monotonic()
        self._choice = None
        self._open = asyncio.ensure_future(self._login(repair.connection, self._path()))
        try:
            await asyncio.wait([self._open])
        except asyncio.CancelledError:
            self._open.cancel()
            await asyncio.gather(self._open, return_exceptions=True)
            raise
        seconds = self._clock.monotonic() - began
        queue = self._store.repair_queue
        if queue is None:
            return
        current = queue.find(repair.connection) or repair
        if self._open.cancelled():
            choice = self._choice or _Choice.PAUSE
            self._store.set_repair_queue(self._chosen(queue, current, choice))
            await self._keep()
            return
        error = self._open.exception()
        if isinstance(error, MakiniDesktopError):
            await self._turn(repair.connection, Stopped(str(error), seconds, current.later), pause=True)
            return
        if error is not None:
            raise error
        outcome = self._open.result()
        self._follow(repair.connection, outcome)
        turn = self._turn_of(repair, current, outcome, seconds)
        await self._turn(repair.connection, turn, pause=isinstance(turn, Stopped))

    def _turn_of(self, repair: Repair, current: Repair, outcome: LoginOutcome, seconds: float) -> Turn:
        now = self._clock.now()
        match outcome:
            case Repaired() | AlreadyHealthy() | NewConnection():
                return RepairDone(now, seconds)
            case Refused() | WrongCustomer():
                return RepairRefused(now, seconds, outcome_sentence(outcome, repair.customer))
            case Cancelled():
                return Stopped(_("The sign-in window was closed."), seconds, current.later)
            case _:
                words = outcome_sentence(outcome, repair.customer)
                return Stopped(words, seconds, current.later)

    async def _turn(self, connection: ConnectionId, turn: Turn, *, pause: bool = False) -> None:
        queue = self._store.repair_queue
        if queue is None:
            return
        queue = queue.turned(connection, turn)
        self._store.set_repair_queue(msgspec.structs.replace(queue, paused=queue.paused or pause))
        await self._keep()

    async def _keep(self) -> None:
        queue = self._store.repair_queue
        kept = None if queue is None else msgspec.json.encode(queue)
        await self._database.save_repair_queue(self._account().name, kept)

    async def _put_away(self) -> None:
        if self._open is not None:
            await asyncio.gather(self._open, return_exceptions=True)
        self._store.set_repair_queue(None)
        await self._keep()

    def _path(self) -> LoginPath:
        queue = self._store.repair_queue
        return queue.path if queue is not None else LoginPath.EMBEDDED


def _seconds(turn: Turn, now: datetime) -> float:
    """Return how long a repair's login has been open."""
    match turn:
        case Running(since=since):
            return max(0.0, (now - since).total_seconds())
        case Stopped(seconds=seconds):
            return seconds
        case _:
            return 0.0
