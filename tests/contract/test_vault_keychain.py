"""The vault's key in a keychain: a real one in its states, and one that fails in every way there is."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring import core, errors
from keyring.backend import KeyringBackend
from keyring.backends import SecretService

from makini_desktop.adapters.vault.keychain import SERVICE
from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.adapters.vault.sealed import take_apart
from makini_desktop.core.paths import Paths
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    KeychainDenied,
    KeychainLocked,
    KeychainMissing,
    MakiniDesktopError,
    VaultDamaged,
)
from makini_desktop.services.options import VaultKind
from tests.contract.conftest import MakeVault
from tests.contract.entries import becomes, entry
from tests.contract.files import content_of, exists
from tests.desktop import Keychain, PrivateBus

ACME, ONE = AccountName("acme"), ConnectionId("conn-1")


class StubKeychain(SecretService.Keyring):
    """A keychain of the operating system as far as the vault can tell."""

    def __init__(self, failure: Exception | None = None, *, at: str = "", answer: str | None = None) -> None:
        super().__init__()
        self.failure, self.at, self.answer = failure, at, answer
        self.stored: list[str] = []
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.set()
        self.may_answer.wait(10)
        if self.failure and self.at == "get":
            raise self.failure
        return self.answer

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.failure and self.at == "set":
            raise self.failure
        self.stored.append(password)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[KeyringBackend], None]:
    """Puts a keychain in the place of the real one."""
    return lambda keychain: monkeypatch.setattr(core, "load_env", lambda: keychain)


class TestKeychain:
    async def test_two_profiles_have_two_keys(self, keychain: Keychain, tmp_path: Path) -> None:
        for profile in ("one", "two"):
            await open_vault(VaultKind.KEYCHAIN, Paths(tmp_path / profile)).open()
        one, two = stored_keys(tmp_path, "one", "two")
        assert one is not None
        assert two is not None
        assert one != two

    async def test_without_a_bus_it_is_missing(self, make: MakeVault, paths: Paths) -> None:
        with pytest.raises(KeychainMissing, match="no keychain"):
            await make(VaultKind.KEYCHAIN).open()
        assert not exists(paths.vault)

    async def test_without_a_service_it_is_missing_until_one_comes(
        self, bus: PrivateBus, make: MakeVault
    ) -> None:
        vault = make(VaultKind.KEYCHAIN)
        with pytest.raises(KeychainMissing):
            await vault.open()
        with Keychain(bus):
            await vault.open()
            assert await vault.tokens(ACME) == {}

    async def test_locked_and_nobody_to_ask_makes_no_key(
        self, bus: PrivateBus, make: MakeVault, paths: Paths
    ) -> None:
        with Keychain(bus, locked=True), pytest.raises(KeychainLocked, match="Unlock it"):
            await make(VaultKind.KEYCHAIN).open()
        assert not exists(paths.vault)

    async def test_locked_at_a_later_start_leaves_the_vault_as_it_is(
        self, keychain: Keychain, make: MakeVault, paths: Paths
    ) -> None:
        await make(VaultKind.KEYCHAIN).open()
        before = content_of(paths.vault)
        keychain.lock()
        with pytest.raises(KeychainLocked):
            await make(VaultKind.KEYCHAIN).open()
        assert content_of(paths.vault) == before

    async def test_locked_during_the_run_disturbs_nobody(self, keychain: Keychain, make: MakeVault) -> None:
        vault = make(VaultKind.KEYCHAIN)
        await vault.open()
        keychain.lock()
        assert await vault.change_token(ACME, ONE, becomes(entry())) == entry()

    async def test_a_keychain_without_the_key_gets_no_new_one(
        self, bus: PrivateBus, make: MakeVault, paths: Paths
    ) -> None:
        with Keychain(bus):
            await make(VaultKind.KEYCHAIN).open()
        before = content_of(paths.vault)
        with Keychain(bus):
            with pytest.raises(KeychainDenied, match="not in the keychain"):
                await make(VaultKind.KEYCHAIN).open()
            assert stored_keys(paths.profile.parent, "profile") == [None]
        assert content_of(paths.vault) == before

    async def test_a_vault_that_was_moved_away_can_be_brought_back_after_another_was_made(
        self, keychain: Keychain, make: MakeVault, paths: Paths
    ) -> None:
        await make(VaultKind.KEYCHAIN).open()
        aside = paths.vault.with_name("aside")
        paths.vault.rename(aside)
        await make(VaultKind.KEYCHAIN).open()
        aside.replace(paths.vault)
        await make(VaultKind.KEYCHAIN).open()

    async def test_another_key_opens_nothing(
        self, make: MakeVault, use: Callable[[KeyringBackend], None], keychain: Keychain
    ) -> None:
        await make(VaultKind.KEYCHAIN).open()
        for other in ("QUJD", "no base64 !"):
            use(StubKeychain(answer=other))
            with pytest.raises(VaultDamaged, match="does not fit"):
                await make(VaultKind.KEYCHAIN).open()

    @pytest.mark.parametrize("at", ["get", "set"])
    @pytest.mark.parametrize(
        ("failure", "state"),
        [
            (errors.NoKeyringError("none"), KeychainMissing),
            (errors.KeyringLocked("dismissed"), KeychainLocked),
            (errors.InitError("dismissed"), KeychainDenied),
            (errors.PasswordSetError("denied"), KeychainDenied),
            (ConnectionResetError("gone"), KeychainDenied),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
    )
    async def test_names_the_state_and_stores_nothing(
        self,
        make: MakeVault,
        paths: Paths,
        use: Callable[[KeyringBackend], None],
        failure: Exception,
        state: type[MakiniDesktopError],
        at: str,
    ) -> None:
        keychain = StubKeychain(failure, at=at)
        use(keychain)
        with pytest.raises(state) as caught:
            await make(VaultKind.KEYCHAIN).open()
        assert caught.value.__cause__ is failure
        assert caught.value.exit_code == 5
        assert keychain.stored == []
        assert not exists(paths.vault)

    async def test_a_keychain_that_forgets_holds_up_no_vault(
        self, make: MakeVault, paths: Paths, use: Callable[[KeyringBackend], None]
    ) -> None:
        use(StubKeychain(answer=None))
        with pytest.raises(KeychainDenied, match="did not keep"):
            await make(VaultKind.KEYCHAIN).open()
        assert not exists(paths.vault)

    @pytest.mark.parametrize("backend", ["fail", "null"])
    async def test_takes_nothing_but_the_operating_systems_own(
        self, keychain: Keychain, make: MakeVault, monkeypatch: pytest.MonkeyPatch, backend: str
    ) -> None:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{backend}.Keyring")
        with pytest.raises(KeychainMissing, match="configured"):
            await make(VaultKind.KEYCHAIN).open()

    async def test_an_open_prompt_stops_nothing_else(
        self, make: MakeVault, use: Callable[[KeyringBackend], None]
    ) -> None:
        keychain = StubKeychain(errors.KeyringLocked("dismissed"), at="get")
        keychain.may_answer.clear()
        use(keychain)
        opening = asyncio.create_task(make(VaultKind.KEYCHAIN).open())
        assert await asyncio.to_thread(keychain.asked.wait, 10)
        assert not opening.done()
        keychain.may_answer.set()
        with pytest.raises(KeychainLocked):
            await opening


def stored_keys(folder: Path, *profiles: str) -> list[str | None]:
    """What the keychain holds for each profile."""
    keys = []
    for profile in profiles:
        path = Paths(folder / profile).vault
        origin = take_apart(path.read_bytes(), path).header.origin
        keys.append(SecretService.Keyring().get_password(SERVICE, origin.id))
    return keys
