"""Looking at the account before a command tells of it: fresh where possible, else as stored, saying so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.cli.rows import read_list
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ClientRejected,
    MakiniDesktopError,
    MakiniMustAct,
    PermissionDenied,
)
from makini_desktop.services.ports import Priority

AT_ONCE = 8
NOTHING_FRESH = (MakiniMustAct, ClientRejected, PermissionDenied)
"""Errors after which what is stored is still worth telling."""


async def look_at_all(program: Program) -> MakiniDesktopError | None:
    """Read the list and check every connection.

    Returns:
        None, or why that could not be; it was said, and what is stored is there.

    Raises:
        MakiniDesktopError: nothing can be read and nothing is stored.
    """
    try:
        await read_list(program)
        await check_all(program, [row.id for row in program.store.rows.values() if row.connection.readable])
    except NOTHING_FRESH as error:
        if not program.store.rows:
            raise
        say_stored(error)
        return error
    return None


async def check_all(program: Program, ids: Sequence[ConnectionId]) -> None:
    """Check connections, few at once."""
    queue = list(reversed(ids))

    async def work() -> None:
        while queue:
            await program.monitor.check(queue.pop(), Priority.PERSON)

    tasks = [asyncio.create_task(work()) for _each in range(min(AT_ONCE, len(queue)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        queue.clear()
        await asyncio.gather(*tasks, return_exceptions=True)


def say_stored(error: MakiniDesktopError) -> None:
    """Say why nothing fresh is told."""
    output.error(error)
    output.warn(_("This is what was known before."))
