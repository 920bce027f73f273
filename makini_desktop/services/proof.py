"""The proof of a login's pair: it is tested, compared by identity, then promoted, moved or dropped.

Until then it is kept as pending beside the old pair, and a crash at any step leaves one or the other
(contract section 2).
"""

from __future__ import annotations

import asyncio
import logging

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId, Identity, Integration
from makini_desktop.domain.errors import (
    MakiniDesktopError,
    NotOffered,
    ReconnectNeeded,
    TokenRejected,
)
from makini_desktop.domain.evidence import Evidence, EvidenceSource, IntegrationSeen, LoginProven
from makini_desktop.domain.login import (
    LoginFailed,
    LoginOutcome,
    NewConnection,
    Repaired,
    Stage,
    WrongCustomer,
)
from makini_desktop.domain.token import PendingPair, Secret, TokenEntry
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.ports import Answer, Priority
from makini_desktop.services.store import Row
from makini_desktop.services.tokens import token_lock

_log = logging.getLogger(__name__)

_MOST_TRIES = 8
"""Calls with a pair that ends again and again before it counts as rejected."""


class Proof:
    """Settles pending pairs."""

    def __init__(self, parts: AccountParts, monitor: Monitor) -> None:
        self._account = parts.account
        self._api = parts.api
        self._vault = parts.vault
        self._locks = parts.locks
        self._store = parts.store
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._monitor = monitor

    async def settle(self, row: Row, pending: PendingPair) -> LoginOutcome:
        """Settle a pair that an earlier attempt left, and look at what came of it."""
        async with self._locks.hold(token_lock(self._account().name, row.id), wait=True):
            outcome = await self.decide(row, pending)
        await self.follow(outcome)
        return outcome

    async def decide(self, row: Row, pending: PendingPair) -> LoginOutcome:
        """Test a pending pair, compare whose it is, and promote it, move it, or drop it.

        A pair that could not be tested, because the line or the server failed, stays pending. The caller
        holds the connection's token lock, so that nobody issues a token meanwhile, which would end this one.
        """
        self._ledger.set_stage(row.id, Stage.TESTING)
        try:
            whose, still_refused, pending = await self._tested(row.id, pending)
            if still_refused:
                await self._drop(row.id, pending)
                return LoginFailed(
                    _("The new sign-in is not accepted by {system} either. The old token stays.").format(
                        system=row.connection.system
                    )
                )
        except (TokenRejected, ReconnectNeeded) as error:
            await self._drop(row.id, pending)
            return LoginFailed(
                _("Makini did not accept the new token. It was thrown away; the old one stays."),
                error.request_id,
            )
        except MakiniDesktopError as error:
            return LoginFailed(
                _(
                    "The new token could not be tested: {why} It is kept aside and tested again once Makini "
                    "answers; the old one stays."
                ).format(why=error),
                error.request_id,
            )
        found = Identity(whose.value.id, whose.value.company_name, whose.value.provider)
        expected = _expected(row)
        if found.id == row.id:
            return await self._promote(row, pending, whose)
        if found.same_customer(expected):
            return await self._keep_beside(row, pending, found)
        await self._drop(row.id, pending)
        return WrongCustomer(self._as_listed(expected), self._as_listed(found))

    async def follow(self, outcome: LoginOutcome) -> None:
        """Look at the connection that a pair was promoted for; the token lock is free again."""
        try:
            match outcome:
                case Repaired(connection=connection):
                    await self._monitor.check(connection, Priority.PERSON)
                case NewConnection(new=new):
                    await self._monitor.read_list()
                    await self._monitor.check(new, Priority.PERSON)
                case _:
                    pass
        except MakiniDesktopError as error:
            _log.info("look after login: %s", error)

    async def _tested(
        self, connection: ConnectionId, pending: PendingPair
    ) -> tuple[Answer[Integration], bool, PendingPair]:
        """Ask whose the pair is and whether credentials are still wanted.

        A pair whose access token has ended meanwhile is refreshed first: as long as that works it is alive,
        and letting go of it would leave none, for the login has ended the old one.
        """
        for left in reversed(range(_MOST_TRIES)):
            try:
                whose = await self._api.integration(pending.pair.access, Priority.PERSON)
                return whose, await self._still_refused(pending.pair.access), pending
            except TokenRejected:
                if pending.pair.refresh is None or not left:
                    raise
                pending = await self._refreshed(connection, pending, pending.pair.refresh)
        raise AssertionError("the last try returns or raises")

    async def _refreshed(
        self, connection: ConnectionId, pending: PendingPair, refresh: Secret
    ) -> PendingPair:
        refreshed = msgspec.structs.replace(pending, pair=await self._api.refresh(refresh))
        await asyncio.shield(
            self._vault.change_token(
                self._account().name,
                connection,
                lambda entry: msgspec.structs.replace(entry, pending=refreshed),
            )
        )
        return refreshed

    def _as_listed(self, identity: Identity) -> Identity:
        """Return an identity in the list's words, which are the person's, where it is in the list."""
        row = self._store.row(identity.id)
        return identity if row is None else Identity(row.id, row.connection.name, row.connection.system)

    async def _still_refused(self, token: Secret) -> bool:
        try:
            status = await self._api.status(token, Priority.PERSON)
        except NotOffered:
            return False
        return status.value.reauthorization_required

    async def _promote(self, row: Row, pending: PendingPair, whose: Answer[Integration]) -> LoginOutcome:
        self._ledger.set_stage(row.id, Stage.PROMOTING)
        await self._put(row.id, pending)
        evidence = Evidence(
            source=EvidenceSource.LOGIN,
            at=self._clock.now(),
            detail=whose.detail,
            request_id=whose.request_id,
        )
        self._ledger.note(row.id, [LoginProven(evidence), IntegrationSeen(evidence, whose.value)])
        return Repaired(row.id)

    async def _keep_beside(self, row: Row, pending: PendingPair, found: Identity) -> LoginOutcome:
        """Keep the token of a new connection of the same customer under its own id."""
        await self._put(found.id, pending)
        await self._drop(row.id, pending)
        return NewConnection(row.id, found.id)

    async def _put(self, connection: ConnectionId, pending: PendingPair) -> None:
        """Make the pair the one in use, in one writing; what another attempt left pending stays."""

        def promoted(entry: TokenEntry) -> TokenEntry:
            return msgspec.structs.replace(_without(entry, pending), current=pending.pair)

        await asyncio.shield(self._vault.change_token(self._account().name, connection, promoted))

    async def _drop(self, connection: ConnectionId, pending: PendingPair) -> None:
        await asyncio.shield(
            self._vault.change_token(self._account().name, connection, lambda entry: _without(entry, pending))
        )


def _without(entry: TokenEntry, pending: PendingPair) -> TokenEntry:
    if entry.pending is None or entry.pending.attempt != pending.attempt:
        return entry
    return msgspec.structs.replace(entry, pending=None)


def _expected(row: Row) -> Identity:
    """Return who should have signed in: by the last good `integrations/current`, else by the list."""
    if (seen := row.facts.integration) is not None:
        return Identity(row.id, seen.integration.company_name, seen.integration.provider)
    return Identity(row.id, row.connection.name, row.connection.system)
