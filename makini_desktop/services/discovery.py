"""Finds out anew what an account's server offers, as "Test account" does."""

from __future__ import annotations

import logging

from makini_desktop.domain.capability import Capability
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    KeychainUnavailable,
    MakiniDesktopError,
    Unreachable,
    VaultDamaged,
)
from makini_desktop.domain.health import Health
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.capabilities import not_offered
from makini_desktop.services.server import AGREEING, Server

_log = logging.getLogger(__name__)

TRIED_AT_MOST = 10
"""Connections whose tokens are tried before it is given up."""


class Discovery:
    """Asks the server for everything that it may lack, with tokens that are there."""

    def __init__(self, parts: AccountParts, server: Server) -> None:
        self._account = parts.account
        self._api = parts.api
        self._tokens = parts.tokens
        self._vault = parts.vault
        self._store = parts.store
        self._server = server

    async def run(self) -> int:
        """Ask with as many connections as have to agree; no token is renewed or issued for it.

        What cannot be asked for without doing something, as starting a sync, is tried at its next use.

        Returns:
            How many connections were asked; without any nothing was found out.

        Raises:
            Unreachable, KeychainUnavailable, VaultDamaged: nothing can be asked at all.
        """
        self._server.retry()
        asked = 0
        for connection in (await self._with_token())[:TRIED_AT_MOST]:
            try:
                await self._tokens.use(connection, self._api.try_all, renew=False)
            except (Unreachable, KeychainUnavailable, VaultDamaged):
                raise
            except MakiniDesktopError as error:
                _log.info("nothing found out with %s: %s", connection, error)
            else:
                asked += 1
            if asked == AGREEING:
                break
        return asked

    def lacking(self) -> tuple[Capability, ...]:
        """Return what counts as not offered, in the table's order."""
        return not_offered(self._store.capabilities)

    async def _with_token(self) -> list[ConnectionId]:
        """Return the connections that have a token, the healthy ones first."""
        entries = await self._vault.tokens(self._account().name)
        held = [connection for connection, entry in entries.items() if entry.current is not None]
        return sorted(held, key=lambda connection: not self._well(connection))

    def _well(self, connection: ConnectionId) -> bool:
        row = self._store.row(connection)
        return row is not None and row.health in (Health.HEALTHY, Health.SYNCING)
