"""Health: the same facts give the same answer, each with the evidence that decided."""

import itertools
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.domain.assessment import assess, holds_until, next_deadline
from makini_desktop.domain.connection import ListStatus
from makini_desktop.domain.evidence import (
    CheckFailed,
    Disconnected,
    EvidenceSource,
    Observation,
    SystemSilent,
    TokenSeen,
    merge,
)
from makini_desktop.domain.health import (
    SEVERITY,
    Access,
    AccessDisconnected,
    AccessExpiring,
    AccessInactive,
    AccessOk,
    AccessPending,
    AccessReconnectNeeded,
    AccessUnknown,
    Condition,
    Data,
    DataFailing,
    DataFresh,
    DataLate,
    DataOffline,
    DataStuck,
    DataSyncing,
    DataUnknown,
    Health,
    derive,
)
from makini_desktop.domain.sync import SyncProblem, SyncVerdict
from tests.unit.seen import (
    AUTH_PROBLEM,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PROBLEM,
    at,
    condition,
    facts,
    failed,
    integration,
    listed,
    login,
    refused,
    running,
    status,
    synced,
    token,
)

# A few moments only, so that observations of one instant meet often.
ages = st.sampled_from([timedelta(0), MINUTE, 2 * MINUTE, 20 * MINUTE, HOUR, 3 * DAY])
booleans = st.booleans()
observations: st.SearchStrategy[Observation] = st.one_of(
    st.builds(listed, st.sampled_from(ListStatus), ages, present=booleans),
    st.builds(status, online=booleans, refused=booleans, ago=ages),
    st.builds(
        synced,
        st.sampled_from(SyncVerdict),
        ago=ages,
        last_good=st.one_of(st.none(), ages),
        problem=st.sampled_from([None, PROBLEM, AUTH_PROBLEM]),
        current=st.one_of(st.none(), st.builds(running, ages)),
    ),
    st.builds(integration, st.sampled_from(["done", "fail", "odd"]), ago=ages, updated=ages),
    st.builds(refused, ages),
    st.builds(lambda ago: SystemSilent(at(ago, EvidenceSource.SYNC_STATUS)), ages),
    st.builds(login, ages),
    st.builds(
        token, st.sampled_from([None, -MINUTE, MINUTE, 6 * DAY, 20 * DAY]), renewable=booleans, ago=ages
    ),
    st.builds(failed, ages),
    st.builds(lambda ago: Disconnected(at(ago)), ages),
)
spans = st.integers(0, 60 * 24 * 9).map(lambda minutes: timedelta(minutes=minutes))
rhythms = st.fixed_dictionaries(
    {
        "usual_seconds": st.sampled_from([None, 60.0, 3600.0]),
        "interval_seconds": st.sampled_from([None, 900.0, 86_400.0]),
        "failures": st.integers(0, 5),
    }
)
many = st.lists(observations, max_size=12)

ACCESSES: tuple[Access, ...] = (
    AccessOk(at()),
    AccessExpiring(at(), NOW),
    AccessReconnectNeeded(at(), "fail"),
    AccessPending(at()),
    AccessInactive(at()),
    AccessDisconnected(at()),
    AccessUnknown(at()),
)
DATAS: tuple[Data, ...] = (
    DataFresh(at()),
    DataSyncing(at()),
    DataLate(at(), NOW),
    DataFailing(at()),
    DataOffline(at()),
    DataStuck(at(), running(HOUR)),
    DataUnknown(at()),
)
WORDS = {
    DataFresh: Health.HEALTHY,
    DataSyncing: Health.SYNCING,
    DataLate: Health.LATE,
    DataFailing: Health.FAILING,
    DataOffline: Health.OFFLINE,
    DataStuck: Health.STUCK,
    DataUnknown: Health.UNKNOWN,
}


@given(seen=many, rhythm=rhythms, order=st.randoms(use_true_random=False))
def test_order_and_number_of_observations_change_nothing(seen, rhythm, order):
    again = seen + [each for each in seen if order.random() < 0.5]
    order.shuffle(again)
    assert facts(*again, **rhythm) == facts(*seen, **rhythm)
    assert condition(*again, **rhythm) == condition(*seen, **rhythm)


@given(one=many, other=many, one_rhythm=rhythms, other_rhythm=rhythms)
def test_what_two_processes_saw_is_merged_alike_from_both_sides(one, other, one_rhythm, other_rhythm):
    mine, theirs = facts(*one, **one_rhythm), facts(*other, **other_rhythm)
    both = merge(mine, theirs)
    assert both == merge(theirs, mine)
    assert merge(both, theirs) == both
    plain = {"usual_seconds": None, "interval_seconds": None, "failures": 0}
    assert msgspec.structs.replace(both, **plain) == facts(*one, *other)


@given(seen=many, rhythm=rhythms, interval=st.sampled_from([timedelta(), 15 * MINUTE, HOUR]))
def test_every_answer_names_its_evidence(seen, rhythm, interval):
    found = condition(*seen, interval=interval, **rhythm)
    known = {each.evidence for each in seen}
    assert found.health is derive(found.access, found.data)
    assert found.evidence in {found.access.evidence, found.data.evidence}
    if found.evidence.source is EvidenceSource.CLOCK:
        assert {type(each) for each in seen} >= {TokenSeen}
    elif found.evidence.source is EvidenceSource.NONE:
        assert found.health is Health.UNKNOWN
    else:
        assert found.evidence in known


@given(seen=many, rhythm=rhythms, ago=ages)
def test_our_own_failure_to_check_reddens_nothing(seen, rhythm, ago):
    before = condition(*seen, **rhythm)
    after = condition(*seen, failed(ago), **rhythm)
    assert (after.health, after.last_known) == (before.health, before.last_known)


@given(seen=many, rhythm=rhythms)
def test_a_red_row_rests_on_a_recent_proof(seen, rhythm):
    found = condition(*seen, **rhythm)
    if found.health in (Health.UNKNOWN, Health.DISCONNECTED):
        return
    recent = [
        each
        for each in seen
        if not isinstance(each, (CheckFailed, TokenSeen)) and each.evidence.at > NOW - HOUR
    ]
    assert recent


@given(seen=many, rhythm=rhythms, later=st.integers(0, 10_000))
def test_facts_left_alone_end_in_unknown_with_what_was_known(seen, rhythm, later):
    old = assess(facts(*seen, **rhythm), NOW + HOUR + timedelta(minutes=later))
    assert old.health in (Health.UNKNOWN, Health.DISCONNECTED)
    if old.health is Health.UNKNOWN and condition(*seen, **rhythm).health is not Health.UNKNOWN:
        assert old.last_known is not None


@given(seen=many, rhythm=rhythms, later=spans)
def test_time_alone_turns_a_row_to_unknown_or_by_its_tokens_end_and_never_redder(seen, rhythm, later):
    found = facts(*seen, **rhythm)
    before, after = assess(found, NOW), assess(found, NOW + later)
    if after.health is before.health:
        return
    by_the_token = isinstance(after.access, (AccessExpiring, AccessReconnectNeeded))
    assert after.health is Health.UNKNOWN or by_the_token or _blinder(before, after)


def _blinder(before: Condition, after: Condition) -> bool:
    """Tell whether the row shows less only because one of both answers has become unknown."""
    access = isinstance(after.access, AccessUnknown) or after.access == before.access
    data = isinstance(after.data, DataUnknown) or after.data == before.data
    return access and data


@given(seen=many, one=observations, rhythm=rhythms)
def test_an_observation_that_is_older_than_what_is_known_of_its_kind_changes_nothing(seen, one, rhythm):
    newer = [each for each in seen if type(each) is type(one) and each.evidence.at > one.evidence.at]
    before, after = condition(*seen, **rhythm), condition(*seen, one, **rhythm)
    if newer:
        assert after == before


@given(seen=many, ago=ages, rhythm=rhythms)
def test_a_failure_to_look_never_takes_the_place_of_a_proof(seen, ago, rhythm):
    """Unknown overwrites no newer proof, and no older one that still counts."""
    before, after = facts(*seen, **rhythm), facts(*seen, failed(ago), **rhythm)
    assert msgspec.structs.replace(after, check_failed=before.check_failed) == before
    if not isinstance(assess(before, NOW).access, AccessUnknown):
        assert assess(after, NOW).access == assess(before, NOW).access


@given(seen=many, rhythm=rhythms, later=spans, interval=st.sampled_from([timedelta(), 15 * MINUTE]))
def test_the_answer_holds_until_the_moment_that_is_named_for_it(seen, rhythm, later, interval):
    found = facts(*seen, **rhythm)
    now = assess(found, NOW, interval)
    if NOW + later < holds_until(found, NOW, interval):
        then = assess(found, NOW + later, interval)
        assert (then.health, then.last_known) == (now.health, now.last_known)
        assert (type(then.access), type(then.data)) == (type(now.access), type(now.data))


@given(seen=many, rhythm=rhythms)
def test_a_look_before_the_deadline_finds_nothing_late_or_stuck(seen, rhythm):
    found = facts(*seen, **rhythm)
    deadline = next_deadline(found)
    data = assess(found, NOW).data
    if isinstance(data, (DataLate, DataStuck)):
        assert deadline is not None
        assert data.evidence.at > deadline


@pytest.mark.parametrize(("access", "data"), list(itertools.product(ACCESSES, DATAS)))
def test_the_table_of_both_answers(access, data):
    by_data = WORDS[type(data)]
    match access:
        case AccessReconnectNeeded():
            expected = Health.RECONNECT_NEEDED
        case AccessDisconnected():
            expected = Health.DISCONNECTED
        case AccessInactive():
            expected = Health.INACTIVE
        case AccessPending():
            expected = Health.PENDING
        case AccessUnknown():
            worse = {Health.FAILING, Health.OFFLINE, Health.STUCK, Health.LATE}
            expected = by_data if by_data in worse else Health.UNKNOWN
        case AccessExpiring():
            worse = {Health.FAILING, Health.OFFLINE, Health.STUCK}
            expected = by_data if by_data in worse else Health.EXPIRING
        case AccessOk():
            expected = Health.HEALTHY if by_data is Health.UNKNOWN else by_data
    assert derive(access, data) is expected


def test_the_order_of_severity_is_the_order_of_the_table():
    worst_first = sorted(Health, key=SEVERITY.__getitem__)
    assert " ".join(health.value for health in worst_first) == (
        "reconnect_needed failing offline stuck expiring late inactive pending disconnected syncing healthy "
        "unknown"
    )


def test_nothing_seen_is_unknown_and_says_so():
    found = condition()
    assert (found.health, found.last_known) == (Health.UNKNOWN, None)
    assert found.evidence.source is EvidenceSource.NONE


DECIDING = {
    "healthy": ([status(ago=2 * MINUTE), synced()], Health.HEALTHY, EvidenceSource.SYNC_STATUS),
    "healthy without a sync": (
        [status(), synced(SyncVerdict.PENDING)],
        Health.HEALTHY,
        EvidenceSource.STATUS,
    ),
    "healthy by the list": ([listed()], Health.HEALTHY, EvidenceSource.LIST),
    "syncing": ([status(), synced(current=running(MINUTE))], Health.SYNCING, EvidenceSource.SYNC_STATUS),
    "syncing by the list": ([listed(ListStatus.SYNCHRONIZING)], Health.SYNCING, EvidenceSource.LIST),
    "failing": (
        [status(), synced(SyncVerdict.FAILED, problem=PROBLEM)],
        Health.FAILING,
        EvidenceSource.SYNC_STATUS,
    ),
    "offline by status": ([status(online=False), synced()], Health.OFFLINE, EvidenceSource.STATUS),
    "offline by a call": (
        [status(ago=2 * MINUTE), SystemSilent(at(MINUTE, EvidenceSource.SYNC_STATUS))],
        Health.OFFLINE,
        EvidenceSource.SYNC_STATUS,
    ),
    "reconnect by status": ([status(refused=True)], Health.RECONNECT_NEEDED, EvidenceSource.STATUS),
    "reconnect by a 401": ([status(ago=HOUR), refused()], Health.RECONNECT_NEEDED, EvidenceSource.STATUS),
    "reconnect by the sync status": (
        [synced(SyncVerdict.FAILED, problem=AUTH_PROBLEM)],
        Health.RECONNECT_NEEDED,
        EvidenceSource.SYNC_STATUS,
    ),
    "reconnect by the integration": (
        [integration("fail")],
        Health.RECONNECT_NEEDED,
        EvidenceSource.INTEGRATION,
    ),
    "reconnect by the clock": ([status(), token(-MINUTE)], Health.RECONNECT_NEEDED, EvidenceSource.CLOCK),
    "expiring": ([status(), synced(), token(6 * DAY)], Health.EXPIRING, EvidenceSource.CLOCK),
    "healthy by a login": ([refused(2 * MINUTE), login()], Health.HEALTHY, EvidenceSource.LOGIN),
    "inactive": ([listed(ListStatus.INACTIVE), status()], Health.INACTIVE, EvidenceSource.LIST),
    "pending": ([listed(ListStatus.PENDING)], Health.PENDING, EvidenceSource.LIST),
    "disconnected by the list": ([listed(present=False), status()], Health.DISCONNECTED, EvidenceSource.LIST),
    "disconnected by a call": (
        [listed(ago=HOUR), Disconnected(at())],
        Health.DISCONNECTED,
        EvidenceSource.STATUS,
    ),
    "unknown": ([status(ago=HOUR), synced(ago=HOUR)], Health.UNKNOWN, EvidenceSource.STATUS),
}


@pytest.mark.parametrize(("seen", "health", "source"), DECIDING.values(), ids=DECIDING.keys())
def test_the_evidence_is_that_of_the_observation_that_decided(seen, health, source):
    found = condition(*seen)
    assert (found.health, found.evidence.source) == (health, source)


@pytest.mark.parametrize(
    ("older", "newer", "health"),
    [
        (refused(2 * MINUTE), status(), Health.HEALTHY),
        (status(ago=2 * MINUTE), refused(), Health.RECONNECT_NEEDED),
        (refused(2 * MINUTE), login(), Health.HEALTHY),
        (login(2 * MINUTE), refused(), Health.RECONNECT_NEEDED),
        (Disconnected(at(2 * MINUTE)), listed(), Health.HEALTHY),
        (listed(ago=2 * MINUTE), Disconnected(at()), Health.DISCONNECTED),
        (Disconnected(at(2 * MINUTE)), login(), Health.HEALTHY),
        (listed(ago=2 * MINUTE, present=False), login(), Health.HEALTHY),
        (login(2 * MINUTE), listed(present=False), Health.DISCONNECTED),
        (SystemSilent(at(2 * MINUTE)), status(), Health.HEALTHY),
        (listed(ListStatus.PENDING, 2 * MINUTE), login(), Health.HEALTHY),
        (listed(ListStatus.INACTIVE, 2 * MINUTE), status(), Health.INACTIVE),
    ],
)
def test_the_newer_proof_counts(older, newer, health):
    assert condition(older, newer).health is health


def test_the_server_check_of_the_credentials_outweighs_a_failed_sync_from_before_the_repair():
    old_failure = synced(SyncVerdict.FAILED, problem=AUTH_PROBLEM, ago=timedelta(0))
    found = condition(login(2 * MINUTE), status(ago=timedelta(seconds=1)), old_failure)
    assert found.health is Health.FAILING


@pytest.mark.parametrize(
    ("updated", "health"),
    [
        (HOUR, Health.HEALTHY),
        (timedelta(0), Health.RECONNECT_NEEDED),
        (None, Health.RECONNECT_NEEDED),
    ],
)
def test_a_sync_that_ended_before_the_login_says_nothing_against_it(updated, health):
    found = condition(login(2 * MINUTE), integration("fail", ago=MINUTE, updated=updated))
    assert found.health is health


@pytest.mark.parametrize(
    ("age", "interval", "health"),
    [
        (30 * MINUTE, timedelta(), Health.HEALTHY),
        (31 * MINUTE, timedelta(), Health.UNKNOWN),
        (31 * MINUTE, 10 * MINUTE, Health.UNKNOWN),
        (45 * MINUTE, 15 * MINUTE, Health.HEALTHY),
        (46 * MINUTE, 15 * MINUTE, Health.UNKNOWN),
    ],
)
def test_a_proof_counts_for_three_intervals_and_for_thirty_minutes_at_least(age, interval, health):
    assert condition(status(ago=age), synced(ago=age), interval=interval).health is health


@pytest.mark.parametrize(
    ("seen", "last_known"),
    [
        ([status(ago=HOUR), synced(ago=HOUR)], Health.HEALTHY),
        ([status(ago=HOUR, refused=True)], Health.RECONNECT_NEEDED),
        ([status(ago=HOUR, online=False)], Health.OFFLINE),
        ([listed(ListStatus.PENDING, HOUR)], Health.PENDING),
        ([status(ago=HOUR), token(6 * DAY)], Health.EXPIRING),
    ],
)
def test_an_old_proof_becomes_unknown_and_names_what_was_known_and_when(seen, last_known):
    found = condition(*seen)
    assert (found.health, found.last_known) == (Health.UNKNOWN, last_known)
    assert found.evidence == seen[0].evidence


def test_unknown_says_why_nothing_newer_is_known():
    found = condition(status(ago=HOUR), failed())
    assert found.access == AccessUnknown(failed().evidence, "No answer from here.")
    assert found.last_known is Health.HEALTHY


def test_a_connection_that_was_ended_stays_so_however_long_ago():
    assert condition(listed(present=False, ago=400 * DAY)).health is Health.DISCONNECTED


@pytest.mark.parametrize(
    ("last_good", "interval", "health"),
    [
        (2 * HOUR, 3600.0, Health.HEALTHY),
        (2 * HOUR + MINUTE, 3600.0, Health.HEALTHY),
        (2 * HOUR + 2 * MINUTE, 3600.0, Health.LATE),
        (2 * HOUR + 2 * MINUTE, 86_400.0, Health.HEALTHY),
        (30 * DAY, None, Health.HEALTHY),
    ],
)
def test_late_is_a_look_more_than_twice_the_own_interval_after_the_last_good_sync(
    last_good, interval, health
):
    rhythm = {} if interval is None else {"interval_seconds": interval}
    assert condition(status(), synced(last_good=last_good), **rhythm).health is health


@pytest.mark.parametrize(
    ("since", "usual", "health"),
    [
        (9 * MINUTE, 60.0, Health.SYNCING),
        (11 * MINUTE, 60.0, Health.SYNCING),
        (12 * MINUTE, 60.0, Health.STUCK),
        (3 * HOUR, 3600.0, Health.SYNCING),
        (4 * HOUR + 2 * MINUTE, 3600.0, Health.STUCK),
        (6 * HOUR, None, Health.SYNCING),
        (6 * HOUR + 2 * MINUTE, None, Health.STUCK),
    ],
)
def test_stuck_is_seen_running_far_beyond_the_own_usual_time(since, usual, health):
    rhythm = {} if usual is None else {"usual_seconds": usual}
    assert condition(status(), synced(current=running(since)), **rhythm).health is health


@pytest.mark.parametrize(
    ("ends_in", "renewable", "health"),
    [
        (7 * DAY + MINUTE, False, Health.HEALTHY),
        (7 * DAY, False, Health.EXPIRING),
        (MINUTE, True, Health.HEALTHY),
        (timedelta(0), False, Health.RECONNECT_NEEDED),
        (-DAY, True, Health.HEALTHY),
        (None, False, Health.HEALTHY),
    ],
)
def test_a_token_without_renewal_is_expiring_for_seven_days_and_then_ended(ends_in, renewable, health):
    assert condition(status(), synced(), token(ends_in, renewable=renewable)).health is health


def test_an_ended_token_says_that_it_ended():
    found = condition(status(), token(-MINUTE))
    assert isinstance(found.access, AccessReconnectNeeded)
    assert found.access.reason == "token_expired"


def test_what_the_clock_says_does_not_change_while_time_passes():
    seen = facts(status(), synced(), token(3 * DAY))
    assert assess(seen, NOW) == assess(seen, NOW + 5 * MINUTE)


def test_a_failed_sync_counts_the_failures_before_it():
    data = condition(status(), synced(SyncVerdict.FAILED, problem=PROBLEM), failures=3).data
    assert data == DataFailing(synced().evidence, PROBLEM, 3)


@pytest.mark.parametrize("code", ["AUTHENTICATION_FAILED", "REAUTHORIZATION_REQUIRED"])
def test_the_reason_for_a_reconnect_is_the_servers_own_word(code):
    problem = SyncProblem(code=code, message="")
    access = condition(synced(SyncVerdict.FAILED, problem=problem)).access
    assert isinstance(access, AccessReconnectNeeded)
    assert access.reason == code
