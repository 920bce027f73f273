"""What the window shows before anything else runs, read at once on the caller's thread.

A thousand connections take some 20 ms, so that the first frame has its rows; the program's own
connection (`database`) opens after it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import msgspec

from makini_desktop.adapters.db import read
from makini_desktop.adapters.db.schema import MIGRATIONS
from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import Sync
from makini_desktop.services.store import StoredConnection

Choose = Callable[[tuple[Account, ...], Mapping[str, str]], Account | None]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What was stored when the program last wrote.

    Attributes:
        account: the chosen one; without it there are no connections, syncs and strips.
        running: the sync under way, by connection.
        strips: the worst health by connection and day.
    """

    accounts: tuple[Account, ...]
    settings: Mapping[str, str]
    account: Account | None = None
    connections: tuple[StoredConnection, ...] = ()
    running: Mapping[ConnectionId, Sync] = {}
    strips: Mapping[ConnectionId, Mapping[str, Health]] = {}


def read_at_start(path: Path, choose: Choose, first_day: str) -> Snapshot | None:
    """Read what the window shows first.

    Args:
        path: the database file; it is not changed, not even when it is old or damaged.
        choose: picks the account to show, from all of them and the settings.
        first_day: where the strips begin (ISO date, UTC).

    Returns:
        None where nothing can be shown at once: a first start, a file that has to be migrated, is too new
        or damaged, or is kept busy. Opening the database then says which.
    """
    if not path.exists():
        return None
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.05)
        ) as connection:
            return _read(connection, choose, first_day)
    except (sqlite3.Error, msgspec.MsgspecError):
        return None


def _read(connection: sqlite3.Connection, choose: Choose, first_day: str) -> Snapshot | None:
    connection.execute("BEGIN")  # one state for all that is read
    if connection.execute("PRAGMA user_version").fetchone()[0] != len(MIGRATIONS):
        return None
    accounts = read.accounts(connection)
    settings = read.settings(connection)
    account = choose(accounts, settings)
    if account is None:
        return Snapshot(accounts=accounts, settings=settings)
    return Snapshot(
        accounts=accounts,
        settings=settings,
        account=account,
        connections=read.connections(connection, account.name),
        running=read.running_syncs(connection, account.name),
        strips=read.strips(connection, account.name, first_day),
    )
