"""The circuit breaker: opens after five failures in a row, waits longer and longer, one probe decides."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.services import breaker
from makini_desktop.services.breaker import Breaker, Closed, HalfOpen, Open, failed, may_try, paused, tried
from makini_desktop.services.store import Paused
from tests.fakes.clock import START

MINUTE = timedelta(minutes=1)


def after_failures(count: int) -> Breaker:
    state: Breaker = Closed()
    for _ in range(count):
        state = failed(tried(state), START)
    return state


def test_four_failures_change_nothing_and_the_fifth_opens():
    assert paused(after_failures(4)) is None
    assert may_try(after_failures(4), START)
    assert paused(after_failures(5)) == Paused(5, START + MINUTE)
    assert not may_try(after_failures(5), START + MINUTE - timedelta(seconds=1))
    assert may_try(after_failures(5), START + MINUTE)


def test_every_failed_probe_doubles_the_wait_up_to_half_an_hour():
    waits = [paused(after_failures(count)).next_at - START for count in range(5, 13)]
    assert waits == [minutes * MINUTE for minutes in (1, 2, 4, 8, 16, 30, 30, 30)]


def test_while_a_probe_is_under_way_no_other_goes_and_the_pause_is_still_shown():
    probing = tried(after_failures(5))
    assert isinstance(probing, HalfOpen)
    assert not may_try(probing, START + 60 * MINUTE)
    assert paused(probing) == paused(after_failures(5))


def test_a_probe_that_says_nothing_leaves_all_as_it_was():
    assert breaker.undecided(tried(after_failures(6))) == after_failures(6)
    assert breaker.undecided(after_failures(3)) == after_failures(3)


def test_a_hurried_one_may_be_tried_at_once_and_goes_on_counting():
    hurried = breaker.hurried(after_failures(7), START)
    assert may_try(hurried, START)
    assert paused(failed(tried(hurried), START)) == Paused(8, START + 8 * MINUTE)
    assert breaker.hurried(Closed(2), START) == Closed(2)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=60))
def test_it_is_open_exactly_after_five_failures_in_a_row_and_never_for_longer_than_half_an_hour(events):
    state: Breaker = Closed()
    in_a_row, now = 0, START
    for good, minutes in events:
        now += minutes * MINUTE
        in_a_row = 0 if good else in_a_row + 1
        state = Closed() if good else failed(tried(state), now)
        assert isinstance(state, Open) is (in_a_row >= breaker.OPENS_AFTER)
        shown = paused(state)
        assert (shown.failures if shown else 0) == (in_a_row if in_a_row >= breaker.OPENS_AFTER else 0)
        assert may_try(state, now + breaker.LONGEST_WAIT)
        assert shown is None or now < shown.next_at <= now + breaker.LONGEST_WAIT
