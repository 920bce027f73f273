"""Keeping a pair that exists nowhere else: a vault that cannot be written just now is tried again, loudly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.domain.health import Health
from makini_desktop.domain.token import TokenEntry
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.store import Notice, Tone

_log = logging.getLogger(__name__)

AGAIN_AFTER = 3.0
"""Seconds between tries."""


class Safekeeping:
    """Writes what a server has handed out once and will not hand out again."""

    def __init__(self, parts: AccountParts) -> None:
        self._account = parts.account
        self._vault = parts.vault
        self._store = parts.store
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._closing = asyncio.Event()

    async def keep(
        self, connection: ConnectionId, customer: str, change: Callable[[TokenEntry], TokenEntry]
    ) -> None:
        """Change an entry of the vault, however long that takes; the person is told of each reason once.

        Args:
            connection: whose entry.
            customer: as the person calls them.
            change: as in `Vault.change_token`.

        Raises:
            MakiniDesktopError: the program ends, and the last try failed too.
        """
        told: set[str] = set()
        while True:
            last = self._closing.is_set()
            try:
                await self._vault.change_token(self._account().name, connection, change)
            except MakiniDesktopError as error:
                if last:
                    _log.error("the new token of %s is lost: %s", connection, error)
                    raise
                if str(error) not in told:
                    told.add(str(error))
                    self._tell_trouble(connection, customer, error)
                await self._wait()
            else:
                if told:
                    self._tell_end(connection, customer)
                return

    def close(self) -> None:
        """Give up what the next try cannot keep."""
        self._closing.set()

    async def _wait(self) -> None:
        """Wait until it is time to try again, or the program ends."""
        waits = [
            asyncio.ensure_future(self._clock.sleep(AGAIN_AFTER)),
            asyncio.ensure_future(self._closing.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _tell_trouble(self, connection: ConnectionId, customer: str, error: MakiniDesktopError) -> None:
        words = _(
            "The new token of {customer} cannot be saved: {why} It is held in memory and saved as soon as "
            "that is possible. Do not end the program before, or the token is lost."
        ).format(customer=customer, why=error)
        self._tell(connection, words, Tone.BAD, _("Token not saved yet"), Health.FAILING)

    def _tell_end(self, connection: ConnectionId, customer: str) -> None:
        words = _("The new token of {customer} is saved now.").format(customer=customer)
        self._tell(connection, words, Tone.GOOD, _("Token saved"), Health.HEALTHY)

    def _tell(self, connection: ConnectionId, words: str, tone: Tone, headline: str, health: Health) -> None:
        if self._store.row(connection) is None:  # a login for a connection that is still to come
            self._store.noticed.emit(Notice(words=words, tone=tone))
            return
        self._store.noticed.emit(Notice(words=words, tone=tone, connection=connection))
        self._ledger.tell(connection, ActivityKind.TOKEN, headline, detail=words, health=health)
