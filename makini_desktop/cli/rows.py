"""The connections that a command names, after the list was read."""

from __future__ import annotations

from collections.abc import Sequence

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import UsageError
from makini_desktop.services.store import Row


async def rows_named(program: Program, ids: Sequence[str]) -> list[Row]:
    """Open the program and return the rows named, each once, reading the list first.

    Raises:
        UsageError: an id is not in the account.
        MakiniDesktopError: the list cannot be read, so nothing can be ordered either.
    """
    await program.open()
    await read_list(program)
    return [row_of(program, ConnectionId(each)) for each in dict.fromkeys(ids)]


async def read_list(program: Program) -> None:
    """Read the list, and say so if the server did not give all of it."""
    if not await program.monitor.read_list():
        output.warn(_("Makini's list broke off; what it did not name is shown as it was known before."))


def row_of(program: Program, connection: ConnectionId) -> Row:
    """Return one row of an open program.

    Raises:
        UsageError: the id is not in the account.
    """
    row = program.store.row(connection)
    if row is None:
        raise UsageError(
            _("There is no connection “{id}” in the account “{account}”.").format(
                id=connection, account=program.account.name
            )
        )
    return row
