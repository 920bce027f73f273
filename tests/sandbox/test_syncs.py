import pytest

from makini_desktop.sandbox.connection import Connection, Schedule
from makini_desktop.sandbox.syncs import (
    current_run,
    fail_next,
    last_finished,
    last_success,
    new_sync,
    next_start,
    run_of,
    runs,
)

NOON = 1_795_521_600.0
HOUR = 3_600.0


@pytest.fixture
def connection() -> Connection:
    """Syncs every half hour; the last one began 20 minutes ago."""
    return Connection(
        key="00000000000001",
        name="Fjordane Pumps",
        email="integrations@fjordane-pumps.example",
        platform_key="ibm_maximo",
        scopes=["sites", "assets"],
        tags=[],
        quirk=5,
        created_at=NOON - 100 * HOUR,
        connected_at=NOON - 90 * HOUR,
        schedules=[Schedule(NOON - 90 * HOUR, NOON + 600, 1_800)],
    )


def start(connection: Connection, at: float, action: str = "incremental"):
    return new_sync(connection, at, kind="manual", action=action, scopes=connection.scopes)


def test_a_scheduled_sync_starts_by_itself_moves_and_ends(connection):
    at = next_start(connection, NOON)
    assert at == NOON + 600
    assert current_run(connection, at - 0.1) is None
    run = current_run(connection, at + 3)
    assert (run.type, run.status(at + 3)) == ("scheduled", "in_progress")
    assert 0 <= run.done(at + 1) < run.done(at + 3) < run.total
    assert current_run(connection, run.ends_at) is None
    assert last_success(connection, run.ends_at).id == run.id
    assert run.done(run.ends_at) == run.total


def test_a_manual_sync_is_queued_then_runs_about_five_seconds(connection):
    run = run_of(connection, start(connection, NOON))
    assert run.status(NOON) == "queued"
    assert run.status(NOON + 1) == "in_progress"
    assert 4 <= run.ends_at - NOON <= 6
    assert run.status(run.ends_at) == "completed"


def test_the_schedule_waits_for_a_sync_under_way(connection):
    manual = start(connection, NOON + 599)
    assert current_run(connection, NOON + 601).id == manual.id
    assert [run.type for run in runs(connection, NOON + 700)][:2] == ["manual", "scheduled"]
    assert [run.started_at for run in runs(connection, NOON + 700)][1] == NOON - 1_200


def test_changed_credentials_end_the_sync_under_way(connection):
    sync = start(connection, NOON)
    connection.begin("credentials", NOON + 2)
    run = run_of(connection, sync)
    assert (run.ends_at, run.error.code) == (NOON + 2, "REAUTHORIZATION_REQUIRED")


def test_scheduled_syncs_fail_while_credentials_do_not_hold(connection):
    connection.begin("credentials", NOON)
    assert last_finished(connection, NOON + HOUR).error.code == "REAUTHORIZATION_REQUIRED"
    assert last_success(connection, NOON + HOUR).started_at == NOON - 1_200


def test_old_refusals_say_nothing_once_credentials_are_renewed(connection):
    connection.begin("credentials", NOON)
    connection.end("credentials", NOON + HOUR)
    assert last_finished(connection, NOON + HOUR).error is None


def test_syncs_of_an_offline_system_fail_and_resume_by_themselves(connection):
    connection.begin("offline", NOON)
    assert last_finished(connection, NOON + HOUR).error.code == "SYSTEM_UNREACHABLE"
    connection.end("offline", NOON + HOUR)
    assert last_finished(connection, NOON + 2 * HOUR).error is None


def test_an_entity_error_lasts_until_a_full_sync(connection):
    connection.begin("failing", NOON)
    again = run_of(connection, start(connection, NOON + 10))
    assert again.error.code == "ENTITY_REJECTED"
    assert again.error.entity in connection.scopes
    full = run_of(connection, start(connection, NOON + 60, "full"))
    assert full.error is None
    assert last_finished(connection, NOON + 2 * HOUR).error is None
    assert run_of(connection, connection.syncs[0]) == again


def test_a_stalled_scheduler_keeps_saying_when_it_was_due_until_a_manual_sync(connection):
    connection.begin("stalled", NOON - HOUR)
    assert next_start(connection, NOON) == NOON - HOUR + 600
    assert last_finished(connection, NOON).started_at < NOON - HOUR
    start(connection, NOON)
    assert next_start(connection, NOON) == NOON + 600


def test_an_inactive_connection_does_not_sync(connection):
    connection.begin("inactive", NOON)
    assert next_start(connection, NOON) is None
    assert last_finished(connection, NOON + HOUR).started_at < NOON


def test_fail_next_fails_the_scheduled_sync_and_no_other(connection):
    fail_next(connection, NOON)
    assert [run.error is None for run in runs(connection, NOON + HOUR)][:3] == [True, False, True]


def test_fail_next_is_used_up_by_a_manual_sync(connection):
    fail_next(connection, NOON)
    assert run_of(connection, start(connection, NOON)).error is not None
    assert run_of(connection, start(connection, NOON + 60)).error is None
    assert last_finished(connection, NOON + 700).error is None


def test_more_records_wait_the_longer_the_last_good_sync_is_ago(connection):
    soon = start(connection, NOON)
    connection.begin("credentials", NOON + 100)
    connection.end("credentials", NOON + 70 * HOUR)
    assert start(connection, NOON + 70 * HOUR).total > soon.total + 500


def test_a_new_interval_leaves_the_past_as_it_was(connection):
    before = [run.id for run in runs(connection, NOON)]
    connection.schedules.append(Schedule(NOON, NOON + 900, 900))
    assert [run.id for run in runs(connection, NOON)] == before
    starts = [run.started_at for run in runs(connection, NOON + 1_801)]
    assert starts[:3] == [NOON + 1_800, NOON + 900, NOON - 1_200]
