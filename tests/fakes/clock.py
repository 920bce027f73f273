"""A clock that moves only when a test moves it."""

import asyncio
import heapq
import itertools
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

START = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
TURNS = 60
"""Turns of the loop after which everything that does not wait for time has come to rest."""


class FakeClock:
    """Tells the time from `START` on; sleepers wake in the order of their time."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._slept = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds + self._slept)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._seconds + seconds, next(self._order), wake))
        await wake

    def suspend(self, span: timedelta | float) -> None:
        """Let the computer sleep: the time of day goes on, the monotonic clock and sleepers stand still."""
        self._slept += span.total_seconds() if isinstance(span, timedelta) else span

    async def settle(self) -> None:
        """Let everybody run who does not wait for time."""
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async def advance(self, span: timedelta | float) -> None:
        """Let time pass, waking each sleeper at its own moment."""
        end = self._seconds + (span.total_seconds() if isinstance(span, timedelta) else span)
        await self.settle()
        while (at := self._next()) is not None and at <= end:
            await self._wake(at)
        self._seconds = end
        await self.settle()

    async def finish(self, work: Coroutine[Any, Any, T], *, within: float = 86_400.0) -> T:
        """Run `work` to its end, moving time on whenever nobody can go on without."""
        task = asyncio.ensure_future(work)
        end = self._seconds + within
        await self.settle()
        while not task.done():
            at = self._next()
            if at is None or at > end:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                raise AssertionError("the work waits for something that time does not bring")
            await self._wake(at)
        return task.result()

    async def _wake(self, at: float) -> None:
        self._seconds = max(self._seconds, at)
        heapq.heappop(self._sleepers)[2].set_result(None)
        await self.settle()

    def _next(self) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None
