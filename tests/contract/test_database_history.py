"""The port `Database`: health history, incidents, notes and queue, on SQLite and on the fake."""

from datetime import timedelta

import pytest

from makini_desktop.adapters.db.compaction import CHANGES_KEPT
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import HealthChange, HealthHistory, uptime
from makini_desktop.domain.incident import Cause, Incident, IncidentId, Member
from makini_desktop.services.ports import Database
from tests.contract.rows import ACME, GLOBEX, NOW, ONE, TWO, entry, stored, sync

DAY = timedelta(days=1)
EVIDENCE = Evidence(
    source=EvidenceSource.STATUS, at=NOW - timedelta(seconds=3), detail="401", request_id="req-1"
)


def change(hours: float, health: Health, connection=ONE) -> HealthChange:
    """A change so many hours ago."""
    return HealthChange(
        connection=connection, at=NOW - timedelta(hours=hours), health=health, evidence=EVIDENCE
    )


def incident(number: int, opened_ago: timedelta, closed_ago: timedelta | None = None) -> Incident:
    return Incident(
        id=IncidentId(f"incident-{number}"),
        cause=Cause.CREDENTIALS,
        scope="SAP",
        opened_at=NOW - opened_ago,
        joined_at=NOW - opened_ago,
        members=(Member(connection=ONE, since=NOW - opened_ago),),
        evidence=EVIDENCE,
        closed_at=None if closed_ago is None else NOW - closed_ago,
    )


class TestHealthHistory:
    async def test_keeps_every_change_with_its_evidence_the_oldest_first(self, database: Database) -> None:
        assert await database.health_history(ACME.name, ONE) == HealthHistory()
        late, early = change(1, Health.HEALTHY), change(5, Health.FAILING)
        await database.add_health_changes(ACME.name, [late, change(2, Health.LATE, TWO)])
        await database.add_health_changes(ACME.name, [early])
        assert await database.health_history(ACME.name, ONE) == HealthHistory(changes=(early, late))

    async def test_of_two_changes_at_one_moment_the_later_told_stays(self, database: Database) -> None:
        await database.add_health_changes(ACME.name, [change(1, Health.FAILING), change(1, Health.OFFLINE)])
        assert (await database.health_history(ACME.name, ONE)).changes == (change(1, Health.OFFLINE),)

    async def test_keeps_accounts_apart_and_goes_with_its_account(self, database: Database) -> None:
        await database.save_account(GLOBEX)
        await database.add_health_changes(ACME.name, [change(1, Health.FAILING)])
        assert await database.health_history(GLOBEX.name, ONE) == HealthHistory()
        await database.remove_account(ACME.name)
        await database.save_account(ACME)
        assert await database.health_history(ACME.name, ONE) == HealthHistory()

    async def test_compaction_leaves_the_newest_detail_and_what_it_says(self, database: Database) -> None:
        await database.save_connections(ACME.name, [stored(ONE)])
        flaps = [
            change(float(hours), Health.FAILING if hours % 2 else Health.HEALTHY)
            for hours in range(CHANGES_KEPT + 300, 0, -1)
        ]
        await database.add_health_changes(ACME.name, flaps)
        before = await database.health_history(ACME.name, ONE)
        await database.compact(NOW)
        after = await database.health_history(ACME.name, ONE)
        assert after.changes == tuple(flaps[300:])
        assert len(after.days) == 13
        assert [uptime(after, NOW, days) for days in (7, 90)] == [
            uptime(before, NOW, days) for days in (7, 90)
        ]
        await database.compact(NOW)
        assert await database.health_history(ACME.name, ONE) == after

    async def test_compaction_leaves_what_is_not_much_as_it_is(self, database: Database) -> None:
        await database.save_connections(ACME.name, [stored(ONE), stored(TWO)])
        await database.add_activity(ACME.name, [entry(ONE, "broke")])
        await database.save_syncs(ACME.name, ONE, [sync(1)])
        changes = (change(24 * 89, Health.HEALTHY), change(1, Health.FAILING))
        await database.add_health_changes(ACME.name, changes)
        await database.compact(NOW)
        assert await database.health_history(ACME.name, ONE) == HealthHistory(changes=changes)
        assert await database.activity(ACME.name, ONE, 9) == (entry(ONE, "broke"),)
        assert await database.syncs(ACME.name, ONE, 9) == (sync(1),)

    async def test_how_it_was_before_ninety_days_is_still_known(self, database: Database) -> None:
        await database.save_connections(ACME.name, [stored(ONE)])
        old = [change(24 * days, health) for days, health in ((200, Health.HEALTHY), (100, Health.FAILING))]
        await database.add_health_changes(ACME.name, old)
        await database.compact(NOW)
        after = await database.health_history(ACME.name, ONE)
        assert after.changes == (old[1],)
        assert uptime(after, NOW, 90).share == 0


class TestTimeline:
    @pytest.fixture
    async def entries(self, database: Database) -> tuple[Activity, ...]:
        """A health and a login, the newest first."""
        entries = (
            Activity(
                connection=ONE, at=NOW, kind=ActivityKind.LOGIN, headline="BÄCKEREI", request_id="req-7"
            ),
            Activity(
                connection=ONE, at=NOW - DAY, kind=ActivityKind.HEALTH, headline="Failing", detail="503 busy"
            ),
        )
        await database.add_activity(ACME.name, entries)
        return entries

    async def test_is_filtered_by_kind(self, database: Database, entries: tuple[Activity, ...]) -> None:
        assert await database.activity(ACME.name, ONE, 9, kinds={ActivityKind.LOGIN}) == entries[:1]
        assert await database.activity(ACME.name, ONE, 9, kinds={ActivityKind.SYNC}) == ()

    @pytest.mark.parametrize(
        ("text", "found"), [("bäcker", [0]), ("BUSY ", [1]), ("req-7", [0]), ("", [0, 1]), ("%", [])]
    )
    async def test_is_searched_whatever_the_case(
        self, database: Database, entries: tuple[Activity, ...], text: str, found: list[int]
    ) -> None:
        wanted = tuple(entries[number] for number in found)
        assert await database.activity(ACME.name, ONE, 9, text=text) == wanted

    async def test_the_limit_counts_what_was_found(
        self, database: Database, entries: tuple[Activity, ...]
    ) -> None:
        assert await database.activity(ACME.name, ONE, 1, kinds={ActivityKind.HEALTH}) == entries[1:]


class TestIncidents:
    async def test_are_kept_the_oldest_first_and_replaced(self, database: Database) -> None:
        assert await database.incidents(ACME.name) == ()
        newer, older = incident(1, DAY), incident(2, 2 * DAY)
        await database.save_incidents(ACME.name, [newer, older])
        closed = incident(1, DAY, timedelta())
        await database.save_incidents(ACME.name, [closed])
        assert await database.incidents(ACME.name) == (older, closed)

    async def test_closed_ones_are_forgotten_after_ninety_days(self, database: Database) -> None:
        still_open, closed, forgotten = (
            incident(1, 300 * DAY), incident(2, 100 * DAY, 89 * DAY), incident(3, 100 * DAY, 91 * DAY),
        )  # fmt: skip
        await database.save_incidents(ACME.name, [still_open, closed, forgotten])
        await database.compact(NOW)
        assert await database.incidents(ACME.name) == (still_open, closed)


class TestNotesAndQueue:
    async def test_a_note_is_kept_replaced_and_removed(self, database: Database) -> None:
        await database.save_note(ACME.name, ONE, "call Ms. Meier")
        await database.save_note(ACME.name, TWO, "=1+1")
        await database.save_note(ACME.name, ONE, "call Mr. Kaya")
        assert await database.notes(ACME.name) == {ONE: "call Mr. Kaya", TWO: "=1+1"}
        await database.save_note(ACME.name, TWO, "")
        assert await database.notes(ACME.name) == {ONE: "call Mr. Kaya"}

    async def test_the_queue_is_kept_as_it_came_and_removed(self, database: Database) -> None:
        assert await database.repair_queue(ACME.name) is None
        await database.save_repair_queue(ACME.name, b"\x00one")
        await database.save_repair_queue(ACME.name, b"two")
        assert await database.repair_queue(ACME.name) == b"two"
        await database.save_repair_queue(ACME.name, None)
        assert await database.repair_queue(ACME.name) is None

    async def test_nothing_is_kept_for_an_account_that_is_gone(self, database: Database) -> None:
        await database.remove_account(ACME.name)
        for refused in (
            database.add_health_changes(ACME.name, [change(1, Health.FAILING)]),
            database.save_incidents(ACME.name, [incident(1, DAY)]),
            database.save_note(ACME.name, ONE, "note"),
            database.save_repair_queue(ACME.name, b"queue"),
            database.move_connection(ACME.name, ONE, TWO),
        ):
            with pytest.raises(UsageError, match="acme"):
                await refused


class TestMoving:
    async def test_gives_everything_to_the_new_connection(self, database: Database) -> None:
        await database.add_health_changes(ACME.name, [change(9, Health.FAILING)])
        await database.add_activity(ACME.name, [entry(ONE, "broke", NOW - DAY)])
        await database.save_days(ACME.name, "2025-02-28", {ONE: Health.FAILING})
        await database.save_syncs(ACME.name, ONE, [sync(1)])
        await database.save_note(ACME.name, ONE, "call Ms. Meier")
        await database.move_connection(ACME.name, ONE, TWO)
        assert await database.health_history(ACME.name, TWO) == HealthHistory(
            changes=(change(9, Health.FAILING, TWO),)
        )
        assert await database.activity(ACME.name, TWO, 9) == (entry(TWO, "broke", NOW - DAY),)
        assert await database.strips(ACME.name, "2025-01-01") == {TWO: {"2025-02-28": Health.FAILING}}
        assert await database.syncs(ACME.name, TWO, 9) == (sync(1),)
        assert await database.notes(ACME.name) == {TWO: "call Ms. Meier"}
        assert await database.health_history(ACME.name, ONE) == HealthHistory()
        assert await database.activity(ACME.name, ONE, 9) == ()
        assert await database.syncs(ACME.name, ONE, 9) == ()

    async def test_what_the_new_one_has_of_its_own_stays_beside_it(self, database: Database) -> None:
        both = (ONE, TWO)
        await database.add_health_changes(
            ACME.name, [change(9, Health.FAILING), change(1, Health.HEALTHY, TWO)]
        )
        await database.add_activity(ACME.name, [entry(ONE, "broke", NOW - DAY), entry(TWO, "new")])
        await database.save_days(ACME.name, "2025-03-01", {ONE: Health.OFFLINE, TWO: Health.HEALTHY})
        for number, connection in enumerate(both):
            await database.save_syncs(ACME.name, connection, [sync(number, started=NOW + number * DAY)])
            await database.save_note(ACME.name, connection, f"note {number}")
        await database.move_connection(ACME.name, ONE, TWO)
        assert (await database.health_history(ACME.name, TWO)).changes == (
            change(9, Health.FAILING, TWO),
            change(1, Health.HEALTHY, TWO),
        )
        assert [each.headline for each in await database.activity(ACME.name, TWO, 9)] == ["new", "broke"]
        assert await database.strips(ACME.name, "2025-01-01") == {TWO: {"2025-03-01": Health.OFFLINE}}
        assert [each.id for each in await database.syncs(ACME.name, TWO, 9)] == ["sync-1", "sync-0"]
        assert await database.notes(ACME.name) == {TWO: "note 0\nnote 1"}

    async def test_moving_to_itself_changes_nothing(self, database: Database) -> None:
        await database.save_syncs(ACME.name, ONE, [sync(1)])
        await database.save_note(ACME.name, ONE, "note")
        await database.move_connection(ACME.name, ONE, ONE)
        assert await database.syncs(ACME.name, ONE, 9) == (sync(1),)
        assert await database.notes(ACME.name) == {ONE: "note"}
