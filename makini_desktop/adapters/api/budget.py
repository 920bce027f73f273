"""The request budget: so many a second, so few at once, a person's click before the program's own calls."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from makini_desktop.core.clock import Clock
from makini_desktop.services.ports import Priority

_WINDOW = 1.1
"""Seconds over which requests are counted: a little more than one, as the network shifts arrivals."""


class Budget:
    """Lets requests go at a pace no server complains about.

    Args:
        per_second: requests in any one second.
        at_once: requests under way together.
    """

    def __init__(self, clock: Clock, *, per_second: int = 50, at_once: int = 10) -> None:
        self._clock = clock
        self.per_second = per_second
        self._at_once = at_once
        self._under_way = 0
        self._sent: deque[float] = deque(maxlen=per_second)
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = 0
        self._paused_until = 0.0
        self._pump: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn(self, priority: Priority) -> AsyncIterator[None]:
        """Wait for a turn and hold one of the places while inside."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        heapq.heappush(self._waiting, (priority.value, self._arrivals, place))
        self._go_on()
        try:
            await place
            yield
        finally:
            if place.done() and not place.cancelled():
                self._under_way -= 1
                self._go_on()

    def pause(self, seconds: float) -> None:
        """Let nothing go for `seconds`, as a 429 asks."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def used(self) -> int:
        """Return how many requests went in the last second."""
        now = self._clock.monotonic()
        return sum(1 for sent in self._sent if sent > now - 1)

    async def aclose(self) -> None:
        """End the pacing task."""
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump

    def _go_on(self) -> None:
        if self._waiting and (self._pump is None or self._pump.done()):
            self._pump = asyncio.create_task(self._let_go(), name="request budget")

    async def _let_go(self) -> None:
        """Wake waiters, the most urgent first, until none is left or all places are taken."""
        while self._waiting and self._under_way < self._at_once:
            delay = self._delay()
            if delay > 0:
                await self._clock.sleep(delay)
                continue
            _, _, place = heapq.heappop(self._waiting)
            if place.cancelled():
                continue
            self._under_way += 1
            self._sent.append(self._clock.monotonic())
            place.set_result(None)

    def _delay(self) -> float:
        """Return seconds until the next request may go; background requests keep an even pace."""
        now = self._clock.monotonic()
        ready = self._paused_until
        if len(self._sent) == self.per_second:
            ready = max(ready, self._sent[0] + _WINDOW)
        if self._sent and self._waiting[0][0] == Priority.BACKGROUND.value:
            ready = max(ready, self._sent[-1] + 1 / self.per_second)
        return ready - now
