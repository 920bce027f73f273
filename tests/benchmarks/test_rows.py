"""100,000 rows: a keystroke in the search, a sort, and 1 % of the rows changing each second.

The same rows in a bare QStandardItemModel and QTableView are measured beside it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.desktop import VirtualScreen

pytestmark = pytest.mark.benchmark

ROWS = 100_000
SECONDS = 20
HERE = Path(__file__).parent


def test_a_hundred_thousand_rows() -> None:
    with VirtualScreen() as screen:
        environment = os.environ | screen.environment | {"PYTHONPATH": str(HERE.parents[1])}
        bare = _run(environment, "bare_rows.py")
        ours = _run(environment, "rows_window.py")
    keystrokes, sorts, late, plain = ours["keystrokes"], ours["sorts"], ours["late"], bare["late"]
    print(
        f"\n{ROWS:,} rows, until they are painted: keystroke {_range(keystrokes.values())}, worst "
        f"{max(keystrokes, key=keystrokes.get)!r}; first sort by a column {_range(sorts.values())}, worst "
        f"{max(sorts, key=sorts.get)} (each under 50 ms is wanted); a sort before it could be prepared "
        f"{ours['unprepared']:.0f} ms; sorts of a bare QStandardItemModel {_range(bare['sorts'])}"
    )
    print(
        f"16 ms timer while {ours['changed'] / SECONDS:,.0f} rows change each second: late by "
        f"{late['p50']:.1f} ms in the median, p99 {late['p99']:.1f} ms (under 16 ms is wanted), worst "
        f"{late['worst']:.0f} ms; in a bare table p99 {plain['p99']:.1f} ms, worst {plain['worst']:.0f} ms"
    )
    assert max(keystrokes.values()) < 50
    assert max(sorts.values()) < 50
    assert late["p99"] < 16


def _range(found) -> str:
    values = list(found)
    return f"{min(values):.0f} to {max(values):.0f} ms"


def _run(environment: dict[str, str], script: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, str(HERE / script), str(ROWS), str(SECONDS)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found
