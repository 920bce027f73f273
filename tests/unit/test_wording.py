"""What is said of a connection, and when."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from makini_desktop.domain.connection import Connection, ConnectionId
from makini_desktop.domain.evidence import Evidence, EvidenceSource, Facts, SyncStatusSeen, TokenSeen
from makini_desktop.domain.health import (
    AccessOk,
    AccessReconnectNeeded,
    AccessUnknown,
    Condition,
    Data,
    DataFailing,
    DataFresh,
    DataStuck,
    Health,
)
from makini_desktop.domain.login import Stage
from makini_desktop.domain.sync import (
    Records,
    Sync,
    SyncId,
    SyncProblem,
    SyncState,
    SyncStatus,
    SyncVerdict,
)
from makini_desktop.services import moments, wording
from makini_desktop.services.next_action import Action, action_label, primary_action, second_action
from makini_desktop.services.store import Row
from makini_desktop.services.sync_words import sync_progress, sync_result

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
EVIDENCE = Evidence(source=EvidenceSource.SYNC_STATUS, at=NOW, detail="200", request_id="req_1")
ONE = ConnectionId("con_1")


def row(
    health: Health,
    *,
    access: AccessOk | AccessReconnectNeeded | AccessUnknown | None = None,
    data: Data | None = None,
    last_known: Health | None = None,
    evidence: Evidence = EVIDENCE,
    token_days: int = 2,
    sync: Sync | None = None,
    stage: Stage | None = None,
) -> Row:
    good = NOW - timedelta(hours=3)
    return Row(
        connection=Connection(id=ONE, name="Acme", system="Odoo"),
        facts=Facts(
            sync=SyncStatusSeen(EVIDENCE, SyncStatus(verdict=SyncVerdict.COMPLETED, last_good_at=good)),
            token=TokenSeen(EVIDENCE, True, NOW + timedelta(days=token_days, hours=1)),
        ),
        condition=Condition(
            health=health,
            access=access or AccessOk(EVIDENCE),
            data=data or DataFresh(EVIDENCE, good),
            evidence=evidence,
            last_known=last_known,
        ),
        since=NOW - timedelta(hours=2),
        sync=sync,
        stage=stage,
    )


STUCK = Sync(id=SyncId("s"), state=SyncState.IN_PROGRESS, started_at=NOW - timedelta(hours=2))


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (row(Health.RECONNECT_NEEDED, access=AccessReconnectNeeded(EVIDENCE, "x")), "Sign-in rejected"),
        (
            row(Health.RECONNECT_NEEDED, access=AccessReconnectNeeded(EVIDENCE, "token_revoked")),
            "Access withdrawn",
        ),
        (row(Health.FAILING, data=DataFailing(EVIDENCE, None, 1)), "Last sync failed"),
        (row(Health.FAILING, data=DataFailing(EVIDENCE, None, 3)), "3 syncs failed"),
        (row(Health.OFFLINE), "Unreachable since 09:00"),
        (row(Health.STUCK, data=DataStuck(EVIDENCE, STUCK, 1800.0)), "Running 2 h, usually 30 min"),
        (row(Health.STUCK, data=DataStuck(EVIDENCE, STUCK)), "Running for 2 h"),
        (row(Health.EXPIRING), "Token ends in 2 days"),
        (row(Health.LATE), "No sync for 3 h"),
        (row(Health.PENDING), "Waiting for the customer"),
        (row(Health.HEALTHY), ""),
        (
            row(
                Health.UNKNOWN,
                last_known=Health.HEALTHY,
                evidence=Evidence(source=EvidenceSource.STATUS, at=NOW - timedelta(hours=9)),
            ),
            "was Healthy 9 h ago",
        ),
        (row(Health.RECONNECT_NEEDED, stage=Stage.TESTING), "Testing the new token…"),
    ],
)
def test_the_second_line_says_why_in_few_words(shown: Row, words: str) -> None:
    assert wording.reason_short(shown, NOW, UTC) == words


@pytest.mark.parametrize("health", Health)
def test_every_health_has_a_word_and_a_sentence_that_names_nothing_raw(health: Health) -> None:
    said = wording.sentence(row(health), NOW, UTC)
    assert wording.health_word(health)
    assert said.endswith((".", "…"))
    assert "{" not in said
    assert "  " not in said


def test_an_unknown_health_says_why_it_could_not_be_checked_and_what_was_known() -> None:
    said = wording.sentence(
        row(Health.UNKNOWN, access=AccessUnknown(EVIDENCE, "No answer"), last_known=Health.LATE), NOW, UTC
    )
    assert said == "Acme could not be checked: No answer. Last known: Late."


def test_words_of_a_server_never_act_as_a_template() -> None:
    data = DataFailing(EVIDENCE, SyncProblem(code="X", message="{customer} {0} broke"), 1)
    assert "{customer} {0} broke." in wording.sentence(row(Health.FAILING, data=data), NOW, UTC)


@pytest.mark.parametrize("health", Health)
def test_what_is_offered_has_a_label(health: Health) -> None:
    for action in (primary_action(health), second_action(health)):
        assert bool(action_label(action, health)) == (action is not Action.NONE)


def test_evidence_names_source_result_time_and_request() -> None:
    assert wording.evidence_line(EVIDENCE, UTC) == (
        "Evidence: sync status, 200, 24 Nov 2026, 11:00:00, request req_1"
    )
    doubled = Evidence(source=EvidenceSource.STATUS, at=NOW, detail="connection status, 200")
    assert wording.evidence_line(doubled, timezone(timedelta(hours=1))) == (
        "Evidence: connection status, 200, 24 Nov 2026, 12:00:00"
    )
    nothing = Evidence(source=EvidenceSource.NONE, at=NOW)
    assert wording.evidence_line(nothing, UTC) == "Evidence: none yet"


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=2), "just now"),
        (timedelta(seconds=-9), "just now"),
        (timedelta(seconds=59), "59 s ago"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_the_past_is_said_in_its_largest_unit(ago: timedelta, words: str) -> None:
    assert moments.relative(NOW - ago, NOW) == words


def test_the_future_is_said_until_it_is_due() -> None:
    assert moments.until(NOW + timedelta(minutes=10), NOW) == "in 10 min"
    assert moments.until(NOW, NOW) == "due"
    assert moments.until(None, NOW) == moments.relative(None, NOW) == "–"


def test_days_are_those_of_the_persons_zone() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert moments.day(late, NOW, UTC) == "Yesterday"
    assert moments.day(late, NOW, timezone(timedelta(hours=1))) == "Today"
    assert moments.moment_short(late, NOW, UTC) == "23 Nov 2026, 23:30"


def test_a_sync_is_said_with_counts_and_duration() -> None:
    ended = Sync(
        id=SyncId("s"),
        state=SyncState.COMPLETED,
        records=Records(created=14, updated=1200),
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=41),
    )
    assert sync_result(ended) == "1,214 records in 41 s"
    assert sync_progress(Sync(id=SyncId("s"), state=SyncState.QUEUED)) == "Waiting to start"
    running = Sync(id=SyncId("s"), state=SyncState.IN_PROGRESS, done=1240, expected=3000)
    assert sync_progress(running) == "1,240 of 3,000"
