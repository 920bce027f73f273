from collections import Counter

import msgspec
import pytest

from makini_desktop.sandbox.generate import generate
from makini_desktop.sandbox.shapes import connection_shape, integration_shape
from makini_desktop.sandbox.syncs import HISTORY, current_run, last_finished, last_success, runs

NOON = 1_795_521_600.0


def test_customers_have_as_many_systems_as_were_asked_for():
    for systems in (1, 3, 14):
        world = generate(1, 60, NOON, systems=systems).values()
        assert len({connection.platform_key for connection in world}) == systems


def test_equal_seeds_make_equal_worlds():
    assert generate(7, 40, NOON) == generate(7, 40, NOON)


def test_another_seed_makes_other_customers():
    names = {connection.name for connection in generate(7, 24, NOON).values()}
    assert names != {connection.name for connection in generate(8, 24, NOON).values()}


def test_a_world_of_24_shows_every_kind_of_trouble_once():
    world = generate(1, 24, NOON).values()
    kinds = Counter(incident.kind for connection in world for incident in connection.incidents)
    assert kinds == {"credentials": 1, "failing": 1, "offline": 1, "stalled": 1, "inactive": 1}
    assert sum(connection.connected_at is None for connection in world) == 1
    assert sum(connection.tokens_end_by is not None for connection in world) == 1
    running = [run for connection in world if (run := current_run(connection, NOON))]
    assert sorted(run.type for run in running) == ["initial", "initial", "scheduled"]
    assert [run.ends_at - NOON > 86_400 for run in running].count(True) == 1


def test_everybody_else_is_healthy_at_the_start_for_many_seeds():
    for seed in range(30):
        for connection in generate(seed, 24, NOON).values():
            if connection.incidents or connection.syncs or connection.connected_at is None:
                continue
            assert current_run(connection, NOON) is None
            assert last_finished(connection, NOON).error is None
            interval = connection.schedules[-1].interval
            assert NOON - last_success(connection, NOON).ends_at < 2 * interval


def refused(connection) -> bool:
    return connection.open_incident("credentials", NOON) is not None


@pytest.mark.parametrize("broken", [0, 1, 3, 50, 80, 99])
def test_as_many_have_lost_their_sign_in_as_are_asked_for(broken):
    world = generate(1, 80, NOON, broken=broken).values()
    assert sum(map(refused, world)) == min(broken, 80)


def test_some_of_the_broken_are_two_systems_of_one_customer():
    lost = [connection for connection in generate(1, 80, NOON, broken=50).values() if refused(connection)]
    systems = Counter(connection.name for connection in lost)
    assert 5 <= sum(count == 2 for count in systems.values()) <= 10
    assert len({(connection.name, connection.platform_key) for connection in lost}) == 50


def test_sign_ins_end_evenly_over_the_next_thirty_days():
    ends = [c.tokens_end_by for c in generate(1, 80, NOON, expiring=30).values() if c.tokens_end_by]
    assert ends == [NOON + day * 86_400.0 for day in range(1, 31)]


def test_the_failing_connection_has_three_failed_syncs_in_a_row():
    (failing,) = (c for c in generate(1, 24, NOON).values() if any(i.kind == "failing" for i in c.incidents))
    newest = list(runs(failing, NOON))[:4]
    assert [run.status(NOON) for run in newest] == ["failed"] * 3 + ["completed"]
    assert newest[0].error.entity in failing.scopes


def test_the_late_connection_had_its_last_sync_more_than_two_intervals_ago():
    (late,) = (c for c in generate(1, 24, NOON).values() if any(i.kind == "stalled" for i in c.incidents))
    assert NOON - last_success(late, NOON).ends_at > 2 * late.schedules[-1].interval


def test_history_is_mostly_good_and_reaches_back_a_month():
    all_runs = [run for c in generate(3, 50, NOON).values() if not c.incidents for run in runs(c, NOON)]
    failed = sum(run.error is not None for run in all_runs)
    assert 0 < failed < 0.03 * len(all_runs)
    assert min(run.started_at for run in all_runs) >= NOON - HISTORY
    assert min(run.started_at for run in all_runs) < NOON - 29 * 86_400


def test_a_large_world_is_ill_in_at_most_two_percent():
    world = generate(1, 6_000, NOON).values()
    ill = sum(bool(c.incidents) or c.connected_at is None or c.tokens_end_by is not None for c in world)
    assert 0 < ill <= 0.02 * 6_000
    assert len({connection.key for connection in world}) == 6_000
    assert len({connection.name for connection in world}) == 6_000


def test_small_worlds_are_possible():
    assert generate(1, 0, NOON) == {}
    assert len(generate(1, 1, NOON)) == 1


def test_statuses_come_in_several_spellings():
    world = generate(1, 300, NOON).values()
    assert {"Active", "active", "ACTIVE"} <= {connection_shape(c, NOON)["status"] for c in world}
    words = {integration_shape(c, NOON)["sync_status"] for c in world}
    assert {"done", "fail", "error", "pending"} <= words


def test_a_connection_survives_being_written_down():
    for connection in generate(1, 24, NOON).values():
        written = msgspec.json.encode(connection)
        assert msgspec.json.decode(written, type=type(connection)) == connection
