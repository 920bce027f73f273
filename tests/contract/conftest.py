"""The real database and the real vault of a test's own profile."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from makini_desktop.adapters.db.database import SqliteDatabase
from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.core.paths import Paths
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Vault, VaultKind

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
