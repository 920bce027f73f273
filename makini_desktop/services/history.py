"""A connection's past: its timeline filtered and searched, its uptime, and all of it as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Set
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import WINDOWS, HealthChange, HealthHistory, Uptime, uptime
from makini_desktop.services.health_log import unknown_since
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.orders import Orders
from makini_desktop.services.ports import Database
from makini_desktop.services.store import Store, Tone

if TYPE_CHECKING:
    from makini_desktop.services.history_export import ExportForm, WholeHistory

_ALL = 1_000_000


class _Wanted(msgspec.Struct, frozen=True):
    """What somebody looks for in a timeline."""

    connection: ConnectionId
    kinds: frozenset[ActivityKind] | None
    text: str


class History:
    """The orders about the past; what comes of them is in the store's `Detail`."""

    def __init__(
        self,
        account: Callable[[], Account],
        store: Store,
        ledger: Ledger,
        database: Database,
        clock: Clock,
        orders: Orders,
    ) -> None:
        self._account = account
        self._store = store
        self._ledger = ledger
        self._database = database
        self._clock = clock
        self._orders = orders
        self._wanted: _Wanted | None = None
        ledger.told.subscribe(self._timeline_grew)

    def load(self, connection: ConnectionId) -> None:
        """Put the uptime over 7, 30 and 90 days into `Detail.uptime`."""
        self._orders.start(f"uptime {connection}", connection, self._load(connection))

    def find(self, connection: ConnectionId, kinds: Set[ActivityKind] | None = None, text: str = "") -> None:
        """Put what matches in the whole timeline into `Detail.found`, and keep it up to date.

        Only the connection asked for last is kept up to date.

        Args:
            connection: whose timeline.
            kinds: only entries of these; None for all.
            text: only entries that say this, whatever its case; all again where neither is given.
        """
        looks = kinds is not None or bool(text.strip())
        self._wanted = (
            _Wanted(connection, frozenset(kinds) if kinds is not None else None, text) if looks else None
        )
        if not looks:
            self._put_detail(connection, found=None)
        self._look()

    def export(self, connection: ConnectionId, path: Path, form: ExportForm) -> None:
        """Write the whole history of a connection to a file, and say so."""
        self._orders.start(f"export {path}", connection, self._export(connection, path, form))

    async def whole(self, connection: ConnectionId) -> WholeHistory:
        """Return all that is known of a connection's past.

        Raises:
            UsageError: there is no such connection.
        """
        from makini_desktop.services.history_export import WholeHistory

        row = self._store.row(connection)
        if row is None:
            raise UsageError(
                _("There is no connection “{id}” in the account “{account}”.").format(
                    id=connection, account=self._account().name
                )
            )
        health = await self._health(connection)
        return WholeHistory(
            connection=row.connection,
            at=self._clock.now(),
            activity=await self._database.activity(self._account().name, connection, _ALL),
            health=health,
            uptime=self._uptime(health),
        )

    async def _load(self, connection: ConnectionId) -> None:
        self._put_detail(connection, uptime=self._uptime(await self._health(connection)))

    async def _health(self, connection: ConnectionId) -> HealthHistory:
        """Return what is kept, and that nothing is known by now where that is so."""
        await self._ledger.flush()
        history = await self._database.health_history(self._account().name, connection)
        row = self._store.row(connection)
        if row is None or row.health is not Health.UNKNOWN or not history.changes:
            return history
        since = unknown_since(row, self._clock.now())
        if since is None or history.changes[-1].health is Health.UNKNOWN or since <= history.changes[-1].at:
            return history
        silent = HealthChange(
            connection=connection,
            at=since,
            health=Health.UNKNOWN,
            evidence=Evidence(source=EvidenceSource.CLOCK, at=since, detail="nothing newer is known"),
        )
        return msgspec.structs.replace(history, changes=(*history.changes, silent))

    def _uptime(self, health: HealthHistory) -> tuple[Uptime, ...]:
        return tuple([uptime(health, self._clock.now(), days) for days in WINDOWS])

    def _timeline_grew(self, connection: ConnectionId) -> None:
        if self._wanted is not None and self._wanted.connection == connection:
            self._wanted = msgspec.structs.replace(self._wanted)  # another one, to be looked for anew
            self._look()

    def _look(self) -> None:
        """Look for what is wanted; one look at a time, until it was for what is wanted now."""
        if self._wanted is not None:
            self._orders.start("find", self._wanted.connection, self._find())

    async def _find(self) -> None:
        looked: _Wanted | None = None
        while (wanted := self._wanted) is not None and wanted is not looked:
            await self._ledger.flush()
            found = await self._database.activity(
                self._account().name, wanted.connection, _ALL, kinds=wanted.kinds, text=wanted.text
            )
            if wanted is self._wanted:
                self._put_detail(wanted.connection, found=found)
            looked = wanted

    async def _export(self, connection: ConnectionId, path: Path, form: ExportForm) -> None:
        from makini_desktop.services.history_export import file_bytes

        whole = await self.whole(connection)
        try:
            await asyncio.to_thread(lambda: path.write_bytes(file_bytes(whole, form)))
        except OSError as error:
            raise UsageError(
                _("The file {path} cannot be written: {why}. Choose another place.").format(
                    path=path, why=error.strerror
                )
            ) from error
        self._orders.notice(
            _("The history of {customer} is in {path}.").format(customer=whole.connection.name, path=path),
            Tone.GOOD,
            connection,
        )

    def _put_detail(self, connection: ConnectionId, **changes: object) -> None:
        known = self._store.detail(connection)
        self._store.put_detail(connection, msgspec.structs.replace(known, **changes))
