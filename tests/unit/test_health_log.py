"""The health log: which turns of health are history, and from when on."""

from datetime import timedelta

import pytest

from makini_desktop.domain.assessment import assess
from makini_desktop.domain.connection import Connection, ConnectionId, ListStatus
from makini_desktop.domain.evidence import EvidenceSource, Facts, Observation, observe
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import HealthChange
from makini_desktop.domain.sync import SyncVerdict
from makini_desktop.services.health_log import HealthLog
from makini_desktop.services.store import Row
from tests.unit.seen import DAY, HOUR, MINUTE, NOW, PROBLEM, failed, refused, running, status, synced, token

A = ConnectionId("A")
CONNECTION = Connection(id=A, name="Acme", system="SAP", status=ListStatus.ACTIVE, status_word="active")


class Watched:
    """One connection as it is seen, over time."""

    def __init__(self, log: HealthLog | None = None, facts: Facts | None = None) -> None:
        self.log = log or HealthLog()
        self.facts = facts
        self.row: Row | None = None

    def stored(self, ago: timedelta) -> "Watched":
        """Begin with a row from the last run."""
        assert self.facts is not None
        condition = assess(self.facts, NOW - ago)
        self.row = Row(connection=CONNECTION, facts=self.facts, condition=condition, since=NOW)
        return self

    def see(self, *seen: Observation, ago: timedelta = MINUTE) -> "Watched":
        """Let the log hear of what was seen, so long ago."""
        facts = self.row.facts if self.row is not None else Facts()
        for each in seen:
            facts = observe(facts, each)
        row = Row(connection=CONNECTION, facts=facts, condition=assess(facts, NOW - ago), since=NOW)
        self.log.note(self.row, row, NOW - ago)
        self.row = row
        return self

    def told(self) -> list[tuple[Health, timedelta]]:
        """Return what is to be written, each with how long ago it began."""
        return [(change.health, NOW - change.at) for change in self.log.take()]


def failing(ago: timedelta):
    return synced(SyncVerdict.FAILED, ago=ago, problem=PROBLEM)


def syncing(ago: timedelta):
    return synced(SyncVerdict.IN_PROGRESS, ago=ago, current=running(MINUTE))


def test_the_first_sight_begins_the_history():
    assert Watched().see(status(ago=HOUR), ago=HOUR).told() == [(Health.HEALTHY, HOUR)]


def test_a_turn_is_kept_with_its_evidence():
    watched = Watched().see(status(ago=HOUR), ago=HOUR).see(refused())
    (_first, turn) = watched.log.take()
    assert turn == HealthChange(
        connection=A, at=NOW - MINUTE, health=Health.RECONNECT_NEEDED, evidence=turn.evidence
    )
    assert (turn.evidence.request_id, turn.evidence.at) == ("req-1", NOW - MINUTE)


def test_the_same_again_is_no_turn():
    watched = Watched().see(status(ago=9 * MINUTE), ago=9 * MINUTE).see(status())
    assert len(watched.told()) == 1


def test_syncs_of_a_healthy_connection_are_no_turns():
    watched = Watched().see(status(ago=9 * MINUTE), ago=9 * MINUTE)
    watched.see(syncing(5 * MINUTE), ago=5 * MINUTE).see(synced())
    assert watched.told() == [(Health.HEALTHY, 9 * MINUTE)]


def test_a_sync_that_runs_after_a_failure_proves_nothing_yet():
    watched = Watched().see(status(ago=9 * MINUTE), failing(9 * MINUTE), ago=9 * MINUTE)
    watched.see(syncing(7 * MINUTE), ago=7 * MINUTE).see(failing(5 * MINUTE), ago=5 * MINUTE)
    assert watched.told() == [(Health.FAILING, 9 * MINUTE)]
    watched.see(syncing(3 * MINUTE), ago=3 * MINUTE).see(synced())
    assert watched.told() == [(Health.HEALTHY, MINUTE)]


def test_a_connection_that_syncs_when_first_seen_counts_as_healthy():
    assert Watched().see(status(), syncing(MINUTE)).told() == [(Health.HEALTHY, MINUTE)]


def test_what_the_clock_turns_begins_when_it_turned():
    watched = Watched().see(
        status(ago=6 * MINUTE), token(7 * DAY - 3 * MINUTE, ago=6 * MINUTE), ago=6 * MINUTE
    )
    assert watched.see().told() == [(Health.HEALTHY, 6 * MINUTE), (Health.EXPIRING, MINUTE)]


def test_silence_is_told_from_when_the_last_proof_was_too_old():
    watched = Watched().see(status(ago=2 * HOUR), ago=2 * HOUR).see(failed(), ago=MINUTE)
    assert watched.told() == [(Health.HEALTHY, 2 * HOUR), (Health.UNKNOWN, 1.5 * HOUR)]


def test_a_program_that_was_closed_knew_nothing_meanwhile():
    watched = Watched(facts=observe(Facts(), status(ago=10 * HOUR))).stored(ago=2 * MINUTE)
    assert watched.see(status()).told() == [(Health.UNKNOWN, 9.5 * HOUR), (Health.HEALTHY, MINUTE)]


def test_a_program_that_was_closed_for_a_moment_goes_on():
    watched = Watched(facts=observe(Facts(), status(ago=10 * MINUTE))).stored(ago=2 * MINUTE)
    assert watched.see(status()).told() == []
    assert watched.see(refused(timedelta()), ago=timedelta()).told() == [
        (Health.RECONNECT_NEEDED, timedelta())
    ]


def test_a_sync_that_ran_when_the_program_ended_may_have_followed_a_break():
    facts = observe(observe(Facts(), status(ago=10 * MINUTE)), syncing(10 * MINUTE))
    watched = Watched(facts=facts).stored(ago=5 * MINUTE)
    assert watched.see(synced()).told() == [(Health.HEALTHY, MINUTE)]


def test_a_sync_after_silence_after_a_break_proves_nothing_either():
    broken = observe(observe(Facts(), status(ago=10 * HOUR)), failing(10 * HOUR))
    watched = Watched(facts=broken).stored(ago=2 * MINUTE).see(status(), syncing(MINUTE))
    assert watched.told() == [(Health.UNKNOWN, 9.5 * HOUR)]
    assert watched.see(synced(ago=timedelta()), ago=timedelta()).told() == [(Health.HEALTHY, timedelta())]


def test_what_was_never_seen_has_no_history():
    assert Watched().see(failed()).told() == []


def test_two_processes_make_the_same_of_what_both_saw():
    logs = [HealthLog(), HealthLog()]
    for log, late in zip(logs, (timedelta(), timedelta(seconds=20)), strict=True):
        Watched(log).see(status(ago=HOUR), ago=HOUR - late).see(refused(), ago=MINUTE - late)
    assert logs[0].take() == logs[1].take()


@pytest.mark.parametrize("ago", [timedelta(hours=2), HOUR])
def test_no_turn_comes_before_the_one_before_it(ago: timedelta):
    watched = (
        Watched().see(status(ago=HOUR), ago=HOUR).see(status(online=False, ago=ago), failing(ago), ago=ago)
    )
    moments = [change.at for change in watched.log.take()]
    assert moments == sorted(set(moments))


def test_what_could_not_be_written_is_written_the_next_time():
    log = Watched().see(status(ago=HOUR), ago=HOUR).see(refused()).log
    taken = log.take()
    assert log.take() == []
    log.give_back(taken)
    assert log.take() == taken


def test_a_turn_is_news():
    log, heard = HealthLog(), []
    log.noted.subscribe(lambda change: heard.append((change.health, change.evidence.source)))
    Watched(log).see(status(ago=HOUR), ago=HOUR).see(refused())
    assert heard == [
        (Health.HEALTHY, EvidenceSource.STATUS),
        (Health.RECONNECT_NEEDED, EvidenceSource.STATUS),
    ]
