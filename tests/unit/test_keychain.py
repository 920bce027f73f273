"""The window's vault: the real one while it is open, memory for this run while it is not."""

from datetime import timedelta

import pytest

from makini_desktop.adapters.vault.memory import MemoryVault
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    KeychainDenied,
    KeychainLocked,
    KeychainMissing,
    UsageError,
    VaultDamaged,
)
from makini_desktop.domain.token import PendingPair, Secret, TokenEntry, TokenPair
from makini_desktop.services.keychain import VaultOrMemory
from makini_desktop.services.store import KeychainTrouble, Store
from tests.fakes.clock import START

ACCOUNT, A = AccountName("acme"), ConnectionId("A")


def entry(access: str) -> TokenEntry:
    return TokenEntry(current=TokenPair(access=Secret(access), obtained_at=START))


class Closable(MemoryVault):
    """A real vault that a keychain may keep closed."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: Exception | None = None

    async def open(self) -> None:
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def real() -> Closable:
    real = Closable()
    await real.change_token(ACCOUNT, A, lambda _old: entry("kept"))
    await real.set_client_secret(ACCOUNT, Secret("client"))
    return real


@pytest.fixture
def vault(real, store) -> VaultOrMemory:
    return VaultOrMemory(real, MemoryVault(), store.set_keychain)


async def test_an_open_vault_is_used(vault, store):
    await vault.open()
    assert await vault.token(ACCOUNT, A) == entry("kept")
    assert await vault.tokens(ACCOUNT) == {A: entry("kept")}
    assert await vault.client_secret(ACCOUNT) == Secret("client")
    assert store.keychain is None


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (KeychainMissing("There is no keychain."), "missing"),
        (KeychainLocked("The keychain is locked."), "locked"),
        (KeychainDenied("The keychain refused."), "denied"),
        (VaultDamaged("The vault is damaged."), "damaged"),
    ],
)
async def test_a_closed_vault_is_told_in_words_and_memory_used(vault, real, store, error, state):
    real.trouble = error
    await vault.open()
    assert store.keychain == KeychainTrouble(state, str(error))
    assert await vault.token(ACCOUNT, A) == TokenEntry()
    await vault.change_token(ACCOUNT, A, lambda _old: entry("of this run"))
    assert await vault.token(ACCOUNT, A) == entry("of this run")
    assert await real.token(ACCOUNT, A) == entry("kept")


async def test_another_error_than_a_closed_vault_is_raised(vault, real):
    real.trouble = UsageError("The profile's vault is of another kind.")
    with pytest.raises(UsageError):
        await vault.open()


async def test_once_it_opens_what_this_run_got_meanwhile_is_kept_in_it(vault, real, store):
    real.trouble = KeychainLocked("The keychain is locked.")
    await vault.open()
    await vault.change_token(ACCOUNT, A, lambda _old: entry("of a login meanwhile"))
    await vault.set_client_secret(ACCOUNT, Secret("new client"))
    real.trouble = None
    await vault.open()
    assert store.keychain is None
    assert await real.token(ACCOUNT, A) == entry("of a login meanwhile")
    assert await real.client_secret(ACCOUNT) == Secret("new client")
    assert await vault.token(ACCOUNT, A) == entry("of a login meanwhile")


async def test_once_it_opens_what_this_run_did_not_touch_is_as_it_was(vault, real):
    real.trouble = KeychainLocked("The keychain is locked.")
    await vault.open()
    await vault.change_token(ACCOUNT, ConnectionId("B"), lambda _old: entry("B"))
    real.trouble = None
    await vault.open()
    assert await vault.tokens(ACCOUNT) == {A: entry("kept"), ConnectionId("B"): entry("B")}


async def test_what_was_moved_is_not_moved_again(vault, real):
    real.trouble = KeychainLocked("The keychain is locked.")
    await vault.open()
    await vault.change_token(ACCOUNT, A, lambda _old: entry("of this run"))
    real.trouble = None
    await vault.open()
    await vault.change_token(ACCOUNT, A, lambda _old: entry("renewed"))
    await vault.open()
    assert await real.token(ACCOUNT, A) == entry("renewed")


async def test_what_was_forgotten_meanwhile_is_not_brought_back(vault, real):
    real.trouble = KeychainLocked("The keychain is locked.")
    await vault.open()
    await vault.change_token(ACCOUNT, A, lambda _old: entry("of this run"))
    await vault.forget_account(ACCOUNT)
    real.trouble = None
    await vault.open()
    assert await vault.token(ACCOUNT, A) == entry("kept")


async def test_a_newer_pair_and_a_pending_one_of_another_process_are_not_overwritten(vault, real):
    real.trouble = KeychainLocked("The keychain is locked.")
    await vault.open()
    await vault.change_token(ACCOUNT, A, lambda _old: entry("of this run"))
    pair = TokenPair(access=Secret("of another process"), obtained_at=START + timedelta(hours=1))
    there = TokenEntry(current=pair, pending=PendingPair(pair=pair, attempt="one", since=START))
    await real.change_token(ACCOUNT, A, lambda _old: there)
    real.trouble = None
    await vault.open()
    assert await real.token(ACCOUNT, A) == there


async def test_what_is_written_while_the_vault_opens_is_moved_as_well(vault, real):
    real.trouble = KeychainLocked("The keychain is locked.")
    await vault.open()
    await vault.change_token(ACCOUNT, A, lambda _old: entry("of this run"))
    keep_secret = real.set_client_secret
    await vault.set_client_secret(ACCOUNT, Secret("client"))

    async def and_meanwhile_a_login_ends(account, secret):
        real.set_client_secret = keep_secret
        await vault.change_token(ACCOUNT, ConnectionId("B"), lambda _old: entry("B"))
        await keep_secret(account, secret)

    real.set_client_secret = and_meanwhile_a_login_ends
    real.trouble = None
    await vault.open()
    assert await real.token(ACCOUNT, ConnectionId("B")) == entry("B")
