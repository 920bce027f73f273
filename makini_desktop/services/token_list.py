"""The connections of an account without a client secret: those whose token somebody has handed over.

Such an account cannot read the list or renew a token. What can be known comes from the tokens in the vault
and `GET {P}/integrations/current` (contract section 2).
"""

from __future__ import annotations

import logging

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import Connection, ConnectionId, Integration
from makini_desktop.domain.errors import (
    KeychainUnavailable,
    MakiniDesktopError,
    TokenRejected,
    Unreachable,
    UsageError,
    VaultDamaged,
)
from makini_desktop.domain.evidence import Evidence, EvidenceSource, IntegrationSeen, LoginProven
from makini_desktop.domain.health import Health
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.ports import Answer, Priority
from makini_desktop.services.store import Row
from makini_desktop.services.tokens import token_lock

_log = logging.getLogger(__name__)


class TokenList:
    """Takes tokens in, and makes rows of them."""

    def __init__(self, parts: AccountParts) -> None:
        self._account = parts.account
        self._api = parts.api
        self._tokens = parts.tokens
        self._vault = parts.vault
        self._locks = parts.locks
        self._store = parts.store
        self._ledger = parts.ledger
        self._clock = parts.clock

    async def read(self) -> bool:
        """Make rows of the connections whose tokens are held; those there are already stay as they are.

        Returns:
            False if this says nothing: no token is held, or the vault is closed.

        Raises:
            Unreachable: Makini cannot be reached from here.
            KeychainUnavailable, VaultDamaged: no token can be had.
        """
        held = [
            connection
            for connection, entry in (await self._vault.tokens(self._account().name)).items()
            if entry.current is not None
        ]
        if not held or self._store.keychain is not None:
            return False
        for connection in held:
            if self._store.row(connection) is None:
                await self._make_row(connection)
        return True

    async def add(self, token: Secret) -> Row:
        """Test a connection's token, keep it as the one in use, and return the row of its connection.

        Raises:
            UsageError: it is no token of a connection, or no longer one.
            MakiniDesktopError: it could not be tested or kept.
        """
        pair = TokenPair(access=token, obtained_at=self._clock.now(), expires_at=self._api.token_end(token))
        try:
            return await self.admit(pair, _("A token was added."))
        except TokenRejected as error:
            raise UsageError(
                _(
                    "Makini does not accept this token. It has ended, was taken back, or is not a "
                    "connection's token; ask for a new one."
                ),
                request_id=error.request_id,
                code=error.code,
                status=error.status,
            ) from error

    async def admit(self, pair: TokenPair, told: str) -> Row:
        """Find out whose a pair is, keep it as the one in use, and return the row of its connection.

        Args:
            told: what the timeline says of it.

        Raises:
            TokenRejected: it is no pair of a connection, or no longer one.
            MakiniDesktopError: it could not be tested or kept.
        """
        whose = await self._api.integration(pair.access, Priority.PERSON)
        connection = whose.value.id
        account = self._account().name
        async with self._locks.hold(token_lock(account, connection), wait=True):
            await self._vault.change_token(
                account,
                connection,
                lambda entry: (
                    entry
                    if entry.current is not None and entry.current.access == pair.access
                    else msgspec.structs.replace(entry, current=pair)
                ),
            )
        if self._store.row(connection) is None:
            self._list(_connection(whose.value), whose)
        evidence = Evidence(
            source=EvidenceSource.PERSON, at=whose.at, detail=whose.detail, request_id=whose.request_id
        )
        self._ledger.note(connection, [LoginProven(evidence), IntegrationSeen(evidence, whose.value)])
        self._ledger.tell(
            connection,
            ActivityKind.LOGIN,
            told,
            health=Health.HEALTHY,
            request_id=whose.request_id,
        )
        return self._store.rows[connection]

    async def _make_row(self, connection: ConnectionId) -> None:
        try:
            whose = await self._tokens.use(
                connection, lambda token: self._api.integration(token, Priority.BACKGROUND)
            )
        except (Unreachable, KeychainUnavailable, VaultDamaged):
            raise
        except MakiniDesktopError as error:
            _log.info("%s does not say whose it is: %s", connection, error)
            unnamed = Connection(id=connection, name=connection, system="")
            self._list(unnamed, Answer(value=None, at=self._clock.now()))
        else:
            self._list(_connection(whose.value), whose)

    def _list(self, connection: Connection, answer: Answer[Integration] | Answer[None]) -> None:
        self._ledger.listed(
            Answer(value=(connection,), at=answer.at, request_id=answer.request_id, detail=answer.detail)
        )


def _connection(whose: Integration) -> Connection:
    return Connection(id=whose.id, name=whose.company_name, system=whose.provider, email=whose.email)
