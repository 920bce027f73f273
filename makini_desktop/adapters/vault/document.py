"""What a vault holds, and the port `Vault` in terms of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import msgspec

from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret, TokenEntry


class AccountSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """What is held for one account; entries are never empty."""

    client_secret: Secret | None = None
    tokens: dict[ConnectionId, TokenEntry] = {}


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """All that a vault holds."""

    accounts: dict[AccountName, AccountSecrets] = {}

    def of(self, account: AccountName) -> AccountSecrets:
        """Return what is held for an account."""
        return self.accounts.get(account, AccountSecrets())

    def having(self, account: AccountName, held: AccountSecrets) -> Document:
        """Return a document in which `held` is all that is held for `account`."""
        others = {name: secrets for name, secrets in self.accounts.items() if name != account}
        if held == AccountSecrets():
            return Document(accounts=others)
        return Document(accounts=others | {account: held})


class DocumentVault(ABC):
    """A vault that reads and replaces its document as a whole."""

    @abstractmethod
    async def open(self) -> None:
        """Make ready; see the port."""

    @abstractmethod
    async def _read(self) -> Document:
        """Return the document as it is now."""

    @abstractmethod
    async def _replace(self, change: Callable[[Document], Document]) -> Document:
        """Replace the document by `change(document)` with nobody else's change in between; return it."""

    async def token(self, account: AccountName, connection: ConnectionId) -> TokenEntry:
        """Return what is held for a connection; an empty entry where nothing is."""
        return (await self._read()).of(account).tokens.get(connection, TokenEntry())

    async def tokens(self, account: AccountName) -> Mapping[ConnectionId, TokenEntry]:
        """Return all entries of an account."""
        return (await self._read()).of(account).tokens

    async def change_token(
        self, account: AccountName, connection: ConnectionId, change: Callable[[TokenEntry], TokenEntry]
    ) -> TokenEntry:
        """Replace an entry by `change(entry)`; `change` may run in another thread."""

        def replace(document: Document) -> Document:
            held = document.of(account)
            entry = change(held.tokens.get(connection, TokenEntry()))
            tokens = {id_: other for id_, other in held.tokens.items() if id_ != connection}
            if entry != TokenEntry():
                tokens[connection] = entry
            return document.having(account, msgspec.structs.replace(held, tokens=tokens))

        document = await self._replace(replace)
        return document.of(account).tokens.get(connection, TokenEntry())

    async def client_secret(self, account: AccountName) -> Secret | None:
        """Return the account's client secret."""
        return (await self._read()).of(account).client_secret

    async def set_client_secret(self, account: AccountName, secret: Secret) -> None:
        """Keep the account's client secret."""

        def replace(document: Document) -> Document:
            held = msgspec.structs.replace(document.of(account), client_secret=secret)
            return document.having(account, held)

        await self._replace(replace)

    async def forget_account(self, account: AccountName) -> None:
        """Remove everything held for an account."""
        await self._replace(lambda document: document.having(account, AccountSecrets()))
