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
from makini_desktop.domain.assessment import EXPIRY_WARNING
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ClientRejected,
    IssueNotAllowed,
    MakiniMustAct,
    PermissionDenied,
    ReconnectNeeded,
    SystemUnreachable,
    TokenRejected,
)
from makini_desktop.domain.evidence import Evidence, EvidenceSource, TokenSeen
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
        self._renewals: set[asyncio.Task[TokenPair]] = set()

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
            TokenRejected: `renew` is False and renewing might help; it proves nothing.
            IssueNotAllowed: only issuing could help and the person has not agreed to it.
        """
        pair = await self._current(connection, renew=renew)
        try:
            return await call(pair.access)
        except TokenRejected as error:
            if not renew and self._renewable(pair):
                raise
            if not renew:
                raise await self._dead(connection, pair, error) from error
            renewed = await self._renew(connection, pair, error)
        try:
            return await call(renewed.access)
        except TokenRejected as error:
            if renewed.refresh is None or not self._account().issue_tokens:
                raise await self._dead(connection, renewed, error) from error
            issued = await self._replace(connection, renewed, self._issue)
        try:
            return await call(issued.access)
        except TokenRejected as error:
            raise await self._dead(connection, issued, error) from error

    async def aclose(self) -> None:
        """Wait until every renewal under way has been kept."""
        await asyncio.gather(*self._renewals, return_exceptions=True)

    async def seen(self, connection: ConnectionId) -> TokenSeen:
        """Return what is known of the token without naming it."""
        pair = (await self._vault.token(self._account().name, connection)).current
        return TokenSeen(
            Evidence(source=EvidenceSource.TOKEN, at=self._clock.now()),
            present=pair is not None,
            expires_at=pair.expires_at if pair else None,
            renewable=pair is not None and self._renewable(pair),
        )

    def _renewable(self, pair: TokenPair) -> bool:
        if pair.final:
            return False
        return pair.refresh is not None or bool(self._account().issue_tokens)

    def _due(self, pair: TokenPair) -> bool:
        """Tell whether to refresh before use: past half life, or ending soon and not yet tried.

        A pair that only issuing could replace is used until it is rejected (contract section 2).
        """
        if pair.refresh is None or pair.final:
            return False
        now = self._clock.now()
        if pair.half_life_over(now):
            return True
        long_lived = pair.expires_at is not None and pair.expires_at - pair.obtained_at > _SHORT_LIVED
        return long_lived and pair.ends_within(EXPIRY_WARNING, now)

    async def _current(self, connection: ConnectionId, *, renew: bool) -> TokenPair:
        pair = (await self._vault.token(self._account().name, connection)).current
        if pair is None:
            if not renew:
                raise IssueNotAllowed(_("There is no token for this connection."))
            return await self._replace(connection, None, self._issue)
        if renew and self._due(pair):
            try:
                return await self._replace(connection, pair, self._refresh_or_issue)
            except (MakiniMustAct, SystemUnreachable, ClientRejected, IssueNotAllowed) as error:
                _log.info("token of %s not renewed early: %s", connection, error)
            except (PermissionDenied, ReconnectNeeded) as error:
                _log.info("token of %s cannot be renewed: %s", connection, error)
                await self._mark_final(connection, pair)
        return pair

    async def _renew(self, connection: ConnectionId, dead: TokenPair, rejection: TokenRejected) -> TokenPair:
        try:
            return await self._replace(connection, dead, self._refresh_or_issue)
        except (IssueNotAllowed, PermissionDenied) as error:
            raise await self._dead(connection, dead, rejection) from error

    async def _replace(
        self,
        connection: ConnectionId,
        old: TokenPair | None,
        renewal: Callable[[ConnectionId, TokenPair | None], Awaitable[TokenPair]],
    ) -> TokenPair:
        """Renew to the end, whoever waits for it: the old pair dies with an answer that is under way."""
        task = asyncio.create_task(self._replaced(connection, old, renewal), name=f"renew {connection}")
        self._renewals.add(task)
        task.add_done_callback(self._renewed)
        return await asyncio.shield(task)

    def _renewed(self, task: asyncio.Task[TokenPair]) -> None:
        self._renewals.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.info("%s: %s", task.get_name(), error)

    async def _replaced(
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
            if found is not None and pair.ends_no_later_than(found):
                pair = msgspec.structs.replace(pair, final=True)
            await self._vault.change_token(
                account, connection, lambda entry: msgspec.structs.replace(entry, current=pair)
            )
            return pair

    async def _dead(self, connection: ConnectionId, pair: TokenPair, error: TokenRejected) -> ReconnectNeeded:
        """Remember that nothing renews `pair`, and return who has to act."""
        await self._mark_final(connection, pair)
        return ReconnectNeeded(
            _("The token is no longer accepted and cannot be renewed; a new login is needed."),
            request_id=error.request_id,
            code=error.code,
            status=error.status,
        )

    async def _mark_final(self, connection: ConnectionId, pair: TokenPair) -> None:
        """Remember that no renewal of this pair can succeed."""

        def mark(entry: TokenEntry) -> TokenEntry:
            if entry.current is None or entry.current.access != pair.access:
                return entry
            return msgspec.structs.replace(entry, current=msgspec.structs.replace(pair, final=True))

        await self._vault.change_token(self._account().name, connection, mark)

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
