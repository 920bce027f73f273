"""Reads the connection list, or without a client secret what the tokens held say, into the rows."""

from __future__ import annotations

import asyncio
import logging

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import NoClientSecret
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.ports import Answer, Api
from makini_desktop.services.store import Online, Store
from makini_desktop.services.token_list import TokenList

_log = logging.getLogger(__name__)


class Listing:
    """Takes in who is connected, page by page, and between two pages lets others go on."""

    def __init__(self, api: Api, token_list: TokenList, store: Store, ledger: Ledger) -> None:
        self._api = api
        self._token_list = token_list
        self._store = store
        self._ledger = ledger

    async def read(self) -> bool:
        """Read the whole list.

        Returns:
            False if it broke off (contract section 3, next link): what it did not name is as it was.

        Raises:
            MakiniDesktopError: it could not be read; what was read before is kept.
        """
        whole = True
        try:
            whole = await self._read_pages()
        except NoClientSecret:
            if not await self._token_list.read():
                raise
        self._store.set_line(Online())
        return whole

    async def _read_pages(self) -> bool:
        present: set[ConnectionId] = set()
        last: Answer[object] | None = None
        whole = True
        async for page in self._api.connection_pages():
            self._ledger.listed(page)
            present.update([connection.id for connection in page.value])
            last = Answer(value=None, at=page.at, request_id=page.request_id, detail=page.detail)
            whole = page.whole
            await asyncio.sleep(0)
        if not whole:
            _log.warning("the list broke off after %d connections", len(present))
        elif last is not None:
            self._ledger.complete(present, last)
        return whole
