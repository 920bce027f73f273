"""A sweep of hundreds of connections, as the server sees it: within the budget, and a click goes first."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from makini_desktop.app import Program
from makini_desktop.core.paths import Paths
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.services.ports import Priority
from tests.sandbox_process import CLIENT_SECRET, SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 300, "--latency", 50)
PER_SECOND, AT_ONCE = 50, 10


@pytest.fixture
async def program(sandbox: SandboxProcess, tmp_path: Path) -> AsyncIterator[Program]:
    options = Options(paths=Paths(tmp_path / "profile"), vault=VaultKind.MEMORY, account="sandbox")
    options.paths.create()
    errors: list[BaseException] = []
    program = Program(options, report=errors.append)
    await program.open_stores()
    await program.accounts.add(sandbox.account(issue_tokens=True), Secret(CLIENT_SECRET))
    await program.begin(sandbox.account(issue_tokens=True))
    yield program
    await program.aclose()
    assert errors == []


def busiest_second(log: list[dict[str, Any]]) -> int:
    times = [datetime.fromisoformat(each["at"]) for each in log]
    return max(sum(at <= other < at + timedelta(seconds=1) for other in times) for at in times)


def most_at_once(log: list[dict[str, Any]]) -> int:
    begun = [(datetime.fromisoformat(each["at"]), 1) for each in log]
    ended = [(at + timedelta(milliseconds=each["ms"]), -1) for (at, _), each in zip(begun, log, strict=True)]
    under_way = most = 0
    for _, change in sorted(begun + ended):
        under_way += change
        most = max(most, under_way)
    return most


async def more_checked(program: Program, count: int) -> None:
    """Wait until so many more connections were seen to change by their checks."""
    seen: set[ConnectionId] = set()
    enough = asyncio.Event()

    def changed(ids: frozenset[ConnectionId]) -> None:
        seen.update(ids)
        if len(seen) >= count:
            enough.set()

    stop = program.store.changed.subscribe(changed)
    async with asyncio.timeout(30):
        await enough.wait()
    stop()


async def test_a_sweep_keeps_to_the_budget_and_a_click_in_the_middle_is_answered_within_a_second(
    program: Program, sandbox: SandboxProcess
):
    clicked = ConnectionId(list(sandbox.state())[-1])
    await program.monitor.read_list()
    await program.monitor.check(clicked)
    mark = sandbox.mark()
    program.tasks.start("monitor", program.monitor.run())
    took = []
    for _ in range(3):
        await more_checked(program, 8)
        begun = time.monotonic()
        await program.monitor.check(clicked, Priority.PERSON)
        took.append(time.monotonic() - begun)
    await more_checked(program, 8)
    log = await asyncio.to_thread(sandbox.log, mark)
    assert max(took) < 1.0
    assert program.store.sweep.checking > 100, "the sweep was still under way"
    assert busiest_second(log) <= PER_SECOND
    assert most_at_once(log) <= AT_ONCE


async def test_many_clicks_at_once_keep_to_the_budget_too(program: Program, sandbox: SandboxProcess):
    await program.monitor.read_list()
    mark = sandbox.mark()
    await asyncio.gather(*(program.api.client() for _ in range(120)))
    log = await asyncio.to_thread(sandbox.log, mark)
    assert len(log) == 120
    assert busiest_second(log) <= PER_SECOND
    assert most_at_once(log) <= AT_ONCE
