"""The monitor: the list every minute, every connection in its turn, nothing red by our own fault."""

import asyncio
import itertools
from datetime import timedelta

import msgspec
import pytest

from makini_desktop.domain.connection import ConnectionId, ListStatus
from makini_desktop.domain.errors import (
    ClientRejected,
    ConnectionGone,
    KeychainLocked,
    NotOffered,
    PermissionDenied,
    ReconnectNeeded,
    ServerFailed,
    SystemUnreachable,
    Unreachable,
    VaultDamaged,
)
from makini_desktop.domain.evidence import EvidenceSource
from makini_desktop.domain.health import AccessUnknown, Health
from makini_desktop.domain.sync import Sync, SyncId, SyncState, SyncVerdict
from makini_desktop.services.ports import Priority
from makini_desktop.services.store import Offline, Online, Refusing
from tests.fakes.api import Customer, customer
from tests.fakes.clock import START
from tests.fakes.program import FakeProgram

A, B = ConnectionId("A"), ConnectionId("B")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NO_LINE = Unreachable("No answer from api.makini.example.")


@pytest.fixture(autouse=True)
async def _tokens(program):
    await program.hold("A")
    await program.hold("B")
    program.api.calls.clear()


def watch(program: FakeProgram) -> None:
    program.tasks.start("monitor", program.monitor.run())


async def test_a_check_reads_connection_status_and_sync_status(program):
    await program.check("A")
    assert program.api.calls[:2] == ["status A", "sync_status A"]
    assert program.health("A") is Health.HEALTHY
    assert program.row("A").condition.evidence.source is EvidenceSource.SYNC_STATUS
    assert program.row("A").facts.token.present


async def test_a_list_that_breaks_off_says_nothing_of_those_it_did_not_name(program):
    program.api.customers = {B: program.api.customers[B]}
    program.api.list_breaks_off = True
    assert await program.monitor.read_list() is False
    assert program.health("A") is not Health.DISCONNECTED
    assert isinstance(program.store.line, Online)
    program.api.list_breaks_off = False
    assert await program.monitor.read_list() is True
    assert program.health("A") is Health.DISCONNECTED


async def test_a_check_that_somebody_waits_for_goes_first(program):
    await program.monitor.check(A, Priority.PERSON)
    assert set(program.api.priorities) == {Priority.PERSON}


async def test_where_somebody_has_to_sign_in_the_sync_status_is_not_asked(program):
    program.api.customers[A].credentials_hold = False
    await program.check("A")
    assert program.api.calls == ["status A"]
    assert program.health("A") is Health.RECONNECT_NEEDED


async def test_without_a_connection_status_the_current_integration_proves_access(program):
    program.api.lacks = {"status"}
    await program.check("A")
    assert program.api.calls[:3] == ["status A", "integration A", "sync_status A"]
    assert program.row("A").facts.integration.integration.company_name == "Acme Foods"


@pytest.mark.parametrize(
    ("call", "error", "health", "source"),
    [
        (
            "status",
            ReconnectNeeded("Sign in.", code="AUTHENTICATION_FAILED", status=401, request_id="req-9"),
            Health.RECONNECT_NEEDED,
            EvidenceSource.STATUS,
        ),
        (
            "sync_status",
            SystemUnreachable("Offline.", code="SYSTEM_UNREACHABLE", status=503, request_id="req-9"),
            Health.OFFLINE,
            EvidenceSource.SYNC_STATUS,
        ),
        (
            "status",
            ConnectionGone("Gone.", status=404, request_id="req-9"),
            Health.DISCONNECTED,
            EvidenceSource.STATUS,
        ),
    ],
)
async def test_what_an_error_says_of_the_connection_is_taken_in(program, call, error, health, source):
    program.api.fail(call, error)
    await program.check("A")
    evidence = program.row("A").condition.evidence
    assert (program.health("A"), evidence.source, evidence.request_id) == (health, source, "req-9")
    assert evidence.detail == error.detail


@pytest.mark.parametrize("error", [PermissionDenied("Not allowed."), ServerFailed("Makini failed.")])
async def test_an_error_that_says_nothing_of_the_connection_is_only_why_nothing_newer_is_known(
    program, error
):
    program.api.fail("status", error)
    await program.check("A")
    assert program.health("A") is Health.HEALTHY
    assert program.row("A").facts.check_failed.reason == str(error)


@pytest.mark.parametrize("error", [NO_LINE, KeychainLocked("Locked."), VaultDamaged("Damaged.")])
async def test_trouble_of_our_own_is_raised_and_reddens_nothing(program, error):
    program.api.fail("sync_status", error)
    with pytest.raises(type(error)):
        await program.check("A")
    assert program.health("A") is Health.HEALTHY
    assert program.row("A").facts.check_failed.reason == str(error)
    assert program.row("A").facts.status is not None


async def test_a_connection_without_a_token_of_ours_is_watched_by_the_list_and_says_so(program):
    program.api.customers[ConnectionId("C")] = customer("C")
    await program.monitor.read_list()
    await program.check("C")
    row = program.row("C")
    assert (row.health, row.condition.evidence.source) == (Health.HEALTHY, EvidenceSource.LIST)
    assert not row.facts.token.present
    assert "no token" in row.facts.check_failed.reason


async def test_the_interval_is_learned_once(program):
    await program.check("A")
    await program.check("A")
    assert program.row("A").facts.interval_seconds == 3600.0
    assert program.api.calls.count("schedule A") == 1


async def test_an_interval_that_could_not_be_read_is_asked_for_again(program):
    program.api.fail("schedule", ServerFailed("Makini failed."))
    await program.check("A")
    await program.check("A")
    assert program.row("A").facts.interval_seconds == 3600.0


async def test_an_interval_that_is_not_offered_is_not_asked_for_again(program):
    program.api.fail("schedule", NotOffered("Not offered."))
    await program.check("A")
    await program.check("A")
    assert program.api.calls.count("schedule A") == 1


async def test_the_usual_duration_and_the_failures_are_learned_from_the_history(program):
    def ended(number: int, state: SyncState, minutes: int) -> Sync:
        return Sync(
            id=SyncId(str(number)), state=state, started_at=START, finished_at=START + minutes * MINUTE
        )

    program.api.customers[A].verdict = SyncVerdict.FAILED
    program.api.customers[A].history = [
        ended(5, SyncState.FAILED, 1),
        ended(4, SyncState.FAILED, 1),
        ended(3, SyncState.COMPLETED, 4),
        ended(2, SyncState.FAILED, 1),
        ended(1, SyncState.COMPLETED, 8),
    ]
    await program.check("A")
    assert program.row("A").facts.failures == 2
    assert program.row("A").facts.usual_seconds == 360.0


async def test_the_list_is_read_every_minute(program):
    watch(program)
    await program.clock.advance(3 * MINUTE + timedelta(seconds=1))
    assert program.api.calls.count("list") == 4
    assert program.store.sweep.last_at == START + 3 * MINUTE
    assert program.store.sweep.next_at == START + 4 * MINUTE
    assert program.store.sweep.api_version == "v1"


async def test_the_healthy_are_checked_at_an_even_pace(program):
    watch(program)
    await program.clock.advance(10 * MINUTE + timedelta(seconds=1))
    for connection in (A, B):
        assert 9 <= program.api.calls.count(f"status {connection}") <= 11


async def test_a_hundred_healthy_ones_are_checked_each_within_three_minutes_and_a_half():
    program = FakeProgram(*(customer(f"C{number:02}") for number in range(100)))
    await program.open()
    for number in range(100):
        await program.hold(f"C{number:02}")
    watch(program)
    await program.clock.advance(30 * MINUTE)
    counts = {program.api.calls.count(f"status C{number:02}") for number in range(100)}
    assert counts <= {9, 10}
    await program.aclose()


async def test_one_that_waits_for_a_person_is_checked_every_quarter_of_an_hour_without_renewing(program):
    program.api.customers[A].credentials_hold = False
    await program.clock.advance(timedelta(days=16))
    await program.monitor.read_list()
    await program.monitor.check(A, renew=False)
    assert program.health("A") is Health.RECONNECT_NEEDED
    program.api.calls.clear()
    watch(program)
    await program.clock.advance(46 * MINUTE)
    assert program.api.calls.count("status A") == 3
    assert "refresh A" not in program.api.calls
    assert program.health("A") is Health.RECONNECT_NEEDED


async def test_a_stale_token_proves_nothing_and_is_renewed_once_the_last_proof_is_too_old(program):
    program.api.customers[A].credentials_hold = False
    watch(program)
    await program.clock.advance(1)
    program.api.kill((await program.entry("A")).current)
    program.api.customers[A].credentials_hold = True
    await program.clock.advance(40 * MINUTE)
    assert program.health("A") is Health.RECONNECT_NEEDED
    await program.clock.advance(30 * MINUTE)
    assert program.health("A") is Health.HEALTHY


async def test_a_customers_own_sign_in_is_noticed_at_the_next_look(program):
    program.api.customers[A].credentials_hold = False
    watch(program)
    await program.clock.advance(20 * MINUTE)
    assert program.health("A") is Health.RECONNECT_NEEDED
    program.api.customers[A].credentials_hold = True
    await program.clock.advance(16 * MINUTE)
    assert program.health("A") is Health.HEALTHY


async def test_a_sign_in_that_the_list_tells_is_looked_at_at_once_and_its_new_token_issued(program):
    program.change_account(issue_tokens=True)
    program.api.customers[A].credentials_hold = False
    watch(program)
    await program.clock.advance(20 * MINUTE)
    program.api.kill((await program.entry("A")).current, refresh=True)  # by the customer's own sign-in
    again = program.api.customers[A]
    again.credentials_hold = True
    again.connection = msgspec.structs.replace(again.connection, connected_at=program.clock.now())
    program.api.calls.clear()
    await program.clock.advance(MINUTE)
    assert program.health("A") is Health.HEALTHY
    assert program.api.calls.count("issue A") == 1


async def test_what_has_just_changed_is_looked_at_every_minute(program):
    program = await many(400)
    await begun(program)
    await program.clock.advance(30 * MINUTE)
    program.api.customers[ConnectionId("C007")].online = False
    await program.clock.advance(11 * MINUTE)
    program.api.customers[ConnectionId("C007")].online = True
    while program.health("C007") is not Health.HEALTHY:
        await program.clock.advance(10)
    program.api.calls.clear()
    await program.clock.advance(10 * MINUTE)
    assert program.api.calls.count("status C007") >= 4
    assert program.api.calls.count("status C008") == 1
    await program.aclose()


async def test_what_the_list_says_anew_is_looked_at_at_once(program):
    program = await many(400)
    waiting = program.api.customers[ConnectionId("C007")]
    active = waiting.connection
    waiting.connection = msgspec.structs.replace(active, status=ListStatus.PENDING)
    await begun(program)
    await program.clock.advance(MINUTE)
    assert program.health("C007") is Health.PENDING
    waiting.connection = active
    program.api.calls.clear()
    await program.clock.advance(61)
    assert "status C007" in program.api.calls
    await program.aclose()


async def test_one_that_is_opened_is_looked_at_soon(program):
    program = await many(400)
    await begun(program)
    await program.clock.advance(25 * MINUTE)
    program.monitor.watch(ConnectionId("C007"))
    program.api.calls.clear()
    await program.clock.advance(3 * MINUTE + timedelta(seconds=1))
    assert program.api.calls.count("status C007") >= 3
    await program.aclose()


async def many(count: int) -> FakeProgram:
    """Return a program with many well connections."""
    program = FakeProgram(*(customer(f"C{number:03}") for number in range(count)))
    await program.open()
    for number in range(count):
        await program.hold(f"C{number:03}")
    return program


async def begun(program: FakeProgram) -> None:
    """Begin to watch, until everybody was looked at for the first time."""
    watch(program)
    while len({call for call in program.api.calls if call.startswith("sync_status")}) < 390:
        await program.clock.settle()


async def test_what_was_learned_is_learned_again_each_day(program):
    program.api.customers[A].interval_minutes = 60
    watch(program)
    await program.clock.advance(HOUR)
    program.api.customers[A].interval_minutes = 15
    await program.clock.advance(22 * HOUR)
    assert program.row("A").facts.interval_seconds == 3600.0
    await program.clock.advance(2 * HOUR)
    assert program.row("A").facts.interval_seconds == 900.0
    assert program.api.calls.count("schedule A") == 2


async def test_an_ill_one_is_checked_soon_and_then_less_and_less(program):
    program.api.customers[A].online = False
    watch(program)
    await program.clock.advance(5 * MINUTE)
    early = program.api.calls.count("status A")
    await program.clock.advance(60 * MINUTE)
    program.api.calls.clear()
    await program.clock.advance(20 * MINUTE)
    assert early >= 3
    assert program.api.calls.count("status A") in (2, 3)


async def test_a_syncing_one_that_is_open_in_the_detail_is_checked_every_few_seconds(program):
    for connection in (A, B):
        program.api.customers[connection].running = Sync(
            id=SyncId(f"sync-{connection}"), state=SyncState.IN_PROGRESS, started_at=START
        )
    program.monitor.watch(A)
    watch(program)
    await program.clock.advance(MINUTE)
    assert program.api.calls.count("status A") >= 4
    assert program.api.calls.count("status B") <= 2


async def test_the_one_open_in_the_detail_is_kept_fresh(program):
    program.api.customers[A].credentials_hold = False
    program.monitor.watch(A)
    watch(program)
    await program.clock.advance(5 * MINUTE + timedelta(seconds=1))
    assert program.api.calls.count("status A") >= 5


async def test_without_a_line_the_wait_grows_and_no_row_turns_red(program):
    program.api.fail_always("*", NO_LINE)
    watch(program)
    await program.clock.advance(1)
    assert program.store.line == Offline(START, str(NO_LINE))
    tries = [program.clock.monotonic()]
    for _ in range(400):
        before = program.api.calls.count("list")
        await program.clock.advance(1)
        if program.api.calls.count("list") > before:
            tries.append(program.clock.monotonic())
    waits = [round(later - earlier) for earlier, later in itertools.pairwise(tries)]
    assert waits[1:5] == [10, 20, 40, 60]
    assert set(waits[5:]) == {60}
    assert not [call for call in program.api.calls if call != "list"]
    assert program.store.line == Offline(START, str(NO_LINE))
    assert {program.health("A"), program.health("B")} == {Health.HEALTHY}


async def test_a_line_lost_for_long_makes_unknown_and_not_red(program):
    watch(program)
    await program.clock.advance(1)
    program.api.fail_always("*", NO_LINE)
    await program.clock.advance(45 * MINUTE)
    row = program.row("A")
    assert (row.health, row.condition.last_known) == (Health.UNKNOWN, Health.HEALTHY)
    assert program.notifier.shown == []


async def test_a_line_that_is_back_is_told_and_everything_checked_again(program):
    program.api.fail_always("*", NO_LINE)
    watch(program)
    await program.clock.advance(10 * MINUTE)
    program.api.fail_always("*", None)
    program.api.calls.clear()
    await program.clock.advance(61)
    assert program.store.line == Online()
    assert {"status A", "status B"} <= set(program.api.calls)


async def test_a_line_lost_during_a_check_is_noticed_at_once(program):
    program.api.fail_always("status", NO_LINE)
    program.api.fail("list", NO_LINE)
    gate = program.api.gate("list")
    watch(program)
    gate.open()
    await program.clock.advance(1)
    assert isinstance(program.store.line, Offline)


@pytest.mark.parametrize("error", [ClientRejected("The secret is wrong."), PermissionDenied("Not allowed.")])
async def test_an_account_that_is_refused_is_told_and_tried_again(program, error):
    program.api.fail("list", error)
    watch(program)
    await program.clock.advance(1)
    assert program.store.line == Refusing(START, str(error))
    await program.clock.advance(MINUTE)
    assert program.store.line == Online()


@pytest.mark.parametrize(
    "error",
    [KeychainLocked("Locked."), VaultDamaged("Damaged."), ServerFailed("Failed."), SystemUnreachable("Off.")],
)
async def test_a_list_that_failed_for_another_reason_is_read_again_in_a_minute(program, error):
    program.api.fail("list", error)
    watch(program)
    await program.clock.advance(1)
    assert program.store.line == Online()
    await program.clock.advance(MINUTE)
    assert program.api.calls.count("list") == 2


@pytest.mark.parametrize("error", [KeychainLocked("Locked."), VaultDamaged("Damaged.")])
async def test_a_keychain_in_trouble_is_tried_again_in_a_minute_and_reddens_nothing(program, error):
    token, tries = program.vault.token, []

    async def closed(account, connection):
        tries.append(connection)
        raise error

    program.vault.token = closed
    watch(program)
    await program.clock.advance(59)
    assert 1 <= len(tries) <= 2
    assert {program.health("A"), program.health("B")} == {Health.HEALTHY}
    program.vault.token = token
    await program.clock.advance(3)
    assert {"status A", "status B"} <= set(program.api.calls)


async def test_check_now_interrupts_the_round_and_starts_anew():
    program = FakeProgram(*(customer(f"C{number:02}") for number in range(20)))
    await program.open()
    for number in range(20):
        await program.hold(f"C{number:02}")
    gate = program.api.gate("status")
    watch(program)
    await gate.reached.wait()
    await program.clock.settle()
    begun = program.api.calls.count("list")
    program.monitor.everything_now()
    gate.open()
    await program.clock.settle()
    await program.clock.settle()
    assert program.api.calls.count("list") == begun + 1
    again = program.api.calls.index("list", 1)
    assert len([call for call in program.api.calls[:again] if call.startswith("status")]) <= 10
    await program.clock.advance(1)
    after = program.api.calls[again:]
    assert len({call for call in after if call.startswith("status")}) >= 12
    await program.aclose()


async def test_check_now_wakes_one_who_waits_for_the_line(program):
    program.api.fail_always("*", NO_LINE)
    watch(program)
    await program.clock.advance(10 * MINUTE)
    program.api.fail_always("*", None)
    program.monitor.everything_now()
    await program.clock.settle()
    assert program.store.line == Online()


async def test_a_row_that_cannot_be_read_is_not_checked_and_keeps_nobody_awake(program):
    odd = msgspec.structs.replace(customer("1.3").connection, readable=False, status=ListStatus.UNKNOWN)
    program.api.customers[odd.id] = Customer(odd)
    watch(program)
    program.monitor.everything_now()
    await program.clock.advance(1)
    program.api.calls.clear()
    await program.clock.advance(5 * MINUTE)
    assert not [call for call in program.api.calls if "1.3" in call]
    assert program.api.calls.count("list") == 5


async def test_a_connection_new_in_the_list_is_checked(program):
    watch(program)
    await program.clock.advance(1)
    program.api.customers[ConnectionId("C")] = customer("C")
    await program.hold("C")
    await program.clock.advance(61)
    assert "status C" in program.api.calls


async def test_the_clock_speaks_without_any_call(program):
    watch(program)
    await program.clock.advance(1)
    program.api.fail_always("*", NO_LINE)
    await program.clock.advance(31 * MINUTE + timedelta(seconds=30))
    assert isinstance(program.row("A").condition.access, AccessUnknown)


async def test_only_few_checks_are_under_way_together():
    program = FakeProgram(*(customer(f"C{number:02}") for number in range(20)))
    await program.open()
    for number in range(20):
        await program.hold(f"C{number:02}")
    gate = program.api.gate("status")
    watch(program)
    await asyncio.wait_for(gate.reached.wait(), 5)
    await program.clock.settle()
    assert len([call for call in program.api.calls if call.startswith("status")]) == 8
    assert program.store.sweep.checking > 0
    gate.open()
    await program.clock.advance(5)
    assert program.store.sweep.checking == 0
    await program.aclose()
