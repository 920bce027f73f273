"""Days and weeks of watching, counted: no false red, no missed break, one notification for each step."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.run import WORLDS, Report, simulate

ROOT = Path(__file__).parents[2]
LONGEST = 180.0
"""Seconds that the full size may take on two processors."""

PATIENCE = 900.0


def hold(report: Report) -> None:
    """Insist on what is promised of every world."""
    assert report.false_red == []
    assert report.missed == []
    assert report.left_red == []
    assert report.told_too_often == []
    assert report.left_standing == []
    assert report.split == []


@pytest.mark.parametrize("name", ["small month", "small day"])
def test_a_small_world_is_watched_without_a_false_red_or_a_missed_break(name: str) -> None:
    report = simulate(WORLDS[name]())
    hold(report)
    assert report.breaks > 100
    assert report.outages >= 2
    assert report.notifications > 50


def test_a_world_is_the_same_each_time() -> None:
    one, other = (WORLDS["small month"]() for _ in range(2))
    assert one.customers == other.customers
    assert one.spells == other.spells


@pytest.mark.campaign
def test_thirty_days_of_three_hundred_connections_and_a_day_of_ten_thousand(capfd) -> None:
    running = {
        name: subprocess.Popen(
            [sys.executable, "-m", "tests.simulation.run", name],
            cwd=ROOT,
            env=os.environ,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for name in ("month", "day")
    }
    try:
        said = {name: process.communicate(timeout=PATIENCE)[0] for name, process in running.items()}
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    for name, text in said.items():
        report = Report(**json.loads(text))
        with capfd.disabled():
            sys.stdout.write(
                f"\n{name}: {report.connections} connections, {report.checks} checks, {report.turns} turns, "
                f"{report.breaks} breaks, {report.incidents} incidents, {report.notifications} told, "
                f"{report.wakes} wakings; slowest to show {report.worst_delay:.0f} s; "
                f"{report.seconds:.0f} s, of the processor {report.cpu_seconds:.0f} s\n"
            )
        hold(report)
        assert report.cpu_seconds < LONGEST
