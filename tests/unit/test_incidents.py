"""Incidents: what breaks together is one, whatever order and number of findings; proof alone closes it."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import (
    AccessDisconnected,
    AccessExpiring,
    AccessInactive,
    AccessOk,
    AccessPending,
    AccessReconnectNeeded,
    AccessUnknown,
    Condition,
    DataFailing,
    DataFresh,
    DataLate,
    DataOffline,
    DataSyncing,
    DataUnknown,
    derive,
)
from makini_desktop.domain.incident import Cause, ExpiryStep, Incident, SnoozedUntilChange
from makini_desktop.domain.incidents import Found, OpenIncidents
from makini_desktop.domain.trouble import (
    CLEAR,
    SILENT,
    WORKING,
    Finding,
    Findings,
    Question,
    Trouble,
    expiry_step,
    findings,
)
from tests.unit.seen import DAY, HOUR, MINUTE, NOW, at

SIGN_IN, OFFLINE, SYNCS = Trouble(Cause.CREDENTIALS), Trouble(Cause.SYSTEM), Trouble(Cause.SYNCS)
WEEK, ONE_DAY, ENDED = (
    Trouble(Cause.TOKEN, step) for step in (ExpiryStep.WEEK, ExpiryStep.DAY, ExpiryStep.EXPIRED)
)
SECOND = timedelta(seconds=1)


def found(
    connection: str, finding: Finding, *, system: str = "SAP", news: bool = True, when=NOW, question=None
) -> Found:
    of_data = isinstance(finding, Trouble) and finding.cause in (Cause.SYSTEM, Cause.SYNCS)
    return Found(
        connection=ConnectionId(connection),
        system=system,
        question=question or (Question.DATA if of_data else Question.ACCESS),
        finding=finding,
        since=when,
        evidence=at(),
        news=news,
    )


def broken(incidents: OpenIncidents) -> dict[tuple[str, Question], Trouble]:
    """Return who is broken by which cause, read from the incidents alone."""
    places: dict[tuple[str, Question], Trouble] = {}
    for incident in incidents.open.values():
        of_data = incident.cause in (Cause.SYSTEM, Cause.SYNCS)
        for connection in incident.broken:
            key = connection, Question.DATA if of_data else Question.ACCESS
            assert key not in places, "in two incidents at once"
            places[key] = Trouble(incident.cause, incident.step)
    return places


def one(changed: tuple[Incident, ...]) -> Incident:
    (incident,) = changed
    return incident


def test_breaks_of_one_cause_and_system_are_one_incident():
    incidents = OpenIncidents()
    first = one(incidents.take([found(f"{number}", SIGN_IN) for number in range(40)], NOW))
    assert (len(first.broken), first.scope, first.cause) == (40, "SAP", Cause.CREDENTIALS)
    grown = one(incidents.take([found("late", SIGN_IN)], NOW + 9 * MINUTE))
    assert (grown.id, len(grown.broken)) == (first.id, 41)


def test_a_break_after_ten_minutes_is_another_incident():
    incidents = OpenIncidents()
    first = one(incidents.take([found("A", SIGN_IN)], NOW))
    assert one(incidents.take([found("B", SIGN_IN)], NOW + 11 * MINUTE)).id != first.id
    assert len(incidents.open) == 2


def test_three_causes_are_three_incidents():
    incidents = OpenIncidents()
    assert len(incidents.take([found("A", SIGN_IN), found("B", OFFLINE), found("C", SYNCS)], NOW)) == 3


def test_breaks_in_several_systems_within_a_minute_concern_the_account():
    incidents = OpenIncidents()
    incidents.take([found("A", SIGN_IN)], NOW)
    grown = one(incidents.take([found("B", SIGN_IN, system="Maximo")], NOW + 30 * SECOND))
    assert (grown.scope, len(grown.broken)) == ("", 2)


def test_breaks_in_two_systems_minutes_apart_are_two_incidents():
    incidents = OpenIncidents()
    first = one(incidents.take([found("A", SIGN_IN)], NOW))
    other = one(incidents.take([found("B", SIGN_IN, system="Maximo")], NOW + 3 * MINUTE))
    assert first.id != other.id
    assert one(incidents.take([found("C", SIGN_IN)], NOW + 3 * MINUTE)).id == first.id


def test_first_sight_and_news_are_kept_apart():
    incidents = OpenIncidents()
    old, new = incidents.take([found("A", SIGN_IN, news=False), found("B", SIGN_IN)], NOW)
    assert (old.first_sight, new.first_sight) == (True, False)


def test_it_closes_with_the_last_proof_and_says_how_long_it_took():
    incidents = OpenIncidents()
    incidents.take([found("A", SIGN_IN), found("B", SIGN_IN)], NOW)
    shrunk = one(incidents.take([found("A", CLEAR)], NOW + HOUR))
    assert (shrunk.is_open, shrunk.broken) == (True, ("B",))
    closed = one(incidents.take([found("B", CLEAR)], NOW + 2 * HOUR))
    assert (closed.is_open, closed.time_to_repair) == (False, 2 * HOUR)
    assert not incidents.open


def test_silence_closes_nothing():
    incidents = OpenIncidents()
    incidents.take([found("A", SIGN_IN)], NOW)
    assert incidents.take([found("A", SILENT)], NOW + DAY) == ()


def test_a_running_sync_proves_the_system_and_not_the_syncs():
    incidents = OpenIncidents()
    incidents.take([found("A", OFFLINE), found("B", SYNCS)], NOW)
    working = [found(each, WORKING, question=Question.DATA) for each in "AB"]
    assert one(incidents.take(working, NOW + MINUTE)).cause is Cause.SYSTEM
    assert broken(incidents) == {("B", Question.DATA): SYNCS}


def test_each_rung_of_the_ladder_is_an_incident_of_its_own():
    incidents = OpenIncidents()
    for step in (WEEK, ONE_DAY, ENDED):
        incidents.take([found("A", step)], NOW)
        assert [each.step for each in incidents.open.values()] == [step.step]


def test_a_token_that_ended_and_is_then_refused_stays_where_it_is():
    incidents = OpenIncidents()
    incidents.take([found("A", ENDED)], NOW)
    assert incidents.take([found("A", SIGN_IN)], NOW + MINUTE) == ()


def test_a_rung_reached_backwards_is_no_news():
    incidents = OpenIncidents()
    incidents.take([found("A", ONE_DAY)], NOW)
    _closed, back = incidents.take([found("A", WEEK)], NOW + MINUTE)
    assert back.first_sight


def test_growth_ends_a_snooze_until_change_and_shrinking_does_not():
    incidents = OpenIncidents()
    incident = one(incidents.take([found("A", SIGN_IN), found("B", SIGN_IN)], NOW))
    incidents.replace(msgspec.structs.replace(incident, snooze=SnoozedUntilChange()))
    assert one(incidents.take([found("A", CLEAR)], NOW)).snooze == SnoozedUntilChange()
    assert one(incidents.take([found("C", SIGN_IN)], NOW)).snooze is None


def test_what_concerns_the_account_opens_once_and_closes():
    incidents = OpenIncidents()
    opened = one(incidents.open_for_account(Cause.NETWORK, at(), NOW, NOW, news=True))
    assert incidents.open_for_account(Cause.NETWORK, at(), NOW, NOW, news=True) == ()
    assert one(incidents.close_for_account(Cause.NETWORK, NOW + MINUTE)).id == opened.id
    assert incidents.close_for_account(Cause.NETWORK, NOW + MINUTE) == ()


def test_connections_that_makini_switched_off_are_no_part_of_makinis_own_trouble():
    incidents = OpenIncidents()
    incidents.open_for_account(Cause.MAKINI, at(), NOW, NOW, news=True)
    incidents.take([found("A", Trouble(Cause.MAKINI))], NOW)
    assert len(incidents.open) == 2
    incidents.close_for_account(Cause.MAKINI, NOW)
    assert [each.broken for each in incidents.open.values()] == [("A",)]


def test_a_later_run_goes_on_where_the_last_one_ended():
    before = OpenIncidents()
    opened = one(before.take([found("A", OFFLINE), found("B", OFFLINE)], NOW))
    shrunk = one(before.take([found("A", CLEAR, question=Question.DATA)], NOW + MINUTE))
    after = OpenIncidents([shrunk])
    assert after.take([found("B", OFFLINE)], NOW + HOUR) == ()
    assert after.repaired_at(ConnectionId("A")) == NOW + MINUTE
    assert one(after.take([found("B", CLEAR, question=Question.DATA)], NOW + HOUR)).id == opened.id


CONNECTIONS = st.sampled_from("ABCDEFGH")
ANSWERS = {
    Question.ACCESS: (SIGN_IN, WEEK, ONE_DAY, ENDED, Trouble(Cause.MAKINI), CLEAR, SILENT),
    Question.DATA: (OFFLINE, SYNCS, CLEAR, WORKING, SILENT),
}


@st.composite
def some(draw: st.DrawFn) -> Found:
    question = draw(st.sampled_from(Question))
    return found(
        draw(CONNECTIONS),
        draw(st.sampled_from(ANSWERS[question])),
        system=draw(st.sampled_from(("SAP", "Maximo"))),
        question=question,
    )


BATCHES = st.lists(
    st.tuples(
        st.lists(some(), max_size=8, unique_by=lambda each: (each.connection, each.question)),
        st.sampled_from((SECOND, MINUTE, 20 * MINUTE)),
    ),
    max_size=12,
)


def expected(known: Trouble | None, finding: Finding) -> Trouble | None:
    """Return what a connection suffers after a finding, by the rules and without incidents."""
    if finding == SILENT or (finding == WORKING and known != OFFLINE):
        return known
    if isinstance(finding, Trouble):
        return known if known is not None and known.wants_login and finding.wants_login else finding
    return None


@given(BATCHES)
@settings(max_examples=300, deadline=None)
def test_who_is_broken_follows_from_the_last_findings_alone(batches):
    incidents, model, now = OpenIncidents(), {}, NOW
    closed: set[str] = set()
    for batch, pause in batches:
        now += pause
        changed = incidents.take(batch, now)
        for each in batch:
            key = each.connection, each.question
            model[key] = expected(model.get(key), each.finding)
        assert broken(incidents) == {key: trouble for key, trouble in model.items() if trouble}
        assert all(incident.broken for incident in incidents.open.values())
        assert not closed & {incident.id for incident in changed}, "a closed incident came back"
        closed |= {incident.id for incident in changed if not incident.is_open}
        assert len({incident.id for incident in changed}) == len(changed)
        assert incidents.take(batch, now) == (), "the same said twice changed something"


@given(BATCHES, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_within_a_moment_changes_nothing(batches, random):
    one_way, other_way, now = OpenIncidents(), OpenIncidents(), NOW
    for batch, pause in batches:
        now += pause
        shuffled = list(batch)
        random.shuffle(shuffled)
        assert one_way.take(batch, now) == other_way.take(shuffled, now)


@given(BATCHES)
@settings(max_examples=150, deadline=None)
def test_a_restart_at_any_moment_changes_nothing(batches):
    lasting, restarted, now = OpenIncidents(), OpenIncidents(), NOW
    kept: dict[str, Incident] = {}
    for batch, pause in batches:
        now += pause
        changed = lasting.take(batch, now)
        assert restarted.take(batch, now) == changed
        kept |= {incident.id: incident for incident in changed}
        restarted = OpenIncidents(sorted(kept.values(), key=lambda incident: list(kept).index(incident.id)))


def condition(access, data) -> Condition:
    return Condition(health=derive(access, data), access=access, data=data, evidence=access.evidence)


OK, FRESH = AccessOk(at()), DataFresh(at())


@pytest.mark.parametrize(
    ("access", "data", "said"),
    [
        (OK, FRESH, Findings(CLEAR, CLEAR)),
        (OK, DataSyncing(at()), Findings(CLEAR, WORKING)),
        (OK, DataOffline(at()), Findings(CLEAR, OFFLINE)),
        (OK, DataFailing(at()), Findings(CLEAR, SYNCS)),
        (OK, DataLate(at(), NOW - DAY), Findings(CLEAR, SYNCS)),
        (OK, DataUnknown(at()), Findings(CLEAR, SILENT)),
        (AccessUnknown(at()), DataFailing(at()), Findings(SILENT, SYNCS)),
        (AccessUnknown(at()), DataUnknown(at()), Findings(SILENT, SILENT)),
        (AccessPending(at()), DataFailing(at()), Findings(SILENT, SILENT)),
        (AccessDisconnected(at()), DataFailing(at()), Findings(CLEAR, CLEAR)),
        (AccessInactive(at()), DataFailing(at()), Findings(Trouble(Cause.MAKINI), CLEAR)),
        (AccessReconnectNeeded(at(), "credentials_changed"), DataFailing(at()), Findings(SIGN_IN, CLEAR)),
        (AccessReconnectNeeded(at(), "token_expired"), FRESH, Findings(ENDED, CLEAR)),
        (AccessExpiring(at(), NOW + 3 * DAY), DataFailing(at()), Findings(WEEK, SYNCS)),
    ],
)
def test_what_a_condition_says_to_both_questions(access, data, said):
    assert findings(condition(access, data), NOW) == said


@pytest.mark.parametrize(
    ("left", "step"),
    [
        (8 * DAY, ExpiryStep.WEEK),
        (DAY + SECOND, ExpiryStep.WEEK),
        (DAY, ExpiryStep.DAY),
        (HOUR + SECOND, ExpiryStep.DAY),
        (HOUR, ExpiryStep.HOUR),
        (SECOND, ExpiryStep.HOUR),
        (timedelta(), ExpiryStep.EXPIRED),
    ],
)
def test_the_rungs_of_the_ladder(left, step):
    assert expiry_step(NOW + left, NOW) is step
