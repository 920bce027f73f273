"""Alerts that nobody wants now: quiet hours, snoozed, muted, acknowledged, seen already, no news at all."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from makini_desktop.domain.alerting import AlertSettings, Mutes, QuietHours
from makini_desktop.domain.incident import Cause, SnoozedUntil, SnoozedUntilChange
from makini_desktop.services.alerts import _end_of
from makini_desktop.services.store import Offline, Online
from tests.fakes.notifier import matter
from tests.fakes.program import FakeProgram
from tests.unit.seen import refused, status
from tests.unit.telling import HOUR, IDS, MINUTE, A, B, forty_customers, latest, only, see, settled, titles


@pytest.fixture
async def program(program: FakeProgram) -> FakeProgram:
    return await forty_customers(program)


async def test_snooze_takes_it_back_and_tells_it_again_after_an_hour(program):
    see(program, A, refused())
    await settled(program)
    until = program.clock.now() + HOUR
    program.notifier.press(matter(latest(program)), "snooze")
    await settled(program)
    assert only(program).snooze == SnoozedUntil(until)
    assert program.notifier.on_screen == {}
    await program.clock.advance(HOUR)
    assert titles(program) == ["Customer C00: reconnect needed"] * 2
    assert not latest(program).silent


async def test_a_snooze_that_is_quicker_than_the_services_answer_counts(program):
    program.notifier.presses_at_once = "snooze"
    see(program, A, refused())
    await settled(program)
    program.notifier.presses_at_once = None
    await program.clock.advance(HOUR)
    assert titles(program) == ["Customer C00: reconnect needed"] * 2


async def test_snoozed_until_it_changes_is_told_when_it_grows(program):
    see(program, A, refused())
    await settled(program)
    program.inbox.snooze([only(program).id], SnoozedUntilChange())
    await program.clock.advance(5 * MINUTE)
    assert program.notifier.on_screen == {}
    see(program, B, refused())
    await settled(program)
    assert titles(program)[1:] == ["2 connections need a reconnect"]


async def test_an_acknowledged_incident_is_taken_back_and_told_no_more(program):
    see(program, A, refused())
    await settled(program)
    program.inbox.acknowledge([only(program).id])
    await settled(program)
    assert program.notifier.on_screen == {}
    for connection in IDS[1:]:
        see(program, connection, refused())
    await program.clock.advance(2 * MINUTE)
    assert len(program.notifier.shown) == 1


async def test_one_that_the_person_closed_comes_back_only_once_the_number_has_doubled(program):
    for connection in IDS[:2]:
        see(program, connection, refused())
    await settled(program)
    program.notifier.dismiss(matter(latest(program)))
    see(program, IDS[2], refused())
    await program.clock.advance(2 * MINUTE)
    assert len(program.notifier.shown) == 1
    see(program, IDS[3], refused())
    await program.clock.advance(2 * MINUTE)
    assert (latest(program).title, latest(program).silent) == ("4 connections need a reconnect", True)


async def test_quiet_hours_hold_back_until_they_end(program):
    now = program.clock.now()  # 09:30
    program.inbox.change(AlertSettings(quiet=QuietHours(time(9), time(11))))
    see(program, A, refused())
    see(program, B, refused())
    await program.clock.advance(HOUR)
    see(program, B, status())
    await settled(program)
    assert program.notifier.shown == []
    await program.clock.advance(now.replace(hour=11, minute=0) - program.clock.now())
    assert titles(program) == ["Customer C00: reconnect needed"]


async def test_quiet_hours_over_midnight_end_in_the_morning(program):
    await program.clock.advance(timedelta(hours=14))  # 23:30
    program.inbox.change(AlertSettings(quiet=QuietHours(time(22), time(7))))
    see(program, A, refused())
    await program.clock.advance(timedelta(hours=7))  # 06:30
    assert program.notifier.shown == []
    await program.clock.advance(HOUR)
    assert len(program.notifier.shown) == 1


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2025-03-29T23:00+01:00", "2025-03-30T07:00+02:00"),  # the night that lacks an hour
        ("2025-10-25T23:00+02:00", "2025-10-26T07:00+01:00"),  # the night that has one twice
        ("2025-06-01T03:00+02:00", "2025-06-01T07:00+02:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(now, ends):
    quiet = QuietHours(time(22), time(7))
    found = _end_of(quiet, datetime.fromisoformat(now), ZoneInfo("Europe/Berlin"))
    assert found == datetime.fromisoformat(ends)


async def test_nothing_is_told_in_the_first_minute_after_waking(program):
    program.weather.set_woke(program.clock.now())
    see(program, A, refused())
    see(program, B, status(online=False))
    await program.clock.advance(50)
    see(program, B, status())
    await settled(program)
    assert program.notifier.shown == []
    await program.clock.advance(20)
    assert titles(program) == ["Customer C00: reconnect needed"]


async def test_our_own_network_down_is_in_the_inbox_and_never_told(program):
    program.store.set_line(Offline(program.clock.now(), "No answer from here."))
    await program.clock.advance(HOUR)
    assert only(program).cause is Cause.NETWORK
    assert program.notifier.shown == []
    program.store.set_line(Online())
    assert program.incidents.open == ()


async def test_what_broke_is_told_once_our_network_is_back(program):
    program.store.set_line(Offline(program.clock.now(), "No answer from here."))
    see(program, A, refused())
    await program.clock.advance(HOUR)
    assert program.notifier.shown == []
    program.store.set_line(Online())
    await settled(program)
    assert titles(program) == ["Customer C00: reconnect needed"]


async def test_what_the_window_in_front_shows_counts_as_told(program):
    in_front = True
    program.alerts.window_in_front = lambda: in_front
    see(program, A, refused())
    await settled(program)
    in_front = False
    await program.clock.advance(HOUR)
    assert program.notifier.shown == []
    see(program, IDS[5], status(online=False))
    await settled(program)
    assert titles(program) == ["Customer C05: system offline"]


async def test_muted_ones_are_watched_and_not_told(program):
    program.inbox.mute_connections([A], muted=True)
    program.inbox.mute_system("Maximo", muted=True)
    for connection in (A, B, IDS[-1]):
        see(program, connection, refused())
    await settled(program)
    assert titles(program) == ["Customer C01: reconnect needed"]
    assert len(only(program).broken) == 3
    program.inbox.mute_connections([B], muted=True)
    await settled(program)
    assert program.notifier.on_screen == {}
    program.inbox.mute_connections([A], muted=False)
    await settled(program)
    assert program.store.mutes.connections == {B}


async def test_mutes_and_settings_are_kept(program):
    program.inbox.mute_system("Maximo", muted=True)
    program.inbox.change(AlertSettings(silenced=frozenset({Cause.SYNCS})))
    await program.clock.settle()
    later = FakeProgram(beside=program)
    await later.inbox.load()
    assert later.store.mutes == program.store.mutes
    assert later.inbox.settings == AlertSettings(silenced=frozenset({Cause.SYNCS}))


async def test_settings_that_cannot_be_read_are_the_defaults(program):
    await program.database.set_setting("alerts.settings", '{"quiet": "always"}')
    await program.database.set_setting("alerts.mutes.acme", "[")
    await program.inbox.load()
    assert program.inbox.settings == AlertSettings()
    assert program.store.mutes == Mutes()


async def test_a_silenced_cause_and_silenced_alerts_are_taken_back(program):
    see(program, A, refused())
    see(program, B, status(online=False))
    await settled(program)
    program.inbox.change(AlertSettings(silenced=frozenset({Cause.SYSTEM})))
    await settled(program)
    assert [each.title for each in program.notifier.on_screen.values()] == ["Customer C00: reconnect needed"]
    program.inbox.change(AlertSettings(enabled=False))
    await settled(program)
    assert program.notifier.on_screen == {}
