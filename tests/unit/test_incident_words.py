"""What is said of incidents: whole sentences for every cause, for one connection and for many."""

from datetime import UTC

import msgspec
import pytest

from makini_desktop.domain.connection import Connection, ConnectionId
from makini_desktop.domain.incident import Cause, ExpiryStep, Incident, IncidentId, Member
from makini_desktop.services import incident_words as words
from makini_desktop.services.store import Row
from tests.unit.seen import HOUR, NOW, at, condition, facts, refused

IDS = tuple(ConnectionId(each) for each in ("A", "B", "C", "D", "E"))
ROWS = {
    each: Row(
        connection=Connection(id=each, name=f"Customer {each} & Sons", system="SAP"),
        facts=facts(refused()),
        condition=condition(refused()),
        since=NOW - HOUR,
    )
    for each in IDS
}
KINDS = [
    *[(cause, None) for cause in Cause if cause is not Cause.TOKEN],
    *[(Cause.TOKEN, step) for step in ExpiryStep],
]


def incident(cause: Cause, step: ExpiryStep | None = None, count: int = 0, scope: str = "SAP") -> Incident:
    return Incident(
        id=IncidentId("one"),
        cause=cause,
        scope=scope,
        step=step,
        opened_at=NOW - HOUR,
        joined_at=NOW,
        members=tuple(Member(connection=each, since=NOW) for each in IDS[:count]),
        evidence=at(),
    )


@pytest.mark.parametrize(("cause", "step"), KINDS)
def test_one_is_named_and_many_are_counted(cause, step):
    for count in (1, 5):
        broken = incident(cause, step, count)
        title, body = words.announcement(broken, broken.broken, ROWS, NOW, UTC)
        assert "{" not in title + body
        assert body
        if cause in (Cause.RATE_LIMIT, Cause.NETWORK):
            continue  # no connection is ever in one
        assert title.startswith("Customer A & Sons: " if count == 1 else "5 ")
        assert "08:30" in body
        assert count == 1 or "Customer C & Sons and 2 more" in body


@pytest.mark.parametrize("cause", [Cause.RATE_LIMIT, Cause.MAKINI, Cause.NETWORK])
def test_what_concerns_the_account_says_what_was_seen(cause):
    assert words.headline(incident(cause), (), ROWS)
    assert words.explanation(incident(cause), (), ROWS, NOW, UTC) == "200"
    assert [button.key for button in words.buttons(incident(cause), ())] == ["open", "snooze"]


@pytest.mark.parametrize(("cause", "step"), KINDS)
def test_a_reconnect_is_offered_where_it_helps(cause, step):
    keys = [button.key for button in words.buttons(incident(cause, step, 1), IDS[:1])]
    helps = cause in (Cause.CREDENTIALS, Cause.TOKEN)
    assert keys == (["reconnect", "show", "snooze"] if helps else ["show", "snooze"])


def test_a_closed_incident_speaks_of_who_was_in_it():
    closed = msgspec.structs.replace(
        incident(Cause.SYSTEM),
        members=(Member(connection=IDS[0], since=NOW, proven_at=NOW),),
        closed_at=NOW,
    )
    assert words.headline(closed, words.subjects(closed), ROWS) == "Customer A & Sons: system offline"


def test_every_cause_has_a_word_of_its_own():
    assert len({words.cause_word(cause) for cause in Cause}) == len(Cause)
