"""The composition root: builds the object graph of one account and takes it apart again.

A window draws its `Face` first, with the rows of the last run. `Program` is then made around it, on the
`Ground` that it shares with other accounts, without any I/O; `open` opens what is needed, and `watch` begins
the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import msgspec

from makini_desktop.adapters.api.budget import Budget
from makini_desktop.adapters.api.makini import MakiniApi
from makini_desktop.adapters.api.traffic import Traffic
from makini_desktop.core.tasks import Tasks
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, AccountName, VersionPlacement
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.token import Secret
from makini_desktop.face import Face
from makini_desktop.ground import Ground
from makini_desktop.services.account_services import AccountServices
from makini_desktop.services.account_test import AccountTest
from makini_desktop.services.draft import AccountDraft, TestResult
from makini_desktop.services.options import Options
from makini_desktop.services.ports import Priority
from makini_desktop.services.server import Server
from makini_desktop.services.store import last_days
from makini_desktop.services.wake import Wake

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Http

RECOVER_EVERY = 60.0
"""Seconds between looks for pairs that were left pending."""

NO_ACCOUNT = Account(name=AccountName(""), api_base="", link_base="", client_id="", redirect_uris=())


class Program(AccountServices):
    """One account at work: its API, its store, and the services between them.

    Args:
        options: what was asked for.
        report: told of errors that no code expected.
        face: what a window shows already; a command needs none.
        ground: shared with other accounts and opened by somebody else; None for one of its own.
    """

    def __init__(
        self,
        options: Options,
        *,
        report: Callable[[BaseException], None],
        face: Face | None = None,
        ground: Ground | None = None,
    ) -> None:
        face = face or Face(options)
        self._options = options
        self._stack = AsyncExitStack()
        self._stack.push_async_callback(self._close_http)
        self._typed_secret: Secret | None = None
        self._http: asyncio.Task[Http] | None = None
        self._owns_ground = ground is None
        self.ground = ground or Ground(options, face.settings)
        self.accounts = self.ground.accounts
        self.vault = self.ground.vault
        self.database = self.ground.database
        self.sandbox = self.ground.sandbox
        self.account = face.account or NO_ACCOUNT
        self.clock = face.clock
        self.store = face.store
        self.budget = Budget(self.clock)
        self.server = Server(self._account, self.store, self.database, self.clock)
        self.traffic = Traffic(self.store.set_skew)
        self.api = MakiniApi(
            self._account,
            self.http,
            self._client_secret,
            self._placed,
            self.server,
            self.traffic,
        )
        super().__init__(
            account=self._account,
            api=self.api,
            vault=self.vault,
            locks=self.ground.locks,
            database=self.database,
            window=self.ground.login,
            browser=self.ground.browser_login,
            notifier=self.ground.notifier,
            preferences=self.ground.preferences,
            store=self.store,
            commands=face.commands,
            server=self.server,
            tasks=Tasks(report),
            clock=self.clock,
            budget=self.budget.per_second,
            used=self.budget.used,
            state_seen=self._state_seen,
            allow_issuing=self._allow_issuing,
            control_sandbox=self._control_sandbox if self.sandbox is not None else None,
        )

    async def open(self, name: str | None = None) -> None:
        """Open the ground if it is this program's own, and settle which account it is.

        Args:
            name: the account, where the command names it.

        Raises:
            UsageError: there is no account to choose, or several.
            MakiniDesktopError: the ground cannot be opened; the sentence says what to do.
        """
        if self._owns_ground:
            self._stack.push_async_callback(self.ground.aclose)
            await self.ground.open()
        if self.sandbox is not None:
            account = await self.accounts.keep_sandbox(self.sandbox.account, self.sandbox.secret)
        else:
            account = await self.accounts.choose(name or self._options.account or self.account.name or None)
        await self.begin(account)

    async def begin(self, account: Account) -> None:
        """Take up an account on an open ground, with what was kept of it."""
        self.account = account
        self.store.set_keychain(self.ground.keychain)
        self._stack.callback(self.ground.keychain_changed.subscribe(self.store.set_keychain))
        self._stack.push_async_callback(self.server.flush)
        self._stack.push_async_callback(self.ledger.flush)
        self._stack.push_async_callback(self.incidents.flush)
        self._stack.push_async_callback(self.alerts.aclose)
        self._stack.push_async_callback(self.tokens.aclose)
        self._stack.push_async_callback(self.reconnect.aclose)
        self._stack.push_async_callback(self.tasks.aclose)
        await self.server.load()
        await self.login_paths.load()
        await self.duplicates.load()
        await self.adoption.load()
        await self.invitations.load()
        await self.repairs.load()
        self.ledger.load(
            () if self.store.rows else await self.database.connections(account.name),
            await self.database.strips(account.name, last_days(self.clock.now())[0]),
            await self.database.running_syncs(account.name),
        )
        if self.ground.speaks:
            await self.inbox.load()
            await self.incidents.restore()

    async def open_kept(self) -> None:
        """Open the database only and take up the account as it was kept: no keychain, sandbox or network.

        Raises:
            UsageError: there is no account to choose, or several.
            MakiniDesktopError: the database cannot be opened; the sentence says what to do.
        """
        await self.open_database()
        if self.sandbox is None:
            account = await self.accounts.choose(self._options.account)
        elif kept := await self.accounts.all(sandbox=True):
            account = kept[0]
        else:
            raise UsageError(_("The sandbox has not run on this profile yet."))
        await self.begin(account)

    async def open_stores(self) -> None:
        """Open database and vault only."""
        self._stack.push_async_callback(self.ground.aclose)
        await self.ground.open_stores()

    async def open_database(self) -> None:
        """Open the database only."""
        self._stack.push_async_callback(self.ground.aclose)
        await self.ground.open_database()

    async def test(self, draft: AccountDraft | None = None) -> tuple[TestResult, ...]:
        """Look at everything that the account needs, or one that is still being typed.

        Raises:
            UsageError: the draft is no account yet; the sentence says why.
        """
        if draft is not None:
            self.account = draft.account()
            self._typed_secret = draft.client_secret
        secret = await self._client_secret()
        return await AccountTest(
            self._account,
            self.api,
            self._reach,
            lambda: self.store.skew,
            self.discovery,
            has_secret=secret is not None,
        ).run()

    def watch_quietly(self) -> None:
        """Begin to watch and to keep what is seen, as a command does; a window does more."""
        self.tasks.start("keep", self.keeping.keep())
        self.tasks.start("compact", self.keeping.compact())
        self.tasks.start("wake", Wake(self.weather, self.ground.power, self.clock).run())
        self.tasks.start("monitor", self.monitor.run())

    async def rest(self) -> None:
        """End the watching, and keep what was seen."""
        for name in ("monitor", "wake", "compact", "keep"):
            self.tasks.cancel(name)
            await self.tasks.ended(name)
        await self.ledger.flush()

    def watch(self) -> None:
        """Begin to watch, to keep what is seen, and to take up what was left over."""
        if self.ground.speaks:
            self.alerts.begin()
        self.tasks.start("present", self.presence.of_window())
        self.watch_quietly()
        self.tasks.start("recover", self._recover())
        self.tasks.start("account", self.login_paths.learn())
        self.connecting.settle()
        self.commands.resume_syncs()

    async def aclose(self) -> None:
        """End all work, write what is unwritten, close what is its own."""
        await self._stack.aclose()

    async def http(self) -> Http:
        """Return the one HTTP client, importing its library off this thread at first use."""
        if self._http is None:
            self._http = asyncio.ensure_future(self._connect())
        return await asyncio.shield(self._http)

    async def _connect(self) -> Http:
        module = await asyncio.to_thread(_import_http)
        return await module(self.clock, self.budget, self.traffic)

    async def _close_http(self) -> None:
        await self.budget.aclose()
        if self._http is not None:
            http = await self._http
            await http.aclose()

    async def _recover(self) -> None:
        """Settle what was left pending: by an earlier run, by a command that was killed, or untested."""
        await self.ground.login.clear()
        while True:
            self.commands.settle_logins()
            await self.clock.sleep(RECOVER_EVERY)

    async def _client_secret(self) -> Secret | None:
        return self._typed_secret or await self.vault.client_secret(self.account.name)

    async def _reach(self, address: str) -> None:
        await (await self.http()).send("GET", address, priority=Priority.PERSON, headers={})

    def _account(self) -> Account:
        return self.account

    async def _placed(self, placement: VersionPlacement) -> None:
        await self._change_account(version_in=placement)

    def _state_seen(self, echoed: bool) -> None:
        """Keep whether `state` came back; that it once did is never forgotten."""
        if self.account.state_echoed is not True and self.account.state_echoed is not echoed:
            self.tasks.start("state echoed", self._change_account(state_echoed=echoed))

    async def _allow_issuing(self, allowed: bool) -> None:
        await self._change_account(issue_tokens=allowed)

    async def _change_account(self, **changes: object) -> None:
        self.account = msgspec.structs.replace(self.account, **changes)
        if self._typed_secret is None:
            await self.database.save_account(self.account)

    def _control_sandbox(self, order: Mapping[str, int | str | bool]) -> Awaitable[None]:
        assert self.sandbox is not None  # noqa: S101 - only handed out with a sandbox
        return self.sandbox.control(self.http, order)


def _import_http() -> Callable[..., Awaitable[Http]]:
    from makini_desktop.adapters.api.http import connect

    return connect
