"""Uptime and time to repair: what a history says over a time, and after its detail was let go of."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import (
    BROKEN,
    KEPT_FOR,
    WORKING,
    HealthChange,
    HealthHistory,
    joined,
    shortened,
    uptime,
)

NOW = datetime(2025, 3, 31, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def change(ago: timedelta, health: Health) -> HealthChange:
    evidence = Evidence(source=EvidenceSource.STATUS, at=NOW - ago)
    return HealthChange(connection=ConnectionId("A"), at=NOW - ago, health=health, evidence=evidence)


def history(*turns: tuple[timedelta, Health]) -> HealthHistory:
    return HealthHistory(changes=tuple(change(ago, health) for ago, health in turns))


histories = st.dictionaries(
    st.integers(0, 100 * 24 * 60), st.sampled_from(list(Health)), min_size=1, max_size=60
).map(lambda turns: history(*((ago * MINUTE, turns[ago]) for ago in sorted(turns, reverse=True))))


def minute_by_minute(of: HealthHistory, days: int) -> tuple[int, int]:
    """Minutes in which it worked, and of which anything is known, looked at one by one."""
    working = known = 0
    for ago in range(days * 24 * 60, 0, -1):
        moment = NOW - ago * MINUTE
        health = next((each.health for each in reversed(of.changes) if each.at <= moment), Health.UNKNOWN)
        working += health in WORKING
        known += health in WORKING or health in BROKEN
    return working, known


class TestUptime:
    def test_nothing_is_said_of_what_nobody_saw(self):
        told = uptime(HealthHistory(), NOW, 7)
        assert (told.share, told.known, told.breaks, told.mean_repair) == (None, timedelta(), 0, None)

    def test_counts_the_known_time_only(self):
        told = uptime(
            history((4 * DAY, Health.HEALTHY), (3 * DAY, Health.UNKNOWN), (DAY, Health.FAILING)), NOW, 7
        )
        assert (told.share, told.known) == (0.5, 2 * DAY)

    def test_begins_with_the_health_before_the_window(self):
        told = uptime(history((40 * DAY, Health.FAILING), (6 * DAY, Health.HEALTHY)), NOW, 7)
        assert (told.share, told.known, told.breaks) == (pytest.approx(6 / 7), 7 * DAY, 0)

    def test_a_repair_counts_whole_from_its_break_on(self):
        told = uptime(history((40 * DAY, Health.FAILING), (6 * DAY, Health.HEALTHY)), NOW, 7)
        assert told.mean_repair == 34 * DAY

    def test_a_break_that_changes_its_name_is_one(self):
        told = uptime(
            history(
                (9 * HOUR, Health.HEALTHY),
                (5 * HOUR, Health.OFFLINE),
                (4 * HOUR, Health.FAILING),
                (3 * HOUR, Health.RECONNECT_NEEDED),
                (2 * HOUR, Health.HEALTHY),
            ),
            NOW,
            7,
        )
        assert (told.breaks, told.mean_repair) == (1, 3 * HOUR)

    def test_not_knowing_for_a_while_ends_no_break(self):
        told = uptime(
            history(
                (9 * HOUR, Health.FAILING),
                (5 * HOUR, Health.UNKNOWN),
                (4 * HOUR, Health.FAILING),
                (2 * HOUR, Health.HEALTHY),
            ),
            NOW,
            7,
        )
        assert (told.breaks, told.mean_repair, told.known) == (1, 7 * HOUR, 8 * HOUR)

    def test_a_connection_that_was_ended_was_not_repaired(self):
        told = uptime(
            history((9 * HOUR, Health.FAILING), (5 * HOUR, Health.DISCONNECTED), (HOUR, Health.HEALTHY)),
            NOW,
            7,
        )
        assert (told.breaks, told.mean_repair, told.known) == (1, None, 5 * HOUR)

    @pytest.mark.parametrize("health", [Health.EXPIRING, Health.SYNCING])
    def test_it_works_while_its_token_ends_soon_and_while_it_syncs(self, health: Health):
        assert uptime(history((DAY, health)), NOW, 7).share == 1

    @given(histories)
    def test_agrees_with_a_look_at_every_minute(self, of: HealthHistory):
        told = uptime(of, NOW, 7)
        working, known = minute_by_minute(of, 7)
        assert told.known == known * MINUTE
        assert told.share == (pytest.approx(working / known) if known else None)

    @given(histories, st.sampled_from([7, 30, 90]))
    def test_stays_within_its_bounds(self, of: HealthHistory, days: int):
        told = uptime(of, NOW, days)
        assert timedelta() <= told.known <= days * DAY
        assert told.share is None or 0 <= told.share <= 1
        assert told.breaks <= len(of.changes)
        assert told.mean_repair is None or told.mean_repair > timedelta()

    @given(histories)
    def test_the_same_health_told_again_changes_nothing(self, of: HealthHistory):
        again = HealthHistory(
            changes=tuple(
                told
                for each in of.changes
                for told in (each, change(NOW - each.at - timedelta(seconds=1), each.health))
            )
        )
        assert uptime(again, NOW, 30) == uptime(of, NOW, 30)


class TestShortened:
    @given(histories, st.integers(1, 30))
    def test_keeps_what_was_said_of_whole_days(self, of: HealthHistory, keep: int):
        midnight = NOW.replace(hour=0, minute=0)
        early = HealthHistory(changes=tuple(each for each in of.changes if each.at <= midnight))
        for days in (7, 30, 89):
            assert uptime(shortened(early, midnight, keep), midnight, days) == uptime(early, midnight, days)

    @given(histories, st.integers(1, 30), st.integers(1, 30))
    def test_in_two_steps_is_as_in_one(self, of: HealthHistory, first: int, second: int):
        once = shortened(of, NOW, min(first, second))
        assert shortened(shortened(of, NOW, first), NOW, second) == once

    @given(histories, st.integers(1, 30))
    def test_keeps_so_many_of_the_newest(self, of: HealthHistory, keep: int):
        kept = shortened(of, NOW, keep).changes
        assert 1 <= len(kept) <= keep
        assert kept == of.changes[-len(kept) :]
        assert all(each.at >= NOW - KEPT_FOR for each in kept[1:])

    @given(histories, st.integers(1, 30))
    def test_has_one_sum_for_each_day_and_none_from_long_ago(self, of: HealthHistory, keep: int):
        days = [each.day for each in shortened(of, NOW, keep).days]
        assert days == sorted(set(days))
        assert all(day >= (NOW - KEPT_FOR).date() for day in days[:-1])

    def test_leaves_a_short_one_as_it_is(self):
        of = history((80 * DAY, Health.HEALTHY), (DAY, Health.FAILING))
        assert shortened(of, NOW, 5) == of
        assert shortened(HealthHistory(), NOW, 5) == HealthHistory()


class TestJoined:
    @given(histories, histories)
    def test_holds_the_changes_of_both_in_their_order(self, one: HealthHistory, other: HealthHistory):
        moments = [each.at for each in joined(one, other).changes]
        assert moments == sorted({each.at for each in (*one.changes, *other.changes)})
