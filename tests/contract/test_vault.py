"""The port `Vault`, the same in memory, under a passphrase and under a real keychain."""

import asyncio
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from keyring import core, errors
from keyring.backend import KeyringBackend
from keyring.backends import SecretService

from makini_desktop.adapters.vault.document import AccountSecrets, Document
from makini_desktop.adapters.vault.keychain import SERVICE
from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.adapters.vault.memory import MemoryVault
from makini_desktop.adapters.vault.sealed import take_apart
from makini_desktop.core.paths import Paths
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    KeychainDenied,
    KeychainLocked,
    KeychainMissing,
    MakiniDesktopError,
    StoreTooNew,
    UsageError,
    VaultDamaged,
)
from makini_desktop.domain.token import PendingPair, Secret, TokenEntry, TokenPair
from makini_desktop.services.ports import Vault, VaultKind
from tests.desktop import Keychain, PrivateBus

NOW = datetime(2025, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)
ACME, GLOBEX = AccountName("acme"), AccountName("globex")
ONE, TWO = ConnectionId("conn-1"), ConnectionId("conn-2")
PASSPHRASE = Secret("correct horse battery staple ü")
ACCESS, REFRESH, CLIENT = "access-5up3r", "refresh-5up3r", "client-5up3r"
EMPTY = TokenEntry()

MakeVault = Callable[..., Vault]


def entry(access: str = ACCESS) -> TokenEntry:
    pair = TokenPair(
        access=Secret(access),
        refresh=Secret(REFRESH),
        obtained_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    return TokenEntry(current=pair, pending=PendingPair(pair=pair, attempt="attempt-1", since=NOW))


def becomes(new: TokenEntry) -> Callable[[TokenEntry], TokenEntry]:
    return lambda _old: new


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "profile")


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make keys from passphrases at once; one test looks at the real cost."""
    monkeypatch.setattr("makini_desktop.adapters.vault.passphrase.N", 2**4)


@pytest.fixture
def make(paths: Paths) -> MakeVault:
    """Makes a vault of a kind for the test's profile."""

    def make(kind: VaultKind, passphrase: Secret = PASSPHRASE) -> Vault:
        paths.create()
        return open_vault(kind, paths, passphrase)

    return make


@pytest.fixture(params=[VaultKind.FILE, VaultKind.KEYCHAIN], ids=lambda kind: kind.value)
def encrypted(request: pytest.FixtureRequest) -> VaultKind:
    """A kind that keeps something on disk, with what it needs."""
    if request.param is VaultKind.KEYCHAIN:
        request.getfixturevalue("keychain")
    return request.param


@pytest.fixture(params=list(VaultKind), ids=lambda kind: kind.value)
async def vault(request: pytest.FixtureRequest, make: MakeVault) -> Vault:
    if request.param is VaultKind.KEYCHAIN:
        request.getfixturevalue("keychain")
    vault = make(request.param)
    await vault.open()
    return vault


class TestVault:
    async def test_begins_empty(self, vault: Vault) -> None:
        assert await vault.token(ACME, ONE) == EMPTY
        assert await vault.tokens(ACME) == {}
        assert await vault.client_secret(ACME) is None

    async def test_keeps_what_it_was_given(self, vault: Vault) -> None:
        assert await vault.change_token(ACME, ONE, becomes(entry())) == entry()
        await vault.set_client_secret(ACME, Secret(CLIENT))
        assert await vault.token(ACME, ONE) == entry()
        assert await vault.tokens(ACME) == {ONE: entry()}
        assert await vault.client_secret(ACME) == Secret(CLIENT)

    async def test_a_change_sees_what_is_there(self, vault: Vault) -> None:
        await vault.change_token(ACME, ONE, becomes(entry()))
        seen: list[TokenEntry] = []

        def drop_pending(old: TokenEntry) -> TokenEntry:
            seen.append(old)
            return TokenEntry(current=old.current)

        await vault.change_token(ACME, ONE, drop_pending)
        assert seen == [entry()]
        assert await vault.token(ACME, ONE) == TokenEntry(current=entry().current)

    async def test_a_change_that_raises_leaves_everything_as_it_was(self, vault: Vault) -> None:
        await vault.change_token(ACME, ONE, becomes(entry()))

        def fail(old: TokenEntry) -> TokenEntry:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await vault.change_token(ACME, ONE, fail)
        assert await vault.tokens(ACME) == {ONE: entry()}

    async def test_an_empty_entry_is_removed(self, vault: Vault) -> None:
        await vault.change_token(ACME, ONE, becomes(entry()))
        await vault.change_token(ACME, TWO, becomes(entry("other")))
        assert await vault.change_token(ACME, ONE, becomes(EMPTY)) == EMPTY
        assert await vault.tokens(ACME) == {TWO: entry("other")}

    async def test_forgets_one_account_and_no_other(self, vault: Vault) -> None:
        for account in (ACME, GLOBEX):
            await vault.change_token(account, ONE, becomes(entry(account)))
            await vault.set_client_secret(account, Secret(account))
        await vault.forget_account(ACME)
        assert await vault.tokens(ACME) == {}
        assert await vault.client_secret(ACME) is None
        assert await vault.tokens(GLOBEX) == {ONE: entry(GLOBEX)}
        assert await vault.client_secret(GLOBEX) == Secret(GLOBEX)

    async def test_loses_no_change_of_many_at_once(self, vault: Vault) -> None:
        ids = [ConnectionId(f"conn-{number}") for number in range(20)]
        async with asyncio.TaskGroup() as changes:
            for id_ in ids:
                changes.create_task(vault.change_token(ACME, id_, becomes(entry(id_))))
        assert await vault.tokens(ACME) == {id_: entry(id_) for id_ in ids}


class TestEncryptedVault:
    async def test_keeps_everything_for_the_next_run(self, encrypted: VaultKind, make: MakeVault) -> None:
        first, second = make(encrypted), make(encrypted)
        await first.open()
        await first.change_token(ACME, ONE, becomes(entry()))
        await first.set_client_secret(ACME, Secret(CLIENT))
        await second.open()
        assert await second.tokens(ACME) == {ONE: entry()}
        assert await second.client_secret(ACME) == Secret(CLIENT)

    async def test_sees_what_another_process_writes(self, encrypted: VaultKind, make: MakeVault) -> None:
        here, elsewhere = make(encrypted), make(encrypted)
        await here.open()
        await elsewhere.open()
        for number in range(5):
            await elsewhere.change_token(ACME, ONE, becomes(entry(str(number))))
            assert await here.token(ACME, ONE) == entry(str(number))

    async def test_shows_no_secret_and_nothing_to_anybody_else(
        self, encrypted: VaultKind, make: MakeVault, paths: Paths
    ) -> None:
        vault = make(encrypted)
        await vault.open()
        await vault.change_token(ACME, ONE, becomes(entry()))
        await vault.set_client_secret(ACME, Secret(CLIENT))
        files = files_of(paths.profile)
        assert set(files) == {"vault.bin", "vault.lock"}
        for name, (content, mode) in files.items():
            assert mode == 0o600, name
            for secret in (ACCESS, REFRESH, CLIENT, PASSPHRASE.value, "conn-1", "acme"):
                assert secret.encode() not in content, name

    async def test_a_write_always_looks_new(self, make: MakeVault, paths: Paths) -> None:
        vault = make(VaultKind.FILE)
        await vault.open()
        nonces = set()
        for access in ("one", "two", "one", "two"):
            await vault.change_token(ACME, ONE, becomes(entry(access)))
            nonces.add(take_apart(content_of(paths.vault), paths.vault).nonce)
        assert len(nonces) == 4

    async def test_any_altered_byte_is_noticed_and_the_file_kept(self, make: MakeVault, paths: Paths) -> None:
        vault = make(VaultKind.FILE)
        await vault.open()
        await vault.change_token(ACME, ONE, becomes(entry()))
        content = content_of(paths.vault)
        for position in range(len(content)):
            altered = bytearray(content)
            altered[position] ^= 1
            fill(paths.vault, altered)
            with pytest.raises((VaultDamaged, StoreTooNew)):
                await vault.token(ACME, ONE)
            with pytest.raises((VaultDamaged, StoreTooNew)):
                await vault.change_token(ACME, ONE, becomes(EMPTY))
            assert content_of(paths.vault) == altered
        fill(paths.vault, content)
        assert await vault.token(ACME, ONE) == entry()

    @pytest.mark.parametrize("left", [0, 5, 13, 14, 40, -40, -1])
    async def test_a_cut_file_is_damaged_and_kept(self, make: MakeVault, paths: Paths, left: int) -> None:
        await make(VaultKind.FILE).open()
        cut = content_of(paths.vault)[:left]
        fill(paths.vault, cut)
        with pytest.raises(VaultDamaged, match="is damaged or was altered"):
            await make(VaultKind.FILE).open()
        assert content_of(paths.vault) == cut

    async def test_a_file_that_is_gone_is_not_begun_anew(self, make: MakeVault, paths: Paths) -> None:
        vault = make(VaultKind.FILE)
        await vault.open()
        remove(paths.vault)
        with pytest.raises(VaultDamaged):
            await vault.change_token(ACME, ONE, becomes(entry()))
        assert not exists(paths.vault)

    def test_shows_no_secret_of_its_document(self) -> None:
        held = AccountSecrets(client_secret=Secret(CLIENT), tokens={ONE: entry()})
        shown = repr(Document(accounts={ACME: held}))
        assert not {secret for secret in (ACCESS, REFRESH, CLIENT) if secret in shown}


class TestKinds:
    @pytest.mark.parametrize("first", list(VaultKind), ids=lambda kind: kind.value)
    async def test_the_first_use_fixes_the_kind(
        self, first: VaultKind, make: MakeVault, keychain: Keychain
    ) -> None:
        await make(first).open()
        await make(first).open()
        for other in set(VaultKind) - {first}:
            with pytest.raises(UsageError, match=f"--vault {first.value}, not {other.value}"):
                await make(other).open()

    async def test_a_first_use_that_fails_fixes_nothing(self, make: MakeVault) -> None:
        with pytest.raises(KeychainMissing):
            await make(VaultKind.KEYCHAIN).open()
        await make(VaultKind.FILE).open()

    async def test_memory_leaves_no_secret_on_disk(self, make: MakeVault, paths: Paths) -> None:
        vault = make(VaultKind.MEMORY)
        await vault.open()
        empty = files_of(paths.profile)
        await vault.change_token(ACME, ONE, becomes(entry()))
        await vault.set_client_secret(ACME, Secret(CLIENT))
        assert files_of(paths.profile) == empty

    async def test_a_vault_for_one_run_leaves_no_trace(self, paths: Paths) -> None:
        vault = MemoryVault()
        await vault.open()
        await vault.change_token(ACME, ONE, becomes(entry()))
        assert not exists(paths.profile)

    def test_choosing_one_imports_no_slow_library(self) -> None:
        slow = "{'keyring', 'cryptography', 'filelock', 'httpx', 'PySide6'}"
        program = (
            f"import sys; import makini_desktop.adapters.vault.kinds, makini_desktop.adapters.locks; "
            f"print({slow}.intersection(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "set()"


class TestPassphrase:
    async def test_another_passphrase_does_not_open_it(self, make: MakeVault) -> None:
        await make(VaultKind.FILE).open()
        with pytest.raises(KeychainDenied, match="MAKINI_VAULT_PASSPHRASE does not open"):
            await make(VaultKind.FILE, Secret("wrong horse")).open()

    @pytest.mark.parametrize("passphrase", [None, Secret("")])
    def test_needs_a_passphrase(self, paths: Paths, passphrase: Secret | None) -> None:
        with pytest.raises(UsageError, match="MAKINI_VAULT_PASSPHRASE"):
            open_vault(VaultKind.FILE, paths, passphrase)

    async def test_guessing_is_dear(
        self, make: MakeVault, monkeypatch: pytest.MonkeyPatch, paths: Paths
    ) -> None:
        monkeypatch.undo()
        await make(VaultKind.FILE).open()
        origin = take_apart(content_of(paths.vault), paths.vault).header.origin
        assert origin.n * origin.r * origin.p >= 2**15 * 8 * 3
        assert len(origin.salt) >= 16


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


def files_of(folder: Path) -> Mapping[str, tuple[bytes, int]]:
    """Every file's content and mode."""
    return {
        file.name: (file.read_bytes(), stat.S_IMODE(file.stat().st_mode))
        for file in folder.rglob("*")
        if file.is_file()
    }


def stored_keys(folder: Path, *profiles: str) -> list[str | None]:
    """What the keychain holds for each profile."""
    keys = []
    for profile in profiles:
        path = Paths(folder / profile).vault
        origin = take_apart(path.read_bytes(), path).header.origin
        keys.append(SecretService.Keyring().get_password(SERVICE, origin.id))
    return keys


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def fill(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def remove(path: Path) -> None:
    path.unlink()


def exists(path: Path) -> bool:
    return path.exists()
