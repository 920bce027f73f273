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
    Connected,
    LoginFailed,
    LoginOutcome,
    NewConnection,
    Repaired,
    Stage,
    WrongCustomer,
)
from makini_desktop.domain.platform import find
from makini_desktop.domain.token import PendingPair, Secret, TokenEntry
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.ports import Answer, Priority
from makini_desktop.services.safekeeping import Safekeeping
from makini_desktop.services.store import Row
from makini_desktop.services.tokens import token_lock

_log = logging.getLogger(__name__)

_MOST_TRIES = 8
"""Calls with a pair that ends again and again before it counts as rejected."""


class Trial(msgspec.Struct, frozen=True):
    """A pair on trial, and whose it should be.

    Attributes:
        kept_under: the id under which the vault keeps it as pending.
        row: the connection that it was got for; None where any will do.
    """

    kept_under: ConnectionId
    row: Row | None
    pending: PendingPair


class Elsewhere(msgspec.Struct, frozen=True):
    """A pair that works and belongs to another connection than the one it is kept under."""

    trial: Trial
    whose: Answer[Integration]


class Proof:
    """Settles pending pairs."""

    def __init__(self, parts: AccountParts, monitor: Monitor, safekeeping: Safekeeping) -> None:
        self._account = parts.account
        self._api = parts.api
        self._vault = parts.vault
        self._locks = parts.locks
        self._store = parts.store
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._monitor = monitor
        self._safekeeping = safekeeping

    async def settle(self, trial: Trial) -> LoginOutcome:
        """Settle a pair that an earlier attempt left, and look at what came of it."""
        async with self._locks.hold(token_lock(self._account().name, trial.kept_under), wait=True):
            found = await self.test(trial)
        return await self.conclude(found)

    async def test(self, trial: Trial) -> LoginOutcome | Elsewhere:
        """Test a pair and promote it, if it is of the connection that it is kept under.

        A pair that could not be tested, because the line or the server failed, stays pending. The caller
        holds the connection's token lock, so that nobody issues a token meanwhile, which would end this one.
        """
        self._show(trial, Stage.TESTING)
        found = await self._tried(trial)
        if not isinstance(found, Elsewhere) or found.whose.value.id != trial.kept_under:
            return found
        self._show(trial, Stage.PROMOTING)
        await self._put(found)
        return Repaired(trial.kept_under)

    async def conclude(self, found: LoginOutcome | Elsewhere) -> LoginOutcome:
        """Bring a pair to the connection that it belongs to, and look at what came of the login.

        The caller holds no token lock: two logins that came back as each other's would wait for ever.
        """
        outcome = (
            await self._moved(found.trial, found.whose.value.id) if isinstance(found, Elsewhere) else found
        )
        await self._follow(outcome)
        return outcome

    async def _moved(self, trial: Trial, owner: ConnectionId) -> LoginOutcome:
        async with self._locks.hold(token_lock(self._account().name, owner), wait=True):
            # Once more, for until now somebody could have issued a token, which would have ended this one.
            again = await self._tried(trial)
            if not isinstance(again, Elsewhere):
                return again
            found = _identity(again.whose.value)
            if trial.row is None:
                known = self._store.row(owner) is not None
                await self._put(again)
                return Connected(owner, known)
            expected = _expected(trial.row)
            try:
                if await self._same_customer(trial.row, found):
                    await self._put(again)
                    return NewConnection(trial.row.id, owner)
                moved = await self._has_ended(owner)
            except MakiniDesktopError as error:
                return _untested(error)
            if moved:
                await self._put(again)
            else:
                await self._drop(again.trial)
            return WrongCustomer(self._as_listed(expected), self._as_listed(found), moved)

    async def _same_customer(self, row: Row, found: Identity) -> bool:
        """Compare whose the pair is with who should have signed in.

        The list calls a system by its name, `integrations/current` by its key: where a connection was broken
        ever since it is known, so that only the list says who it is, the platforms tell which are the same.
        """
        expected = _expected(row)
        if row.facts.integration is not None or found.same_customer(expected):
            return found.same_customer(expected)
        try:
            platforms = self._store.platforms or (await self._api.platforms()).value
        except NotOffered:
            return False
        listed = find(platforms, expected.provider)
        if listed is None or listed != find(platforms, found.provider):
            return False
        return found.same_customer(msgspec.structs.replace(expected, provider=found.provider))

    async def _has_ended(self, connection: ConnectionId) -> bool:
        """Tell whether a connection's stored token is no longer accepted; False where none is stored."""
        stored = (await self._vault.token(self._account().name, connection)).current
        if stored is None:
            return False
        try:
            await self._api.integration(stored.access, Priority.PERSON)
        except (TokenRejected, ReconnectNeeded):
            return True
        return False

    async def _tried(self, trial: Trial) -> LoginFailed | Elsewhere:
        """Return whose a pair is; one that is no good is dropped, one that could not be tried stays."""
        try:
            whose, still_refused, trial = await self._asked(trial)
        except (TokenRejected, ReconnectNeeded) as error:
            await self._drop(trial)
            return LoginFailed(
                _("Makini did not accept the new token. It was thrown away; the old one stays."),
                error.request_id,
            )
        except MakiniDesktopError as error:
            return _untested(error)
        if still_refused:
            await self._drop(trial)
            return LoginFailed(
                _("The new sign-in is not accepted by {system} either. The old token stays.").format(
                    system=trial.row.connection.system if trial.row is not None else whose.value.provider
                )
            )
        return Elsewhere(trial, whose)

    async def _asked(self, trial: Trial) -> tuple[Answer[Integration], bool, Trial]:
        """Ask whose the pair is and whether credentials are still wanted.

        A pair whose access token has ended meanwhile is refreshed first: as long as that works it is alive,
        and letting go of it would leave none, for the login has ended the old one.
        """
        for left in reversed(range(_MOST_TRIES)):
            pair = trial.pending.pair
            try:
                whose = await self._api.integration(pair.access, Priority.PERSON)
                return whose, await self._still_refused(pair.access), trial
            except TokenRejected:
                if pair.refresh is None or not left:
                    raise
                trial = await asyncio.shield(self._refreshed(trial, pair.refresh))
        raise AssertionError("the last try returns or raises")

    async def _refreshed(self, trial: Trial, refresh: Secret) -> Trial:
        refreshed = msgspec.structs.replace(trial.pending, pair=await self._api.refresh(refresh))
        await self._safekeeping.keep(
            trial.kept_under,
            trial.row.connection.name if trial.row is not None else _("the new connection"),
            lambda entry: msgspec.structs.replace(entry, pending=refreshed),
        )
        return msgspec.structs.replace(trial, pending=refreshed)

    async def _still_refused(self, token: Secret) -> bool:
        try:
            status = await self._api.status(token, Priority.PERSON)
        except NotOffered:
            return False
        return status.value.reauthorization_required

    async def _put(self, found: Elsewhere) -> None:
        """Make a pair the one in use of its connection; what another attempt left pending there stays."""
        owner, pending = found.whose.value.id, found.trial.pending

        def promoted(entry: TokenEntry) -> TokenEntry:
            return msgspec.structs.replace(_without(entry, pending), current=pending.pair)

        await asyncio.shield(self._vault.change_token(self._account().name, owner, promoted))
        if owner != found.trial.kept_under:
            await self._drop(found.trial)
        evidence = Evidence(
            source=EvidenceSource.LOGIN,
            at=self._clock.now(),
            detail=found.whose.detail,
            request_id=found.whose.request_id,
        )
        self._ledger.note(owner, [LoginProven(evidence), IntegrationSeen(evidence, found.whose.value)])

    async def _drop(self, trial: Trial) -> None:
        await asyncio.shield(
            self._vault.change_token(
                self._account().name, trial.kept_under, lambda entry: _without(entry, trial.pending)
            )
        )

    async def _follow(self, outcome: LoginOutcome) -> None:
        """Look at the connections that a pair was brought to."""
        try:
            match outcome:
                case Repaired(connection=connection):
                    await self._monitor.check(connection, Priority.PERSON)
                case NewConnection(new=new) | Connected(connection=new):
                    await self._monitor.read_list()
                    await self._monitor.check(new, Priority.PERSON)
                case WrongCustomer(found=found, moved=True):
                    await self._monitor.check(found.id, Priority.PERSON)
                case _:
                    pass
        except MakiniDesktopError as error:
            _log.info("look after login: %s", error)

    def _as_listed(self, identity: Identity) -> Identity:
        """Return an identity in the list's words, which are the person's, where it is in the list."""
        row = self._store.row(identity.id)
        return identity if row is None else Identity(row.id, row.connection.name, row.connection.system)

    def _show(self, trial: Trial, stage: Stage) -> None:
        if trial.row is not None:
            self._ledger.set_stage(trial.row.id, stage)


def _untested(error: MakiniDesktopError) -> LoginFailed:
    return LoginFailed(
        _(
            "The new token could not be tested: {why} It is kept aside and tested again once Makini "
            "answers; the old one stays."
        ).format(why=error),
        error.request_id,
    )


def _without(entry: TokenEntry, pending: PendingPair) -> TokenEntry:
    if entry.pending is None or entry.pending.attempt != pending.attempt:
        return entry
    return msgspec.structs.replace(entry, pending=None)


def _identity(whose: Integration) -> Identity:
    return Identity(whose.id, whose.company_name, whose.provider)


def _expected(row: Row) -> Identity:
    """Return who should have signed in: by the last good `integrations/current`, else by the list."""
    if (seen := row.facts.integration) is not None:
        return Identity(row.id, seen.integration.company_name, seen.integration.provider)
    return Identity(row.id, row.connection.name, row.connection.system)
