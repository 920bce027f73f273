"""The program's window on a sandbox of many connections: one breaks after the other, while all are checked.

Arguments: profile folder, connections, breaks. Prints one JSON document: when each connection broke, by the
clock that other processes on this computer read too.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from makini_desktop.core.paths import Paths
from makini_desktop.desktop import run_window
from makini_desktop.domain.connection import ConnectionId, ConnectionStatus
from makini_desktop.domain.evidence import AccessRefused, Evidence, EvidenceSource, StatusSeen
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import Incident
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.services.store import Row
from makini_desktop.session import Desktop

PATIENCE = 120.0


class Breaks:
    """Breaks connections that were checked, and repairs them, as if a check had found that."""

    def __init__(self, desktop: Desktop) -> None:
        self._program = desktop.program
        self._program.alerts.window_in_front = lambda: False
        self._news = asyncio.Event()
        self._program.store.incidents_changed.subscribe(lambda _ids: self._news.set())

    async def run(self, count: int) -> list[tuple[str, float]]:
        broke = []
        while len(checked := self._checked()) < count:  # noqa: ASYNC110 - the checks go on, nobody tells
            await asyncio.sleep(0.5)
        for row in checked[:count]:
            broke.append((row.connection.name, time.perf_counter()))
            await self._break(row.id)
            await self._repair(row.id)
            await asyncio.sleep(0.05)
        return broke

    async def _break(self, connection: ConnectionId) -> None:
        evidence = Evidence(source=EvidenceSource.STATUS, at=self._program.clock.now(), detail="401")
        self._program.ledger.note(connection, [AccessRefused(evidence, "REAUTHORIZATION_REQUIRED")])
        await self._until(lambda: any(each.told for each in self._of(connection)))

    async def _repair(self, connection: ConnectionId) -> None:
        evidence = Evidence(source=EvidenceSource.STATUS, at=self._program.clock.now(), detail="200")
        good = ConnectionStatus(online=True, reauthorization_required=False)
        self._program.ledger.note(connection, [StatusSeen(evidence, good)])
        await self._until(lambda: not self._of(connection))

    def _of(self, connection: ConnectionId) -> list[Incident]:
        return [each for each in self._program.incidents.open if connection in each.broken]

    def _checked(self) -> list[Row]:
        return [
            row
            for row in self._program.store.rows.values()
            if row.health is Health.HEALTHY and row.facts.status
        ]

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()


def main() -> None:
    folder, connections, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    broke: list[tuple[str, float]] = []

    async def script(desktop: Desktop) -> None:
        broke.extend(await Breaks(desktop).run(count))

    run_window(
        Options(
            paths=Paths(folder),
            sandbox=True,
            vault=VaultKind.MEMORY,
            sandbox_arguments=("--connections", connections),
        ),
        script,
    )
    print(json.dumps(broke))


if __name__ == "__main__":
    main()
