"""Alerts: one notification for an incident, replaced in place, withdrawn when it is over."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import TokenSeen
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import Cause, IncidentId, SnoozedUntil
from makini_desktop.domain.sync import SyncVerdict
from makini_desktop.services.incidents import GATHER_SECONDS
from makini_desktop.services.ports import Notification
from makini_desktop.services.store import Refusing, Sweep
from makini_desktop.services.weather import Trouble
from tests.fakes.api import customer
from tests.fakes.notifier import matter
from tests.fakes.program import FakeProgram
from tests.unit.seen import PROBLEM, refused, status, synced
from tests.unit.telling import (
    HOUR,
    IDS,
    MINUTE,
    A,
    B,
    forty_customers,
    latest,
    only,
    see,
    settled,
    titles,
)


@pytest.fixture
async def program(program: FakeProgram) -> FakeProgram:
    return await forty_customers(program)


async def test_a_break_is_told_once_with_what_to_do(program):
    for _ in range(2):
        see(program, A, refused())
        await settled(program)
    (shown,) = program.notifier.shown
    assert shown.title == "Customer C00: reconnect needed"
    assert "SAP" in shown.body
    assert [button.key for button in shown.buttons] == ["reconnect", "show", "snooze"]
    assert shown.urgent
    assert not shown.silent


async def test_forty_breaks_of_one_cause_are_one_notification(program):
    for connection in IDS:
        see(program, connection, refused())
    await settled(program)
    assert titles(program) == ["40 connections need a reconnect"]
    assert [button.key for button in latest(program).buttons] == ["open", "snooze"]


async def test_three_causes_are_three_notifications(program):
    for number, connection in enumerate(IDS):
        seen = (refused(), status(online=False), synced(SyncVerdict.FAILED, problem=PROBLEM))[number % 3]
        see(program, connection, seen)
    await settled(program)
    assert sorted(titles(program)) == [
        "13 connections have no good syncs",
        "13 systems are offline",
        "14 connections need a reconnect",
    ]


async def test_growth_replaces_in_place_without_a_sound_once_a_minute(program):
    see(program, A, refused())
    await settled(program)
    for connection in IDS[1:10]:
        see(program, connection, refused())
        await program.clock.advance(3)
    assert len(program.notifier.shown) == 1
    await program.clock.advance(MINUTE)
    first, second = program.notifier.shown
    assert (first.tag, first.silent) == (second.tag, False)
    assert (second.title, second.silent) == ("10 connections need a reconnect", True)


async def test_it_is_withdrawn_when_the_last_is_proven_to_work(program):
    see(program, A, refused())
    see(program, B, refused())
    await settled(program)
    see(program, A, status())
    await settled(program)
    assert len(program.notifier.on_screen) == 1
    see(program, B, status())
    await settled(program)
    assert program.notifier.on_screen == {}


async def test_one_that_shrinks_says_so_in_place(program):
    see(program, A, refused())
    see(program, B, refused())
    await settled(program)
    see(program, A, status())
    await program.clock.advance(2 * MINUTE)
    assert (latest(program).title, latest(program).silent) == ("Customer C01: reconnect needed", True)


async def test_one_first_seen_broken_is_in_the_inbox_only(program):
    program.api.customers["new"] = customer("new", credentials_hold=False)
    await program.hold("new")
    await program.monitor.read_list()
    await program.check("new")
    assert program.health("new") is Health.RECONNECT_NEEDED
    await settled(program)
    assert only(program).first_sight
    assert program.notifier.shown == []


async def test_unknown_and_broken_again_is_not_told_again(program):
    see(program, A, refused())
    await settled(program)
    await program.clock.advance(HOUR)
    program.ledger.reassess([A])
    assert program.health(A) is Health.UNKNOWN
    await settled(program)
    assert len(program.notifier.on_screen) == 1
    see(program, A, refused())
    await settled(program)
    assert len(program.notifier.shown) == 1


async def test_broken_again_after_a_repair_is_told_again(program):
    for _ in range(2):
        see(program, A, refused())
        await settled(program)
        see(program, A, status())
        await settled(program)
    assert len(program.notifier.shown) == 2


async def test_a_break_that_is_over_at_once_is_not_told(program):
    see(program, A, refused())
    await program.clock.advance(GATHER_SECONDS / 2)
    see(program, A, status())
    await settled(program)
    assert (program.notifier.shown, program.incidents.open) == ([], ())


async def test_a_failed_sync_from_before_the_repair_is_not_told(program):
    see(program, A, refused(), synced(SyncVerdict.FAILED, problem=PROBLEM))
    await settled(program)
    see(program, A, status(), synced(SyncVerdict.FAILED, problem=PROBLEM))
    await settled(program)
    assert program.health(A) is Health.FAILING
    assert titles(program) == ["Customer C00: reconnect needed"]
    await program.clock.advance(2 * HOUR)
    see(program, A, status(), synced(SyncVerdict.FAILED, problem=PROBLEM))
    await settled(program)
    assert titles(program)[1:] == ["Customer C00: syncs fail"]


async def test_a_sync_that_runs_does_not_take_back_that_syncs_fail(program):
    see(program, A, synced(SyncVerdict.FAILED, problem=PROBLEM))
    await settled(program)
    see(program, A, synced(SyncVerdict.IN_PROGRESS))
    await settled(program)
    see(program, A, synced(SyncVerdict.FAILED, problem=PROBLEM))
    await settled(program)
    assert len(program.notifier.shown) == len(program.notifier.on_screen) == 1


async def test_the_buttons_for_one_reach_who_listens(program):
    heard = []
    program.alerts.reconnect_pressed.subscribe(lambda connection: heard.append(("reconnect", connection)))
    program.alerts.show_pressed.subscribe(lambda connection: heard.append(("show", connection)))
    see(program, A, refused())
    await settled(program)
    for key in ("reconnect", "show", "default"):
        program.notifier.press(matter(latest(program)), key)
    assert heard == [("reconnect", A), ("show", A), ("show", A)]


async def test_the_buttons_for_several_open_the_incident(program):
    opened: list[IncidentId] = []
    program.alerts.open_pressed.subscribe(opened.append)
    see(program, A, refused())
    see(program, B, refused())
    await settled(program)
    for key in ("open", "default"):
        program.notifier.press(matter(latest(program)), key)
    assert opened == [only(program).id] * 2


async def test_what_was_told_is_not_told_again_by_the_next_run(program):
    see(program, A, refused())
    await settled(program)
    await program.ledger.flush()
    later = FakeProgram(beside=program)
    later.ledger.load(await later.database.connections("acme"), {}, {})
    await later.begin_incidents()
    see(later, A, refused())
    await settled(later)
    assert later.notifier.shown == []
    see(later, A, status())
    await settled(later)
    assert later.incidents.open == ()
    await later.aclose()


async def test_what_another_process_found_between_two_runs_is_told_by_the_next(program):
    command = FakeProgram(beside=program)
    await program.ledger.flush()
    command.ledger.load(await command.database.connections("acme"), {}, {})
    see(command, A, refused())
    await command.ledger.flush()
    later = FakeProgram(beside=program)
    later.ledger.load(await later.database.connections("acme"), {}, {})
    await later.begin_incidents()
    await settled(later)
    assert titles(later) == ["Customer C00: reconnect needed"]
    assert (command.notifier.shown, command.store.incidents) == ([], {})
    await later.aclose()


async def test_what_was_repaired_between_two_runs_is_closed_by_the_next(program):
    see(program, A, refused())
    await settled(program)
    await program.ledger.flush()
    command = FakeProgram(beside=program)
    command.ledger.load(await command.database.connections("acme"), {}, {})
    see(command, A, status())
    await command.ledger.flush()
    later = FakeProgram(beside=program)
    later.ledger.load(await later.database.connections("acme"), {}, {})
    await later.begin_incidents()
    await settled(later)
    assert later.incidents.open == ()
    await later.aclose()


async def test_what_stands_is_taken_back_at_the_end(program):
    see(program, A, refused())
    await settled(program)
    await program.alerts.aclose()
    assert program.notifier.on_screen == {}


async def test_without_a_service_it_is_told_once_there_is_one(program):
    program.notifier.available = False
    see(program, A, refused())
    await program.clock.advance(10 * MINUTE)
    assert only(program).told is None
    program.notifier.available = True
    await program.clock.advance(MINUTE)
    assert only(program).told is not None
    count = len(program.notifier.shown)
    await program.clock.advance(10 * MINUTE)
    assert len(program.notifier.shown) == count


async def test_a_proof_that_changes_no_word_still_closes_what_it_proves(program):
    see(program, A, status(online=False))
    await settled(program)
    await program.clock.advance(30 * MINUTE)
    see(program, A, status())
    assert program.health(A) is Health.HEALTHY
    see(program, A, synced())
    await settled(program)
    assert program.incidents.open == ()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_story_of_breaks_and_repairs_tells_anything_twice(data):
    asyncio.run(told_by(data))


async def told_by(data: st.DataObject) -> None:
    """Live through a story, and compare what was shown with what there was to tell."""
    program = FakeProgram(*[customer(key, system=("SAP", "Maximo")[key in "EF"]) for key in "ABCDEF"])
    await program.open()
    await program.monitor.read_list()
    for key in "ABCDEF":
        see(program, ConnectionId(key), status(), synced())
    await settled(program)
    said: dict[str, list[tuple[timedelta, Notification]]] = {}
    told_afresh: dict[str, int] = {}
    for step in data.draw(st.lists(st.sampled_from(STORY), max_size=25)):
        before = len(program.notifier.shown)
        if step == "snooze":
            for incident in program.incidents.open:
                told_afresh[incident.id] = told_afresh.get(incident.id, 0) + 1
            program.inbox.snooze(
                [each.id for each in program.incidents.open], SnoozedUntil(program.clock.now() + HOUR)
            )
        elif step == "dismiss":
            for about in list(program.notifier.on_screen):
                program.notifier.dismiss(about)
        elif isinstance(step, timedelta):
            await program.clock.advance(step)
        else:
            key, seen = step
            see(program, ConnectionId(key), seen)
            await settled(program)
        for shown in program.notifier.shown[before:]:
            said.setdefault(matter(shown), []).append((program.clock.now(), shown))
    for about, shown in said.items():
        sounds = [each for _, each in shown if not each.silent]
        assert len(sounds) <= 1 + told_afresh.get(about, 0)
        assert not shown[0][1].silent
    standing = {incident.id for incident in program.incidents.open}
    assert set(program.notifier.on_screen) <= standing
    for key in "ABCDEF":
        see(program, ConnectionId(key), status(), synced())
    await settled(program)
    assert program.incidents.open == ()
    assert program.notifier.on_screen == {}
    await program.aclose()


STORY = (
    *[(key, seen) for key in "ABCDEF" for seen in (refused(), status(), status(online=False), synced())],
    *[(key, synced(SyncVerdict.FAILED, problem=PROBLEM)) for key in "ABCDEF"],
    "snooze",
    "dismiss",
    timedelta(seconds=20),
    timedelta(minutes=2),
    timedelta(minutes=15),
)


async def test_the_updates_of_one_incident_are_a_minute_apart(program):
    times = []
    for connection in IDS:
        see(program, connection, refused())
        for _ in range(7):
            before = len(program.notifier.shown)
            await program.clock.advance(1)
            times += [program.clock.now()] * (len(program.notifier.shown) - before)
    assert len(times) == 5
    assert all(later - sooner >= MINUTE for sooner, later in pairwise(times))


async def test_a_thousand_breaks_of_one_cause_are_one_notification(program):
    program.api.customers |= {f"M{number}": customer(f"M{number}") for number in range(1000)}
    await program.monitor.read_list()
    for number in range(1000):
        see(program, ConnectionId(f"M{number}"), status())
    await settled(program)
    for number in range(1000):
        see(program, ConnectionId(f"M{number}"), refused())
    await settled(program)
    assert titles(program) == ["1,000 connections need a reconnect"]
    for number in range(1000):
        see(program, ConnectionId(f"M{number}"), status())
    await settled(program)
    assert program.notifier.on_screen == {}


async def test_each_rung_of_a_tokens_end_is_told_once(program):
    ends_at = program.clock.now() + timedelta(days=8)
    for _ in range(9 * 24 * 2):
        now = program.clock.now()
        evidence = msgspec.structs.replace(status().evidence, at=now)
        program.ledger.note(
            A,
            [
                msgspec.structs.replace(status(), evidence=evidence),
                TokenSeen(evidence, present=True, expires_at=ends_at),
            ],
        )
        await program.clock.advance(timedelta(minutes=30))
    assert titles(program) == [
        "Customer C00: token ends within 7 days",
        "Customer C00: token ends within a day",
        "Customer C00: token ends within an hour",
        "Customer C00: token has ended",
    ]
    assert len(program.notifier.on_screen) == 1


async def test_makinis_own_trouble_is_told_and_taken_back(program):
    trouble = Trouble(
        cause=Cause.MAKINI, since=program.clock.now(), words="Makini answers 503.", evidence=status().evidence
    )
    program.store.set_sweep(Sweep(last_at=program.clock.now()))
    program.weather.set_makini(trouble)
    await settled(program)
    assert (titles(program), latest(program).body) == (["Trouble at Makini"], "Makini answers 503.")
    assert [button.key for button in latest(program).buttons] == ["open", "snooze"]
    program.weather.set_makini(None)
    await settled(program)
    assert program.notifier.on_screen == {}


async def test_makinis_trouble_at_the_first_sight_is_no_news(program):
    program.store.set_sweep(Sweep())
    program.store.set_line(Refusing(program.clock.now(), "The client secret is not accepted."))
    await settled(program)
    assert only(program).first_sight
    assert program.notifier.shown == []
