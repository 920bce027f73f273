"""Orders: owned, named tasks whose failure becomes a notice in words.

A face gives orders by plain calls; what comes of them is seen in the store, or told here.
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from makini_desktop.core.event import Event
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    CustomerMustAct,
    IssueNotAllowed,
    MakiniDesktopError,
    Unreachable,
)
from makini_desktop.services.store import Notice, Store, Tone

if TYPE_CHECKING:  # the first frame does not wait for what works behind it
    from makini_desktop.core.tasks import Tasks
    from makini_desktop.services.monitor import Monitor

_log = logging.getLogger(__name__)


class Orders:
    """Starts what a person ordered.

    Attributes:
        issuing_asked: a token would have to be issued and nobody has answered yet whether that may be.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._issuing_told = False
        self.issuing_asked: Event[None] = Event()

    def begin(self, tasks: Tasks, monitor: Monitor) -> None:
        """Take orders from now on."""
        self._tasks = tasks
        self._monitor = monitor

    def start(self, name: str, connection: ConnectionId | None, work: Coroutine[Any, Any, None]) -> bool:
        """Start a task unless one of its name runs; return whether it was started."""
        started = self._tasks.start(name, self._told(connection, work))
        if not started:
            work.close()
        return started

    def running(self, name: str) -> bool:
        """Tell whether a task of this name runs."""
        return self._tasks.running(name)

    def cancel(self, name: str) -> None:
        """Ask the task of this name to end."""
        self._tasks.cancel(name)

    async def ended(self, name: str) -> None:
        """Wait until no task of this name runs."""
        await self._tasks.ended(name)

    def ask_issuing(self) -> None:
        """Put the question, once for this run."""
        if not self._issuing_told:
            self._issuing_told = True
            self.issuing_asked.emit(None)

    def customer(self, connection: ConnectionId) -> str:
        """Return a connection's name for a sentence."""
        row = self._store.row(connection)
        return connection if row is None else row.connection.name

    def notice(
        self, words: str, tone: Tone, connection: ConnectionId | None = None, details: str = ""
    ) -> None:
        """Tell the person once, in the window."""
        self._store.noticed.emit(Notice(words=words, tone=tone, connection=connection, details=details))

    async def look(self, connection: ConnectionId) -> None:
        """Check a connection for a person who waits for it; raises what `Monitor.check` does."""
        from makini_desktop.services.ports import Priority  # late: the first frame does not wait for it

        await self._monitor.check(connection, Priority.PERSON)

    async def _told(self, connection: ConnectionId | None, work: Coroutine[Any, Any, None]) -> None:
        """Turn a failed order into a notice in words."""
        try:
            await work
        except IssueNotAllowed as error:
            self.ask_issuing()
            self.notice(str(error), Tone.BAD, connection)
        except MakiniDesktopError as error:
            _log.info("order failed: %s", error)
            self.notice(str(error), Tone.BAD, connection, _details(error))
            if isinstance(error, Unreachable):
                self._monitor.everything_now()
            elif isinstance(error, CustomerMustAct) and connection is not None:
                with suppress(MakiniDesktopError):
                    await self.look(connection)


def _details(error: MakiniDesktopError) -> str:
    parts = [error.detail] if error.detail else []
    if error.request_id:
        parts.append(_("request {id}").format(id=error.request_id))
    return ", ".join(parts)
