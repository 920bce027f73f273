"""The program's window on a sandbox of many connections: says how the first list and a sweep went.

Arguments: profile folder, connections, seconds of the sweep. Prints one JSON document.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from makini_desktop.core.paths import Paths
from makini_desktop.desktop import run_window
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.session import Desktop
from tests.benchmarks.lateness import Lateness


async def watch(desktop: Desktop, connections: int, seconds: float) -> None:
    program, model = desktop.program, desktop.window.model
    began = time.perf_counter()
    while model.rowCount() < connections:  # noqa: ASYNC110 - the moment it is shown, not told
        await asyncio.sleep(0.005)
    await program.ledger.flush()
    listed = time.perf_counter() - began
    lateness = Lateness()
    before = len([row for row in program.store.rows.values() if row.facts.token is not None])
    await asyncio.sleep(seconds)
    late = lateness.summary()
    checked = len([row for row in program.store.rows.values() if row.facts.token is not None]) - before
    print(
        json.dumps(
            {
                "listed": listed,
                **late,
                "checked": checked,
            }
        ),
        flush=True,
    )


folder, count, length = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
sys.exit(
    run_window(
        Options(
            paths=Paths(folder),
            sandbox=True,
            sandbox_arguments=("--connections", str(count)),
            vault=VaultKind.MEMORY,
        ),
        script=lambda desktop: watch(desktop, count, length),
    )
)
