"""Waking from sleep: the network is proven first, nothing comes all at once, and it is noticed anywhere."""

import itertools
from datetime import timedelta

import pytest

from makini_desktop.core.event import Event
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import Unreachable
from makini_desktop.domain.health import Health
from makini_desktop.services.store import Offline, Online
from makini_desktop.services.wake import Wake
from makini_desktop.services.weather import Weather
from tests.fakes.api import customer
from tests.fakes.clock import START, FakeClock
from tests.fakes.program import FakeProgram

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NIGHT = timedelta(hours=9)
NO_LINE = Unreachable("No answer from api.makini.example.")


class FakePower:
    """A system that tells what a test says."""

    def __init__(self) -> None:
        self.woke: Event[None] = Event()

    async def open(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


@pytest.fixture
async def waking():
    """A watch over sleep on a fake clock: the clock, what the system says, and the wakings told."""
    clock, power, weather, errors = FakeClock(), FakePower(), Weather(), []
    told = []
    weather.woke.subscribe(told.append)
    tasks = Tasks(errors.append)
    tasks.start("wake", Wake(weather, power, clock).run())
    await clock.settle()
    yield clock, power, told
    await tasks.aclose()
    assert errors == []


async def test_a_gap_between_the_clocks_is_a_sleep(waking) -> None:
    clock, _power, told = waking
    await clock.advance(60 * MINUTE)
    assert told == []
    clock.suspend(NIGHT)
    await clock.advance(11 * SECOND)
    assert told == [START + 60 * MINUTE + NIGHT + 10 * SECOND]


async def test_a_clock_that_was_set_back_is_noticed_too(waking) -> None:
    clock, _power, told = waking
    clock.suspend(-timedelta(hours=1))
    await clock.advance(11 * SECOND)
    assert len(told) == 1


async def test_a_clock_that_is_put_right_by_seconds_is_none(waking) -> None:
    clock, _power, told = waking
    clock.suspend(15 * SECOND)
    await clock.advance(MINUTE)
    assert told == []


async def test_the_systems_word_is_taken_at_once_and_the_gap_is_not_told_again(waking) -> None:
    clock, power, told = waking
    clock.suspend(NIGHT)
    power.woke.emit(None)
    assert told == [START + NIGHT]
    await clock.advance(MINUTE)
    assert len(told) == 1
    clock.suspend(NIGHT)
    await clock.advance(MINUTE)
    assert len(told) == 2


async def asleep(connections: int) -> FakeProgram:
    """Return a program that has watched for half an hour and then sleeps for a night."""
    program = FakeProgram(*(customer(f"C{number:03}") for number in range(connections)))
    await program.open()
    for number in range(connections):
        await program.hold(f"C{number:03}")
    program.tasks.start("monitor", program.monitor.run())
    await program.clock.advance(30 * MINUTE)
    program.api.calls.clear()
    program.clock.suspend(NIGHT)
    return program


async def test_the_network_is_proven_before_any_connection_is_asked() -> None:
    program = await asleep(20)
    program.api.fail_always("*", NO_LINE)
    program.weather.set_woke(program.clock.now())
    await program.clock.advance(14 * SECOND)
    assert set(program.api.calls) == {"list"}
    assert isinstance(program.store.line, Offline)
    program.api.fail_always("*", None)
    await program.clock.advance(10 * SECOND)
    assert isinstance(program.store.line, Online)
    assert [call for call in program.api.calls if call.startswith("status")]
    await program.aclose()


async def test_the_first_looks_are_spread_over_two_minutes_the_open_and_the_ill_first() -> None:
    program = await asleep(40)
    program.api.customers[ConnectionId("C030")].online = False
    await program.check("C030")
    program.monitor.watch(ConnectionId("C020"))
    program.api.calls.clear()
    program.weather.set_woke(program.clock.now())
    per_second = []
    for _ in range(130):
        before = len([call for call in program.api.calls if call.startswith("status")])
        await program.clock.advance(SECOND)
        per_second.append(len([call for call in program.api.calls if call.startswith("status")]) - before)
    statuses = [call for call in program.api.calls if call.startswith("status")]
    assert statuses[:2] == ["status C020", "status C030"]
    assert len(set(statuses)) == 40
    assert max(per_second) <= 2
    assert per_second[:118].count(0) < 100
    await program.aclose()


async def test_what_happened_during_sleep_reddens_nothing_that_is_well() -> None:
    program = await asleep(20)
    turns = set()
    program.store.changed.subscribe(lambda ids: turns.update(program.row(each).health for each in ids))
    program.weather.set_woke(program.clock.now())
    for _ in itertools.repeat(None, 5):
        await program.clock.advance(MINUTE)
    assert turns <= {Health.UNKNOWN, Health.HEALTHY}
    assert {row.health for row in program.store.rows.values()} == {Health.HEALTHY}
    await program.aclose()
