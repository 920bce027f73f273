"""What is asked of the file, for the running program and for its start alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Set

import msgspec

from makini_desktop.adapters.db.values import decode_each
from makini_desktop.domain.account import Account, AccountName
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.capability import Capability, Finding
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import Incident
from makini_desktop.domain.sync import Sync
from makini_desktop.domain.version import VersionNews
from makini_desktop.services.store import StoredConnection

_LAST_DAY = "9999-12-31"

_decode_day = msgspec.json.Decoder(dict[ConnectionId, Health]).decode
_decode_findings = msgspec.json.Decoder(dict[Capability, Finding]).decode
_decode_news = msgspec.json.Decoder(VersionNews).decode


def accounts(connection: sqlite3.Connection) -> tuple[Account, ...]:
    """Return all accounts by name."""
    return decode_each(_column(connection, "SELECT value FROM account ORDER BY name"), Account)


def connections(connection: sqlite3.Connection, account: AccountName) -> tuple[StoredConnection, ...]:
    """Return an account's connections in the order in which they came."""
    return decode_each(
        _column(connection, "SELECT value FROM connection WHERE account = ? ORDER BY rowid", account),
        StoredConnection,
    )


def syncs(
    connection: sqlite3.Connection, account: AccountName, connection_id: ConnectionId, limit: int
) -> tuple[Sync, ...]:
    """Return the newest syncs of a connection, the newest first."""
    return decode_each(
        _column(
            connection,
            "SELECT value FROM sync WHERE account = ? AND connection = ? "
            "ORDER BY at DESC NULLS FIRST, rowid DESC LIMIT ?",
            account,
            connection_id,
            limit,
        ),
        Sync,
    )


def running_syncs(connection: sqlite3.Connection, account: AccountName) -> dict[ConnectionId, Sync]:
    """Return the newest sync of each connection that had not ended."""
    rows = connection.execute(
        "SELECT connection, value FROM sync WHERE account = ? AND running ORDER BY at NULLS LAST, rowid",
        (account,),
    ).fetchall()
    running = decode_each((value for _id, value in rows), Sync)
    return dict(zip((ConnectionId(id_) for id_, _value in rows), running, strict=True))


def activity(
    connection: sqlite3.Connection,
    account: AccountName,
    connection_id: ConnectionId,
    limit: int,
    kinds: Set[ActivityKind] | None = None,
    text: str = "",
) -> tuple[Activity, ...]:
    """Return the newest matching entries of a connection's timeline, the newest first.

    Few are kept of each connection, so that each is looked at: SQLite would take "Ä" and "ä" for two.
    """
    entries = decode_each(
        _column(
            connection,
            "SELECT value FROM activity WHERE account = ? AND connection = ? ORDER BY at DESC, id DESC",
            account,
            connection_id,
        ),
        Activity,
    )
    return tuple([entry for entry in entries if entry.matches(kinds, text)][:limit])


def days(
    connection: sqlite3.Connection, account: AccountName, first_day: str, last_day: str = _LAST_DAY
) -> dict[str, dict[ConnectionId, Health]]:
    """Return each day's worst healths, both days included, the oldest first."""
    rows = connection.execute(
        "SELECT day, value FROM day WHERE account = ? AND day BETWEEN ? AND ? ORDER BY day",
        (account, first_day, last_day),
    )
    return {day: _decode_day(value) for day, value in rows}


def strips(
    connection: sqlite3.Connection, account: AccountName, first_day: str
) -> dict[ConnectionId, dict[str, Health]]:
    """Return each connection's worst health by day."""
    found: dict[ConnectionId, dict[str, Health]] = {}
    for day, worst in days(connection, account, first_day).items():
        for id_, health in worst.items():
            found.setdefault(id_, {})[day] = health
    return found


def findings(connection: sqlite3.Connection, account: AccountName) -> dict[Capability, Finding]:
    """Return what was found out about an account's server."""
    kept = _column(connection, "SELECT findings FROM server WHERE account = ?", account)
    return _decode_findings(kept[0]) if kept and kept[0] is not None else {}


def version_news(connection: sqlite3.Connection, account: AccountName) -> VersionNews | None:
    """Return what an account's server said of its version."""
    kept = _column(connection, "SELECT version FROM server WHERE account = ?", account)
    return _decode_news(kept[0]) if kept and kept[0] is not None else None


def incidents(connection: sqlite3.Connection, account: AccountName) -> tuple[Incident, ...]:
    """Return the incidents that are kept, the oldest first."""
    return decode_each(
        _column(
            connection, "SELECT value FROM incident WHERE account = ? ORDER BY opened_at, rowid", account
        ),
        Incident,
    )


def notes(connection: sqlite3.Connection, account: AccountName) -> dict[ConnectionId, str]:
    """Return what somebody wrote down about connections."""
    return dict(connection.execute("SELECT connection, text FROM note WHERE account = ?", (account,)))


def repair_queue(connection: sqlite3.Connection, account: AccountName) -> bytes | None:
    """Return the repair queue as its owner encoded it."""
    kept = _column(connection, "SELECT value FROM repair_queue WHERE account = ?", account)
    return kept[0] if kept else None


def settings(connection: sqlite3.Connection) -> dict[str, str]:
    """Return all settings."""
    return dict(connection.execute("SELECT key, value FROM setting"))


def _column(connection: sqlite3.Connection, query: str, *parameters: str | int) -> list[bytes]:
    return [value for (value,) in connection.execute(query, parameters)]
