"""What SQLite's failures mean to the person."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.errors import MakiniDesktopError, ProfileInUse, ProfileUnwritable, StoreDamaged

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNWRITABLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
}


def explain(error: Exception, path: Path) -> Exception:
    """Return the error of the tree that `error` stands for, or `error` itself if it is none of these."""
    match error:
        case sqlite3.Error():
            explained = _of_sqlite(error, path)
        case OSError():
            explained = _unwritable(path)
        case msgspec.MsgspecError():
            explained = damaged(path)
        case _:
            return error
    explained.__cause__ = error
    return explained


def damaged(path: Path) -> StoreDamaged:
    """Return the error for a file that cannot be read as it should."""
    return StoreDamaged(
        _(
            "The store {path} is damaged; nothing in it was changed. Move it away to begin with an empty "
            "one, or put the newest backup beside it in its place."
        ).format(path=path)
    )


def _of_sqlite(error: sqlite3.Error, path: Path) -> MakiniDesktopError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits only say where it happened
    if code in _BUSY:
        return ProfileInUse(
            _("Another Makini Desktop keeps the store {path} busy. Close it and try again.").format(path=path)
        )
    if code in _UNWRITABLE:
        return _unwritable(path)
    return damaged(path)


def _unwritable(path: Path) -> ProfileUnwritable:
    return ProfileUnwritable(
        _("The store {path} cannot be written. Check free space and permissions of its folder.").format(
            path=path
        )
    )
