"""``makini-desktop disconnect``: end a connection, after a question."""

from __future__ import annotations

import argparse
import asyncio
import sys

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.cli.rows import row_of, rows_named
from makini_desktop.core.text import _
from makini_desktop.domain.errors import UsageError
from makini_desktop.services.settings_words import disconnect_question, disconnected


async def disconnect(program: Program, arguments: argparse.Namespace) -> int:
    """Say what ends and what stays, ask, and end it.

    Returns:
        1 if the person does not want it.

    Raises:
        UsageError: there is nobody to ask, and nobody said yes before.
    """
    (row,) = await rows_named(program, [arguments.id])
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise UsageError(
                _("Nobody can be asked whether to disconnect {customer}; add --yes to do it.").format(
                    customer=row.connection.name
                )
            )
        output.warn(" ".join(disconnect_question(row)))
        if not await asyncio.to_thread(_agreed):
            output.warn(_("Nothing was changed."))
            return 1
    await program.connecting.ending.run(row.id)
    if arguments.json:
        after = row_of(program, row.id)
        output.document(output.row_document(after, program.clock.now()))
    else:
        output.say(disconnected(row.connection.name))
    return 0


def _agreed() -> bool:
    """Ask on the terminal; only a clear yes is one."""
    sys.stderr.write(_("Disconnect? (yes/no) "))
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in (_("yes"), "yes", "y")
