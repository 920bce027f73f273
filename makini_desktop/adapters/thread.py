"""Work that may block for as long as a person leaves a question unanswered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TypeVar

T = TypeVar("T")

_IDLE = 30.0
"""Seconds without work after which a worker's thread ends."""


async def in_daemon_thread(work: Callable[[], T], name: str) -> T:
    """Run `work` in a thread of its own and return what it returns.

    `asyncio.to_thread` would keep the program from ending while a keychain prompt is open; a daemon
    thread does not. A caller that is cancelled leaves the work to its end.
    """
    done: Future[T] = Future()

    Thread(target=partial(_do, work, done), name=name, daemon=True).start()
    return await asyncio.wrap_future(done)


class DaemonWorker:
    """One daemon thread that does short work in its order; it starts when there is some and ends when idle.

    To start a thread takes the caller a millisecond or two, in which a window stands still.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._starting = Lock()
        self._running = False

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in the thread and return what it returns; see `in_daemon_thread`."""
        done: Future[T] = Future()
        with self._starting:
            self._jobs.put(partial(_do, work, done))
            if not self._running:
                self._running = True
                Thread(target=self._work, name=self._name, daemon=True).start()
        return await asyncio.wrap_future(done)

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE)
            except Empty:
                with self._starting:
                    if self._jobs.empty():
                        self._running = False
                        return
            else:
                job()


def _do(work: Callable[[], T], done: Future[T]) -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - handed to the caller
        done.set_exception(error)
    else:
        done.set_result(result)
