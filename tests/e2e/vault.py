"""What the vault of a profile holds, read as another process reads it."""

import asyncio
from collections.abc import Mapping

import msgspec

from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.core.paths import Paths
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret, TokenEntry
from makini_desktop.services.options import VaultKind
from tests.program import PASSPHRASE, Program


class VaultReader:
    """Reads a program's vault."""

    def __init__(self, program: Program, account: str = "acme") -> None:
        paths = Paths(program.profile)
        self._vault = open_vault(VaultKind(program.vault), paths, Secret(PASSPHRASE))
        self._account = AccountName(account)
        asyncio.run(self._vault.open())

    def entries(self) -> Mapping[ConnectionId, TokenEntry]:
        """Return all entries."""
        return asyncio.run(self._vault.tokens(self._account))

    def entry(self, connection: str) -> TokenEntry:
        """Return the entry of a connection."""
        return self.entries().get(ConnectionId(connection), TokenEntry())

    def current(self, connection: str) -> bytes:
        """Return the pair in use, byte for byte."""
        return msgspec.msgpack.encode(self.entry(connection).current)
