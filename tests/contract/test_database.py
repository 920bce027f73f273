"""The port `Database`, the same on SQLite and on the unit tests' fake."""

from datetime import timedelta

import msgspec
import msgspec.inspect
import pytest

from makini_desktop.adapters.db.compaction import ACTIVITY_KEPT, SYNCS_KEPT
from makini_desktop.domain.account import Account
from makini_desktop.domain.activity import Activity
from makini_desktop.domain.capability import Capability, Finding
from makini_desktop.domain.errors import (
    UsageError,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import Sync, SyncState
from makini_desktop.domain.token import Secret, TokenEntry
from makini_desktop.domain.version import VersionNews
from makini_desktop.services.ports import Database
from makini_desktop.services.store import StoredConnection
from tests.contract.rows import ACME, GLOBEX, NOW, ONE, TWO, entry, stored, sync

NEWS = VersionNews(
    version="v1",
    deprecated_since=NOW,
    undated=True,
    ends_at=NOW + timedelta(days=90),
    guide="https://makini.example/guide",
    successor="https://makini.example/api/v2",
    calls=("account", "link_token"),
    seen_at=NOW,
)


class TestDatabase:
    async def test_begins_empty(self, two: tuple[Database, Database]) -> None:
        assert await two[0].accounts() == ()
        assert await two[0].connections(ACME.name) == ()
        assert await two[0].syncs(ACME.name, ONE, 9) == ()
        assert await two[0].running_syncs(ACME.name) == {}
        assert await two[0].activity(ACME.name, ONE, 9) == ()
        assert await two[0].strips(ACME.name, "2025-01-01") == {}
        assert await two[0].setting("theme") is None

    async def test_returns_accounts_by_name_as_they_were_saved_last(self, database: Database) -> None:
        await database.save_account(GLOBEX)
        renamed = Account(
            name=ACME.name, api_base="https://b", link_base="https://l", client_id="c", redirect_uris=()
        )
        await database.save_account(renamed)
        assert await database.accounts() == (renamed, GLOBEX)

    async def test_keeps_an_accounts_rows_when_the_account_changes(self, database: Database) -> None:
        await database.save_connections(ACME.name, [stored(ONE)])
        await database.save_account(ACME)
        assert await database.connections(ACME.name) == (stored(ONE),)

    async def test_removes_an_account_with_its_rows_only(self, database: Database) -> None:
        await database.save_account(GLOBEX)
        for account in (ACME.name, GLOBEX.name):
            await database.save_connections(account, [stored(ONE)])
            await database.save_syncs(account, ONE, [sync(1, SyncState.IN_PROGRESS)])
            await database.add_activity(account, [entry(ONE, "broke")])
            await database.save_days(account, "2025-03-01", {ONE: Health.FAILING})
        await database.remove_account(ACME.name)
        await database.save_account(ACME)
        assert await database.connections(ACME.name) == ()
        assert await database.running_syncs(ACME.name) == {}
        assert await database.activity(ACME.name, ONE, 9) == ()
        assert await database.strips(ACME.name, "2025-01-01") == {}
        assert await database.connections(GLOBEX.name) == (stored(ONE),)
        assert await database.activity(GLOBEX.name, ONE, 9) == (entry(ONE, "broke"),)

    async def test_refuses_rows_of_an_account_that_is_gone(self, database: Database) -> None:
        await database.remove_account(ACME.name)
        with pytest.raises(UsageError, match="acme"):
            await database.save_connections(ACME.name, [stored(ONE)])
        with pytest.raises(UsageError, match="acme"):
            await database.save_syncs(ACME.name, ONE, [sync(1)])
        with pytest.raises(UsageError, match="acme"):
            await database.add_activity(ACME.name, [entry(ONE, "broke")])
        with pytest.raises(UsageError, match="acme"):
            await database.save_findings(ACME.name, [])
        with pytest.raises(UsageError, match="acme"):
            await database.save_version_news(ACME.name, NEWS)
        with pytest.raises(UsageError, match="acme"):
            await database.save_days(ACME.name, "2025-03-01", {ONE: Health.FAILING})

    async def test_replaces_a_connection_in_its_place(self, database: Database) -> None:
        await database.save_connections(ACME.name, [stored(TWO), stored(ONE)])
        await database.save_connections(ACME.name, [stored(TWO, Health.OFFLINE)])
        assert await database.connections(ACME.name) == (stored(TWO, Health.OFFLINE), stored(ONE))

    async def test_returns_the_newest_syncs_first_and_a_queued_one_before_all(
        self, database: Database
    ) -> None:
        queued = sync(9, SyncState.QUEUED, started=None)
        older = [sync(number, started=NOW - timedelta(minutes=number)) for number in range(1, 5)]
        await database.save_syncs(ACME.name, ONE, [older[2], older[0], queued, older[3], older[1]])
        await database.save_syncs(ACME.name, TWO, [sync(7)])
        assert await database.syncs(ACME.name, ONE, 3) == (queued, older[0], older[1])

    async def test_orders_syncs_by_time_within_a_second(self, database: Database) -> None:
        first = sync(1, started=NOW.replace(microsecond=0))
        second = sync(2, started=NOW.replace(microsecond=5))
        await database.save_syncs(ACME.name, ONE, [second, first])
        assert await database.syncs(ACME.name, ONE, 9) == (second, first)

    async def test_forgets_that_a_sync_ran_once_it_has_ended(self, database: Database) -> None:
        running = sync(1, SyncState.IN_PROGRESS)
        await database.save_syncs(ACME.name, ONE, [running, sync(0, started=NOW - timedelta(days=1))])
        await database.save_syncs(ACME.name, TWO, [sync(5, SyncState.QUEUED, started=None)])
        assert await database.running_syncs(ACME.name) == {
            ONE: running,
            TWO: sync(5, SyncState.QUEUED, started=None),
        }
        await database.save_syncs(ACME.name, ONE, [sync(1)])
        assert set(await database.running_syncs(ACME.name)) == {TWO}

    async def test_names_the_newest_of_two_running_syncs(self, database: Database) -> None:
        newer = sync(1, SyncState.IN_PROGRESS)
        older = sync(2, SyncState.IN_PROGRESS, started=NOW - timedelta(minutes=1))
        await database.save_syncs(ACME.name, ONE, [newer, older])
        assert await database.running_syncs(ACME.name) == {ONE: newer}

    async def test_returns_the_newest_activity_first(self, database: Database) -> None:
        await database.add_activity(
            ACME.name, [entry(ONE, "first"), entry(TWO, "other"), entry(ONE, "second")]
        )
        await database.add_activity(ACME.name, [entry(ONE, "late news", NOW - timedelta(hours=1))])
        found = await database.activity(ACME.name, ONE, 9)
        assert [activity.headline for activity in found] == ["second", "first", "late news"]
        assert await database.activity(ACME.name, ONE, 1) == (entry(ONE, "second"),)

    async def test_lets_the_oldest_history_go(self, database: Database) -> None:
        many = [sync(number, started=NOW + timedelta(minutes=number)) for number in range(SYNCS_KEPT + 3)]
        entries = [
            entry(ONE, str(number), NOW + timedelta(minutes=number)) for number in range(ACTIVITY_KEPT + 3)
        ]
        for connection in (ONE, TWO):
            await database.save_syncs(ACME.name, connection, many[:3])
        await database.save_syncs(ACME.name, ONE, many[3:])
        await database.add_activity(ACME.name, [entry(TWO, "other"), *entries])
        assert await database.syncs(ACME.name, ONE, 9999) == tuple(reversed(many[3:]))
        assert await database.activity(ACME.name, ONE, 9999) == tuple(reversed(entries[3:]))
        assert await database.syncs(ACME.name, TWO, 9999) == tuple(reversed(many[:3]))
        assert await database.activity(ACME.name, TWO, 9999) == (entry(TWO, "other"),)

    async def test_keeps_the_worst_health_of_a_day(self, database: Database) -> None:
        await database.save_days(ACME.name, "2025-02-28", {ONE: Health.HEALTHY})
        await database.save_days(ACME.name, "2025-03-01", {ONE: Health.FAILING, TWO: Health.SYNCING})
        await database.save_days(ACME.name, "2025-03-01", {ONE: Health.HEALTHY, TWO: Health.OFFLINE})
        assert await database.strips(ACME.name, "2025-02-28") == {
            ONE: {"2025-02-28": Health.HEALTHY, "2025-03-01": Health.FAILING},
            TWO: {"2025-03-01": Health.OFFLINE},
        }
        assert await database.strips(ACME.name, "2025-03-01") == {
            ONE: {"2025-03-01": Health.FAILING},
            TWO: {"2025-03-01": Health.OFFLINE},
        }

    async def test_keeps_what_was_found_out_about_a_server(self, database: Database) -> None:
        await database.save_account(GLOBEX)
        assert await database.findings(ACME.name) == ()
        assert await database.version_news(ACME.name) is None
        status = Finding(capability=Capability.CONNECTION_STATUS, offered=False, at=NOW)
        history = Finding(capability=Capability.SYNC_HISTORY, offered=True, at=NOW, retried=True)
        await database.save_findings(ACME.name, [status])
        await database.save_version_news(ACME.name, NEWS)
        await database.save_findings(ACME.name, [history])
        assert await database.findings(ACME.name) == (status, history)
        assert await database.version_news(ACME.name) == NEWS
        assert await database.findings(GLOBEX.name) == ()
        await database.remove_account(ACME.name)
        await database.save_account(ACME)
        assert await database.findings(ACME.name) == ()
        assert await database.version_news(ACME.name) is None

    async def test_of_two_findings_the_later_one_stays(self, two: tuple[Database, Database]) -> None:
        await two[0].save_account(ACME)
        found = Finding(capability=Capability.START_SYNC, offered=True, at=NOW)
        older = Finding(capability=Capability.START_SYNC, offered=False, at=NOW - timedelta(minutes=1))
        await two[0].save_findings(ACME.name, [found])
        await two[1].save_findings(ACME.name, [older])
        assert await two[0].findings(ACME.name) == (found,)

    async def test_keeps_settings(self, database: Database) -> None:
        await database.set_setting("theme", "dark")
        await database.set_setting("theme", "light")
        assert await database.setting("theme") == "light"

    async def test_tells_of_what_another_process_wrote(self, two: tuple[Database, Database]) -> None:
        here, elsewhere = two
        before = await here.data_version()
        await elsewhere.save_account(ACME)
        assert await here.data_version() != before
        assert await here.accounts() == (ACME,)

    async def test_says_nothing_of_its_own_writes(self, two: tuple[Database, Database]) -> None:
        before = await two[0].data_version()
        await two[0].save_account(ACME)
        assert await two[0].data_version() == before


def can_hold_a_secret(type_: object) -> bool:
    """Whether a `Secret` is found anywhere within a type that msgspec has described."""
    if isinstance(type_, msgspec.inspect.StructType) and type_.cls is Secret:
        return True
    if isinstance(type_, msgspec.Struct):
        return any(can_hold_a_secret(getattr(type_, name)) for name in type_.__struct_fields__)
    return isinstance(type_, tuple) and any(map(can_hold_a_secret, type_))


class TestSecrets:
    @pytest.mark.parametrize("stored_type", [Account, StoredConnection, Sync, Activity])
    def test_nothing_that_is_stored_has_a_place_for_one(self, stored_type: type) -> None:
        assert can_hold_a_secret(msgspec.inspect.type_info(TokenEntry)), "the search finds none at all"
        assert not can_hold_a_secret(msgspec.inspect.type_info(stored_type))
