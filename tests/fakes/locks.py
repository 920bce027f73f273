"""Locks among the tasks of one test."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager


class FakeLocks:
    """Holds nothing beyond this process."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def hold(self, name: str, *, wait: bool) -> AbstractAsyncContextManager[bool]:
        return self._hold(name, wait=wait)

    @asynccontextmanager
    async def _hold(self, name: str, *, wait: bool) -> AsyncIterator[bool]:
        lock = self._locks[name]
        if lock.locked() and not wait:
            yield False
            return
        async with lock:
            yield True
