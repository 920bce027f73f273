"""Keeping what is seen: written every second, beside what other processes write, and compacted every hour."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.services.incidents import Incidents
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.ports import Database
from makini_desktop.services.server import Server
from makini_desktop.services.store import Notice, Store, Tone

_log = logging.getLogger(__name__)

KEEP_EVERY = 1.0
"""Seconds between writes of what changed, and looks at what other processes wrote."""

COMPACT_FIRST, COMPACT_EVERY = 300.0, 3600.0
"""Seconds until old detail is let go of for the first time, and between the times after it."""


class Keeping:
    """Writes what the services have gathered.

    Args:
        used: how many requests were sent in the last second, which is shown with it.
    """

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        incidents: Incidents,
        server: Server,
        database: Database,
        clock: Clock,
        used: Callable[[], int],
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._incidents = incidents
        self._server = server
        self._database = database
        self._clock = clock
        self._used = used

    async def keep(self) -> None:
        """Write and look every second; what could not be written is said once and tried again."""
        failed = ""
        while True:
            await self._clock.sleep(KEEP_EVERY)
            try:
                await self._ledger.flush()
                await self._incidents.flush()
                await self._server.flush()
                await self._ledger.adopt()
                await self._server.adopt()
            except MakiniDesktopError as error:
                if str(error) != failed:
                    self._store.noticed.emit(Notice(words=str(error), tone=Tone.BAD))
                failed = str(error)
            else:
                failed = ""
            self._store.set_sweep(msgspec.structs.replace(self._store.sweep, budget_used=self._used()))

    async def compact(self) -> None:
        """Keep the database small; what could not be done now is done the next time."""
        await self._clock.sleep(COMPACT_FIRST)
        while True:
            try:
                await self._database.compact(self._clock.now())
            except MakiniDesktopError as error:
                _log.warning("old detail stays for now: %s", error)
            await self._clock.sleep(COMPACT_EVERY)
