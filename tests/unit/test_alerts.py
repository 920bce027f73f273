"""Alerts: one notification for a turn to Reconnect needed, taken back when it is repaired."""

from datetime import timedelta

import msgspec
import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.alerts import GATHER_SECONDS
from tests.fakes.api import customer
from tests.fakes.notifier import matter
from tests.fakes.program import FakeProgram
from tests.unit.seen import refused, status

A, B, C = ConnectionId("A"), ConnectionId("B"), ConnectionId("C")


def see(program: FakeProgram, connection: ConnectionId, seen) -> None:
    evidence = msgspec.structs.replace(seen.evidence, at=program.clock.now())
    program.ledger.note(connection, [msgspec.structs.replace(seen, evidence=evidence)])


@pytest.fixture
async def program(program: FakeProgram) -> FakeProgram:
    """A program whose two customers' connections were seen to work."""
    for connection in (A, B):
        see(program, connection, status())
    await program.clock.advance(1)
    return program


async def gathered(program: FakeProgram) -> None:
    await program.clock.advance(GATHER_SECONDS + 0.1)


async def test_a_turn_to_reconnect_needed_is_told_once(program):
    see(program, A, refused())
    await gathered(program)
    see(program, A, refused())
    await gathered(program)
    (shown,) = program.notifier.shown
    assert shown.title == "Acme Foods: reconnect needed"
    assert "SAP" in shown.body
    assert [button.key for button in shown.buttons] == ["reconnect", "show"]
    assert shown.urgent


async def test_one_first_seen_broken_is_not_told(program):
    program.api.customers[C] = customer("C", credentials_hold=False)
    await program.hold("C")
    await program.monitor.read_list()
    assert program.health("C") is Health.HEALTHY
    await program.check("C")
    assert program.health("C") is Health.RECONNECT_NEEDED
    await gathered(program)
    assert program.notifier.shown == []


async def test_other_ill_health_is_not_told(program):
    see(program, A, status(online=False))
    await gathered(program)
    assert program.health("A") is Health.OFFLINE
    assert program.notifier.shown == []


async def test_unknown_and_broken_again_is_not_told_again(program):
    see(program, A, refused())
    await gathered(program)
    await program.clock.advance(timedelta(hours=1))
    program.ledger.reassess([A])
    assert program.health("A") is Health.UNKNOWN
    assert set(program.notifier.standing) == {"A"}
    see(program, A, refused())
    await gathered(program)
    assert len(program.notifier.shown) == 1


async def test_broken_again_after_a_repair_is_told_again(program):
    for _ in range(2):
        see(program, A, refused())
        await gathered(program)
        see(program, A, status())
        await gathered(program)
    assert len(program.notifier.shown) == 2


async def test_it_is_taken_back_when_the_connection_is_proven_to_work(program):
    see(program, A, refused())
    await gathered(program)
    assert set(program.notifier.standing) == {"A"}
    see(program, A, status())
    await gathered(program)
    assert program.notifier.standing == {}


async def test_a_break_that_is_over_before_it_was_told_is_not_told(program):
    see(program, A, refused())
    await program.clock.advance(0.5)
    see(program, A, status())
    await gathered(program)
    assert program.notifier.shown == []


async def test_several_within_the_gather_time_are_one_with_their_number(program):
    see(program, A, refused())
    await program.clock.advance(GATHER_SECONDS / 2)
    see(program, B, refused())
    await gathered(program)
    (shown,) = program.notifier.shown
    assert shown.title == "2 connections need a reconnect"
    assert "Acme Foods" in shown.body
    assert "Globex" in shown.body


async def test_two_apart_are_two(program):
    see(program, A, refused())
    await gathered(program)
    see(program, B, refused())
    await gathered(program)
    assert [matter(each) for each in program.notifier.shown] == ["A", "B"]


async def test_one_for_several_stays_until_the_last_is_repaired(program):
    see(program, A, refused())
    see(program, B, refused())
    await gathered(program)
    see(program, A, status())
    await gathered(program)
    assert len(program.notifier.standing) == 1
    see(program, B, status())
    await gathered(program)
    assert program.notifier.standing == {}


async def test_the_buttons_reach_who_listens(program):
    reconnect: list[ConnectionId] = []
    show: list[ConnectionId | None] = []
    program.alerts.reconnect_pressed.subscribe(reconnect.append)
    program.alerts.show_pressed.subscribe(show.append)
    see(program, A, refused())
    await gathered(program)
    program.notifier.press("A", "reconnect")
    program.notifier.press("A", "show")
    program.notifier.press("A", "default")
    assert (reconnect, show) == ([A], [A, A])


async def test_the_button_for_several_shows_the_window(program):
    show: list[ConnectionId | None] = []
    program.alerts.show_pressed.subscribe(show.append)
    see(program, A, refused())
    see(program, B, refused())
    await gathered(program)
    program.notifier.press(matter(program.notifier.shown[0]), "show")
    assert show == [None]


async def test_what_was_told_is_remembered_by_the_next_run(program):
    see(program, A, refused())
    await gathered(program)
    await program.ledger.flush()
    later = FakeProgram(beside=program)
    later.ledger.load(await later.database.connections("acme"), {}, {})
    assert later.row("A").announced
    see(later, A, refused())
    await gathered(later)
    assert later.notifier.shown == []
    await later.aclose()
