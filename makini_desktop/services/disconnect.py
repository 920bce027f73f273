"""Disconnecting: the connection ends at Makini, its token ends everywhere here, its history stays."""

from __future__ import annotations

import logging

from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ConnectionGone,
    KeychainUnavailable,
    MakiniDesktopError,
    NoClientSecret,
    NotOffered,
    PersonMustAct,
    ProfileInUse,
    UsageError,
)
from makini_desktop.domain.evidence import Disconnected, Evidence, EvidenceSource
from makini_desktop.domain.health import Health
from makini_desktop.domain.token import TokenEntry
from makini_desktop.services import capabilities
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.ports import Priority
from makini_desktop.services.store import Row
from makini_desktop.services.syncs import Syncs
from makini_desktop.services.tokens import token_lock

_log = logging.getLogger(__name__)


class Disconnect:
    """Ends connections: by the administrator's right, without a client secret by their own token."""

    def __init__(self, parts: AccountParts, monitor: Monitor, syncs: Syncs) -> None:
        self._account = parts.account
        self._api = parts.api
        self._tokens = parts.tokens
        self._vault = parts.vault
        self._locks = parts.locks
        self._store = parts.store
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._monitor = monitor
        self._syncs = syncs

    async def run(self, connection: ConnectionId) -> None:
        """Disconnect one connection; where that was done before, only what is left here of its token goes.

        Raises:
            UsageError: there is no such connection.
            ProfileInUse: somebody signs in for it just now, in another window or command.
            KeychainUnavailable: its token could not be removed, so nothing is begun.
            NoClientSecret: neither the account nor the connection has what it takes.
            NotOffered: the server says no, and the connection still stands.
            PersonMustAct: it has ended, but its token could not be removed from this computer.
        """
        row = self._store.row(connection)
        if row is None or not row.connection.readable:
            raise UsageError(_("There is no connection “{id}” in this account.").format(id=connection))
        if (closed := self._store.keychain) is not None:
            raise KeychainUnavailable(closed.words)
        async with self._locks.hold(f"attempt {self._account().name} {connection}", wait=False) as held:
            if not held:
                raise ProfileInUse(
                    _("Somebody is signing in for {customer}. End that first, then disconnect.").format(
                        customer=row.connection.name
                    )
                )
            if row.health is not Health.DISCONNECTED:
                await self._end(row)
            await self._remove_token(row)

    async def settle(self) -> None:
        """Remove the tokens of connections that were ended from here by a run that died before it could.

        Raises:
            KeychainUnavailable, VaultDamaged: the vault cannot be read.
            PersonMustAct: one could not be removed.
        """
        for connection, entry in (await self._vault.tokens(self._account().name)).items():
            row = self._store.row(connection)
            if row is None or entry == TokenEntry() or not _ended_here(row):
                continue
            async with self._locks.hold(f"attempt {self._account().name} {connection}", wait=False) as held:
                if held:
                    await self._remove_token(row)

    async def _end(self, row: Row) -> None:
        """End it at Makini, and show and keep that a person has."""
        evidence = await self._ended(row)
        self._ledger.note(row.id, [Disconnected(evidence)])
        self._ledger.tell(
            row.id,
            ActivityKind.SETTING,
            _("Disconnected from here"),
            detail=evidence.detail,
            health=Health.DISCONNECTED,
            request_id=evidence.request_id,
        )
        await self._syncs.end(row.id, row.sync)
        try:
            await self._ledger.flush()  # before the token goes: what dies in between, the next run finishes
        except MakiniDesktopError as error:
            _log.warning("the end of %s is not kept yet: %s", row.id, error)

    async def _ended(self, row: Row) -> Evidence:
        by_admin = await self._vault.client_secret(self._account().name) is not None
        try:
            if by_admin:
                answer = await self._api.disconnect(row.id)
            else:
                await self._need_token(row)
                answer = await self._tokens.use(row.id, self._api.disconnect_self)
        except ConnectionGone as error:
            if await (self._still_listed(row) if by_admin else self._still_answers(row)):
                lacking = Capability.DISCONNECT if by_admin else Capability.DISCONNECT_SELF
                raise NotOffered(
                    capabilities.words(lacking), request_id=error.request_id, status=error.status
                ) from error
            return Evidence(
                source=EvidenceSource.PERSON,
                at=self._clock.now(),
                detail=error.detail,
                request_id=error.request_id,
            )
        return Evidence(
            source=EvidenceSource.PERSON, at=answer.at, detail=answer.detail, request_id=answer.request_id
        )

    async def _need_token(self, row: Row) -> None:
        if (await self._vault.token(self._account().name, row.id)).current is None:
            raise NoClientSecret(
                _(
                    "Disconnecting needs a client secret or the token of {customer}, and there is neither. "
                    "End the connection in Makini’s dashboard."
                ).format(customer=row.connection.name)
            )

    async def _still_listed(self, row: Row) -> bool:
        """Look whether a connection that the server says it does not know stands in its list all the same.

        Raises:
            ConnectionGone: the list broke off, so that nothing is known.
        """
        if not await self._monitor.read_list():
            raise ConnectionGone(
                _("Makini does not know {customer}, and its list broke off. Try again.").format(
                    customer=row.connection.name
                )
            )
        after = self._store.row(row.id)
        return after is not None and after.facts.listed is not None and after.facts.listed.present

    async def _still_answers(self, row: Row) -> bool:
        """Look whether a token that could not end its connection still answers (contract section 4)."""
        try:
            await self._tokens.use(
                row.id, lambda token: self._api.integration(token, Priority.PERSON), renew=False
            )
        except ConnectionGone:
            return False
        return True

    async def _remove_token(self, row: Row) -> None:
        """Remove the pair in use and one on trial, from the vault and from memory.

        Raises:
            PersonMustAct: the vault could not be written; the token is dead all the same.
        """
        account = self._account().name
        try:
            async with self._locks.hold(token_lock(account, row.id), wait=True):
                await self._vault.change_token(account, row.id, lambda _entry: TokenEntry())
        except MakiniDesktopError as error:
            raise PersonMustAct(
                _(
                    "{customer} is disconnected and its token no longer works, but it could not be removed "
                    "from this computer: {why} Disconnect once more when that is mended."
                ).format(customer=row.connection.name, why=error)
            ) from error
        finally:
            self._tokens.forget(row.id)
            self._api.forget(row.id)
        self._ledger.note(row.id, [await self._tokens.seen(row.id)])


def _ended_here(row: Row) -> bool:
    evidence = row.condition.evidence
    return row.health is Health.DISCONNECTED and evidence.source is EvidenceSource.PERSON
