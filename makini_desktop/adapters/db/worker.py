"""The one thread that uses the one connection, and commits what has queued up in one go."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")
MOST_AT_ONCE = 200


class _Job(Generic[T]):
    def __init__(self, work: Callable[[sqlite3.Connection], T], *, writes: bool) -> None:
        self.work = work
        self.writes = writes
        self.done: Future[T] = Future()

    def settle(self, outcome: tuple[T] | Exception) -> None:
        if isinstance(outcome, Exception):
            self.done.set_exception(outcome)
        else:
            self.done.set_result(outcome[0])


class Worker:
    """Runs jobs on its connection, in the order they came.

    A job that raises is undone by itself; the others of its transaction go on. A result is handed out
    only after the commit. A job whose caller was cancelled before its turn is left out.

    Args:
        connect: opens the connection, in the thread.
        explain: turns what a job or SQLite raised into what the caller gets.
    """

    def __init__(
        self, connect: Callable[[], sqlite3.Connection], explain: Callable[[Exception], Exception]
    ) -> None:
        self._connect = connect
        self._explain = explain
        self._jobs: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._opened: Future[None] = Future()
        self._closed: Future[None] = Future()
        self._ended = False
        # A daemon: what was acknowledged is on disk, and nothing else may hold up the program's end.
        self._thread = threading.Thread(target=self._run, name="database", daemon=True)

    async def start(self) -> None:
        """Open the connection.

        Raises:
            MakiniDesktopError: what `connect` raised.
        """
        self._thread.start()
        await asyncio.wrap_future(self._opened)

    async def stop(self) -> None:
        """Finish all jobs and close the connection; calling it twice, or before `start`, is harmless."""
        if self._ended or not self._thread.ident:
            return
        self._ended = True
        self._jobs.put(None)
        await asyncio.wrap_future(self._closed)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job that only reads."""
        return await self._do(_Job(work, writes=False))

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job in a transaction; it is durable when this returns."""
        return await self._do(_Job(work, writes=True))

    async def _do(self, job: _Job[T]) -> T:
        if self._ended:
            raise RuntimeError("the database is closed")
        self._jobs.put(job)
        return await asyncio.wrap_future(job.done)

    def _run(self) -> None:
        try:
            connection = self._connect()
        except Exception as error:  # noqa: BLE001 - handed to the caller
            self._opened.set_exception(error)
            self._closed.set_result(None)
            return
        self._opened.set_result(None)
        try:
            while jobs := self._next():
                self._serve(connection, jobs)
        finally:
            connection.close()
            self._closed.set_result(None)

    def _next(self) -> list[_Job[Any]]:
        """Wait for a job and return all that came; none at the end."""
        first = self._jobs.get()
        if first is None:
            return []
        jobs = [first]
        with suppress(Empty):
            while len(jobs) < MOST_AT_ONCE:
                job = self._jobs.get_nowait()
                if job is None:
                    self._jobs.put(None)
                    break
                jobs.append(job)
        return jobs

    def _serve(self, connection: sqlite3.Connection, jobs: list[_Job[Any]]) -> None:
        wanted = [job for job in jobs if job.done.set_running_or_notify_cancel()]
        outcomes: list[tuple[Any] | Exception]
        try:
            if any(job.writes for job in wanted):
                connection.execute("BEGIN IMMEDIATE")
                outcomes = [self._attempt(connection, job) for job in wanted]
                connection.execute("COMMIT")
            else:
                outcomes = [self._attempt(connection, job) for job in wanted]
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            outcomes = [self._explain(error) for _job in wanted]
        for job, outcome in zip(wanted, outcomes, strict=True):
            job.settle(outcome)

    def _attempt(self, connection: sqlite3.Connection, job: _Job[Any]) -> tuple[Any] | Exception:
        """Run one job.

        Raises:
            sqlite3.Error: SQLite gave up the whole transaction (disk full, for example).
        """
        within = connection.in_transaction
        if within:
            connection.execute("SAVEPOINT job")
        try:
            result = job.work(connection)
        except Exception as error:
            if within and not connection.in_transaction:
                raise
            if within:
                connection.execute("ROLLBACK TO job")
                connection.execute("RELEASE job")
            return self._explain(error)
        if within:
            connection.execute("RELEASE job")
        return (result,)
