"""``makini-desktop watch``: one line for each change of health, as it happens.

While a window runs on the profile it does the asking, and its writes are followed; else this command
watches itself, one for each account at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import stat
import sys
from contextlib import suppress
from typing import Any

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import HealthChange
from makini_desktop.services import moments, wording
from makini_desktop.services.store import Line, Online, Row

LOOK_EVERY = 1.0
"""Seconds between looks at what a window has written, and whether one runs."""

REASSESS_EVERY = 15
"""Looks after which the clock may speak: proofs grow old, syncs get late."""


async def watch(program: Program, arguments: argparse.Namespace) -> int:
    """Watch until SIGINT, SIGTERM, or until nobody reads what is printed."""
    await program.open()
    watching = _Watch(program, as_json=arguments.json)
    end = asyncio.Event()
    watching.ended_by(end)
    work = asyncio.ensure_future(watching.run())
    ended = asyncio.ensure_future(end.wait())
    await asyncio.wait((work, ended), return_when=asyncio.FIRST_COMPLETED)
    for task in (work, ended):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await work
    return 0


class _Watch:
    """Prints what changes.

    Args:
        as_json: one JSON object on each line, else words.
    """

    def __init__(self, program: Program, *, as_json: bool) -> None:
        self._program = program
        self._as_json = as_json
        self._healths = {row.id: row.health for row in program.store.rows.values()}
        self._changes: dict[ConnectionId, HealthChange] = {}
        program.ledger.health_log.noted.subscribe(self._noted)
        program.store.changed.subscribe(self._rows_changed)
        program.store.line_changed.subscribe(self._line_changed)

    def ended_by(self, end: asyncio.Event) -> None:
        """Set `end` on SIGINT and SIGTERM, and once nobody reads any more."""
        self._end = end
        loop = asyncio.get_running_loop()
        if sys.platform == "win32":
            return  # Ctrl+C ends the loop there, which is said by the caller
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end.set)
        out = sys.stdout.fileno()
        if stat.S_ISFIFO(os.fstat(out).st_mode):
            loop.add_reader(out, end.set)  # the writing end of a pipe "can be read" once the other is closed

    async def run(self) -> None:
        """Follow a window while there is one, else watch."""
        while True:
            await self._follow()
            await self._watch_alone()

    async def _follow(self) -> None:
        """Tell what somebody else writes, until nobody does."""
        ledger, looks = self._program.ledger, 0
        while await self._somebody_watches():
            if not looks:
                self._tell_state("other")
            try:
                await ledger.adopt()
                if looks % REASSESS_EVERY == 0:
                    ledger.reassess(tuple(self._program.store.rows))
            finally:
                ledger.forget_unsaved()  # whom we follow keeps the same
            looks += 1
            await self._program.clock.sleep(LOOK_EVERY)

    async def _watch_alone(self) -> None:
        """Watch until a window does, which needs its own look at everything."""
        program = self._program
        async with program.presence.of_command() as alone:
            if not alone:
                return
            self._tell_state("self")
            program.watch_quietly()
            while not await program.presence.window_watches():
                await program.clock.sleep(LOOK_EVERY)
            await program.rest()

    async def _somebody_watches(self) -> bool:
        presence = self._program.presence
        async with presence.of_command() as alone:
            return not alone or await presence.window_watches()

    def _noted(self, change: HealthChange) -> None:
        self._changes[change.connection] = change

    def _rows_changed(self, ids: frozenset[ConnectionId]) -> None:
        for connection in ids & self._changes.keys():
            change = self._changes.pop(connection)
            if (row := self._program.store.row(connection)) is not None:
                self._tell_change(row, change)

    def _tell_change(self, row: Row, change: HealthChange) -> None:
        now = self._program.clock.now()
        before = self._healths.get(row.id)
        self._healths[row.id] = change.health
        self._tell(
            {
                "event": "health",
                "at": output.time_of(change.at),
                "before": _one(before).value if before is not None else None,
                **output.row_document(row, now),
                "health": change.health.value,
            },
            f"{moments.moment_short(change.at, now)}  {wording.health_word(change.health)}  "
            f"{row.connection.name} · {row.connection.system}  {wording.reason_short(row, now)}".rstrip(),
        )

    def _line_changed(self, line: Line) -> None:
        now = self._program.clock.now()
        words = "" if isinstance(line, Online) else line.words
        self._tell(
            {
                "event": "line",
                "at": output.time_of(now),
                "line": line.__struct_config__.tag,
                "words": words,
            },
            f"{moments.moment_short(now, now)}  {words or _('Makini is reached again.')}",
        )

    def _tell_state(self, by: str) -> None:
        program = self._program
        now = program.clock.now()
        self._tell(
            {
                "event": "watching",
                "at": output.time_of(now),
                "by": by,
                "account": program.account.name,
                "connections": len(program.store.rows),
                "counts": output.counts_document(program.store),
            },
            f"{moments.moment_short(now, now)}  {program.account.name}",
        )

    def _tell(self, document: dict[str, Any], words: str) -> None:
        try:
            if self._as_json:
                output.json_line(document)
            else:
                output.line(words)
        except BrokenPipeError:
            output.nobody_reads()
            self._end.set()


def _one(health: Health) -> Health:
    """Return the health as the history knows it: a sync makes no difference."""
    return Health.HEALTHY if health is Health.SYNCING else health
