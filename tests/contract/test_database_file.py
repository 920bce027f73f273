"""What only a database in a file can do: last, be shared, be full, be old, be damaged, be read at once."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from makini_desktop.adapters.db.at_start import read_at_start
from makini_desktop.adapters.db.database import SqliteDatabase
from makini_desktop.adapters.db.file import open_file
from makini_desktop.adapters.db.schema import MIGRATIONS
from makini_desktop.adapters.db.values import encode
from makini_desktop.adapters.db.worker import Worker
from makini_desktop.domain.errors import (
    ProfileInUse,
    ProfileUnwritable,
    StoreDamaged,
    StoreTooNew,
    UsageError,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import HealthHistory
from makini_desktop.domain.sync import SyncState
from tests.contract.conftest import Open
from tests.contract.files import content_of, fill
from tests.contract.rows import ACME, GLOBEX, ONE, TWO, entry, stored, sync


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
            assert (
                await asyncio.to_thread(read_at_start, path, lambda accounts, _settings: None, "") is not None
            )
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


INCREMENTAL = 2
"""SQLite's number for a file that gives free pages back when asked to."""

ADD_COLUMN = "ALTER TABLE setting ADD COLUMN changed_at INTEGER;"


def _file_without_shrinking(path: Path, steps: Sequence[str]) -> sqlite3.Connection:
    """A file as the first releases made it."""
    path.parent.mkdir()
    connection = sqlite3.connect(path, isolation_level=None)
    for step in steps:
        connection.executescript(step)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


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
            assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS) + 5
            assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            assert connection.execute("SELECT value FROM setting").fetchone() == ("dark",)
        kept = [len(MIGRATIONS) + step for step in (2, 3, 4)]
        assert versions_of(old_file.parent) == [f"makini.db.backup-{version}" for version in kept]
        with closing(sqlite3.connect(old_file.with_name(f"makini.db.backup-{kept[1]}"))) as backup:
            assert backup.execute("PRAGMA user_version").fetchone()[0] == kept[1]
            assert backup.execute("SELECT value FROM setting").fetchone() == ("dark",)

    async def test_a_new_file_needs_no_backup(self, open_sqlite: Open, path: Path) -> None:
        await open_sqlite()
        assert versions_of(path.parent) == []

    def test_a_file_of_the_first_release_is_taken_over(self, path: Path, lock: Path) -> None:
        with closing(open_file(path, lock, MIGRATIONS[:1])) as connection:
            connection.execute("INSERT INTO setting VALUES ('theme', 'dark')")
        with closing(open_file(path, lock, MIGRATIONS)) as connection:
            assert connection.execute("SELECT * FROM setting").fetchall() == [("theme", "dark")]
            assert connection.execute("SELECT * FROM server").fetchall() == []
        assert versions_of(path.parent)[0] == "makini.db.backup-1"

    async def test_a_file_from_before_there_was_a_history_begins_one(
        self, open_sqlite: Open, path: Path, lock: Path
    ) -> None:
        with closing(_file_without_shrinking(path, MIGRATIONS[:2])) as connection:
            connection.execute("INSERT INTO account VALUES ('acme', ?)", (encode(ACME),))
            connection.execute("INSERT INTO connection VALUES ('acme', ?, ?)", (ONE, encode(stored(ONE))))
            connection.execute(
                "INSERT INTO activity VALUES (1, 'acme', ?, 0, ?)", (ONE, encode(entry(ONE, "broke")))
            )
            connection.execute("PRAGMA user_version = 2")
        database = await open_sqlite()
        assert await database.connections(ACME.name) == (stored(ONE),)
        assert await database.activity(ACME.name, ONE, 9) == (entry(ONE, "broke"),)
        assert await database.health_history(ACME.name, ONE) == HealthHistory()
        assert await database.incidents(ACME.name) == ()
        await database.save_note(ACME.name, ONE, "note")
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA auto_vacuum").fetchone()[0] == INCREMENTAL
        assert versions_of(path.parent) == ["makini.db.backup-2"]

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
        snapshot = read_at_start(path, lambda accounts, _settings: accounts[0], "2025-03-01")
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
        snapshot = read_at_start(path, lambda accounts, _settings: None, "2025-03-01")
        assert snapshot is not None
        assert (snapshot.accounts, snapshot.account, snapshot.connections) == ((ACME,), None, ())

    def test_has_nothing_at_the_first_start_and_makes_no_file(self, path: Path) -> None:
        path.parent.mkdir()
        assert read_at_start(path, lambda accounts, _settings: None, "2025-03-01") is None
        assert list(path.parent.iterdir()) == []

    @pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
    def test_has_nothing_in_a_file_it_cannot_read(self, path: Path, content: bytes) -> None:
        fill(path, content)
        assert read_at_start(path, lambda accounts, _settings: None, "2025-03-01") is None
        assert content_of(path) == content

    def test_imports_no_slow_library(self) -> None:
        slow = "{'keyring', 'cryptography', 'filelock', 'httpx', 'asyncio', 'PySide6'}"
        program = (
            f"import sys; import makini_desktop.adapters.db.at_start; print({slow}.intersection(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "set()"
