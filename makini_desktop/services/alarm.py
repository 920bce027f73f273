"""One moment at which somebody is woken; a nearer one takes its place."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from makini_desktop.core.clock import Clock


class Alarm:
    """Sets an event when a moment has come.

    Args:
        wake: is set then.
    """

    def __init__(self, clock: Clock, wake: asyncio.Event) -> None:
        self._clock = clock
        self._wake = wake
        self._ringing: asyncio.Task[None] | None = None
        self._at = clock.now()

    def set(self, at: datetime) -> None:
        """Ring at the end of that second, or sooner: who is woken too early sets it again."""
        due = _whole_second(at)
        if self._ringing is not None and not self._ringing.done():
            if self._at <= due:
                return
            self._ringing.cancel()
        self._at = due
        self._ringing = asyncio.create_task(self._ring(due), name="alarm")

    def rings_before(self, at: datetime) -> bool:
        """Tell whether it is set and rings before a moment."""
        return self._ringing is not None and self._at <= at

    def cancel(self) -> None:
        """Do not ring, as when the clock that it was set by was changed."""
        if self._ringing is not None:
            self._ringing.cancel()
            self._ringing = None

    async def _ring(self, at: datetime) -> None:
        await self._clock.sleep(max(0.0, (at - self._clock.now()).total_seconds()))
        self._wake.set()


def _whole_second(at: datetime) -> datetime:
    """Return the end of a moment's second: of many those of one second are woken for together."""
    return at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)
