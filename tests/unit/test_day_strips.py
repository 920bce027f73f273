from datetime import UTC, datetime, timedelta

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.day_strips import DayStrips

ALPHA, BETA = ConnectionId("a"), ConnectionId("b")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_worst_of_a_day_stays():
    strips = DayStrips()

    shown = strips.seen(ALPHA, Health.FAILING, NOON, ())
    assert strips.seen(ALPHA, Health.HEALTHY, NOON, shown) is shown
    assert shown[-1] is Health.FAILING
    assert set(shown[:-1]) == {Health.UNKNOWN}


def test_what_was_taken_is_written_once_and_comes_back_if_it_could_not():
    strips = DayStrips()
    strips.seen(ALPHA, Health.HEALTHY, NOON, ())
    strips.seen(BETA, Health.LATE, NOON, ())

    taken = strips.take()
    assert strips.by_day(taken) == {"2026-03-01": {ALPHA: Health.HEALTHY, BETA: Health.LATE}}
    assert strips.take() == set()
    strips.give_back(taken)
    assert strips.take() == taken


def test_days_older_than_the_strip_are_let_go_of():
    strips = DayStrips()
    for day in range(100):
        strips.seen(ALPHA, Health.HEALTHY, NOON + timedelta(days=day), ())

    assert len(strips.by_day(strips.take())) == 30


def test_of_two_connections_that_become_one_the_worse_day_stays():
    strips = DayStrips()
    strips.seen(ALPHA, Health.FAILING, NOON, ())
    strips.seen(BETA, Health.HEALTHY, NOON, ())

    strips.move(ALPHA, BETA)

    assert strips.strip(BETA, NOON)[-1] is Health.FAILING
    assert strips.strip(ALPHA, NOON)[-1] is Health.UNKNOWN
