"""What the detail shows beside the row: timeline, past, syncs and last requests, fetched and kept fresh."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.request import RequestSeen
from makini_desktop.services.history import History
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.orders import Orders
from makini_desktop.services.store import Store
from makini_desktop.services.support import requests_of
from makini_desktop.services.syncs import Syncs


class ShownDetail:
    """Fills the store's `Detail` of connections; the one shown last is kept fresh.

    Args:
        requests: gives the account's last requests, the newest first.
    """

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        history: History,
        syncs: Syncs,
        orders: Orders,
        requests: Callable[[], Sequence[RequestSeen]],
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._history = history
        self._syncs = syncs
        self._orders = orders
        self._requests = requests
        self._shown: ConnectionId | None = None
        ledger.told.subscribe(self._timeline_grew)
        store.changed.subscribe(self._rows_changed)

    def show(self, connection: ConnectionId) -> None:
        """Fetch it all, and keep it fresh from now on."""
        self._shown = connection
        self._orders.start(f"detail {connection}", connection, self._load(connection))

    async def refresh(self, connection: ConnectionId) -> None:
        """Fetch it all anew if it is shown; what is shown later is fetched then."""
        if connection == self._shown:
            await self._load(connection)

    def _timeline_grew(self, connection: ConnectionId) -> None:
        if connection == self._shown:
            self._orders.start(f"timeline {connection}", connection, self._load_timeline(connection))

    def _rows_changed(self, ids: frozenset[ConnectionId]) -> None:
        if self._shown is not None and self._shown in ids:
            self._show_requests(self._shown)

    async def _load(self, connection: ConnectionId) -> None:
        await self._load_timeline(connection)
        syncs = await self._syncs.history(connection)
        known = self._store.detail(connection)
        self._store.put_detail(connection, msgspec.structs.replace(known, syncs=syncs))
        self._show_requests(connection)

    async def _load_timeline(self, connection: ConnectionId) -> None:
        self._history.load(connection)
        activity = await self._ledger.timeline(connection)
        known = self._store.detail(connection)
        self._store.put_detail(connection, msgspec.structs.replace(known, activity=activity))

    def _show_requests(self, connection: ConnectionId) -> None:
        known = self._store.detail(connection)
        shown = requests_of(connection, self._requests())
        self._store.put_detail(connection, msgspec.structs.replace(known, requests=shown))
