"""The request budget: so many a second, so few at once, people first, connections in turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from makini_desktop.core.clock import Clock
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services.ports import Priority

Lane = ConnectionId | None
"""Whose turn it is: a connection's, or None for the account as a whole."""

_Queue = deque[asyncio.Future[None]]

_NOBODY = ConnectionId("")
"""No lane: nobody of a priority waits."""

_WINDOW = 1.1
"""Seconds over which requests are counted: a little more than one, as the network shifts arrivals."""

_FOR_PEOPLE = 2
"""Places that background requests leave free, so that a click waits for none of them."""

_TOGETHER = 1.0
"""Limits of several connections within so many seconds are the account's limit."""


class Budget:
    """Lets requests go at a pace no server complains about.

    Among requests of one priority the connections take turns, so that none waits for another's many.

    Args:
        per_second: requests in any one second.
        at_once: requests under way together.
    """

    def __init__(self, clock: Clock, *, per_second: int = 50, at_once: int = 10) -> None:
        self._clock = clock
        self.per_second = per_second
        self._places = {Priority.PERSON: at_once, Priority.BACKGROUND: max(1, at_once - _FOR_PEOPLE)}
        self._under_way = 0
        self._sent: deque[float] = deque(maxlen=per_second)
        self._waiting: dict[Priority, dict[Lane, _Queue]] = {each: {} for each in Priority}
        self._paused: dict[Lane, float] = {}
        self._limited: dict[Lane, float] = {}
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = 0.0

    @asynccontextmanager
    async def turn(self, priority: Priority, lane: Lane = None) -> AsyncIterator[None]:
        """Wait for a turn and hold one of the places while inside."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[priority].setdefault(lane, deque()).append(place)
        self._go_on()
        try:
            await place
            yield
        finally:
            if place.done() and not place.cancelled():
                self._under_way -= 1
                self._go_on()

    def pause(self, seconds: float, lane: Lane = None) -> None:
        """Let nothing go for `seconds`, as a 429 asks.

        Args:
            lane: the connection whose token met the limit; None for the account. Several connections that
                meet one within a second have met the account's.
        """
        now = self._clock.monotonic()
        self._limited = {each: at for each, at in self._limited.items() if at > now - _TOGETHER}
        self._limited[lane] = now
        held = lane if len(self._limited) == 1 else None
        self._paused = {each: until for each, until in self._paused.items() if until > now}
        self._paused[held] = max(self._paused.get(held, 0.0), now + seconds)

    def paused(self, lane: Lane = None) -> float:
        """Return for how many seconds nothing goes for a connection; 0 while it may."""
        until = max(self._paused.get(None, 0.0), self._paused.get(lane, 0.0))
        return max(0.0, until - self._clock.monotonic())

    def used(self) -> int:
        """Return how many requests went in the last second."""
        now = self._clock.monotonic()
        return sum(1 for sent in self._sent if sent > now - 1)

    async def aclose(self) -> None:
        """End the pacing."""
        if self._alarm is not None:
            self._alarm.cancel()
            with suppress(asyncio.CancelledError):
                await self._alarm

    def _go_on(self) -> None:
        """Let go whoever may, the most urgent first, and set the alarm for whoever has to wait for time."""
        for priority in Priority:
            while self._under_way < self._places[priority]:
                now = self._clock.monotonic()
                ready, lane = self._first(priority, now)
                if lane is _NOBODY:
                    break
                if ready > now:
                    self._wake_at(ready)
                    break
                self._let_go(priority, lane, now)

    def _first(self, priority: Priority, now: float) -> tuple[float, Lane]:
        """Return which connection of a priority goes next, and when it may."""
        general = max(self._pace(priority), self._paused.get(None, 0.0))
        best: tuple[float, Lane] = (0.0, _NOBODY)
        lanes = self._waiting[priority]
        for lane in list(lanes):
            while lanes[lane] and lanes[lane][0].cancelled():
                lanes[lane].popleft()
            if not lanes[lane]:
                del lanes[lane]
                continue
            ready = max(general, self._paused.get(lane, 0.0))
            if ready <= now or ready == general:
                return ready, lane
            if best[1] is _NOBODY or ready < best[0]:
                best = (ready, lane)
        return best

    def _let_go(self, priority: Priority, lane: Lane, now: float) -> None:
        queue = self._waiting[priority].pop(lane)
        place = queue.popleft()
        if queue:
            self._waiting[priority][lane] = queue  # behind all others
        self._under_way += 1
        self._sent.append(now)
        place.set_result(None)

    def _pace(self, priority: Priority) -> float:
        """Return when the next request may go; background requests keep an even pace."""
        ready = self._sent[0] + _WINDOW if len(self._sent) == self.per_second else 0.0
        if self._sent and priority is Priority.BACKGROUND:
            ready = max(ready, self._sent[-1] + 1 / self.per_second)
        return ready

    def _wake_at(self, moment: float) -> None:
        if self._alarm is not None and not self._alarm.done():
            if self._alarm_at <= moment:
                return
            self._alarm.cancel()
        self._alarm_at = moment
        self._alarm = asyncio.create_task(self._wake(moment), name="request budget")

    async def _wake(self, moment: float) -> None:
        while (delay := moment - self._clock.monotonic()) > 0:
            await self._clock.sleep(delay)
        self._alarm = None
        self._go_on()
