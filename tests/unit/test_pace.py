"""How often a connection is looked at, and who comes next."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.domain.connection import Connection, ConnectionId, ListStatus
from makini_desktop.domain.evidence import Facts
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import SyncVerdict
from makini_desktop.services.pace import AFTER_DEADLINE, Pace
from makini_desktop.services.schedule import Schedule
from makini_desktop.services.store import Row
from tests.unit.seen import HOUR, MINUTE, NOW, PROBLEM, condition, facts, listed, running, status, synced

A, B = ConnectionId("A"), ConnectionId("B")
SECOND = timedelta(seconds=1)


def row(*seen: object, connected_at: object = None, **rhythm: float) -> Row:
    found: Facts = facts(*seen, **rhythm)
    return Row(
        connection=Connection(id=A, name="Acme", system="SAP", connected_at=connected_at),
        facts=found,
        condition=condition(*seen, **rhythm),
        since=NOW,
    )


WELL = row(status(), synced())
SYNCING = row(status(), synced(current=running(MINUTE)))
FAILING = row(status(), synced(SyncVerdict.FAILED, problem=PROBLEM))
REFUSED = row(status(refused=True))
PENDING = row(listed(ListStatus.PENDING))


def intervals(pace: Pace, rows: list[Row], *, connections: int = 1000, watched: bool = False) -> list[float]:
    return [
        pace.after_check(each, NOW, connections=connections, watched=watched).total_seconds() for each in rows
    ]


@pytest.mark.parametrize(
    ("connections", "seconds"),
    [(1, 60), (30, 60), (100, 200), (300, 600), (10_000, 600), (12_000, 600), (100_000, 5000)],
)
def test_the_well_are_looked_at_as_often_as_their_number_allows(connections: int, seconds: float) -> None:
    first, *later = intervals(Pace(50), [WELL, WELL, WELL], connections=connections)
    assert later == [seconds] * 2
    assert first <= seconds


def test_the_first_regular_looks_come_at_different_times() -> None:
    named = [
        msgspec.structs.replace(
            WELL, connection=msgspec.structs.replace(WELL.connection, id=ConnectionId(f"C{number:02}"))
        )
        for number in range(50)
    ]
    found = intervals(Pace(50), named)
    assert len({round(each, 1) for each in found}) > 40
    assert 60 <= min(found) < 200
    assert 450 < max(found) <= 600


def test_a_sync_that_runs_is_nothing_new() -> None:
    assert intervals(Pace(50), [WELL, WELL, SYNCING, WELL])[1:] == [600.0] * 3


def test_the_ill_are_looked_at_every_minute_and_then_less_up_to_ten() -> None:
    found = intervals(Pace(50), [FAILING] * 10)
    assert found[:3] == [60.0, 90.0, 135.0]
    assert found == sorted(found)
    assert found[-2:] == [600.0, 600.0]


def test_what_has_just_become_well_is_looked_at_every_minute_and_then_less() -> None:
    found = intervals(Pace(50), [FAILING] * 6 + [WELL] * 9)[6:]
    assert found[:3] == [60.0, 90.0, 135.0]
    assert found[-2:] == [600.0, 600.0]


def test_a_new_illness_begins_anew() -> None:
    offline = row(status(online=False))
    assert intervals(Pace(50), [FAILING] * 6 + [offline])[6] == 60.0


@pytest.mark.parametrize("waiting", [REFUSED, PENDING])
def test_what_waits_for_a_person_is_looked_at_every_quarter_of_an_hour(waiting: Row) -> None:
    assert intervals(Pace(50), [WELL, waiting, waiting])[1:] == [900.0, 900.0]


@pytest.mark.parametrize(("shown", "seconds"), [(WELL, 60.0), (REFUSED, 60.0), (SYNCING, 15.0)])
def test_what_is_open_in_the_detail_is_looked_at_every_minute(shown: Row, seconds: float) -> None:
    assert intervals(Pace(50), [shown] * 12, watched=True) == [seconds] * 12


def test_a_deadline_is_looked_at_when_it_comes() -> None:
    soon = row(status(), synced(last_good=2 * HOUR - 1 * MINUTE), interval_seconds=3600.0)
    assert intervals(Pace(50), [soon]) == [(MINUTE + AFTER_DEADLINE).total_seconds()]


def test_another_sign_in_of_the_customer_is_news() -> None:
    pace = Pace(50)
    intervals(pace, [REFUSED])
    again = msgspec.structs.replace(
        REFUSED, connection=msgspec.structs.replace(REFUSED.connection, connected_at=NOW)
    )
    assert not pace.news(REFUSED)
    assert pace.news(again)
    assert pace.news(WELL)
    pace.forget(A)
    assert not pace.news(WELL)


def test_old_proofs_are_no_news() -> None:
    pace = Pace(50)
    intervals(pace, [WELL])
    old = msgspec.structs.replace(WELL, condition=condition(status(ago=HOUR), synced(ago=HOUR)))
    assert old.health is Health.UNKNOWN
    assert not pace.news(old)


ids = st.sampled_from([ConnectionId(letter) for letter in "ABCDE"])
moments = st.integers(0, 20).map(lambda minutes: NOW + minutes * MINUTE)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), ids, moments),
            st.tuples(st.just("hasten"), ids, moments),
            st.tuples(st.just("remove"), ids, moments),
            st.tuples(st.just("take"), ids, moments),
            st.tuples(st.just("defer"), ids, moments),
            st.tuples(st.just("keep"), ids, moments),
        ),
        max_size=60,
    )
)
def test_the_one_due_the_longest_comes_first_whatever_was_planned_before(orders) -> None:
    schedule, plain = Schedule(), {}
    for order, connection, at in orders:
        due = [each for each, moment in plain.items() if moment <= at]
        assert schedule.overdue(at) == len(due)
        match order:
            case "put":
                schedule.put(connection, at)
                plain[connection] = at
            case "hasten":
                schedule.hasten(connection, at)
                if connection in plain:
                    plain[connection] = min(at, plain[connection])
            case "remove":
                schedule.remove(connection)
                plain.pop(connection, None)
            case "take":
                taken = schedule.take(at)
                assert (taken is None) == (not due)
                if taken is not None:
                    assert plain[taken] == min(plain.values())
                    del plain[taken]
            case "defer":
                schedule.defer(at)
                plain = {each: max(moment, at) for each, moment in plain.items()}
            case "keep":
                assert set(schedule.keep({connection})) == plain.keys() - {connection}
                plain = {each: moment for each, moment in plain.items() if each == connection}
        assert schedule.next_at() == min(plain.values(), default=None)
        assert {each: schedule.due(each) for each in schedule.ids()} == plain
