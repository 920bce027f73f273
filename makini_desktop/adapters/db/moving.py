"""Giving what is kept of one connection to another, after a login made a new one of it."""

from __future__ import annotations

import sqlite3

import msgspec

from makini_desktop.adapters.db import history, read
from makini_desktop.adapters.db.values import decode_each, encode
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.activity import Activity
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import SEVERITY
from makini_desktop.domain.history import HealthHistory, joined


def move(connection: sqlite3.Connection, account: AccountName, old: ConnectionId, new: ConnectionId) -> None:
    """Give health history, activity, day strip, syncs and note of `old` to `new`."""
    if old != new:
        _move_history(connection, account, old, new)
        _move_activity(connection, account, old, new)
        _move_days(connection, account, old, new)
        _move_note(connection, account, old, new)
        _move_syncs(connection, account, old, new)


def _move_syncs(
    connection: sqlite3.Connection, account: AccountName, old: ConnectionId, new: ConnectionId
) -> None:
    connection.execute(
        "UPDATE OR IGNORE sync SET connection = ? WHERE account = ? AND connection = ?", (new, account, old)
    )
    connection.execute("DELETE FROM sync WHERE account = ? AND connection = ?", (account, old))


def _move_history(
    connection: sqlite3.Connection, account: AccountName, old: ConnectionId, new: ConnectionId
) -> None:
    given, own = history.read(connection, account, old), history.read(connection, account, new)
    renamed = msgspec.structs.replace(
        given,
        changes=tuple(msgspec.structs.replace(change, connection=new) for change in given.changes),
    )
    history.replace(connection, account, old, given, HealthHistory())
    history.replace(connection, account, new, own, joined(renamed, own))


def _move_activity(
    connection: sqlite3.Connection, account: AccountName, old: ConnectionId, new: ConnectionId
) -> None:
    rows = connection.execute(
        "SELECT id, value FROM activity WHERE account = ? AND connection = ?", (account, old)
    ).fetchall()
    entries = decode_each((value for _id, value in rows), Activity)
    connection.executemany(
        "UPDATE activity SET connection = ?, value = ? WHERE id = ?",
        [
            (new, encode(msgspec.structs.replace(entry, connection=new)), id_)
            for (id_, _value), entry in zip(rows, entries, strict=True)
        ],
    )


def _move_days(
    connection: sqlite3.Connection, account: AccountName, old: ConnectionId, new: ConnectionId
) -> None:
    for day, worst in read.days(connection, account, first_day="").items():
        if (given := worst.pop(old, None)) is not None:
            worst[new] = min(given, worst.get(new, given), key=SEVERITY.__getitem__)
            connection.execute(
                "UPDATE day SET value = ? WHERE account = ? AND day = ?", (encode(worst), account, day)
            )


def _move_note(
    connection: sqlite3.Connection, account: AccountName, old: ConnectionId, new: ConnectionId
) -> None:
    notes = read.notes(connection, account)
    if old in notes:
        write_note(connection, account, old, "")
        write_note(connection, account, new, "\n".join(filter(None, (notes[old], notes.get(new)))))


def write_note(connection: sqlite3.Connection, account: AccountName, id_: ConnectionId, text: str) -> None:
    """Replace a connection's note; an empty one is removed."""
    if text:
        connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?, ?)", (account, id_, text))
    else:
        connection.execute("DELETE FROM note WHERE account = ? AND connection = ?", (account, id_))
