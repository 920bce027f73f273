"""The port `Vault`, the same in memory, under a passphrase and under a real keychain."""

import asyncio
import subprocess
import sys

import pytest
from filelock import FileLock

from makini_desktop.adapters.vault.document import AccountSecrets, Document
from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.adapters.vault.memory import MemoryVault
from makini_desktop.adapters.vault.sealed import take_apart
from makini_desktop.core.paths import Paths
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    KeychainDenied,
    KeychainMissing,
    StoreTooNew,
    UsageError,
    VaultDamaged,
)
from makini_desktop.domain.token import Secret, TokenEntry
from makini_desktop.services.options import VaultKind
from makini_desktop.services.ports import Vault
from tests.contract.conftest import PASSPHRASE, MakeVault
from tests.contract.entries import ACCESS, CLIENT, REFRESH, becomes, entry
from tests.contract.files import content_of, exists, files_of, fill, remove
from tests.desktop import Keychain

ACME, GLOBEX = AccountName("acme"), AccountName("globex")
ONE, TWO = ConnectionId("conn-1"), ConnectionId("conn-2")
EMPTY = TokenEntry()


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

    async def test_reading_what_was_read_before_waits_for_no_lock(
        self, make: MakeVault, paths: Paths
    ) -> None:
        vault, other = make(VaultKind.FILE), make(VaultKind.FILE)
        await vault.open()
        await other.open()
        await vault.change_token(ACME, ONE, becomes(entry("one")))
        await vault.token(ACME, ONE)
        with FileLock(paths.locks / "vault.lock", fallback_to_soft=False):
            assert await asyncio.wait_for(vault.token(ACME, ONE), 10) == entry("one")
        await other.change_token(ACME, ONE, becomes(entry("two")))
        assert await vault.token(ACME, ONE) == entry("two")

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
