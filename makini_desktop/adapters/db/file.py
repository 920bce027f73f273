"""Opening the file: made at first use, migrated when old, refused when newer or damaged."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from makini_desktop.adapters.db.failure import damaged, explain
from makini_desktop.core.text import _
from makini_desktop.domain.errors import MakiniDesktopError, ProfileInUse, StoreTooNew

BUSY_SECONDS = 5.0
BACKUPS_KEPT = 3
JOURNAL_BYTES = 16 * 1024 * 1024
"""What the write-ahead log is cut back to after a large transaction."""

_INCREMENTAL = 2
"""SQLite's number for `auto_vacuum = INCREMENTAL`."""


def open_file(path: Path, lock: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    """Return a connection to a file of the newest version.

    Args:
        path: the database file; made, for its owner only, if it is not there.
        lock: the lock file that whoever makes or migrates the file holds.
        migrations: SQL scripts; the n-th makes version n of version n-1.

    Raises:
        StoreTooNew: a newer program wrote the file.
        StoreDamaged: it is no database, or damaged.
        ProfileInUse: another process has the file open and a migration is due.
        ProfileUnwritable: the disk is full or the folder not ours.
    """
    try:
        if _version(path) < len(migrations):
            _bring_up_to_date(path, lock, migrations)
        return _connect(path, migrations)
    except (sqlite3.Error, OSError) as error:
        raise explain(error, path) from error


def _version(path: Path) -> int:
    """Return the file's version; 0 before its first use."""
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        return _version_of(connection)


def _version_of(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _connect(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _refuse_newer(_version_of(connection), path, migrations)
        # No acknowledged write is lost with the power; the worker's group commits make it cheap.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_newer(version: int, path: Path, migrations: Sequence[str]) -> None:
    if version > len(migrations):
        raise StoreTooNew(
            _(
                "The store {path} has version {found}, this program knows versions up to {known}. "
                "Install the newer Makini Desktop that wrote it."
            ).format(path=path, found=version, known=len(migrations))
        )


def _bring_up_to_date(path: Path, lock: Path, migrations: Sequence[str]) -> None:
    from filelock import FileLock, Timeout

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=BUSY_SECONDS, mode=0o600):
            if _version(path) >= len(migrations):
                return  # another process did it while this one waited, and may have the file open
            _create(path)
            with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
                # Leaving WAL needs the file for us alone: no process is left that expects the old tables.
                connection.execute("PRAGMA journal_mode = DELETE")
                begun = _version_of(connection)
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # taken up by an empty file at once
                for version in range(begun, len(migrations)):
                    if begun > 0:
                        _check(connection, path)
                        _back_up(connection, path, version)
                    _apply(connection, migrations[version], version + 1)
                _let_it_shrink(connection)
                connection.execute("PRAGMA journal_mode = WAL")
    except Timeout as error:
        raise _in_use(path) from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise _in_use(path) from error
        raise


def _in_use(path: Path) -> MakiniDesktopError:
    return ProfileInUse(
        _(
            "The store {path} has to be brought up to date first, and another Makini Desktop has it open. "
            "Close it and try again."
        ).format(path=path)
    )


def _create(path: Path) -> None:
    """Make an empty file for its owner only; SQLite gives the files beside it the same mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise damaged(path)


def _apply(connection: sqlite3.Connection, script: str, version: int) -> None:
    try:
        connection.executescript(f"BEGIN EXCLUSIVE;\n{script}\n;PRAGMA user_version = {version};\nCOMMIT;")
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise


def _let_it_shrink(connection: sqlite3.Connection) -> None:
    """Write the file anew if it cannot give free pages back; those of the first releases cannot."""
    if connection.execute("PRAGMA auto_vacuum").fetchone()[0] != _INCREMENTAL:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("VACUUM")


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    backup = path.with_name(f"{path.name}.backup-{version}")
    unfinished = path.with_name(f"{backup.name}.new")
    unfinished.unlink(missing_ok=True)
    _create(unfinished)
    with closing(sqlite3.connect(unfinished)) as copy:
        connection.backup(copy)
    unfinished.replace(backup)
    backups = [
        (int(number), old)
        for old in path.parent.glob(f"{path.name}.backup-*")
        if (number := old.name.rpartition("-")[2]).isdecimal()
    ]
    for _number, old in sorted(backups)[:-BACKUPS_KEPT]:
        old.unlink()
