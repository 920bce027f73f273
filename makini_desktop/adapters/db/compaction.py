"""Letting go of old detail, so that the file stays small however many connections there are and break.

While all detail of a kind is within its share of the file, each connection keeps as much as one may. Beyond
it each keeps an equal part of the share. So the file's size has a bound: about 390 MB with 10,000
connections that break all day, and what a quiet one tells of 90 days is kept in full.

It goes in steps of some 20 ms, each a job of its own, between which the others get their turn.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from functools import partial

import msgspec

from makini_desktop.adapters.db import history
from makini_desktop.adapters.db.values import microseconds
from makini_desktop.adapters.db.worker import Worker
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.history import KEPT_FOR, shortened

SYNCS_KEPT = 200
ACTIVITY_KEPT = 500
CHANGES_KEPT = 500
"""For one connection, at most."""

SYNCS_SHARE = 160_000
ACTIVITY_SHARE = 300_000
CHANGES_SHARE = 600_000
"""For all together, from which on each keeps an equal part: some 100, 120 and 100 MB."""

CONNECTIONS_AT_ONCE = 10
PAGES_AT_ONCE = 256
PAGES_FREE = 1024
"""Free pages (4 KiB) that stay in the file, to be used again."""


class Kept(msgspec.Struct, frozen=True):
    """How many of each a connection keeps."""

    syncs: int
    activity: int
    changes: int


async def compact(worker: Worker, now: datetime) -> None:
    """Let go of what is too old or too much, and give the space back.

    Raises:
        ProfileUnwritable: what was done stays done; the next call goes on.
    """
    await worker.write(partial(_forget_old, now=now))
    kept = await worker.read(_kept)
    last: tuple[str, str] | None = ("", "")
    while last is not None:
        last = await worker.write(partial(_shorten, after=last, kept=kept, now=now))
    while await worker.write(_give_back):
        pass


def trim(
    connection: sqlite3.Connection,
    account: AccountName,
    id_: ConnectionId,
    *,
    syncs: int | None = None,
    activity: int | None = None,
) -> None:
    """Leave a connection so many of its newest syncs and timeline entries; None leaves all."""
    for table, order, keep in (
        ("sync", "at DESC NULLS FIRST, rowid DESC", syncs),
        ("activity", "at DESC, id DESC", activity),
    ):
        if keep is not None:
            connection.execute(
                f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} "  # noqa: S608 - our words
                f"WHERE account = ? AND connection = ? ORDER BY {order} LIMIT -1 OFFSET ?)",
                (account, id_, keep),
            )


def _forget_old(connection: sqlite3.Connection, now: datetime) -> None:
    oldest = now - KEPT_FOR
    connection.execute("DELETE FROM incident WHERE closed_at < ?", (microseconds(oldest),))
    connection.execute("DELETE FROM day WHERE day < ?", (oldest.date().isoformat(),))


def _kept(connection: sqlite3.Connection) -> Kept:
    count = _count(connection, "connection")

    def part(table: str, share: int, most: int) -> int:
        return most if _count(connection, table) <= share else min(most, max(1, share // max(1, count)))

    return Kept(
        syncs=part("sync", SYNCS_SHARE, SYNCS_KEPT),
        activity=part("activity", ACTIVITY_SHARE, ACTIVITY_KEPT),
        changes=part("health_change", CHANGES_SHARE, CHANGES_KEPT),
    )


def _count(connection: sqlite3.Connection, table: str) -> int:
    number: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own word
    return number


def _shorten(
    connection: sqlite3.Connection, after: tuple[str, str], kept: Kept, now: datetime
) -> tuple[str, str] | None:
    """Shorten some connections and return the last one of them; None at the end."""
    ids = connection.execute(
        "SELECT account, id FROM connection WHERE (account, id) > (?, ?) ORDER BY account, id LIMIT ?",
        (*after, CONNECTIONS_AT_ONCE),
    ).fetchall()
    for account, id_ in ids:
        trim(connection, account, id_, syncs=kept.syncs, activity=kept.activity)
        _shorten_history(connection, account, id_, kept.changes, now)
    return ids[-1] if ids else None


def _shorten_history(
    connection: sqlite3.Connection, account: AccountName, id_: ConnectionId, keep: int, now: datetime
) -> None:
    count, first = connection.execute(
        "SELECT count(*), min(at) FROM health_change WHERE account = ? AND connection = ?", (account, id_)
    ).fetchone()
    # Some more may gather, so that each is seldom rewritten.
    if count > keep + keep // 4 or (count > 1 and first < microseconds(now - KEPT_FOR)):
        before = history.read(connection, account, id_)
        history.replace(connection, account, id_, before, shortened(before, now, keep))


def _give_back(connection: sqlite3.Connection) -> bool:
    """Give some free pages back to the disk; return whether there are more than may stay."""
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    surplus: int = free - PAGES_FREE
    if surplus > 0:
        # Each row fetched is one page.
        connection.execute(f"PRAGMA incremental_vacuum({min(surplus, PAGES_AT_ONCE)})").fetchall()
    return surplus > PAGES_AT_ONCE
