from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.login import LoginPath
from makini_desktop.domain.repair import (
    LinkSent,
    Refused,
    Repair,
    Repaired,
    RepairQueue,
    Running,
    Skipped,
    Stopped,
    Waiting,
    time_taken,
)

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def repair(number: int, customer: str | None = None) -> Repair:
    return Repair(
        connection=ConnectionId(f"c{number}"), customer=customer or f"Customer {number}", system="SAP"
    )


def queue_of(*repairs: Repair) -> RepairQueue:
    return RepairQueue.begin(repairs, NOW, LoginPath.EMBEDDED)


def order(queue: RepairQueue) -> list[str]:
    return [each.connection for each in queue.repairs]


def test_those_of_one_customer_follow_each_other():
    queue = queue_of(repair(1, "Acme"), repair(2, "Borg"), repair(3, "ACME "), repair(4, "Borg"))
    assert order(queue) == ["c1", "c3", "c2", "c4"]


def test_a_connection_named_twice_is_repaired_once():
    assert order(queue_of(repair(1), repair(1))) == ["c1"]


def test_one_put_off_comes_after_all_others():
    queue = queue_of(repair(1), repair(2), repair(3)).put_off(ConnectionId("c1"))
    assert queue.next.connection == "c2"
    queue = queue.turned(ConnectionId("c2"), Repaired(NOW, 3.0)).turned(ConnectionId("c3"), Skipped(NOW))
    assert queue.next.connection == "c1"


@pytest.mark.parametrize("turn", [Running(NOW), Stopped("closed", 4.0)])
def test_what_ran_when_the_program_died_waits_again(turn):
    queue = queue_of(repair(1), repair(2)).turned(ConnectionId("c1"), turn).recovered()
    assert queue.next.connection == "c1"
    assert queue.current is None
    assert queue.paused


@pytest.mark.parametrize("turn", [Repaired(NOW, 1.0), Refused(NOW, 2.0, "no"), Skipped(NOW), LinkSent(NOW)])
def test_what_has_ended_stays_ended_after_a_kill(turn):
    queue = queue_of(repair(1), repair(2)).turned(ConnectionId("c1"), turn)
    assert queue.recovered().find(ConnectionId("c1")).turn == turn


def test_more_join_those_that_wait_and_nobody_waits_twice():
    queue = queue_of(repair(1, "Acme"), repair(2, "Borg")).with_more([repair(2, "Borg"), repair(3, "Acme")])
    assert order(queue) == ["c1", "c3", "c2"]


def test_one_that_has_ended_can_be_queued_again():
    queue = queue_of(repair(1), repair(2)).turned(ConnectionId("c1"), Skipped(NOW)).with_more([repair(1)])
    assert isinstance(queue.find(ConnectionId("c1")).turn, Waiting)
    assert len(queue.repairs) == 2


def test_the_report_adds_up_the_time_of_the_logins():
    queue = queue_of(repair(1), repair(2)).turned(ConnectionId("c1"), Repaired(NOW, 12.0))
    queue = queue.turned(ConnectionId("c2"), Refused(NOW, 30.0, "no"))
    assert queue.is_ended
    assert time_taken(queue) == timedelta(seconds=42)


TURNS = st.sampled_from(
    [
        Waiting(),
        Waiting(2),
        Running(NOW, 1),
        Stopped("closed", 1.0),
        Repaired(NOW, 1.0),
        Refused(NOW, 1.0, "no"),
        Skipped(NOW),
        LinkSent(NOW),
    ]
)


@given(st.lists(TURNS, min_size=1, max_size=8), st.lists(st.integers(0, 9), max_size=8))
def test_no_repair_is_lost_whatever_happens_to_the_queue(turns, more):
    queue = queue_of(*(repair(number) for number in range(len(turns))))
    for number, turn in enumerate(turns):
        queue = queue.turned(ConnectionId(f"c{number}"), turn)
    before = set(order(queue))
    queue = msgspec.json.decode(msgspec.json.encode(queue), type=RepairQueue).recovered()
    queue = queue.with_more([repair(number) for number in more])
    assert set(order(queue)) == before | {f"c{number}" for number in more}
    assert len(order(queue)) == len(set(order(queue)))
    assert (queue.next is None) is (queue.left == 0)
