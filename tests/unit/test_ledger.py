"""The ledger: rows change by what is seen, and what changed is kept."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId, ListStatus
from makini_desktop.domain.errors import ProfileUnwritable
from makini_desktop.domain.evidence import CheckFailed, LoginProven
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import Sync, SyncId, SyncState, SyncVerdict
from makini_desktop.services.ports import Answer
from tests.fakes.api import Customer, customer
from tests.fakes.clock import START
from tests.fakes.program import FakeProgram
from tests.unit.seen import DAY, PROBLEM, at, refused, status, synced, token

A, B = ConnectionId("A"), ConnectionId("B")
MINUTE = timedelta(minutes=1)


def now(program: FakeProgram, seen):
    """Return `seen` as of this moment."""
    evidence = msgspec.structs.replace(seen.evidence, at=program.clock.now())
    return msgspec.structs.replace(seen, evidence=evidence)


async def kept(program: FakeProgram):
    return {each.connection.id: each for each in await program.database.connections("acme")}


async def test_a_row_of_the_list_becomes_a_row_of_the_store(program):
    row = program.row("A")
    assert (row.connection.name, row.connection.system) == ("Acme Foods", "SAP")
    assert row.health is Health.HEALTHY
    assert row.since == program.clock.now()
    assert row.condition.evidence.request_id is not None


async def test_a_row_changes_by_what_is_seen_and_says_since_when(program):
    await program.clock.advance(5 * MINUTE)
    program.ledger.note(A, [now(program, refused())])
    assert program.health("A") is Health.RECONNECT_NEEDED
    assert program.row("A").since == START + 5 * MINUTE
    assert program.health("B") is Health.HEALTHY


async def test_the_same_seen_again_does_not_change_since_when(program):
    program.ledger.note(A, [now(program, refused())])
    await program.clock.advance(5 * MINUTE)
    program.ledger.note(A, [now(program, refused())])
    assert program.row("A").since == START


async def test_what_is_seen_of_an_unknown_connection_is_dropped(program):
    program.ledger.note(ConnectionId("nobody"), [refused()])
    assert program.store.row(ConnectionId("nobody")) is None


async def test_since_when_survives_unknown_and_the_same_health_after_it(program):
    program.ledger.note(A, [now(program, refused())])
    await program.clock.advance(40 * MINUTE)
    program.ledger.reassess([A])
    row = program.row("A")
    assert (row.health, row.condition.last_known) == (Health.UNKNOWN, Health.RECONNECT_NEEDED)
    assert row.since == START
    program.ledger.note(A, [now(program, refused())])
    assert (program.health("A"), program.row("A").since) == (Health.RECONNECT_NEEDED, START)


async def test_another_health_after_unknown_begins_anew(program):
    program.ledger.note(A, [now(program, refused())])
    await program.clock.advance(40 * MINUTE)
    program.ledger.reassess([A])
    program.ledger.note(A, [now(program, status())])
    assert (program.health("A"), program.row("A").since) == (Health.HEALTHY, START + 40 * MINUTE)


async def test_what_the_clock_turns_begins_when_it_turned(program):
    program.ledger.note(A, [now(program, status()), now(program, token(7 * DAY + 10 * MINUTE))])
    await program.clock.advance(20 * MINUTE)
    program.ledger.reassess([A])
    assert (program.health("A"), program.row("A").since) == (Health.EXPIRING, START + 20 * MINUTE)


async def test_a_sync_that_is_late_is_late_once_a_look_has_found_nothing_newer(program):
    seen = synced(last_good=MINUTE)
    program.ledger.note(A, [now(program, status()), now(program, seen)], interval_seconds=600.0)
    await program.clock.advance(25 * MINUTE)
    program.ledger.reassess([A])
    assert program.health("A") is Health.HEALTHY
    program.ledger.note(A, [now(program, seen)])
    assert (program.health("A"), program.row("A").since) == (Health.LATE, START + 25 * MINUTE)


async def test_a_longer_check_interval_lets_a_proof_count_longer(program):
    program.ledger.set_interval(A, 15 * MINUTE)
    await program.clock.advance(40 * MINUTE)
    program.ledger.reassess([A, B])
    assert (program.health("A"), program.health("B")) == (Health.HEALTHY, Health.UNKNOWN)


async def test_only_a_difference_is_told(program):
    told: list[frozenset[ConnectionId]] = []
    program.store.changed.subscribe(told.append)
    seen = now(program, refused())
    program.ledger.note(A, [seen])
    program.ledger.note(A, [seen])
    program.ledger.reassess([A, B])
    assert told == [frozenset({A})]


async def test_who_is_missing_from_a_complete_list_is_disconnected(program):
    del program.api.customers[B]
    await program.monitor.read_list()
    assert (program.health("A"), program.health("B")) == (Health.HEALTHY, Health.DISCONNECTED)
    assert program.row("B").connection.name == "Globex"


async def test_who_is_back_in_the_list_is_connected_again(program):
    gone = program.api.customers.pop(B)
    await program.monitor.read_list()
    program.api.customers[B] = gone
    await program.clock.advance(MINUTE)
    await program.monitor.read_list()
    assert program.health("B") is Health.HEALTHY


async def test_a_list_that_broke_off_disconnects_nobody(program):
    page = Answer(value=(program.api.customers[A].connection,), at=program.clock.now())
    program.ledger.listed(page)
    assert program.health("B") is Health.HEALTHY


async def test_a_row_that_cannot_be_read_is_shown_and_vanishes_with_its_page(program):
    odd = msgspec.structs.replace(customer("1.3").connection, readable=False, status=ListStatus.UNKNOWN)
    program.api.customers[odd.id] = Customer(odd)
    await program.monitor.read_list()
    assert not program.row("1.3").connection.readable
    del program.api.customers[odd.id]
    await program.monitor.read_list()
    assert program.store.row(odd.id) is None


async def test_a_renamed_customer_keeps_everything_else(program):
    program.ledger.note(A, [now(program, refused())])
    before = program.row("A")
    renamed = msgspec.structs.replace(program.api.customers[A].connection, name="Acme Group")
    program.api.customers[A].connection = renamed
    await program.monitor.read_list()
    after = program.row("A")
    assert after.connection.name == "Acme Group"
    assert (after.health, after.since) == (before.health, before.since)


async def test_the_worst_of_a_day_stays_its_worst(program):
    program.ledger.note(A, [now(program, refused())])
    await program.clock.advance(MINUTE)
    program.ledger.note(A, [now(program, status())])
    assert program.row("A").days[-1] is Health.RECONNECT_NEEDED
    await program.clock.advance(timedelta(days=1))
    program.ledger.note(A, [now(program, status())])
    days = program.row("A").days
    assert len(days) == 30
    assert days[-3:] == (Health.UNKNOWN, Health.RECONNECT_NEEDED, Health.HEALTHY)


async def test_a_day_that_ends_before_it_was_written_is_written_as_itself(program):
    await program.ledger.flush()
    await program.clock.advance(timedelta(hours=14, minutes=29, seconds=59))
    program.ledger.note(A, [now(program, refused())])
    await program.clock.advance(2)
    await program.ledger.flush()
    strips = await program.database.strips("acme", "2025-03-01")
    assert strips[A] == {"2025-03-01": Health.RECONNECT_NEEDED}


async def test_unknown_does_not_spoil_a_day(program):
    await program.clock.advance(timedelta(hours=1))
    program.ledger.reassess([A])
    assert program.health("A") is Health.UNKNOWN
    assert program.row("A").days[-1] is Health.HEALTHY


class Written:
    """What goes to the database from now on."""

    def __init__(self, program: FakeProgram) -> None:
        self.rows: list[list[str]] = []
        self.days: list[set[str]] = []
        save_connections, save_days = program.database.save_connections, program.database.save_days

        async def rows(account, kept):
            self.rows.append(sorted(each.connection.id for each in kept))
            await save_connections(account, kept)

        async def days(account, day, worst):
            self.days.append(set(worst))
            await save_days(account, day, worst)

        program.database.save_connections, program.database.save_days = rows, days


async def test_only_what_changed_is_written_and_once(program):
    await program.ledger.flush()
    written = Written(program)
    program.ledger.note(A, [now(program, refused())])
    await program.ledger.flush()
    await program.ledger.flush()
    assert written.rows == [["A"]]
    assert written.days == [{"A"}]


async def test_what_was_learned_of_a_rhythm_is_written_too(program):
    await program.ledger.flush()
    program.ledger.note(A, (), interval_seconds=900.0)
    await program.ledger.flush()
    assert (await kept(program))[A].facts.interval_seconds == 900.0


async def test_what_could_not_be_written_is_written_the_next_time(program):
    save = program.database.save_connections

    async def full(*_of: object) -> None:
        raise ProfileUnwritable("The disk is full.")

    program.ledger.note(A, [now(program, refused())])
    program.ledger.tell(A, ActivityKind.LOGIN, "Something happened")
    program.database.save_connections = full
    with pytest.raises(ProfileUnwritable):
        await program.ledger.flush()
    program.database.save_connections = save
    await program.ledger.flush()
    assert (await kept(program))[A].health is Health.RECONNECT_NEEDED
    assert next(entry.headline for entry in await program.ledger.timeline(A)) == "Something happened"


async def again(program: FakeProgram) -> FakeProgram:
    """Return the program of the next run, which has read what this one kept."""
    await program.ledger.flush()
    later = FakeProgram(beside=program)
    later.ledger.load(
        await later.database.connections("acme"),
        await later.database.strips("acme", "2025-01-01"),
        await later.database.running_syncs("acme"),
    )
    return later


async def test_the_next_run_shows_what_was_kept(program):
    program.ledger.note(A, [now(program, refused())])
    later = await again(program)
    assert later.store.rows == program.store.rows


async def test_the_next_run_shows_an_old_health_as_unknown_with_what_was_known(program):
    program.ledger.note(A, [now(program, refused())])
    await program.ledger.flush()
    await program.clock.advance(timedelta(days=2))
    later = await again(program)
    row = later.row("A")
    assert (row.health, row.condition.last_known) == (Health.UNKNOWN, Health.RECONNECT_NEEDED)
    assert row.since == START
    assert row.days[-3:] == (Health.RECONNECT_NEEDED, Health.UNKNOWN, Health.UNKNOWN)


async def test_loading_announces_nothing(program):
    program.ledger.note(A, [now(program, refused())])
    later = await again(program)
    await later.clock.advance(MINUTE)
    assert later.notifier.shown == []


async def test_the_next_run_shows_a_sync_that_was_running(program):
    running = Sync(id=SyncId("sync-1"), state=SyncState.IN_PROGRESS, started_at=START, done=40)
    await program.database.save_syncs("acme", A, [running])
    assert (await again(program)).row("A").sync == running


async def test_what_another_process_wrote_is_taken_in(program):
    window = await again(program)
    program.ledger.note(A, [now(program, refused())])
    await program.ledger.flush()
    await window.ledger.adopt()
    assert window.row("A").condition == program.row("A").condition
    assert window.row("A").since == program.row("A").since
    assert window.health("B") is Health.HEALTHY


async def test_a_break_that_another_process_saw_is_announced_by_the_window(program):
    program.ledger.note(A, [now(program, status())])
    window = await again(program)
    await window.begin_incidents()
    await program.clock.advance(MINUTE)
    program.ledger.note(A, [now(program, refused())])
    await program.ledger.flush()
    await window.ledger.adopt()
    await window.clock.advance(5)
    assert [each.title for each in window.notifier.shown] == ["Acme Foods: reconnect needed"]
    await window.tasks.aclose()


async def test_a_connection_that_another_process_found_appears(program):
    window = await again(program)
    program.api.customers[ConnectionId("C")] = customer("C")
    await program.monitor.read_list()
    await program.ledger.flush()
    await window.ledger.adopt()
    assert window.health("C") is Health.HEALTHY


async def test_older_news_of_another_process_changes_nothing(program):
    window = await again(program)
    program.ledger.note(A, [now(program, refused())])
    await program.ledger.flush()
    await window.clock.advance(MINUTE)
    window.ledger.note(A, [now(window, status())])
    await window.ledger.adopt()
    assert window.health("A") is Health.HEALTHY


async def test_writing_does_not_undo_what_another_process_wrote(program):
    window = await again(program)
    program.ledger.note(A, [now(program, LoginProven(at()))])
    await program.ledger.flush()
    window.ledger.note(A, [now(window, CheckFailed(at(), "No answer."))])
    await window.ledger.flush()
    facts = (await kept(program))[A].facts
    assert facts.login is not None
    assert facts.check_failed is not None


async def test_turns_are_in_the_timeline_and_healthy_work_is_not(program):
    program.ledger.note(A, [now(program, status()), now(program, synced(SyncVerdict.IN_PROGRESS))])
    await program.clock.advance(1)
    program.ledger.note(A, [now(program, synced())])
    await program.clock.advance(1)
    program.ledger.note(A, [now(program, synced(SyncVerdict.FAILED, problem=PROBLEM))])
    await program.clock.advance(1)
    program.ledger.note(A, [now(program, synced())])
    entries = await program.ledger.timeline(A)
    assert [entry.health for entry in entries] == [Health.HEALTHY, Health.FAILING]
    assert entries[1].headline == "Last sync failed"
    assert entries[1].request_id == "req-1"
    assert await program.ledger.timeline(B) == ()


async def test_the_further_count_of_a_followed_sync_is_shown(program):
    ahead = Sync(id=SyncId("sync-1"), state=SyncState.IN_PROGRESS, done=50, started_at=START)
    behind = msgspec.structs.replace(ahead, done=10)
    program.ledger.set_sync(A, ahead)
    program.ledger.note(A, [now(program, synced(SyncVerdict.IN_PROGRESS, current=behind))])
    assert program.row("A").sync == ahead


async def test_a_token_that_ends_by_the_clock_needs_no_call(program):
    program.ledger.note(A, [now(program, token(6 * timedelta(days=1)))])
    assert program.health("A") is Health.EXPIRING


async def test_what_another_process_saw_is_told_once_and_is_history_once(program):
    program.ledger.note(A, [now(program, status())])
    await program.ledger.flush()
    other = FakeProgram(beside=program)
    await other.ledger.adopt()
    await program.clock.advance(MINUTE)
    program.ledger.note(A, [now(program, refused())])
    await program.ledger.flush()
    await other.ledger.adopt()
    await other.ledger.flush()
    assert other.health("A") is Health.RECONNECT_NEEDED
    told = await program.database.activity("acme", A, 9, kinds={ActivityKind.HEALTH})
    assert [entry.health for entry in told] == [Health.RECONNECT_NEEDED]
    history = await program.database.health_history("acme", A)
    assert [change.health for change in history.changes] == [Health.HEALTHY, Health.RECONNECT_NEEDED]
    await other.aclose()


async def test_a_list_that_says_nothing_new_rewrites_no_row(program):
    told: list[frozenset[ConnectionId]] = []
    program.store.changed.subscribe(told.append)
    await program.clock.advance(MINUTE)
    await program.monitor.read_list()
    assert told == []
    whose = program.api.customers[A]
    whose.connection = msgspec.structs.replace(whose.connection, status=ListStatus.INACTIVE)
    await program.monitor.read_list()
    assert told == [frozenset({A})]


async def test_what_only_the_list_proves_stays_proven_as_long_as_the_list_says_so(program):
    for _ in range(50):
        await program.clock.advance(MINUTE)
        await program.monitor.read_list()
        program.ledger.reassess([A, B])
        assert program.health("A") is Health.HEALTHY
    await program.clock.advance(31 * MINUTE)
    program.ledger.reassess([A])
    assert (program.health("A"), program.row("A").condition.last_known) == (Health.UNKNOWN, Health.HEALTHY)
    await program.monitor.read_list()
    assert program.health("A") is Health.HEALTHY


async def test_the_next_look_at_a_row_takes_along_that_the_list_has_named_it_again(program):
    await program.clock.advance(5 * MINUTE)
    await program.monitor.read_list()
    assert program.row("A").facts.listed.evidence.at == START
    program.ledger.note(A, [now(program, status())])
    assert program.row("A").facts.listed.evidence.at == START + 5 * MINUTE


async def test_a_timeline_that_is_read_while_it_is_written_is_whole(program, monkeypatch):
    began, go_on = asyncio.Event(), asyncio.Event()
    save = program.database.save_connections

    async def slow(account, rows):
        began.set()
        await go_on.wait()
        await save(account, rows)

    monkeypatch.setattr(program.database, "save_connections", slow)
    program.ledger.note(A, [now(program, refused())])
    writing = asyncio.create_task(program.ledger.flush())
    await began.wait()
    reading = asyncio.create_task(program.ledger.timeline(A))
    await program.clock.settle()
    go_on.set()
    assert [entry.health for entry in await reading] == [Health.RECONNECT_NEEDED]
    await writing
