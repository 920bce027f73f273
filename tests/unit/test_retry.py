"""What is sent again by itself, and after how long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.adapters.api.retry import RetryPolicy

LONGEST = RetryPolicy(jitter=lambda: 1.0)


def test_the_waits_double_up_to_a_cap():
    policy = RetryPolicy(tries=9, jitter=lambda: 1.0)
    waits = [policy.after_loss(attempt, repeatable=True) for attempt in range(1, 9)]
    assert waits == [1, 2, 4, 8, 8, 8, 8, 8]


def test_the_jitter_is_full():
    waits = [
        RetryPolicy(jitter=lambda part=part: part).after_loss(2, repeatable=True)
        for part in (0.0, 0.25, 0.75)
    ]
    assert waits == [0.0, 0.5, 1.5]


def test_a_line_that_broke_repeats_only_what_can_be_repeated():
    assert LONGEST.after_loss(1, repeatable=False) is None
    assert LONGEST.after_failure(1, None, repeatable=False) is None
    assert LONGEST.after_limit(1, None) is not None


@pytest.mark.parametrize("attempt", [3, 4])
def test_after_the_last_try_it_is_given_up(attempt):
    assert LONGEST.after_loss(attempt, repeatable=True) is None
    assert LONGEST.after_failure(attempt, None, repeatable=True) is None
    assert LONGEST.after_limit(attempt, 1.0) is None


def test_a_wait_too_long_for_anybody_is_not_begun():
    assert LONGEST.after_limit(1, 60.0) == 61.0
    assert LONGEST.after_limit(1, 61.0) is None


@given(st.floats(0, 60), st.integers(1, 2), st.floats(0, 1, exclude_max=True))
def test_the_jitter_only_adds_to_what_was_asked_for(asked, attempt, part):
    policy = RetryPolicy(jitter=lambda: part)
    assert asked <= policy.after_limit(attempt, asked) <= asked + policy.cap
