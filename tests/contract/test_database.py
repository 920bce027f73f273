"""The port `Database`, the same on SQLite and on the unit tests' fake; then what only a file can do."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import msgspec.inspect
import pytest

from makini_desktop.adapters.db.at_start import read_at_start
from makini_desktop.adapters.db.database import ACTIVITY_KEPT, SYNCS_KEPT, SqliteDatabase
from makini_desktop.adapters.db.file import open_file
from makini_desktop.adapters.db.schema import MIGRATIONS
from makini_desktop.adapters.db.worker import Worker
from makini_desktop.domain.account import Account, AccountName, VersionPlacement
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.connection import (
    Connection,
    ConnectionId,
    ConnectionStatus,
    Integration,
    ListStatus,
)
from makini_desktop.domain.errors import (
    ProfileInUse,
    ProfileUnwritable,
    StoreDamaged,
    StoreTooNew,
    UsageError,
)
from makini_desktop.domain.evidence import (
    Evidence,
    EvidenceSource,
    Facts,
    IntegrationSeen,
    Listed,
    StatusSeen,
    SyncStatusSeen,
    TokenSeen,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import Records, Sync, SyncId, SyncProblem, SyncState, SyncStatus, SyncVerdict
from makini_desktop.domain.token import Secret, TokenEntry
from makini_desktop.services.ports import Database, StoredConnection
from tests.fakes.database import FakeDatabase

NOW = datetime(2025, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)
ACME = Account(
    name=AccountName("acme"),
    api_base="https://api.example/api",
    link_base="https://link.example",
    client_id="client-1",
    redirect_uris=("https://app.example/cb", "http://127.0.0.1/cb"),
    version_in=VersionPlacement.HEADER,
    issue_tokens=False,
)
GLOBEX = Account(
    name=AccountName("globex"), api_base="https://a", link_base="https://l", client_id="c", redirect_uris=()
)
ONE, TWO = ConnectionId("conn-1"), ConnectionId("conn-2")


def stored(connection: ConnectionId, health: Health = Health.HEALTHY) -> StoredConnection:
    """A connection of which everything was seen."""
    evidence = Evidence(source=EvidenceSource.STATUS, at=NOW, detail="200", request_id=f"req-{connection}")
    return StoredConnection(
        connection=Connection(
            id=connection,
            name=f"Bäckerei {connection}",
            system="Sage 100",
            status=ListStatus.ACTIVE,
            status_word="active",
            email="ops@customer.example",
            scopes=("invoices", "customers"),
            tags=("eu",),
            created_at=NOW - timedelta(days=200),
            connected_at=NOW - timedelta(days=100),
            updated_at=NOW,
        ),
        facts=Facts(
            listed=Listed(evidence, ListStatus.ACTIVE, "active"),
            status=StatusSeen(evidence, ConnectionStatus(online=True, reauthorization_required=False)),
            sync=SyncStatusSeen(
                evidence, SyncStatus(verdict=SyncVerdict.COMPLETED, word="completed", last_good_at=NOW)
            ),
            integration=IntegrationSeen(
                evidence, Integration(id=connection, company_name="Bäckerei", provider="Sage 100")
            ),
            token=TokenSeen(evidence, present=True, expires_at=NOW + timedelta(days=30), renewable=True),
            usual_seconds=61.5,
            interval_seconds=3600,
            failures=2,
        ),
        health=health,
        since=NOW - timedelta(hours=3),
        announced=True,
    )


def sync(number: int, state: SyncState = SyncState.COMPLETED, *, started: datetime | None = NOW) -> Sync:
    return Sync(
        id=SyncId(f"sync-{number}"),
        state=state,
        state_word=state.value,
        records=Records(created=number),
        started_at=started,
        problem=SyncProblem(code="RATE", message="slow"),
    )


def entry(connection: ConnectionId, headline: str, at: datetime = NOW) -> Activity:
    return Activity(
        connection=connection, at=at, kind=ActivityKind.HEALTH, headline=headline, health=Health.FAILING
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "makini.db"


Open = Callable[[], Awaitable[SqliteDatabase]]


@pytest.fixture
async def open_sqlite(path: Path) -> AsyncIterator[Open]:
    """Opens the file, as often as a test likes."""
    async with AsyncExitStack() as stack:

        async def open_one() -> SqliteDatabase:
            database = SqliteDatabase(path)
            stack.push_async_callback(database.close)
            await database.open()
            return database

        yield open_one


@pytest.fixture(params=["fake", "sqlite"])
async def two(request: pytest.FixtureRequest, open_sqlite: Open) -> tuple[Database, Database]:
    """Two programs on one store."""
    if request.param == "fake":
        database = FakeDatabase()
        return database, FakeDatabase(beside=database)
    return await open_sqlite(), await open_sqlite()


@pytest.fixture
async def database(two: tuple[Database, Database]) -> Database:
    """A store that knows one account."""
    await two[0].save_account(ACME)
    return two[0]


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

    async def test_keeps_settings(self, database: Database) -> None:
        await database.set_setting("theme", "dark")
        await database.set_setting("theme", "light")
        assert await database.setting("theme") == "light"

    async def test_tells_once_of_what_another_process_wrote(self, two: tuple[Database, Database]) -> None:
        here, elsewhere = two
        assert not await here.changed_elsewhere()
        await elsewhere.save_account(ACME)
        assert await here.changed_elsewhere()
        assert not await here.changed_elsewhere()
        assert await here.accounts() == (ACME,)

    async def test_says_nothing_of_its_own_writes(self, two: tuple[Database, Database]) -> None:
        await two[0].save_account(ACME)
        assert not await two[0].changed_elsewhere()


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


class TestSqlite:
    async def test_keeps_everything_for_the_next_run(self, open_sqlite: Open) -> None:
        database = await open_sqlite()
        await database.save_account(ACME)
        await database.save_connections(ACME.name, [stored(ONE)])
        await database.close()
        assert await (await open_sqlite()).connections(ACME.name) == (stored(ONE),)

    async def test_writes_at_once_are_all_kept_in_their_order(self, open_sqlite: Open) -> None:
        database = await open_sqlite()
        async with asyncio.TaskGroup() as writes:
            for number in range(300):
                writes.create_task(database.set_setting("last", str(number)))
        assert await database.setting("last") == "299"

    async def test_a_refused_write_takes_no_other_with_it(self, open_sqlite: Open) -> None:
        database = await open_sqlite()
        await database.save_account(ACME)
        outcomes = await asyncio.gather(
            database.set_setting("before", "1"),
            database.save_connections(GLOBEX.name, [stored(ONE)]),
            database.set_setting("after", "2"),
            return_exceptions=True,
        )
        assert [type(outcome) for outcome in outcomes] == [type(None), UsageError, type(None)]
        assert (await database.setting("before"), await database.setting("after")) == ("1", "2")

    async def test_a_job_that_fails_half_way_is_undone(self) -> None:
        memory = partial(sqlite3.connect, ":memory:", isolation_level=None)
        worker = Worker(memory, lambda error: error)
        await worker.start()

        def write(number: int, connection: sqlite3.Connection) -> float:
            connection.execute("CREATE TABLE IF NOT EXISTS number (value INTEGER) STRICT")
            connection.execute("INSERT INTO number VALUES (?)", (number,))
            return 1 / number

        def numbers(connection: sqlite3.Connection) -> list[tuple[int]]:
            return connection.execute("SELECT value FROM number").fetchall()

        jobs = [worker.write(partial(write, number)) for number in (1, 0, 2)]
        outcomes = await asyncio.gather(*jobs, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [float, ZeroDivisionError, float]
        assert await worker.read(numbers) == [(1,), (2,)]
        await worker.stop()

    async def test_waits_for_another_process_that_writes(self, open_sqlite: Open, path: Path) -> None:
        database = await open_sqlite()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(database.set_setting("theme", "dark"))
            assert await asyncio.to_thread(read_at_start, path, lambda accounts: None, "") is not None
            assert not writing.done()
            other.execute("COMMIT")
            await writing
        assert await database.setting("theme") == "dark"

    async def test_only_the_owner_may_read_its_files(self, open_sqlite: Open, path: Path) -> None:
        previous = os.umask(0)
        try:
            database = await open_sqlite()
            await database.save_account(ACME)
        finally:
            os.umask(previous)
        for file in path.parent.glob("makini.db*"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name

    async def test_says_that_its_folder_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "profile").write_text("a file where the folder should be")
        database = SqliteDatabase(tmp_path / "profile" / "makini.db")
        with pytest.raises(ProfileUnwritable, match=r"makini\.db cannot be written"):
            await database.open()
        await database.close()

    async def test_says_that_the_disk_is_full_and_keeps_what_was_there(
        self, open_sqlite: Open, path: Path
    ) -> None:
        database = await open_sqlite()
        await database.set_setting("theme", "dark")

        def allow_no_more_pages(connection: sqlite3.Connection) -> None:
            connection.execute("PRAGMA max_page_count = 1")

        await database._worker.read(allow_no_more_pages)
        with pytest.raises(ProfileUnwritable):
            await database.set_setting("long", "x" * 1_000_000)
        assert await database.setting("theme") == "dark"

    async def test_refuses_to_work_once_closed(self, open_sqlite: Open) -> None:
        database = await open_sqlite()
        await database.close()
        with pytest.raises(RuntimeError, match="closed"):
            await database.accounts()


ADD_COLUMN = "ALTER TABLE setting ADD COLUMN changed_at INTEGER;"


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def fill(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def versions_of(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*backup*"))


class TestMigration:
    @pytest.fixture
    async def old_file(self, open_sqlite: Open, path: Path) -> Path:
        database = await open_sqlite()
        await database.set_setting("theme", "dark")
        await database.close()
        return path

    @pytest.fixture
    def lock(self, tmp_path: Path) -> Path:
        return tmp_path / "locks" / "migration.lock"

    def test_backs_up_before_each_step_and_keeps_three(self, old_file: Path, lock: Path) -> None:
        steps = [f"CREATE TABLE step_{number} (id INTEGER PRIMARY KEY) STRICT;" for number in range(5)]
        with closing(open_file(old_file, lock, [*MIGRATIONS, *steps])) as connection:
            assert connection.execute("PRAGMA user_version").fetchone()[0] == 6
            assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            assert connection.execute("SELECT value FROM setting").fetchone() == ("dark",)
        assert versions_of(old_file.parent) == [f"makini.db.backup-{version}" for version in (3, 4, 5)]
        with closing(sqlite3.connect(old_file.with_name("makini.db.backup-4"))) as backup:
            assert backup.execute("PRAGMA user_version").fetchone()[0] == 4
            assert backup.execute("SELECT value FROM setting").fetchone() == ("dark",)

    def test_a_step_that_fails_leaves_the_file_as_it_was(self, old_file: Path, lock: Path) -> None:
        with pytest.raises(StoreDamaged):
            open_file(old_file, lock, [*MIGRATIONS, f"{ADD_COLUMN} INSERT INTO nowhere VALUES (1);"])
        with closing(open_file(old_file, lock, MIGRATIONS)) as connection:
            assert connection.execute("SELECT * FROM setting").fetchall() == [("theme", "dark")]

    async def test_waits_for_nobody_who_has_the_old_file_open(
        self, open_sqlite: Open, old_file: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("makini_desktop.adapters.db.file.BUSY_SECONDS", 0.05)
        database = await open_sqlite()
        with pytest.raises(ProfileInUse, match="Close it and try again"):
            await asyncio.to_thread(open_file, old_file, lock, [*MIGRATIONS, ADD_COLUMN])
        await database.set_setting("theme", "light")
        assert versions_of(old_file.parent) == []

    def test_two_processes_migrate_once(self, old_file: Path, lock: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from makini_desktop.adapters.db.file import open_file; "
            "from makini_desktop.adapters.db.schema import MIGRATIONS; "
            "open_file(Path(sys.argv[1]), Path(sys.argv[2]), [*MIGRATIONS, sys.argv[3]]).close()"
        )
        command = [sys.executable, "-c", program, str(old_file), str(lock), ADD_COLUMN]
        processes = [subprocess.Popen(command) for _ in range(2)]
        assert [process.wait(20) for process in processes] == [0, 0]

    async def test_refuses_a_file_of_a_newer_program_naming_both_versions(
        self, open_sqlite: Open, old_file: Path
    ) -> None:
        with closing(sqlite3.connect(old_file)) as connection:
            connection.execute("PRAGMA user_version = 7")
        before = content_of(old_file)
        with pytest.raises(StoreTooNew, match=rf"version 7, .* up to {len(MIGRATIONS)}"):
            await open_sqlite()
        assert content_of(old_file) == before

    @pytest.mark.parametrize("damage", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4080])
    async def test_leaves_a_damaged_file_and_says_so(
        self, open_sqlite: Open, path: Path, damage: bytes
    ) -> None:
        fill(path, damage)
        with pytest.raises(StoreDamaged, match="is damaged; nothing in it was changed"):
            await open_sqlite()
        assert content_of(path) == damage

    async def test_says_that_a_page_inside_is_damaged(self, open_sqlite: Open, old_file: Path) -> None:
        content = content_of(old_file)
        fill(old_file, content[:4096] + b"\xff" * (len(content) - 4096))
        database = await open_sqlite()
        with pytest.raises(StoreDamaged):
            await database.setting("theme")

    def test_never_migrates_a_damaged_file(self, old_file: Path, lock: Path) -> None:
        fill(old_file, content_of(old_file)[:-4096] + b"\xff" * 4096)
        with pytest.raises(StoreDamaged):
            open_file(old_file, lock, [*MIGRATIONS, ADD_COLUMN])
        assert versions_of(old_file.parent) == []


class TestStart:
    async def test_shows_what_was_stored_even_while_another_process_runs(
        self, open_sqlite: Open, path: Path
    ) -> None:
        database = await open_sqlite()
        await database.save_account(GLOBEX)
        await database.save_account(ACME)
        await database.save_connections(ACME.name, [stored(ONE), stored(TWO)])
        await database.save_syncs(ACME.name, ONE, [sync(1, SyncState.IN_PROGRESS)])
        await database.save_days(ACME.name, "2025-03-01", {ONE: Health.FAILING})
        await database.set_setting("theme", "dark")
        snapshot = read_at_start(path, lambda accounts: accounts[0], "2025-03-01")
        assert snapshot is not None
        assert snapshot.accounts == (ACME, GLOBEX)
        assert snapshot.account == ACME
        assert snapshot.connections == (stored(ONE), stored(TWO))
        assert snapshot.running == {ONE: sync(1, SyncState.IN_PROGRESS)}
        assert snapshot.strips == {ONE: {"2025-03-01": Health.FAILING}}
        assert snapshot.settings == {"theme": "dark"}

    async def test_shows_no_rows_when_no_account_is_chosen(self, open_sqlite: Open, path: Path) -> None:
        database = await open_sqlite()
        await database.save_account(ACME)
        await database.save_connections(ACME.name, [stored(ONE)])
        snapshot = read_at_start(path, lambda accounts: None, "2025-03-01")
        assert snapshot is not None
        assert (snapshot.accounts, snapshot.account, snapshot.connections) == ((ACME,), None, ())

    def test_has_nothing_at_the_first_start_and_makes_no_file(self, path: Path) -> None:
        path.parent.mkdir()
        assert read_at_start(path, lambda accounts: None, "2025-03-01") is None
        assert list(path.parent.iterdir()) == []

    @pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
    def test_has_nothing_in_a_file_it_cannot_read(self, path: Path, content: bytes) -> None:
        fill(path, content)
        assert read_at_start(path, lambda accounts: None, "2025-03-01") is None
        assert content_of(path) == content

    def test_imports_no_slow_library(self) -> None:
        slow = "{'keyring', 'cryptography', 'filelock', 'httpx', 'asyncio', 'PySide6'}"
        program = (
            f"import sys; import makini_desktop.adapters.db.at_start; print({slow}.intersection(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "set()"
