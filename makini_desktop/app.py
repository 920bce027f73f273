"""The composition root: builds the object graph of one account and takes it apart again.

A window draws its `Face` first, with the rows of the last run. `Program` is then made around it without any
I/O; `open` opens database, vault and sandbox, and `watch` begins the work.
"""

from __future__ import annotations

import asyncio
import logging
import platform
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import msgspec

from makini_desktop.adapters.api.budget import Budget
from makini_desktop.adapters.api.makini import MakiniApi
from makini_desktop.adapters.db.database import SqliteDatabase
from makini_desktop.adapters.locks import FileLocks
from makini_desktop.adapters.login import EmbeddedLogin, Orders
from makini_desktop.adapters.sandbox import EmbeddedSandbox
from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.adapters.vault.memory import MemoryVault
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.account import Account, AccountName, VersionPlacement
from makini_desktop.face import Face
from makini_desktop.services.accounts import Accounts
from makini_desktop.services.alerts import Alerts
from makini_desktop.services.keychain import VaultOrMemory
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.options import Options
from makini_desktop.services.ports import Notifier, Vault
from makini_desktop.services.reconnect import Reconnect
from makini_desktop.services.store import last_days
from makini_desktop.services.syncs import Syncs
from makini_desktop.services.tokens import Tokens

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Http

_log = logging.getLogger(__name__)

KEEP_EVERY = 1.0
"""Seconds between writes of what changed, and looks at what other processes wrote."""

NO_ACCOUNT = Account(name=AccountName(""), api_base="", link_base="", client_id="", redirect_uris=())


class Program:
    """Everything but the face: store, services and adapters, for one account.

    Args:
        options: what was asked for.
        report: told of errors that no code expected.
        notifier: the desktop's notification service; None for a command.
        memory_if_closed: run on memory while the vault is closed, as the window does.
        orders: what the tour does in the login window.
        face: what a window shows already; a command needs none.
    """

    def __init__(
        self,
        options: Options,
        *,
        report: Callable[[BaseException], None],
        notifier: Notifier | None = None,
        memory_if_closed: bool = False,
        orders: Orders | None = None,
        face: Face | None = None,
    ) -> None:
        face = face or Face(options)
        self._options = options
        self._stack = AsyncExitStack()
        self._notifier = notifier
        self._http: asyncio.Task[Http] | None = None
        self.settings = face.settings
        self.account = face.account or NO_ACCOUNT
        self.clock = face.clock
        self.store = face.store
        self.tasks = Tasks(report)
        self.database = SqliteDatabase(options.paths.database)
        self.locks = FileLocks(options.paths.locks)
        real = open_vault(options.vault, options.paths, options.passphrase)
        self.vault: Vault = VaultOrMemory(real, MemoryVault(), self.store) if memory_if_closed else real
        self.sandbox = (
            EmbeddedSandbox(options.paths.sandbox, options.sandbox_arguments) if options.sandbox else None
        )
        self.accounts = Accounts(self.database, self.vault)
        self.budget = Budget(self.clock)
        self.alerts = Alerts(self.store, notifier or _Silent(), self.tasks, self.clock)
        self.api = MakiniApi(
            self._account,
            self.http,
            lambda: self.vault.client_secret(self.account.name),
            self._placed,
        )
        self.ledger = Ledger(self._account, self.store, self.database, self.alerts, self.clock)
        self.tokens = Tokens(self._account, self.api, self.vault, self.locks, self.clock)
        self.monitor = Monitor(
            self.api, self.tokens, self.store, self.ledger, self.tasks, self.clock, self.budget.per_second
        )
        self.syncs = Syncs(self._account, self.api, self.tokens, self.ledger, self.database, self.clock)
        self.login = EmbeddedLogin(
            options.paths.attempts,
            self.locks,
            lambda: self.settings.get("ui.theme", "system"),
            orders=orders,
        )
        self.reconnect = Reconnect(
            self._account,
            self._state_seen,
            self.api,
            self.vault,
            self.locks,
            self.store,
            self.ledger,
            self.monitor,
            self.login,
            self.clock,
        )
        self.commands = face.commands
        self.commands.begin(
            tasks=self.tasks,
            ledger=self.ledger,
            database=self.database,
            monitor=self.monitor,
            reconnect=self.reconnect,
            syncs=self.syncs,
            allow_issuing=self._allow_issuing,
            open_vault=self.vault.open,
            control_sandbox=self._control_sandbox if self.sandbox is not None else None,
        )

    async def open(self, name: str | None = None) -> None:
        """Open database and vault, start the sandbox if asked for, and settle which account it is.

        Args:
            name: the account, where the command names it.

        Raises:
            UsageError: there is no account to choose, or several.
            KeychainUnavailable, VaultDamaged: the vault stays closed and memory was not allowed.
            StoreTooNew, ProfileInUse, Unreachable: the sentence says what to do.
        """
        await self.open_stores()
        if self.sandbox is not None:
            self._stack.push_async_callback(self.sandbox.aclose)
            await self.sandbox.start()
            self.account = await self.accounts.keep_sandbox(self.sandbox.account, self.sandbox.secret)
        else:
            self.account = await self.accounts.choose(
                name or self._options.account or self.account.name or None
            )
        self.ledger.load(
            () if self.store.rows else await self.database.connections(self.account.name),
            await self.database.strips(self.account.name, last_days(self.clock.now())[0]),
            await self.database.running_syncs(self.account.name),
        )

    async def open_stores(self) -> None:
        """Open database and vault only."""
        await self.open_database()
        await self.vault.open()

    async def open_database(self) -> None:
        """Open the database only."""
        if self._notifier is not None:
            self._stack.push_async_callback(self._notifier.aclose)
        self._stack.push_async_callback(self._close_http)
        await self.database.open()
        self._stack.push_async_callback(self.database.close)
        self._stack.push_async_callback(self.ledger.flush)
        self._stack.push_async_callback(self.tokens.aclose)
        self._stack.push_async_callback(self.reconnect.aclose)
        self._stack.push_async_callback(self.tasks.aclose)

    def watch(self) -> None:
        """Begin to watch, to keep what is seen, and to take up what was left over."""
        self.tasks.start("keep", self._keep())
        self.tasks.start("recover", self._recover())
        self.tasks.start("monitor", self.monitor.run())
        self.commands.resume_syncs()

    async def aclose(self) -> None:
        """End all work, write what is unwritten, close everything."""
        await self._stack.aclose()

    async def http(self) -> Http:
        """Return the one HTTP client, importing its library off this thread at first use."""
        if self._http is None:
            self._http = asyncio.ensure_future(self._connect())
        return await asyncio.shield(self._http)

    async def _connect(self) -> Http:
        module = await asyncio.to_thread(_import_http)
        return await module(self.clock, self.budget)

    async def _close_http(self) -> None:
        await self.budget.aclose()
        if self._http is not None:
            http = await self._http
            await http.aclose()

    async def _keep(self) -> None:
        while True:
            await self.clock.sleep(KEEP_EVERY)
            await self.ledger.flush()
            await self.ledger.adopt()
            self.store.set_sweep(msgspec.structs.replace(self.store.sweep, budget_used=self.budget.used()))

    async def _recover(self) -> None:
        await self.login.clear()
        await self.reconnect.recover()

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
        await self.database.save_account(self.account)

    def _control_sandbox(self, order: Mapping[str, int | str | bool]) -> Awaitable[None]:
        assert self.sandbox is not None  # noqa: S101 - only handed out with a sandbox
        return self.sandbox.control(self.http, order)


class _Silent:
    """No notification service: for commands, which speak on the terminal."""

    available = False

    async def show(self, notification: object, pressed: object) -> None:
        """Do nothing."""

    async def withdraw(self, tag: str) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""


def desktop_notifier() -> Notifier:
    """Return the notification service of this system."""
    if platform.system() == "Linux":
        from makini_desktop.adapters.notify.freedesktop import FreedesktopNotifier

        return FreedesktopNotifier()
    from makini_desktop.adapters.notify.native import NativeNotifier

    return NativeNotifier()


def _import_http() -> Callable[..., Awaitable[Http]]:
    from makini_desktop.adapters.api.http import connect

    return connect
