"""The expiry calendar: which tokens end on which day."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from makini_desktop.domain.connection import Connection, ConnectionId
from makini_desktop.domain.evidence import Evidence, EvidenceSource, Facts, TokenSeen
from makini_desktop.domain.health import Access, AccessOk, AccessReconnectNeeded, Condition, DataFresh, Health
from makini_desktop.services.expiry import DAYS, expiry_days, sign_in_holds
from makini_desktop.services.store import Row

NOW = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
SEEN = Evidence(source=EvidenceSource.TOKEN, at=NOW)


def row(
    name: str,
    ends_in: timedelta | None,
    *,
    health: Health = Health.HEALTHY,
    access: Access = AccessOk(SEEN),  # noqa: B008 - a value
    renewable: bool = False,
) -> Row:
    ends_at = None if ends_in is None else NOW + ends_in
    token = TokenSeen(SEEN, present=True, expires_at=ends_at, renewable=renewable)
    return Row(
        connection=Connection(id=ConnectionId(name), name=name, system="SAP"),
        facts=Facts(token=token),
        condition=Condition(health=health, access=access, data=DataFresh(SEEN), evidence=SEEN),
        since=NOW,
    )


def found(*rows: Row, tz=UTC) -> dict[int, tuple[str, ...]]:
    days = expiry_days(rows, NOW, tz)
    return {offset: each.connections for offset, each in enumerate(days) if each.connections}


def test_the_calendar_begins_today_and_has_thirty_days():
    days = expiry_days((), NOW, UTC)
    assert [days[0].day.isoformat(), days[-1].day.isoformat(), len(days)] == [
        "2026-03-02",
        "2026-03-31",
        DAYS,
    ]


def test_a_token_stands_on_the_day_on_which_it_ends_the_earliest_first():
    assert found(row("late", timedelta(days=3, hours=1)), row("soon", timedelta(days=3))) == {
        3: ("soon", "late")
    }


def test_a_day_is_one_of_the_persons_own_zone():
    east = timezone(timedelta(hours=2))
    assert found(row("a", timedelta(hours=2)), tz=UTC) == {1: ("a",)}
    assert found(row("a", timedelta(hours=2)), tz=east) == {0: ("a",)}


@pytest.mark.parametrize(
    "left_out",
    [
        row("renews itself", timedelta(days=1), renewable=True),
        row("end unknown", None),
        row("ended", timedelta(seconds=-1)),
        row("too far", timedelta(days=DAYS)),
        row("broken anyway", timedelta(days=1), health=Health.RECONNECT_NEEDED),
        msgspec.structs.replace(row("no token known", None), facts=Facts()),
    ],
    ids=lambda each: each.id,
)
def test_what_does_not_end_in_these_days_is_left_out(left_out):
    assert found(left_out) == {}


@pytest.mark.parametrize(
    ("seen", "holds"),
    [
        (row("works", None), True),
        (row("renews itself", timedelta(days=1), renewable=True), True),
        (row("lasts", timedelta(days=DAYS, hours=1)), True),
        (row("whose data is late", None, health=Health.LATE), True),
        (row("is to be renewed early", timedelta(days=DAYS)), False),
        (row("broken", None, access=AccessReconnectNeeded(SEEN, "credentials_changed")), False),
    ],
    ids=lambda value: value.id if isinstance(value, Row) else "",
)
def test_a_sign_in_holds_where_it_works_and_does_not_end_soon(seen, holds):
    assert sign_in_holds(seen, NOW) is holds
