"""Reconnect: from a login page to a proven token, without ever losing the old one (contract section 2).

check again ─ login window ─ redirect ─ exchange ─ pending beside the old ─ test ─ promote
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from hmac import compare_digest
from typing import Any, TypeVar

import msgspec

from makini_desktop.core.redirect import AnswerError, CodeGranted, LoginRefused, read_answer
from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    KeychainUnavailable,
    MakiniDesktopError,
    NoClientSecret,
    ProfileInUse,
    UsageError,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import (
    AlreadyHealthy,
    Cancelled,
    LoginFailed,
    LoginOutcome,
    NewConnection,
    Refused,
    Repaired,
    Stage,
    WrongState,
)
from makini_desktop.domain.token import PendingPair, Secret
from makini_desktop.services import wording
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.ports import (
    LoginBroken,
    LoginClosed,
    LoginRedirected,
    LoginResult,
    LoginToBrowser,
    LoginWindow,
    Priority,
)
from makini_desktop.services.proof import Proof
from makini_desktop.services.store import Row
from makini_desktop.services.tokens import token_lock

T = TypeVar("T")
_log = logging.getLogger(__name__)

ATTEMPT_LIFETIME = timedelta(minutes=10)


class Reconnect:
    """Runs login attempts, one for each connection at a time, across processes.

    Args:
        state_seen: told whether `state` came back, to be kept with the account.
    """

    def __init__(
        self,
        parts: AccountParts,
        monitor: Monitor,
        window: LoginWindow,
        state_seen: Callable[[bool], None],
    ) -> None:
        self._account = parts.account
        self._api = parts.api
        self._vault = parts.vault
        self._locks = parts.locks
        self._store = parts.store
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._monitor = monitor
        self._window = window
        self._state_seen = state_seen
        self._proof = Proof(parts, monitor)
        self._unfinished: set[asyncio.Task[Any]] = set()

    async def run(self, connection: ConnectionId) -> LoginOutcome:
        """Reconnect one connection; the old pair stays byte for byte unless the new one is proven.

        Raises:
            ProfileInUse: an attempt for this connection runs already, here or in another process.
            UsageError: there is no such connection.
            NoClientSecret: no token could be got.
            KeychainUnavailable, VaultDamaged: no token could be kept; no login is begun.
        """
        row = self._store.row(connection)
        if row is None:
            raise UsageError(_("There is no connection “{id}” in this account.").format(id=connection))
        await self._need_secret(row)
        async with self._locks.hold(f"attempt {self._account().name} {connection}", wait=False) as held:
            if not held:
                raise ProfileInUse(
                    _("{customer} is being reconnected already, in another window or command.").format(
                        customer=row.connection.name
                    )
                )
            left = (await self._vault.token(self._account().name, connection)).pending
            try:
                outcome = await self._proof.settle(row, left) if left is not None else None
                if not isinstance(outcome, (Repaired, NewConnection)):
                    outcome = await self._attempt(row)
            finally:
                self._ledger.set_stage(connection, None)
        self._tell(row, outcome)
        return outcome

    async def _need_secret(self, row: Row) -> None:
        """Begin no sign-in whose code could not be exchanged."""
        if await self._vault.client_secret(self._account().name) is not None:
            return
        if (closed := self._store.keychain) is not None:
            raise KeychainUnavailable(closed.words)
        raise NoClientSecret(
            _(
                "Signing in needs a client secret, and the account “{account}” has none. Ask for a new "
                "token of {customer} and add that."
            ).format(account=self._account().name, customer=row.connection.name)
        )

    async def recover(self) -> Mapping[ConnectionId, LoginOutcome]:
        """Test the pairs that an earlier run, or another process, left pending, and promote or drop each.

        Those that could not be tested stay for the next call and are not told of.

        Returns:
            How each ended that is pending no more.
        """
        outcomes: dict[ConnectionId, LoginOutcome] = {}
        account = self._account().name
        entries = await self._vault.tokens(account)
        for connection in [each for each, entry in entries.items() if entry.pending is not None]:
            async with self._locks.hold(f"attempt {account} {connection}", wait=False) as held:
                row = self._store.row(connection)
                pending = (await self._vault.token(account, connection)).pending
                if not held or row is None or pending is None:
                    continue
                try:
                    outcome = await self._proof.settle(row, pending)
                except MakiniDesktopError as error:
                    _log.warning("pending token of %s not settled: %s", connection, error)
                    continue
                finally:
                    self._ledger.set_stage(connection, None)
            if (await self._vault.token(account, connection)).pending is None:
                outcomes[connection] = outcome
                self._tell(row, outcome)
        return outcomes

    def _tell(self, row: Row, outcome: LoginOutcome) -> None:
        self._ledger.tell(
            row.id,
            ActivityKind.LOGIN,
            wording.outcome_sentence(outcome, row.connection.name),
            health=Health.HEALTHY if isinstance(outcome, (Repaired, AlreadyHealthy)) else Health.UNKNOWN,
        )

    async def _attempt(self, row: Row) -> LoginOutcome:
        account = self._account()
        attempt = Attempt.begin(row.id, account.redirect_uris[0], self._clock.now())
        self._ledger.set_stage(row.id, Stage.CHECKING)
        window = asyncio.create_task(
            self._window.run(account, attempt, row.connection.name, row.connection.system),
            name=f"login window {row.id}",
        )
        try:
            if row.health is Health.RECONNECT_NEEDED and await self._healed(row.id, window):
                return AlreadyHealthy(row.id)
            self._ledger.set_stage(row.id, Stage.WAITING_FOR_LOGIN)
            async with asyncio.timeout(ATTEMPT_LIFETIME.total_seconds()):
                result = await window
        except TimeoutError:
            return LoginFailed(
                _("The sign-in of {customer} took longer than ten minutes. Start it again.").format(
                    customer=row.connection.name
                )
            )
        finally:
            window.cancel()
            await asyncio.gather(window, return_exceptions=True)
        return await self._conclude(row, attempt, result)

    async def _healed(self, connection: ConnectionId, window: asyncio.Task[LoginResult]) -> bool:
        """Check again while the engine starts; stop if the connection works after all."""
        check = asyncio.create_task(
            self._monitor.check(connection, Priority.PERSON, renew=False), name=f"check {connection}"
        )
        try:
            await asyncio.wait((check, window), return_when=asyncio.FIRST_COMPLETED)
            if not check.done():
                return False
            if (error := check.exception()) is not None:
                _log.info("check before login: %s", error)
                return False
        finally:
            check.cancel()
            await asyncio.gather(check, return_exceptions=True)
        row = self._store.row(connection)
        return row is not None and row.health in (Health.HEALTHY, Health.SYNCING)

    async def _conclude(self, row: Row, attempt: Attempt, result: LoginResult) -> LoginOutcome:
        match result:
            case LoginClosed():
                return Cancelled()
            case LoginToBrowser():
                return LoginFailed(
                    _("Signing in through the system’s browser is not offered yet. Nothing was changed.")
                )
            case LoginBroken(reason=reason, detail=detail, host=host):
                return LoginFailed(_broken(reason, detail, host))
            case LoginRedirected(url=url):
                return await self._answered(row, attempt, url)

    async def _answered(self, row: Row, attempt: Attempt, url: Secret) -> LoginOutcome:
        try:
            answer = read_answer(url.value)
        except AnswerError:
            return WrongState()
        if not self._state_fits(attempt, answer.state):
            return WrongState()
        match answer:
            case LoginRefused(error=error, description=description):
                return Refused(description or error)
            case CodeGranted(code=code):
                return await self._exchange(row, attempt, Secret(code))

    def _state_fits(self, attempt: Attempt, state: str | None) -> bool:
        """Compare `state`; without one, only a server that has never sent it back is believed."""
        if state is None:
            if self._account().state_echoed:
                return False
            self._state_seen(False)
            return True
        if not compare_digest(state.encode(), attempt.state.value.encode()):
            return False
        self._state_seen(True)
        return True

    async def _exchange(self, row: Row, attempt: Attempt, code: Secret) -> LoginOutcome:
        self._ledger.set_stage(row.id, Stage.EXCHANGING)
        # The old pair dies with the exchange: nobody is to renew it, or to issue one, before this is settled.
        async with self._locks.hold(token_lock(self._account().name, row.id), wait=True):
            try:
                pending = await self._finished(self._exchanged(row.id, attempt, code))
            except MakiniDesktopError as error:
                return LoginFailed(
                    _("The sign-in worked, but its code could not be exchanged for a token: {why}").format(
                        why=error
                    ),
                    error.request_id,
                )
            outcome = await self._proof.decide(row, pending)
        await self._proof.follow(outcome)
        return outcome

    async def _exchanged(self, connection: ConnectionId, attempt: Attempt, code: Secret) -> PendingPair:
        """Exchange the code and keep the pair as pending, durably, beside the old one."""
        pair = await self._api.exchange_code(code, attempt.redirect_uri, attempt.verifier)
        pending = PendingPair(pair=pair, attempt=attempt.id, since=self._clock.now())
        await self._vault.change_token(
            self._account().name,
            connection,
            lambda entry: msgspec.structs.replace(entry, pending=pending),
        )
        return pending

    async def _finished(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry `work` to its end even if the attempt is cancelled: a code serves only once."""
        task = asyncio.create_task(work)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """Wait until every exchange under way has been kept."""
        await asyncio.gather(*self._unfinished, return_exceptions=True)


def _broken(reason: str, detail: str, host: str) -> str:
    match reason:
        case "engine_refused_root":
            return _(
                "The sign-in window does not run as the administrator (root). Start the program as an "
                "ordinary user. Nothing was changed."
            )
        case "certificate":
            return _("The certificate of {host} is not trusted: {detail}. Nothing was changed.").format(
                host=host, detail=detail
            )
        case "network":
            return _("The login page at {host} cannot be reached: {detail}. Nothing was changed.").format(
                host=host, detail=detail
            )
        case _:
            return _("The sign-in window ended unexpectedly. Nothing was changed; try again.")
