"""Time that passes as fast as the work in it is done."""

import asyncio
import selectors
from datetime import datetime, timedelta

from tests.fakes.clock import START


class _Jump(selectors.SelectSelector):
    """Where a loop would wait for time, lets it pass at once."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits for something that time does not bring"
        self.passed += max(0.0, timeout)
        return []


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop without sockets whose time is not that of the computer."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.passed


class JumpingClock:
    """The clock of a `JumpingLoop`; the time of day goes on while the computer sleeps."""

    def __init__(self, loop: JumpingLoop) -> None:
        self._loop = loop
        self._slept = 0.0
        self._known = 0.0
        self._now = START

    def seconds(self) -> float:
        """Return the time of day as seconds since the start."""
        return self._loop.time() + self._slept

    def now(self) -> datetime:
        if (seconds := self.seconds()) != self._known:
            self._known, self._now = seconds, START + timedelta(seconds=seconds)
        return self._now

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def suspend(self, seconds: float) -> None:
        """Let the computer sleep: timers and the monotonic clock stand still meanwhile."""
        self._slept += seconds
