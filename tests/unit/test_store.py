"""The store: one truth in memory, told once per change."""

from collections import Counter
from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.domain.connection import Connection, ConnectionId
from makini_desktop.domain.evidence import Facts
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.services.store import (
    DETAILS_KEPT,
    Detail,
    Offline,
    Online,
    Refusing,
    Row,
    Store,
    Sweep,
    last_days,
    strip,
)
from tests.fakes.clock import START
from tests.unit.seen import condition, refused

A = ConnectionId("A")
MINUTE = timedelta(minutes=1)


async def test_counts_are_by_health_the_worst_first_without_zeros(program):
    program.ledger.note(A, [refused(timedelta(0))])
    assert list(program.store.counts().items()) == [(Health.RECONNECT_NEEDED, 1), (Health.HEALTHY, 1)]
    assert program.store.worst() is Health.RECONNECT_NEEDED


def test_without_connections_there_is_no_worst():
    assert Store().worst() is None
    assert Store().counts() == {}
    assert Store().having(Health) == []


async def test_rows_that_did_not_change_are_not_told(program):
    told: list[frozenset[ConnectionId]] = []
    program.store.changed.subscribe(told.append)
    program.store.put(list(program.store.rows.values()))
    assert told == []


async def test_a_row_that_goes_is_told_once(program):
    told: list[frozenset[ConnectionId]] = []
    program.store.changed.subscribe(told.append)
    program.store.remove([A])
    program.store.remove([A])
    assert told == [frozenset({A})]
    assert program.store.row(A) is None


def test_an_ongoing_trouble_of_the_line_keeps_its_beginning():
    store, told = Store(), []
    store.line_changed.subscribe(told.append)
    store.set_line(Online())
    store.set_line(Offline(START, "No answer."))
    store.set_line(Offline(START + MINUTE, "No answer."))
    store.set_line(Offline(START + 2 * MINUTE, "Name not found."))
    store.set_line(Refusing(START + 3 * MINUTE, "Refused."))
    store.set_line(Online())
    assert told == [
        Offline(START, "No answer."),
        Offline(START, "Name not found."),
        Refusing(START + 3 * MINUTE, "Refused."),
        Online(),
    ]


def test_sweep_and_detail_are_told_when_they_differ():
    store, told = Store(), []
    store.sweep_changed.subscribe(told.append)
    store.detail_changed.subscribe(told.append)
    store.set_sweep(Sweep())
    store.set_sweep(Sweep(checking=3))
    store.put_detail(A, Detail())
    store.put_detail(A, Detail())
    assert told == [Sweep(checking=3), A]
    assert store.detail(ConnectionId("B")) == Detail()


def test_only_the_last_details_are_kept():
    store = Store()
    full = Detail(found=())
    for number in range(DETAILS_KEPT + 1):
        store.put_detail(ConnectionId(f"c{number}"), full)
    assert store.detail(ConnectionId("c0")) == Detail()
    assert store.detail(ConnectionId("c1")) == store.detail(ConnectionId(f"c{DETAILS_KEPT}")) == full


def test_the_strip_is_thirty_days_up_to_today():
    days = {"2025-03-01": Health.FAILING, "2025-01-31": Health.HEALTHY, "2025-01-30": Health.OFFLINE}
    found = strip(days, last_days(START))
    assert len(found) == 30
    assert (found[0], found[1], found[-1]) == (Health.HEALTHY, Health.UNKNOWN, Health.FAILING)


healths = st.sampled_from([Health.HEALTHY, Health.LATE, Health.RECONNECT_NEEDED])
changes = st.lists(st.tuples(st.sampled_from("ABCD"), st.one_of(st.none(), healths)), max_size=30)


@given(changes)
def test_who_has_a_health_is_known_however_rows_came_changed_and_went(orders):
    store, plain = Store(), {}
    for name, health in orders:
        key = ConnectionId(name)
        if health is None:
            store.remove([key])
            plain.pop(key, None)
        else:
            store.put([row_of(key, health)])
            plain[key] = health
    assert store.counts() == Counter(plain.values())
    for health in Health:
        assert {row.id for row in store.having({health})} == {
            key for key, of in plain.items() if of is health
        }
    found = store.having(Health)
    assert found == sorted(found, key=lambda row: SEVERITY[row.health])
    assert store.worst() is (found[0].health if found else None)


def row_of(key: ConnectionId, health: Health) -> Row:
    return Row(
        connection=Connection(id=key, name=key, system="SAP"),
        facts=Facts(),
        condition=msgspec.structs.replace(condition(), health=health),
        since=START,
    )
