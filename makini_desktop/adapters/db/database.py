"""The port `Database` on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from functools import partial
from pathlib import Path

from makini_desktop.adapters.db import compaction, history, moving, read
from makini_desktop.adapters.db.compaction import ACTIVITY_KEPT, SYNCS_KEPT, trim
from makini_desktop.adapters.db.failure import explain
from makini_desktop.adapters.db.file import open_file
from makini_desktop.adapters.db.schema import MIGRATIONS
from makini_desktop.adapters.db.values import encode, microseconds
from makini_desktop.adapters.db.worker import Worker
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, AccountName
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.capability import Finding
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.domain.history import HealthChange, HealthHistory
from makini_desktop.domain.incident import Incident
from makini_desktop.domain.sync import Sync
from makini_desktop.domain.version import VersionNews
from makini_desktop.services.store import StoredConnection


class SqliteDatabase:
    """The store of one profile folder; several processes may have it open at once.

    Every change is durable when its call returns, and one cancelled on its way may still happen.
    Rows are kept for accounts that exist: any other raises `UsageError`.

    Args:
        path: the file, in the profile folder.
    """

    def __init__(self, path: Path) -> None:
        lock = path.parent / "locks" / "migration.lock"
        self._worker = Worker(partial(open_file, path, lock, MIGRATIONS), partial(explain, path=path))

    async def open(self) -> None:
        """Open the file, and make or migrate it first if need be.

        Raises:
            StoreTooNew, StoreDamaged, ProfileInUse, ProfileUnwritable: see `open_file`.
        """
        await self._worker.start()

    async def close(self) -> None:
        """Finish what was begun and close the file."""
        await self._worker.stop()

    async def accounts(self) -> tuple[Account, ...]:
        """Return all accounts by name."""
        return await self._worker.read(read.accounts)

    async def save_account(self, account: Account) -> None:
        """Add or replace an account."""

        def save(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO account (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (account.name, encode(account)),
            )

        await self._worker.write(save)

    async def remove_account(self, name: AccountName) -> None:
        """Remove an account with all its rows."""

        def remove(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM account WHERE name = ?", (name,))

        await self._worker.write(remove)

    async def connections(self, account: AccountName) -> tuple[StoredConnection, ...]:
        """Return what is kept of an account's connections, in the order in which they came."""
        return await self._worker.read(partial(read.connections, account=account))

    async def save_connections(self, account: AccountName, rows: Sequence[StoredConnection]) -> None:
        """Add or replace rows, in one transaction."""

        def save(connection: sqlite3.Connection) -> None:
            _need(connection, account)
            connection.executemany(
                "INSERT INTO connection (account, id, value) VALUES (?, ?, ?) "
                "ON CONFLICT (account, id) DO UPDATE SET value = excluded.value",
                [(account, row.connection.id, encode(row)) for row in rows],
            )

        await self._worker.write(save)

    async def syncs(self, account: AccountName, connection: ConnectionId, limit: int) -> tuple[Sync, ...]:
        """Return the newest known syncs of a connection, the newest first; one still queued before all."""
        return await self._worker.read(
            partial(read.syncs, account=account, connection_id=connection, limit=limit)
        )

    async def save_syncs(self, account: AccountName, connection: ConnectionId, syncs: Sequence[Sync]) -> None:
        """Add or replace syncs; of all of a connection's, the newest `SYNCS_KEPT` stay."""

        def save(database: sqlite3.Connection) -> None:
            _need(database, account)
            database.executemany(
                "INSERT INTO sync (account, connection, id, at, running, value) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (account, connection, id) DO UPDATE "
                "SET at = excluded.at, running = excluded.running, value = excluded.value",
                [
                    (
                        account,
                        connection,
                        sync.id,
                        None if sync.started_at is None else microseconds(sync.started_at),
                        sync.state.running,
                        encode(sync),
                    )
                    for sync in syncs
                ],
            )
            trim(database, account, connection, syncs=SYNCS_KEPT)

        await self._worker.write(save)

    async def running_syncs(self, account: AccountName) -> Mapping[ConnectionId, Sync]:
        """Return the syncs that had not ended when last seen, the newest of each connection."""
        return await self._worker.read(partial(read.running_syncs, account=account))

    async def activity(
        self,
        account: AccountName,
        connection: ConnectionId,
        limit: int,
        *,
        kinds: Set[ActivityKind] | None = None,
        text: str = "",
    ) -> tuple[Activity, ...]:
        """Return the newest matching entries of a connection's timeline, the newest first."""
        return await self._worker.read(
            partial(
                read.activity,
                account=account,
                connection_id=connection,
                limit=limit,
                kinds=kinds,
                text=text,
            )
        )

    async def add_activity(self, account: AccountName, entries: Sequence[Activity]) -> None:
        """Append entries; of all of a connection's, the newest `ACTIVITY_KEPT` stay."""

        def add(connection: sqlite3.Connection) -> None:
            _need(connection, account)
            connection.executemany(
                "INSERT INTO activity (account, connection, at, value) VALUES (?, ?, ?, ?)",
                [(account, entry.connection, microseconds(entry.at), encode(entry)) for entry in entries],
            )
            for id_ in {entry.connection for entry in entries}:
                trim(connection, account, id_, activity=ACTIVITY_KEPT)

        await self._worker.write(add)

    async def save_days(self, account: AccountName, day: str, worst: Mapping[ConnectionId, Health]) -> None:
        """Record the worst health of each connection on a day (ISO date, UTC); the worst so far wins."""

        def save(connection: sqlite3.Connection) -> None:
            _need(connection, account)
            known = read.days(connection, account, first_day=day, last_day=day).get(day, {})
            worse = {
                id_: health
                for id_, health in worst.items()
                if id_ not in known or SEVERITY[health] < SEVERITY[known[id_]]
            }
            if worse:
                connection.execute(
                    "INSERT INTO day (account, day, value) VALUES (?, ?, ?) "
                    "ON CONFLICT (account, day) DO UPDATE SET value = excluded.value",
                    (account, day, encode(known | worse)),
                )

        await self._worker.write(save)

    async def strips(self, account: AccountName, first_day: str) -> Mapping[ConnectionId, dict[str, Health]]:
        """Return the worst health by day from `first_day` on."""
        return await self._worker.read(partial(read.strips, account=account, first_day=first_day))

    async def health_history(self, account: AccountName, connection: ConnectionId) -> HealthHistory:
        """Return every change of a connection's health that is kept, and the sums of those that are not."""
        return await self._worker.read(partial(history.read, account=account, connection_id=connection))

    async def add_health_changes(self, account: AccountName, changes: Sequence[HealthChange]) -> None:
        """Append changes; of two of one connection and one moment the later one told stays."""

        def add(connection: sqlite3.Connection) -> None:
            _need(connection, account)
            history.add(connection, account, changes)

        await self._worker.write(add)

    async def incidents(self, account: AccountName) -> tuple[Incident, ...]:
        """Return the open incidents and those closed in the last 90 days, the oldest first."""
        return await self._worker.read(partial(read.incidents, account=account))

    async def save_incidents(self, account: AccountName, incidents: Sequence[Incident]) -> None:
        """Add or replace incidents, in one transaction."""

        def save(connection: sqlite3.Connection) -> None:
            _need(connection, account)
            connection.executemany(
                "INSERT INTO incident (account, id, opened_at, closed_at, value) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (account, id) DO UPDATE "
                "SET opened_at = excluded.opened_at, closed_at = excluded.closed_at, value = excluded.value",
                [
                    (
                        account,
                        incident.id,
                        microseconds(incident.opened_at),
                        None if incident.closed_at is None else microseconds(incident.closed_at),
                        encode(incident),
                    )
                    for incident in incidents
                ],
            )

        await self._worker.write(save)

    async def notes(self, account: AccountName) -> Mapping[ConnectionId, str]:
        """Return what somebody wrote down about connections."""
        return await self._worker.read(partial(read.notes, account=account))

    async def save_note(self, account: AccountName, connection: ConnectionId, text: str) -> None:
        """Replace a connection's note; an empty one is removed."""

        def save(database: sqlite3.Connection) -> None:
            _need(database, account)
            moving.write_note(database, account, connection, text)

        await self._worker.write(save)

    async def repair_queue(self, account: AccountName) -> bytes | None:
        """Return the repair queue as its owner encoded it."""
        return await self._worker.read(partial(read.repair_queue, account=account))

    async def save_repair_queue(self, account: AccountName, value: bytes | None) -> None:
        """Replace the repair queue; None removes it."""

        def save(connection: sqlite3.Connection) -> None:
            _need(connection, account)
            connection.execute("DELETE FROM repair_queue WHERE account = ?", (account,))
            if value is not None:
                connection.execute("INSERT INTO repair_queue VALUES (?, ?)", (account, value))

        await self._worker.write(save)

    async def move_connection(self, account: AccountName, old: ConnectionId, new: ConnectionId) -> None:
        """Give health history, activity, day strip, syncs and note of `old` to `new`, in one transaction."""

        def move(connection: sqlite3.Connection) -> None:
            _need(connection, account)
            moving.move(connection, account, old, new)

        await self._worker.write(move)

    async def compact(self, now: datetime) -> None:
        """Let go of old detail, of all accounts, in steps between which others are served."""
        await compaction.compact(self._worker, now)

    async def findings(self, account: AccountName) -> tuple[Finding, ...]:
        """Return what was found out about an account's server."""
        return tuple((await self._worker.read(partial(read.findings, account=account))).values())

    async def save_findings(self, account: AccountName, findings: Sequence[Finding]) -> None:
        """Add or replace findings; of two about one capability the later one stays."""

        def save(connection: sqlite3.Connection) -> None:
            _need(connection, account)
            known = read.findings(connection, account)
            later = {
                found.capability: found
                for found in findings
                if found.capability not in known or found.at >= known[found.capability].at
            }
            connection.execute(
                "INSERT INTO server (account, findings) VALUES (?, ?) "
                "ON CONFLICT (account) DO UPDATE SET findings = excluded.findings",
                (account, encode(known | later)),
            )

        await self._worker.write(save)

    async def version_news(self, account: AccountName) -> VersionNews | None:
        """Return what an account's server said of its API version."""
        return await self._worker.read(partial(read.version_news, account=account))

    async def save_version_news(self, account: AccountName, news: VersionNews) -> None:
        """Replace that."""

        def save(connection: sqlite3.Connection) -> None:
            _need(connection, account)
            connection.execute(
                "INSERT INTO server (account, version) VALUES (?, ?) "
                "ON CONFLICT (account) DO UPDATE SET version = excluded.version",
                (account, encode(news)),
            )

        await self._worker.write(save)

    async def setting(self, key: str) -> str | None:
        """Return a setting."""
        return (await self._worker.read(read.settings)).get(key)

    async def set_setting(self, key: str, value: str) -> None:
        """Keep a setting."""

        def keep(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO setting (key, value) VALUES (?, ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )

        await self._worker.write(keep)

    async def data_version(self) -> int:
        """Return a number that is another one once another process has written."""

        def version(connection: sqlite3.Connection) -> int:
            number: int = connection.execute("PRAGMA data_version").fetchone()[0]
            return number

        return await self._worker.read(version)


def _need(connection: sqlite3.Connection, account: AccountName) -> None:
    if connection.execute("SELECT 1 FROM account WHERE name = ?", (account,)).fetchone() is None:
        raise UsageError(_("There is no account “{name}”.").format(name=account))
