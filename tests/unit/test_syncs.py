"""Syncs: started once, followed to their end, taken up again after a restart."""

from datetime import timedelta

import msgspec
import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    NotOffered,
    PermissionDenied,
    RateLimited,
    ReconnectNeeded,
    ServerFailed,
    SyncUnderWay,
    TokenRejected,
    Unreachable,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import (
    Records,
    Sync,
    SyncAction,
    SyncId,
    SyncOrder,
    SyncProblem,
    SyncState,
    SyncVerdict,
)
from tests.fakes.clock import START
from tests.fakes.program import FakeProgram

A = ConnectionId("A")
RECORDS = Records(created=30, updated=12, deleted=2)
PROBLEM = SyncProblem(code="ENTITY_ERROR", message="Work orders cannot be read.")


@pytest.fixture(autouse=True)
async def _token(program):
    await program.hold("A")
    program.api.calls.clear()


async def started(program: FakeProgram) -> Sync:
    return await program.syncs.start(A, SyncOrder())


async def test_a_sync_is_started_shown_and_kept(program):
    sync = await program.syncs.start(A, SyncOrder(action=SyncAction.FULL, scopes=("assets",)))
    assert (sync.state, sync.action, sync.scopes) == (SyncState.QUEUED, "full", ("assets",))
    assert program.row("A").sync == sync
    assert await program.database.running_syncs("acme") == {A: sync}


async def test_a_start_that_has_to_be_repeated_repeats_its_key(program):
    program.api.fail("start_sync", TokenRejected("stale", status=401))
    await started(program)
    assert len(program.api.keys) == 2
    assert len(set(program.api.keys)) == 1


async def test_each_start_has_a_key_of_its_own(program):
    await started(program)
    program.api.end_sync("A", SyncState.COMPLETED)
    await started(program)
    assert len(set(program.api.keys)) == 2


async def test_one_that_runs_already_is_followed_instead(program):
    first = await started(program)
    assert await started(program) == first


async def test_one_that_runs_already_and_is_not_named_is_told(program):
    program.api.fail("start_sync", SyncUnderWay("A sync is running already.", status=409))
    with pytest.raises(SyncUnderWay, match="running already"):
        await started(program)


@pytest.mark.parametrize(
    "error",
    [NotOffered("Starting of syncs is not offered."), ReconnectNeeded("Sign in."), PermissionDenied("No.")],
)
async def test_a_start_that_cannot_be_says_why(program, error):
    program.api.fail("start_sync", error)
    with pytest.raises(type(error), match=str(error)):
        await started(program)
    assert program.row("A").sync is None


async def test_a_sync_is_followed_to_its_end_with_its_counts(program):
    sync = await started(program)

    async def server() -> None:
        await program.clock.sleep(3)
        program.api.customers[A].running = msgspec.structs.replace(
            sync, state=SyncState.IN_PROGRESS, done=20, expected=44
        )
        await program.clock.sleep(6)
        program.api.end_sync("A", SyncState.COMPLETED, records=RECORDS)

    shown: list[tuple[SyncState, int | None]] = []
    program.store.changed.subscribe(
        lambda _ids: shown.append((program.row("A").sync.state, program.row("A").sync.done))
    )
    program.tasks.start("server", server())
    ended = await program.clock.finish(program.syncs.follow(A, sync))
    assert (ended.state, ended.records.total) == (SyncState.COMPLETED, 44)
    assert program.row("A").sync == ended
    assert (SyncState.IN_PROGRESS, 20) in shown
    assert await program.database.running_syncs("acme") == {}
    entry = (await program.ledger.timeline(A))[0]
    assert (entry.headline, entry.detail, entry.health) == (
        "Sync completed",
        "44 records in 9 s",
        Health.HEALTHY,
    )


async def test_looks_at_a_running_sync_are_soon_at_first_and_then_calmer(program):
    sync = await started(program)
    program.api.calls.clear()
    program.tasks.start("follow", program.syncs.follow(A, sync))
    await program.clock.advance(5)
    soon = program.api.calls.count("sync_status A")
    program.api.calls.clear()
    await program.clock.advance(100)
    assert 3 <= soon <= 5
    assert 18 <= program.api.calls.count("sync_status A") <= 20


async def test_a_sync_that_runs_for_hours_is_looked_at_once_a_minute(program):
    sync = await started(program)
    program.tasks.start("follow", program.syncs.follow(A, sync))
    await program.clock.advance(timedelta(minutes=10))
    program.api.calls.clear()
    await program.clock.advance(timedelta(hours=1))
    assert 58 <= program.api.calls.count("sync_status A") <= 61


async def test_a_sync_that_fails_says_why(program):
    sync = await started(program)
    program.api.end_sync("A", SyncState.FAILED, problem=PROBLEM)
    ended = await program.clock.finish(program.syncs.follow(A, sync))
    assert ended.problem == PROBLEM
    assert program.health("A") is Health.FAILING
    entry = (await program.ledger.timeline(A))[0]
    assert entry.headline == "Sync ended badly"
    assert "Work orders cannot be read." in entry.detail


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (SyncVerdict.COMPLETED, SyncState.COMPLETED),
        (SyncVerdict.FAILED, SyncState.FAILED),
        (SyncVerdict.CREDENTIALS_REFUSED, SyncState.FAILED),
        (SyncVerdict.UNKNOWN, SyncState.UNKNOWN),
    ],
)
async def test_without_a_history_the_verdict_on_the_last_sync_tells_the_end(program, verdict, state):
    program.api.lacks = {"syncs"}
    sync = await started(program)
    await program.clock.advance(2)
    program.api.end_sync("A", SyncState.FAILED, problem=PROBLEM)
    program.api.customers[A].verdict = verdict
    ended = await program.clock.finish(program.syncs.follow(A, sync))
    assert (ended.id, ended.state) == (sync.id, state)
    assert ended.finished_at == program.clock.now()
    assert (ended.problem == PROBLEM) == (state is SyncState.FAILED)


async def test_without_a_history_a_verdict_that_is_still_out_is_waited_for(program):
    program.api.lacks = {"syncs"}
    sync = await started(program)
    program.api.customers[A].running = None
    program.api.customers[A].verdict = SyncVerdict.IN_PROGRESS

    async def server() -> None:
        await program.clock.sleep(30)
        program.api.customers[A].verdict = SyncVerdict.COMPLETED

    program.tasks.start("server", server())
    ended = await program.clock.finish(program.syncs.follow(A, sync))
    assert ended.finished_at >= START + timedelta(seconds=30)


async def test_one_that_ended_while_the_next_runs_is_found_in_the_history(program):
    sync = await started(program)
    ended = program.api.end_sync("A", SyncState.COMPLETED, records=RECORDS)
    await started(program)
    assert await program.clock.finish(program.syncs.follow(A, sync)) == ended


@pytest.mark.parametrize(
    "error", [Unreachable("No answer."), RateLimited("Slower."), ServerFailed("Makini failed.")]
)
async def test_a_line_lost_on_the_way_does_not_end_the_following(program, error):
    sync = await started(program)
    program.api.fail("sync_status", error, error, error)
    program.api.end_sync("A", SyncState.COMPLETED, records=RECORDS)
    ended = await program.clock.finish(program.syncs.follow(A, sync))
    assert ended.records == RECORDS


async def test_a_lost_sign_in_ends_the_following_and_the_sync_stays_kept_as_running(program):
    sync = await started(program)
    program.api.customers[A].credentials_hold = False
    with pytest.raises(ReconnectNeeded):
        await program.clock.finish(program.syncs.follow(A, sync))
    assert await program.database.running_syncs("acme") == {A: sync}


async def test_the_next_run_goes_on_following(program):
    sync = await started(program)
    await program.ledger.flush()
    later = FakeProgram(beside=program)
    later.ledger.load(
        await later.database.connections("acme"), {}, await later.database.running_syncs("acme")
    )
    assert await later.syncs.resumed() == {A: sync}
    program.api.end_sync("A", SyncState.COMPLETED, records=RECORDS)
    later.commands.resume_syncs()
    await later.clock.advance(5)
    assert [notice.words for notice in later.notices] == ["Acme Foods: sync done, 44 records in 0 s."]
    assert await later.syncs.resumed() == {}
    await later.aclose()


async def test_the_history_is_the_servers_with_what_this_program_saw(program):
    seen = Sync(id=SyncId("old"), state=SyncState.COMPLETED, started_at=START - timedelta(days=9))
    theirs = Sync(id=SyncId("new"), state=SyncState.COMPLETED, started_at=START - timedelta(days=1))
    await program.database.save_syncs("acme", A, [seen])
    program.api.customers[A].history = [theirs]
    assert await program.syncs.history(A) == (theirs, seen)


async def test_without_a_history_of_the_server_there_is_what_this_program_saw(program):
    program.api.lacks = {"syncs"}
    sync = await started(program)
    assert await program.syncs.history(A) == (sync,)
