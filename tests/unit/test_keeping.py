"""Keeping: what is seen is written every second, and the database is compacted now and then."""

import asyncio
from datetime import datetime, timedelta

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import ProfileUnwritable
from makini_desktop.domain.health import Health
from makini_desktop.services.keeping import COMPACT_EVERY, COMPACT_FIRST, Keeping
from makini_desktop.services.presence import Presence
from makini_desktop.services.store import Tone
from tests.fakes.locks import FakeLocks
from tests.fakes.program import ACCOUNT, FakeProgram
from tests.unit.seen import refused

A = ConnectionId("A")


class Disk:
    """Makes a database's writes fail for a while, and counts compactions."""

    def __init__(self, program: FakeProgram, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        self.compacted: list[datetime] = []
        save = program.database.add_health_changes

        async def save_if_possible(*arguments) -> None:
            self._check()
            await save(*arguments)

        async def compact(now: datetime) -> None:
            self.compacted.append(now)
            self._check()

        monkeypatch.setattr(program.database, "add_health_changes", save_if_possible)
        monkeypatch.setattr(program.database, "compact", compact)

    def _check(self) -> None:
        if self.full:
            raise ProfileUnwritable("The disk is full.")


@pytest.fixture
def disk(program: FakeProgram, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(program, monkeypatch)


@pytest.fixture
def keeping(program: FakeProgram, disk: Disk) -> Keeping:
    """Keeps what the program sees."""
    return Keeping(
        program.store,
        program.ledger,
        program.incidents,
        program.server,
        program.database,
        program.clock,
        lambda: 7,
    )


async def kept(program: FakeProgram) -> list[Health]:
    return [change.health for change in (await program.database.health_history("acme", A)).changes]


async def test_a_turn_of_health_is_written_within_a_second(program: FakeProgram, keeping: Keeping):
    program.tasks.start("keep", keeping.keep())
    program.ledger.note(A, [refused()])
    await program.clock.advance(1.0)
    assert (await kept(program))[-1] is Health.RECONNECT_NEEDED
    assert program.store.sweep.budget_used == 7


async def test_a_full_disk_is_said_once_and_nothing_is_lost_by_it(
    program: FakeProgram, keeping: Keeping, disk: Disk
):
    program.tasks.start("keep", keeping.keep())
    disk.full = True
    program.ledger.note(A, [refused()])
    await program.clock.advance(5.0)
    assert [(notice.words, notice.tone) for notice in program.notices] == [("The disk is full.", Tone.BAD)]
    assert await kept(program) == []
    disk.full = False
    await program.clock.advance(1.0)
    assert (await kept(program))[-1] is Health.RECONNECT_NEEDED


async def test_old_detail_is_let_go_of_every_hour(program: FakeProgram, keeping: Keeping, disk: Disk):
    program.tasks.start("compact", keeping.compact())
    begun = program.clock.now()
    await program.clock.advance(COMPACT_FIRST + 2 * COMPACT_EVERY)
    assert [at - begun for at in disk.compacted] == [
        timedelta(seconds=COMPACT_FIRST + number * COMPACT_EVERY) for number in range(3)
    ]


async def test_a_compaction_that_failed_is_tried_again(program: FakeProgram, keeping: Keeping, disk: Disk):
    program.tasks.start("compact", keeping.compact())
    disk.full = True
    await program.clock.advance(COMPACT_FIRST + COMPACT_EVERY)
    assert len(disk.compacted) == 2


class TestPresence:
    async def test_a_command_knows_of_a_window_as_long_as_it_watches(self):
        locks = FakeLocks()
        window, command = Presence(lambda: ACCOUNT, locks), Presence(lambda: ACCOUNT, locks)
        assert not await command.window_watches()
        watching = asyncio.create_task(window.of_window())
        await asyncio.sleep(0)
        assert await command.window_watches()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        assert not await command.window_watches()

    async def test_one_command_watches_at_a_time(self):
        locks = FakeLocks()
        async with Presence(lambda: ACCOUNT, locks).of_command() as first:
            async with Presence(lambda: ACCOUNT, locks).of_command() as second:
                assert (first, second) == (True, False)
            assert not await Presence(lambda: ACCOUNT, locks).window_watches()
