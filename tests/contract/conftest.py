"""What the contract tests share: a profile's real database and vault, API adapters on a sandbox."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from makini_desktop.adapters.db.database import SqliteDatabase
from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.core.paths import Paths
from makini_desktop.domain.token import Secret
from makini_desktop.services.options import VaultKind
from makini_desktop.services.ports import Database, Vault
from tests.api_client import HurriedClock, Opened, hostile_account, opened
from tests.contract.rows import ACME
from tests.fakes.database import FakeDatabase
from tests.raw_server import RawServer
from tests.sandbox_process import SandboxProcess

PASSPHRASE = Secret("correct horse battery staple ü")

MakeVault = Callable[..., Vault]


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


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "profile")


@pytest.fixture
def make(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> MakeVault:
    """Makes a vault of a kind for the test's profile; keys from passphrases cost nothing."""
    monkeypatch.setattr("makini_desktop.adapters.vault.passphrase.N", 2**4)

    def make(kind: VaultKind, passphrase: Secret = PASSPHRASE) -> Vault:
        paths.create()
        return open_vault(kind, paths, passphrase)

    return make


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxProcess]:
    """A sandbox; a module says with `SANDBOX_ARGUMENTS` which."""
    with SandboxProcess().start(*getattr(request.module, "SANDBOX_ARGUMENTS", ())) as sandbox:
        yield sandbox


@pytest.fixture
def clock() -> HurriedClock:
    return HurriedClock()


@pytest.fixture
async def client(sandbox: SandboxProcess, clock: HurriedClock) -> AsyncIterator[Opened]:
    """An adapter on the module's sandbox."""
    async with opened(sandbox.account(), clock) as client:
        yield client


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    """A server that answers as the test says."""
    async with RawServer() as server:
        yield server


@pytest.fixture
async def hostile(server: RawServer, clock: HurriedClock) -> AsyncIterator[Opened]:
    """An adapter on that server."""
    async with opened(hostile_account(server.base), clock, silence=2.0) as client:
        yield client
