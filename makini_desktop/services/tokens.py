"""Connection tokens in use: which one to send, when to renew it, when only a login helps.

One task at a time renews one token, across processes, and before it does so it reads the vault
again: the old pair dies with the answer (contract section 2).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    IssueNotAllowed,
    MakiniDesktopError,
    MakiniMustAct,
    PermissionDenied,
    ReconnectNeeded,
    TokenRejected,
)
from makini_desktop.domain.evidence import Evidence, EvidenceSource, TokenSeen
from makini_desktop.domain.health import EXPIRY_WARNING
from makini_desktop.domain.token import Secret, TokenEntry, TokenPair
from makini_desktop.services.ports import Api, Locks, Vault

T = TypeVar("T")
_log = logging.getLogger(__name__)

_SHORT_LIVED = timedelta(days=1)


class Tokens:
    """Gives calls a token that works, or says who has to act.

    Args:
        account: gives the account as it is now; its `issue_tokens` decides about issuing.
    """

    def __init__(
        self, account: Callable[[], Account], api: Api, vault: Vault, locks: Locks, clock: Clock
    ) -> None:
        self._account = account
        self._api = api
        self._vault = vault
        self._locks = locks
        self._clock = clock
        self._issuing = asyncio.Lock()
        self._not_renewable: dict[ConnectionId, Secret] = {}

    async def use(
        self,
        connection: ConnectionId,
        call: Callable[[Secret], Awaitable[T]],
        *,
        renew: bool = True,
    ) -> T:
        """Make a call with the connection's token, renewing it first or once after a 401.

        Args:
            connection: whose token.
            call: the call; it is made again with a renewed token if the first was rejected.
            renew: False to use what is there only, for a connection that waits for a person.

        Raises:
            ReconnectNeeded: no renewal can help.
            IssueNotAllowed: only issuing could help and the person has not agreed to it.
        """
        pair = await self._current(connection, renew=renew)
        try:
            return await call(pair.access)
        except TokenRejected as error:
            if not renew:
                raise _dead(error) from error
            renewed = await self._renew(connection, pair, error)
        try:
            return await call(renewed.access)
        except TokenRejected as error:
            if renewed.refresh is None or not self._account().issue_tokens:
                raise _dead(error) from error
            issued = await self._replace(connection, renewed, self._issue)
        try:
            return await call(issued.access)
        except TokenRejected as error:
            raise _dead(error) from error

    async def seen(self, connection: ConnectionId) -> TokenSeen:
        """Return what is known of the token without naming it."""
        pair = (await self._vault.token(self._account().name, connection)).current
        return TokenSeen(
            Evidence(source=EvidenceSource.TOKEN, at=self._clock.now()),
            present=pair is not None,
            expires_at=pair.expires_at if pair else None,
            renewable=pair is not None and self._renewable(connection, pair),
        )

    def _renewable(self, connection: ConnectionId, pair: TokenPair) -> bool:
        if self._not_renewable.get(connection) == pair.access:
            return False
        return pair.refresh is not None or bool(self._account().issue_tokens)

    def _due(self, connection: ConnectionId, pair: TokenPair) -> bool:
        """Tell whether to renew before use: past half life, or ending soon and not yet tried."""
        if self._not_renewable.get(connection) == pair.access:
            return False
        now = self._clock.now()
        if pair.half_life_over(now):
            return True
        long_lived = pair.expires_at is not None and pair.expires_at - pair.obtained_at > _SHORT_LIVED
        return long_lived and pair.ends_within(EXPIRY_WARNING, now)

    async def _current(self, connection: ConnectionId, *, renew: bool) -> TokenPair:
        pair = (await self._vault.token(self._account().name, connection)).current
        if pair is None:
            return await self._replace(connection, None, self._issue)
        if renew and self._due(connection, pair):
            try:
                return await self._replace(connection, pair, self._refresh_or_issue)
            except (MakiniMustAct, IssueNotAllowed) as error:
                _log.info("token of %s not renewed early: %s", connection, error)
            except (PermissionDenied, ReconnectNeeded) as error:
                _log.info("token of %s cannot be renewed: %s", connection, error)
                self._not_renewable[connection] = pair.access
        return pair

    async def _renew(self, connection: ConnectionId, dead: TokenPair, rejection: TokenRejected) -> TokenPair:
        try:
            return await self._replace(connection, dead, self._refresh_or_issue)
        except (IssueNotAllowed, PermissionDenied) as error:
            raise _dead(rejection) from error

    async def _replace(
        self,
        connection: ConnectionId,
        old: TokenPair | None,
        renewal: Callable[[ConnectionId, TokenPair | None], Awaitable[TokenPair]],
    ) -> TokenPair:
        """Renew under the token's own lock, unless somebody else has done so meanwhile."""
        account = self._account().name
        async with self._locks.hold(f"token {account} {connection}", wait=True):
            found = (await self._vault.token(account, connection)).current
            if found is not None and (old is None or found.access != old.access):
                return found
            pair = await renewal(connection, found)

            def put(entry: TokenEntry) -> TokenEntry:
                return msgspec.structs.replace(entry, current=pair)

            await asyncio.shield(self._vault.change_token(account, connection, put))
            return pair

    async def _refresh_or_issue(self, connection: ConnectionId, old: TokenPair | None) -> TokenPair:
        if old is not None and old.refresh is not None:
            try:
                return await self._api.refresh(old.refresh)
            except ReconnectNeeded as error:
                _log.info("refresh token of %s is dead: %s", connection, error.detail)
        return await self._issue(connection, old)

    async def _issue(self, connection: ConnectionId, _old: TokenPair | None) -> TokenPair:
        """Issue a token, one connection after the other and never for all at once."""
        if not self._account().issue_tokens:
            raise IssueNotAllowed(
                _(
                    "There is no token for this connection. Issuing one may end every older token of it, "
                    "other software's too; allow it with “accounts add … --issue-tokens”, or reconnect."
                )
            )
        async with self._issuing:
            return await self._api.issue_token(connection)


def _dead(error: MakiniDesktopError) -> ReconnectNeeded:
    return ReconnectNeeded(
        _("The token is no longer accepted and cannot be renewed; a new login is needed."),
        request_id=error.request_id,
        code=error.code,
        status=error.status,
    )
