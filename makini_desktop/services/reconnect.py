"""Reconnect: from a login page to a proven token, without ever losing the old one (contract section 2).

check again ─ login ─ redirect ─ exchange ─ pending beside the old ─ test ─ promote
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import msgspec

from makini_desktop.core.event import Event
from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.attempt import belongs_to_none
from makini_desktop.domain.connection import ConnectionId, Identity
from makini_desktop.domain.errors import (
    KeychainUnavailable,
    MakiniDesktopError,
    NoClientSecret,
    ProfileInUse,
    UsageError,
)
from makini_desktop.domain.health import AccessOk, Health
from makini_desktop.domain.login import (
    AlreadyHealthy,
    Connected,
    LoginFailed,
    LoginOutcome,
    LoginPath,
    NewConnection,
    Repaired,
    Stage,
    WrongCustomer,
)
from makini_desktop.domain.token import PendingPair
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.login_paths import LoginPaths
from makini_desktop.services.login_words import outcome_headline, outcome_sentence
from makini_desktop.services.logins import Granted, Here, Logins, Subject
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.ports import Priority
from makini_desktop.services.proof import Elsewhere, Proof, Trial
from makini_desktop.services.safekeeping import Safekeeping
from makini_desktop.services.store import Row
from makini_desktop.services.tokens import token_lock

T = TypeVar("T")
_log = logging.getLogger(__name__)

CHECK_AT_MOST = 5.0
"""Seconds that a browser waits for the check whether a login is needed at all."""

_GOOD = (Repaired, AlreadyHealthy, NewConnection, Connected)


class Reconnect:
    """Runs login attempts, one for each connection at a time, across processes.

    Attributes:
        connecting: where the login of a new connection stands, None while there is none.
        connecting_changed: the new value of that.
    """

    def __init__(self, parts: AccountParts, monitor: Monitor, paths: LoginPaths, logins: Logins) -> None:
        self._account = parts.account
        self._api = parts.api
        self._vault = parts.vault
        self._locks = parts.locks
        self._store = parts.store
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._monitor = monitor
        self._paths = paths
        self._logins = logins
        self._safekeeping = Safekeeping(parts)
        self._proof = Proof(parts, monitor, self._safekeeping)
        self._unfinished: set[asyncio.Task[Any]] = set()
        self.connecting: Stage | None = None
        self.connecting_changed: Event[Stage | None] = Event()

    async def run(self, connection: ConnectionId, path: LoginPath | None = None) -> LoginOutcome:
        """Reconnect one connection; the old pair stays byte for byte unless the new one is proven.

        Args:
            connection: whose credentials no longer hold, or soon will not.
            path: where the customer signs in; None for what was chosen for their system before.

        Raises:
            ProfileInUse: an attempt for this connection runs already, here or in another process.
            UsageError: there is no such connection, or the path is not offered.
            NoClientSecret: no token could be got.
            KeychainUnavailable, VaultDamaged: no token could be kept; no login is begun.
            BrowserUnavailable: no browser can be opened, or nobody can listen for it.
        """
        row = self._store.row(connection)
        if row is None:
            raise UsageError(_("There is no connection “{id}” in this account.").format(id=connection))
        here = self._here(path, row.connection.system, connection)
        await self._need_secret(row.connection.name)
        async with self._locks.hold(self._lock_of(connection), wait=False) as held:
            if not held:
                raise ProfileInUse(
                    _("{customer} is being reconnected already, in another window or command.").format(
                        customer=row.connection.name
                    )
                )
            left = (await self._vault.token(self._account().name, connection)).pending
            try:
                outcome = await self._proof.settle(Trial(connection, row, left)) if left is not None else None
                if not isinstance(outcome, (Repaired, NewConnection)):
                    outcome = await self._attempt(row, here)
            finally:
                self._ledger.set_stage(connection, None)
        self._tell(row, outcome)
        return outcome

    async def connect_new(self, path: LoginPath | None = None, system: str = "") -> LoginOutcome:
        """Let a customer sign in whose connection is still to come; one at a time for an account.

        Args:
            path: where; None for what was chosen for the system before.
            system: which one it will be, as far as that is known; the login page asks for it all the same.

        Returns:
            `Connected` where it succeeded, its `known` True if no new connection came of it.

        Raises:
            ProfileInUse: another such login runs, here or in another process.
            UsageError: the path is not offered.
            NoClientSecret: no token could be got.
            KeychainUnavailable, VaultDamaged: no token could be kept; no login is begun.
            BrowserUnavailable: no browser can be opened, or nobody can listen for it.
        """
        here = self._here(path, system, None)
        await self._need_secret("")
        async with self._locks.hold(self._lock_of(None), wait=False) as held:
            if not held:
                raise ProfileInUse(_("A new connection is being added already. Finish or cancel that first."))
            try:
                self._connecting(Stage.WAITING_FOR_LOGIN)
                granted = await self._logins.run(Subject(None, "", system), here, self._connecting)
                outcome = await self._used(granted, None) if isinstance(granted, Granted) else granted
            finally:
                self._connecting(None)
        self._tell(None, outcome)
        return outcome

    async def recover(self) -> Mapping[ConnectionId, LoginOutcome]:
        """Test the pairs that an earlier run, or another process, left pending, and promote or drop each.

        Those that could not be tested stay for the next call and are not told of.

        Returns:
            How each ended that is pending no more.
        """
        outcomes: dict[ConnectionId, LoginOutcome] = {}
        account = self._account().name
        entries = await self._vault.tokens(account)
        for kept_under in [each for each, entry in entries.items() if entry.pending is not None]:
            nobodys = belongs_to_none(kept_under)
            lock = self._lock_of(None if nobodys else kept_under)
            async with self._locks.hold(lock, wait=False) as held:
                row = self._store.row(kept_under)
                pending = (await self._vault.token(account, kept_under)).pending
                if not held or pending is None or (row is None and not nobodys):
                    continue
                try:
                    outcome = await self._proof.settle(Trial(kept_under, row, pending))
                except MakiniDesktopError as error:
                    _log.warning("pending token of %s not settled: %s", kept_under, error)
                    continue
                finally:
                    self._ledger.set_stage(kept_under, None)
            if (await self._vault.token(account, kept_under)).pending is None:
                outcomes[outcome.connection if isinstance(outcome, Connected) else kept_under] = outcome
                self._tell(row, outcome)
        return outcomes

    async def aclose(self) -> None:
        """Wait until every exchange under way has been kept, or cannot be."""
        self._safekeeping.close()
        await asyncio.gather(*self._unfinished, return_exceptions=True)

    def _here(self, path: LoginPath | None, system: str, connection: ConnectionId | None) -> Here:
        """Return the path on which the customer signs in at this computer."""
        if path is not None and (refusal := self._paths.refusal(path, connection)):
            raise UsageError(refusal)
        match path or self._paths.choice(system):
            case LoginPath.BROWSER:
                return LoginPath.BROWSER
            case LoginPath.LINK if path is not None:
                raise UsageError(_("A link is sent to the customer; nobody signs in here."))
            case _:
                return LoginPath.EMBEDDED

    def _lock_of(self, connection: ConnectionId | None) -> str:
        return f"attempt {self._account().name} {connection or 'new'}"

    async def _need_secret(self, customer: str) -> None:
        """Begin no sign-in whose code could not be exchanged."""
        if await self._vault.client_secret(self._account().name) is not None:
            return
        if (closed := self._store.keychain) is not None:
            raise KeychainUnavailable(closed.words)
        if not customer:
            raise NoClientSecret(
                _(
                    "Signing in needs a client secret, and the account “{account}” has none. Ask for a token "
                    "of the new connection and add that."
                ).format(account=self._account().name)
            )
        raise NoClientSecret(
            _(
                "Signing in needs a client secret, and the account “{account}” has none. Ask for a new "
                "token of {customer} and add that."
            ).format(account=self._account().name, customer=customer)
        )

    def _tell(self, row: Row | None, outcome: LoginOutcome) -> None:
        """Write down how a login ended, with the connection that it was meant for and the one that it met."""
        if row is not None:
            self._told(row, outcome)
        match outcome:
            case Connected(connection=other) | WrongCustomer(found=Identity(id=other), moved=True):
                if (met := self._store.row(other)) is not None:
                    self._told(met, outcome)
            case _:
                pass

    def _told(self, row: Row, outcome: LoginOutcome) -> None:
        self._ledger.tell(
            row.id,
            ActivityKind.LOGIN,
            outcome_headline(outcome),
            detail=outcome_sentence(outcome, row.connection.name),
            health=Health.HEALTHY if isinstance(outcome, _GOOD) else Health.UNKNOWN,
            request_id=outcome.request_id if isinstance(outcome, LoginFailed) else None,
        )

    async def _attempt(self, row: Row, path: Here) -> LoginOutcome:
        self._ledger.set_stage(row.id, Stage.CHECKING)
        broken = row.health is Health.RECONNECT_NEEDED
        if broken and path is LoginPath.BROWSER and await self._healed(row.id):
            return AlreadyHealthy(row.id)  # first, for nobody can close the person's browser again
        login = asyncio.create_task(
            self._logins.run(
                Subject(row.id, row.connection.name, row.connection.system),
                path,
                lambda stage: self._ledger.set_stage(row.id, stage),
            ),
            name=f"login {row.id}",
        )
        try:
            if broken and path is LoginPath.EMBEDDED and await self._healed(row.id, login):
                return AlreadyHealthy(row.id)
            shown = self._store.row(row.id)
            if shown is not None and shown.stage is Stage.CHECKING:
                self._ledger.set_stage(row.id, Stage.WAITING_FOR_LOGIN)
            granted = await login
        finally:
            login.cancel()
            await asyncio.gather(login, return_exceptions=True)
        return await self._used(granted, row) if isinstance(granted, Granted) else granted

    async def _healed(
        self, connection: ConnectionId, login: asyncio.Task[Granted | LoginOutcome] | None = None
    ) -> bool:
        """Check again; tell whether the sign-in holds after all, however late the data is.

        Args:
            connection: which one.
            login: what starts meanwhile, and ends the check if it ends first.
        """
        check = asyncio.create_task(
            self._monitor.check(connection, Priority.PERSON, renew=False), name=f"check {connection}"
        )
        try:
            await asyncio.wait(
                {check, login} if login is not None else {check},
                timeout=None if login is not None else CHECK_AT_MOST,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not check.done():
                return False
            if (error := check.exception()) is not None:
                _log.info("check before login: %s", error)
                return False
        finally:
            check.cancel()
            await asyncio.gather(check, return_exceptions=True)
        row = self._store.row(connection)
        return row is not None and isinstance(row.condition.access, AccessOk)

    async def _used(self, granted: Granted, row: Row | None) -> LoginOutcome:
        """Exchange a code, and settle the pair that it brings."""
        kept_under = granted.attempt.kept_under
        if row is not None:
            self._ledger.set_stage(row.id, Stage.EXCHANGING)
        else:
            self._connecting(Stage.EXCHANGING)
        # The old pair dies with the exchange: nobody is to renew it, or to issue one, before this is settled.
        async with self._locks.hold(token_lock(self._account().name, kept_under), wait=True):
            try:
                customer = row.connection.name if row is not None else _("the new connection")
                pending = await self._finished(self._exchanged(granted, customer))
            except MakiniDesktopError as error:
                return LoginFailed(
                    _("The sign-in worked, but its code could not be exchanged for a token: {why}").format(
                        why=error
                    ),
                    error.request_id,
                )
            found: LoginOutcome | Elsewhere = await self._proof.test(Trial(kept_under, row, pending))
        return await self._proof.conclude(found)

    async def _exchanged(self, granted: Granted, customer: str) -> PendingPair:
        """Exchange the code and keep the pair as pending, durably, beside the old one."""
        attempt = granted.attempt
        pair = await self._api.exchange_code(granted.code, attempt.redirect_uri, attempt.verifier)
        pending = PendingPair(pair=pair, attempt=attempt.id, since=self._clock.now())
        await self._safekeeping.keep(
            attempt.kept_under, customer, lambda entry: msgspec.structs.replace(entry, pending=pending)
        )
        return pending

    async def _finished(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry `work` to its end even if the attempt is cancelled: a code serves only once."""
        task = asyncio.create_task(work)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        return await asyncio.shield(task)

    def _connecting(self, stage: Stage | None) -> None:
        if stage is not self.connecting:
            self.connecting = stage
            self.connecting_changed.emit(stage)
