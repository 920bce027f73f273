"""Handing a connection's token over to the company's own software."""

from __future__ import annotations

from datetime import datetime

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.health import Health
from makini_desktop.domain.token import Secret
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.ports import Priority


class HandedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that worked a moment ago.

    Attributes:
        ends_at: None where nobody knows.
        renewed_at: from when on this program renews it, which ends the one handed over (contract section 2,
            refresh); None where it will not.
    """

    token: Secret
    ends_at: datetime | None = None
    renewed_at: datetime | None = None


class HandOver:
    """Gives tokens away, and writes down that it did."""

    def __init__(self, parts: AccountParts) -> None:
        self._account = parts.account
        self._api = parts.api
        self._tokens = parts.tokens
        self._vault = parts.vault
        self._store = parts.store
        self._ledger = parts.ledger

    async def token(self, connection: ConnectionId, to: str) -> HandedToken:
        """Return a connection's token, renewed first if it is past half of its life, and tried.

        Args:
            to: where it goes, in words for the timeline; that it went is kept before it is returned.

        Raises:
            UsageError: there is no such connection, or it was ended.
            ReconnectNeeded, IssueNotAllowed: there is none that works.
            ProfileUnwritable: it could not be written down, so nothing is handed over.
        """
        row = self._store.row(connection)
        if row is None or not row.connection.readable:
            raise UsageError(_("There is no connection “{id}” in this account.").format(id=connection))
        if row.health is Health.DISCONNECTED:
            raise UsageError(
                _("{customer} is disconnected and has no token; connect it again first.").format(
                    customer=row.connection.name
                )
            )
        token = await self._tokens.use(connection, self._tried)
        pair = (await self._vault.token(self._account().name, connection)).current
        self._ledger.tell(connection, ActivityKind.TOKEN, _("Token handed over"), detail=to)
        await self._ledger.flush()
        if pair is None or pair.access != token:
            return HandedToken(token=token)
        return HandedToken(
            token=token,
            ends_at=pair.expires_at,
            renewed_at=pair.half_life if pair.refresh is not None and not pair.final else None,
        )

    async def _tried(self, token: Secret) -> Secret:
        await self._api.integration(token, Priority.PERSON)
        return token
