"""The program's window on an account that it knows: what watching costs once everybody was looked at.

Arguments: profile folder, seconds to measure (0: how much memory it holds). Prints one JSON document.

The turns of all connections are spread evenly over their regular interval, as they are after a while; what is
measured is a part of that interval.
"""

import asyncio
import gc
import json
import os
import re
import sys
import time
from collections import Counter
from pathlib import Path

from makini_desktop.core.paths import Paths
from makini_desktop.domain.token import Secret
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.ui.application import keep_no_sources

SETTLE = 20.0
"""Seconds until what a start brings about is over."""


def proportional_set() -> int:
    """Return this process's share of memory in KiB."""
    found = re.search(r"^Pss:\s+(\d+)", Path("/proc/self/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


async def measure(desktop: "Desktop", seconds: float) -> None:
    program = desktop.program
    monitor, requests = program.monitor, Counter[str]()
    add = program.traffic.add

    def counted(seen) -> None:
        requests[str(seen.status)] += 1
        add(seen)

    program.traffic.add = counted
    now, rows = program.clock.now(), tuple(program.store.rows)
    interval = monitor._pace.even(len(rows))
    for place, connection in enumerate(rows):
        monitor._plan(connection)
        monitor._schedule.put(connection, now + interval * (place + 1) / len(rows))
    while program.store.sweep.last_at is None:  # noqa: ASYNC110 - the moment it is shown, not told
        await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE)
    gc.collect()
    held = proportional_set()
    requests.clear()
    cpu, begun = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    cpu, lasted = time.process_time() - cpu, time.monotonic() - begun
    print(
        json.dumps(
            {
                "connections": len(rows),
                "interval": interval.total_seconds(),
                "cpu": cpu,
                "seconds": lasted,
                "requests": requests.total(),
                "unchanged": requests["304"],
                "pss": held,
            }
        ),
        flush=True,
    )


keep_no_sources()  # as the command does
from makini_desktop.desktop import run_window  # noqa: E402
from makini_desktop.session import Desktop  # noqa: E402

folder, length = Path(sys.argv[1]), float(sys.argv[2])
sys.exit(
    run_window(
        Options(
            paths=Paths(folder),
            vault=VaultKind.FILE,
            passphrase=Secret(os.environ["MAKINI_VAULT_PASSPHRASE"]),
        ),
        script=lambda desktop: measure(desktop, length),
    )
)
