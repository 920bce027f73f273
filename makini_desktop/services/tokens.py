"""Connection tokens in use: which one to send, when to renew it, when only a login helps.

One task at a time renews one token, across processes, and before it does so it reads the vault
again: the old pair dies with the answer (contract section 2). Between that answer and the durable
write a crash loses the new pair, which no client can prevent; issuing repairs it, else a login does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Set
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import TypeVar

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, AccountName
from makini_desktop.domain.assessment import EXPIRY_WARNING
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ClientRejected,
    IssueNotAllowed,
    MakiniMustAct,
    NoClientSecret,
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

_ENDED = "TOKEN_EXPIRED"
_MOST_CALLS = 6
"""Calls made for one `use`: two renewals of ours, and some that other processes made meanwhile."""


class _Way(Enum):
    """How a pair came to stand for one that was rejected."""

    ELSEWHERE = "elsewhere"
    REFRESHED = "refreshed"
    ISSUED = "issued"


class _Renewed(msgspec.Struct, frozen=True):
    """A pair with how it came, and the access token that it takes the place of."""

    pair: TokenPair
    way: _Way
    instead_of: Secret | None


_Renewal = Callable[[ConnectionId, TokenPair | None], Awaitable[tuple[TokenPair, _Way]]]


def token_lock(account: AccountName, connection: ConnectionId) -> str:
    """Return the name of the lock under which a connection's pair in use is replaced."""
    return f"token {account} {connection}"


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
        self._renewals: set[asyncio.Task[_Renewed]] = set()
        self._unkept: dict[ConnectionId, _Renewed] = {}

    async def use(
        self,
        connection: ConnectionId,
        call: Callable[[Secret], Awaitable[T]],
        *,
        renew: bool = True,
    ) -> T:
        """Make a call with the connection's token, renewing it first or after a 401.

        Args:
            connection: whose token.
            call: the call; it is made again with a newer token if one was rejected.
            renew: False to use what is there only, for a connection that waits for a person.

        Raises:
            ReconnectNeeded: no renewal can help.
            TokenRejected: `renew` is False and renewing might help, or others renew without end; it
                proves nothing.
            IssueNotAllowed: only issuing could help and the person has not agreed to it.
        """
        pair = await self._current(connection, renew=renew)
        tried: set[_Way] = set()
        for left in reversed(range(_MOST_CALLS)):
            self._api.belongs(pair.access, connection)
            try:
                return await call(pair.access)
            except TokenRejected as error:
                if not left:
                    raise
                renewed = await self._instead(connection, pair, error, tried, renew=renew)
                pair = renewed.pair
                tried.add(renewed.way)
        raise AssertionError("the last call returns or raises")

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
            obtained_at=pair.obtained_at if pair else None,
        )

    def forget(self, connection: ConnectionId) -> None:
        """Keep no pair of a connection that has ended; the caller has removed it from the vault."""
        self._unkept.pop(connection, None)

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
            return (await self._replace(connection, None, self._issue)).pair
        if renew and self._due(pair):
            try:
                return (await self._replace(connection, pair, self._refresh_or_issue)).pair
            except (MakiniMustAct, SystemUnreachable, ClientRejected, IssueNotAllowed) as error:
                _log.info("token of %s not renewed early: %s", connection, error)
            except (PermissionDenied, ReconnectNeeded) as error:
                _log.info("token of %s cannot be renewed: %s", connection, error)
                await self._mark_final(connection, pair)
        return pair

    async def _instead(
        self,
        connection: ConnectionId,
        rejected: TokenPair,
        rejection: TokenRejected,
        tried: Set[_Way],
        *,
        renew: bool,
    ) -> _Renewed:
        """Return what takes the place of a rejected pair: another process's first, then a renewal."""
        held = (await self._vault.token(self._account().name, connection)).current
        if held is not None and held.access != rejected.access:
            return _Renewed(held, _Way.ELSEWHERE, rejected.access)
        if not renew:
            if self._renewable(held or rejected):
                raise rejection
            raise _dead(rejection) from rejection
        if _Way.ISSUED in tried:
            await self._mark_final(connection, rejected)
            raise _dead(rejection) from rejection
        # A refreshed pair that is called invalid is not refreshed again; one that has merely ended is.
        in_vain = _Way.REFRESHED in tried and rejection.code != _ENDED
        try:
            return await self._replace(
                connection, rejected, self._issue if in_vain else self._refresh_or_issue
            )
        except IssueNotAllowed:
            # Not final: the person may agree to it later, and a refresh token that lives stays.
            raise _dead(rejection) from rejection
        except PermissionDenied:
            await self._mark_final(connection, rejected)
            raise _dead(rejection) from rejection

    async def _replace(self, connection: ConnectionId, old: TokenPair | None, renewal: _Renewal) -> _Renewed:
        """Renew to the end, whoever waits for it: the old pair dies with an answer that is under way."""
        task = asyncio.create_task(self._replaced(connection, old, renewal), name=f"renew {connection}")
        self._renewals.add(task)
        task.add_done_callback(self._renewed)
        return await asyncio.shield(task)

    def _renewed(self, task: asyncio.Task[_Renewed]) -> None:
        self._renewals.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.info("%s: %s", task.get_name(), error)

    async def _replaced(self, connection: ConnectionId, old: TokenPair | None, renewal: _Renewal) -> _Renewed:
        """Renew under the token's own lock, unless somebody else has done so meanwhile."""
        account = self._account().name
        async with self._locks.hold(token_lock(account, connection), wait=True):
            found = (await self._vault.token(account, connection)).current
            access = found.access if found is not None else None
            if found is not None and (old is None or access != old.access):
                return _Renewed(found, _Way.ELSEWHERE, access)
            renewed = self._unkept.get(connection)
            if renewed is None or renewed.instead_of != access:
                pair, way = await renewal(connection, found)
                # Only what is due again at once has gained nothing: a pair got soon after the old ends alike.
                if found is not None and pair.ends_no_later_than(found) and self._due(pair):
                    pair = msgspec.structs.replace(pair, final=True)
                renewed = self._unkept[connection] = _Renewed(pair, way, access)
            # If keeping fails, as on a full disk, the next use keeps it: the server has no other one.
            entry = await self._vault.change_token(account, connection, partial(_swapped, renewed))
            self._unkept.pop(connection, None)
            if entry.current is not None and entry.current.access != renewed.pair.access:
                return _Renewed(entry.current, _Way.ELSEWHERE, access)
            return renewed

    async def _mark_final(self, connection: ConnectionId, pair: TokenPair) -> None:
        """Remember that no renewal of this pair can succeed."""
        await self._note(connection, pair, lambda held: msgspec.structs.replace(held, final=True))

    async def _forget_refresh(self, connection: ConnectionId, pair: TokenPair) -> None:
        """Remember that only issuing can replace this pair, so that nobody refreshes in vain again."""
        await self._note(connection, pair, lambda held: msgspec.structs.replace(held, refresh=None))

    async def _note(
        self, connection: ConnectionId, pair: TokenPair, change: Callable[[TokenPair], TokenPair]
    ) -> None:
        def noted(entry: TokenEntry) -> TokenEntry:
            if entry.current is None or entry.current.access != pair.access:
                return entry
            return msgspec.structs.replace(entry, current=change(entry.current))

        await self._vault.change_token(self._account().name, connection, noted)

    async def _refresh_or_issue(
        self, connection: ConnectionId, old: TokenPair | None
    ) -> tuple[TokenPair, _Way]:
        if old is not None and old.refresh is not None:
            try:
                return await self._api.refresh(old.refresh), _Way.REFRESHED
            except ReconnectNeeded as error:
                _log.info("refresh token of %s is dead: %s", connection, error.detail)
                await self._forget_refresh(connection, old)
        return await self._issue(connection, old)

    async def _issue(self, connection: ConnectionId, _old: TokenPair | None) -> tuple[TokenPair, _Way]:
        """Issue a token, one connection after the other and never for all at once."""
        if not self._account().issue_tokens:
            raise IssueNotAllowed(
                _(
                    "There is no token for this connection. Issuing one may end every older token of it, "
                    "other software's too; allow it with “accounts add … --issue-tokens”, or reconnect."
                )
            )
        async with self._issuing:
            try:
                return await self._api.issue_token(connection), _Way.ISSUED
            except NoClientSecret as error:
                raise IssueNotAllowed(str(error)) from error


def _swapped(renewed: _Renewed, entry: TokenEntry) -> TokenEntry:
    """Put the new pair in the place of the one it renews; one that a login has put there stays."""
    held = entry.current.access if entry.current is not None else None
    if held != renewed.instead_of:
        return entry
    return msgspec.structs.replace(entry, current=renewed.pair)


def _dead(rejection: TokenRejected) -> ReconnectNeeded:
    """Return who has to act once nothing renews a token."""
    return ReconnectNeeded(
        _("The token is no longer accepted and cannot be renewed; a new login is needed."),
        request_id=rejection.request_id,
        code=rejection.code,
        status=rejection.status,
    )
