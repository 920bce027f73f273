"""The file stays small: 10,000 connections for 90 days in less than 500 MB, however often they break."""

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from makini_desktop.adapters.db import compaction
from makini_desktop.adapters.db.database import SqliteDatabase
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import HealthChange, uptime
from tests.contract.conftest import Open
from tests.contract.files import size_of
from tests.contract.rows import ACME, NOW, stored, sync

FULL, SMALL = 10_000, 40
MEGABYTES = 500
DAYS = 90
DAYS_BETWEEN = 6
"""Days between compactions; the program does it every hour."""


@dataclass(frozen=True)
class Rate:
    """How much there is of a connection on a day, on average.

    `busy_days` is how many of the last days have a timeline and syncs at that rate; what is older would be
    let go of anyway.
    """

    changes: float
    entries: float
    syncs: float
    busy_days: int


REALISTIC = Rate(changes=0.6, entries=0.3, syncs=0.2, busy_days=90)
"""A break every few days, somebody who looks at one now and then."""

BAD = Rate(changes=8, entries=8, syncs=24, busy_days=5)
"""All of them break and mend every six hours, and somebody looks at all of them every day."""


def some(rate: float, number: int, day: int) -> int:
    """Spread a rate below one over connections and days."""
    return int((number + day + 1) * rate) - int((number + day) * rate)


def connection(number: int) -> ConnectionId:
    return ConnectionId(f"{7_000_000 + number}")


def changes_of(rate: float, number: int, day: int) -> Iterator[HealthChange]:
    count = some(rate, number, day)
    for each in range(count):
        at = NOW - timedelta(days=DAYS - 1 - day, minutes=1 + each * (1440 // (count + 1)))
        yield HealthChange(
            connection=connection(number),
            at=at,
            health=Health.FAILING if (int((number + day) * rate) + each) % 2 else Health.HEALTHY,
            evidence=Evidence(
                source=EvidenceSource.SYNC_STATUS,
                at=at,
                detail="sync status, 200, FAILED ENTITY_ERROR",
                request_id=f"req_{number:08x}{day:04x}{each:04x}",
            ),
        )


def entry_of(change: HealthChange) -> Activity:
    return Activity(
        connection=change.connection,
        at=change.at,
        kind=ActivityKind.HEALTH,
        headline="Last sync failed",
        detail=f"sync status · {change.evidence.detail}",
        health=change.health,
        request_id=change.evidence.request_id,
    )


async def fill(database: SqliteDatabase, count: int, rate: Rate) -> float:
    """Live through 90 days and compact now and then; return the longest that anybody had to wait then."""
    await database.save_account(ACME)
    for first in range(0, count, 500):
        rows = [stored(connection(number)) for number in range(first, min(first + 500, count))]
        await database.save_connections(ACME.name, rows)
    longest = 0.0
    for day in range(DAYS):
        midnight = NOW - timedelta(days=DAYS - 1 - day)
        for first in range(0, count, 500):
            numbers = range(first, min(first + 500, count))
            turns = [change for number in numbers for change in changes_of(rate.changes, number, day)]
            await database.add_health_changes(ACME.name, turns)
            if day >= DAYS - rate.busy_days:
                entries = (each for number in numbers for each in changes_of(rate.entries, number, day))
                await database.add_activity(ACME.name, [entry_of(each) for each in entries])
                await asyncio.gather(
                    *(
                        database.save_syncs(
                            ACME.name,
                            connection(number),
                            [
                                sync(day * 100 + each, started=midnight + timedelta(hours=each))
                                for each in range(wanted)
                            ],
                        )
                        for number in numbers
                        if (wanted := some(rate.syncs, number, day))
                    )
                )
        worst = {connection(number): Health.FAILING for number in range(count)}
        await database.save_days(ACME.name, midnight.date().isoformat(), worst)
        if day % DAYS_BETWEEN == DAYS_BETWEEN - 1:
            longest = max(longest, await compacted(database, midnight))
    return longest


async def compacted(database: SqliteDatabase, now) -> float:
    """Compact, and return the longest that a reader waited meanwhile."""
    longest = 0.0
    work = asyncio.create_task(database.compact(now))
    while not work.done():
        asked = time.perf_counter()
        await database.setting("theme")
        longest = max(longest, time.perf_counter() - asked)
    await work
    return longest


@pytest.fixture
def scaled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many connections; with fewer of them each has the same share as one of all has."""
    count: int = request.param
    for share in ("SYNCS_SHARE", "ACTIVITY_SHARE", "CHANGES_SHARE", "PAGES_FREE"):
        monkeypatch.setattr(compaction, share, getattr(compaction, share) * count // FULL)
    if count < FULL:
        monkeypatch.setattr(compaction, "PAGES_AT_ONCE", 8)
    return count


@pytest.mark.parametrize(
    ("rate", "scaled"),
    [
        pytest.param(REALISTIC, SMALL, id="realistic"),
        pytest.param(BAD, SMALL, id="bad"),
        pytest.param(REALISTIC, FULL, id="realistic, full size", marks=pytest.mark.campaign),
        pytest.param(BAD, FULL // 5, id="bad, a fifth of the full size", marks=pytest.mark.campaign),
    ],
    indirect=["scaled"],
)
async def test_ninety_days_of_all_connections_have_a_bound(
    open_sqlite: Open, path: Path, scaled: int, rate: Rate, capsys: pytest.CaptureFixture[str]
) -> None:
    database = await open_sqlite()
    longest = await fill(database, scaled, rate)
    history = await database.health_history(ACME.name, connection(0))
    newest = await database.activity(ACME.name, connection(0), 1)
    await database.close()
    megabytes = size_of(path) / 1_000_000
    with capsys.disabled():
        sys.stdout.write(
            f"\n{scaled:,} connections: {megabytes:.1f} MB, longest wait {longest * 1000:.0f} ms "
        )
    assert megabytes * FULL / scaled < MEGABYTES
    assert uptime(history, NOW, DAYS).breaks >= DAYS * rate.changes / 2 - 5
    assert newest
    if rate is REALISTIC:
        assert not history.days, "the detail of a quiet connection is kept in full"


async def test_what_is_let_go_of_is_given_back_to_the_disk(
    open_sqlite: Open, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "PAGES_FREE", 16)
    monkeypatch.setattr(compaction, "PAGES_AT_ONCE", 16)
    database = await open_sqlite()
    await database.save_account(ACME)
    await database.save_connections(ACME.name, [stored(connection(number)) for number in range(40)])
    for number in range(40):
        turns = [change for day in range(DAYS) for change in changes_of(12, number, day)]
        await database.add_health_changes(ACME.name, turns)
    await database.close()
    before = size_of(path)
    monkeypatch.setattr(compaction, "CHANGES_KEPT", 20)
    database = await open_sqlite()
    await database.compact(NOW)
    await database.close()
    assert size_of(path) < before / 2


async def test_others_are_served_between_the_steps(
    open_sqlite: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "CONNECTIONS_AT_ONCE", 1)
    database = await open_sqlite()
    await database.save_account(ACME)
    await database.save_connections(ACME.name, [stored(connection(number)) for number in range(50)])
    work = asyncio.create_task(database.compact(NOW))
    served = 0
    while not work.done():
        await database.set_setting("served", str(served))
        served += 1
    await work
    assert served >= 25
