"""Owned, named, cancellable tasks: none is forgotten, none fails unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Tasks:
    """Runs coroutines under names, one for each name at a time.

    Args:
        report: told of what a task raised.
    """

    def __init__(self, report: Callable[[BaseException], None]) -> None:
        self._report = report
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._closed = False

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> bool:
        """Start `work` unless a task of this name runs.

        Returns:
            True if it was started.
        """
        if self._closed or self.running(name):
            work.close()
            return False
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running[name] = task
        task.add_done_callback(lambda done: self._ended(name, done))
        return True

    def running(self, name: str) -> bool:
        """Tell whether a task of this name runs."""
        task = self._running.get(name)
        return task is not None and not task.done()

    def cancel(self, name: str) -> None:
        """Ask the task of this name to end."""
        if task := self._running.get(name):
            task.cancel()

    async def ended(self, name: str) -> None:
        """Wait until no task of this name runs; how it ended is not told."""
        if task := self._running.get(name):
            await asyncio.wait((task,))

    async def aclose(self) -> None:
        """Cancel all tasks and wait until they have cleaned up."""
        self._closed = True
        pending = list(self._running.values())
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    def _ended(self, name: str, task: asyncio.Task[Any]) -> None:
        if self._running.get(name) is task:
            del self._running[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error)
