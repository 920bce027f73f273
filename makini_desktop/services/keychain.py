"""The vault as the window needs it: without a keychain it runs on memory, and says so in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    KeychainDenied,
    KeychainLocked,
    KeychainMissing,
    KeychainUnavailable,
    VaultDamaged,
)
from makini_desktop.domain.token import Secret, TokenEntry
from makini_desktop.services.ports import Vault
from makini_desktop.services.store import KeychainTrouble


class VaultOrMemory:
    """Implements `makini_desktop.services.ports.Vault` on the real vault while that is open.

    Args:
        real: the vault of the profile.
        memory: stands in while the real one is closed; what came into it, such as the tokens of a login,
            moves into the real one once that opens.
    """

    def __init__(self, real: Vault, memory: Vault, tell: Callable[[KeychainTrouble | None], None]) -> None:
        self._real = real
        self._memory = memory
        self._tell = tell
        self._used = memory
        self._to_move: set[AccountName] = set()

    async def open(self) -> None:
        """Open the real vault; if that fails, tell why and go on in memory."""
        try:
            await self._real.open()
        except (KeychainUnavailable, VaultDamaged) as error:
            self._tell(KeychainTrouble(_state(error), str(error)))
        else:
            moved = await self._move()
            self._used = self._real
            for account in moved:  # nothing secret stays where nobody looks for it any more
                await self._memory.forget_account(account)
            self._tell(None)

    async def _move(self) -> set[AccountName]:
        """Put what came meanwhile into the real vault, and return whose it was."""
        moved: set[AccountName] = set()
        while self._to_move:
            account = self._to_move.pop()  # first, so that what is written meanwhile is moved in its turn
            moved.add(account)
            try:
                for connection, entry in (await self._memory.tokens(account)).items():
                    await self._real.change_token(account, connection, partial(_newer, entry))
                if (secret := await self._memory.client_secret(account)) is not None:
                    await self._real.set_client_secret(account, secret)
            except BaseException:
                self._to_move.add(account)
                raise
        return moved

    def _written(self, account: AccountName) -> None:
        if self._used is self._memory:
            self._to_move.add(account)

    async def token(self, account: AccountName, connection: ConnectionId) -> TokenEntry:
        """Return what is held for a connection."""
        return await self._used.token(account, connection)

    async def tokens(self, account: AccountName) -> Mapping[ConnectionId, TokenEntry]:
        """Return all entries of an account."""
        return await self._used.tokens(account)

    async def change_token(
        self, account: AccountName, connection: ConnectionId, change: Callable[[TokenEntry], TokenEntry]
    ) -> TokenEntry:
        """Replace an entry as one read-modify-write."""
        self._written(account)
        return await self._used.change_token(account, connection, change)

    async def client_secret(self, account: AccountName) -> Secret | None:
        """Return the account's client secret."""
        return await self._used.client_secret(account)

    async def set_client_secret(self, account: AccountName, secret: Secret) -> None:
        """Keep the account's client secret."""
        self._written(account)
        await self._used.set_client_secret(account, secret)

    async def forget_account(self, account: AccountName) -> None:
        """Remove everything held for an account."""
        await self._used.forget_account(account)


def _newer(came: TokenEntry, kept: TokenEntry) -> TokenEntry:
    """Return the pairs got last: another process may have had the vault open meanwhile."""
    pairs = [pair for pair in (came.current, kept.current) if pair is not None]
    return TokenEntry(
        current=max(pairs, key=lambda pair: pair.obtained_at, default=None),
        pending=came.pending or kept.pending,
    )


def _state(error: KeychainUnavailable | VaultDamaged) -> str:
    match error:
        case KeychainMissing():
            return "missing"
        case KeychainLocked():
            return "locked"
        case KeychainDenied():
            return "denied"
        case _:
            return "damaged"
