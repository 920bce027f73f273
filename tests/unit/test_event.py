"""Event: every subscriber hears every value, whatever another one does with it."""

import pytest

from makini_desktop.core.event import Event


def test_subscribers_are_told_in_the_order_they_came():
    event: Event[int] = Event()
    heard: list[tuple[str, int]] = []
    event.subscribe(lambda value: heard.append(("first", value)))
    event.subscribe(lambda value: heard.append(("second", value)))
    event.emit(7)
    assert heard == [("first", 7), ("second", 7)]


def test_a_subscription_that_was_ended_is_silent_and_ending_it_twice_is_harmless():
    event: Event[int] = Event()
    heard: list[int] = []
    end = event.subscribe(heard.append)
    end()
    end()
    event.emit(1)
    assert heard == []


def test_ending_one_of_two_equal_subscriptions_leaves_the_other():
    event: Event[int] = Event()
    heard: list[int] = []
    end = event.subscribe(heard.append)
    event.subscribe(heard.append)
    end()
    end()
    event.emit(1)
    assert heard == [1]


def test_one_that_fails_keeps_nobody_from_hearing_and_its_error_comes_out_once():
    event: Event[int] = Event()
    heard: list[int] = []

    def fails(value: int) -> None:
        raise ValueError(f"cannot stand {value}")

    event.subscribe(fails)
    event.subscribe(heard.append)
    with pytest.raises(ValueError, match="cannot stand 3"):
        event.emit(3)
    assert heard == [3]


def test_who_unsubscribes_while_being_told_takes_nobody_with_them():
    event: Event[int] = Event()
    heard: list[int] = []

    def once(_value: int) -> None:
        end()

    end = event.subscribe(once)
    event.subscribe(heard.append)
    event.emit(1)
    event.emit(2)
    assert heard == [1, 2]
