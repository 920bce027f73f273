"""The services of one account and how they depend on each other, for the program and its tests alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import tzinfo

from makini_desktop.core.clock import Clock
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.login import LoginOutcome, LoginPath
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.adoption import Adoption
from makini_desktop.services.after_repair import AfterRepair
from makini_desktop.services.alerts import Alerts
from makini_desktop.services.commands import Commands
from makini_desktop.services.connecting import Connecting
from makini_desktop.services.discovery import Discovery
from makini_desktop.services.duplicates import Duplicates
from makini_desktop.services.history import History
from makini_desktop.services.inbox import Inbox
from makini_desktop.services.incidents import Incidents
from makini_desktop.services.invitations import Invitations
from makini_desktop.services.keeping import Keeping
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.login_paths import LoginPaths
from makini_desktop.services.login_ports import LoginBrowser, LoginWindow
from makini_desktop.services.logins import Logins
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.ports import Api, Database, Locks, Notifier, Vault
from makini_desktop.services.preferences import Preferences
from makini_desktop.services.presence import Presence
from makini_desktop.services.reconnect import Reconnect
from makini_desktop.services.repairs import Repairs
from makini_desktop.services.server import Server
from makini_desktop.services.shown_detail import ShownDetail
from makini_desktop.services.store import Store
from makini_desktop.services.syncs import Syncs
from makini_desktop.services.token_list import TokenList
from makini_desktop.services.tokens import Tokens
from makini_desktop.services.weather import Weather


class AccountServices:
    """What watches and mends one account's connections; nothing runs before somebody starts it.

    Args:
        account: gives the account as it is now.
        budget: requests that may be sent in a second.
        used: how many were sent in the last one.
        state_seen: told whether a login page gave `state` back.
        allow_issuing: keeps whether tokens may be issued.
        control_sandbox: makes something happen in the sandbox; None where the account is none of its.
        tz: the zone in which notifications say times; None for this computer's.
    """

    def __init__(
        self,
        *,
        account: Callable[[], Account],
        api: Api,
        vault: Vault,
        locks: Locks,
        database: Database,
        window: LoginWindow,
        browser: LoginBrowser,
        notifier: Notifier,
        preferences: Preferences,
        store: Store,
        commands: Commands,
        server: Server,
        tasks: Tasks,
        clock: Clock,
        budget: int,
        used: Callable[[], int],
        state_seen: Callable[[bool], None],
        allow_issuing: Callable[[bool], Awaitable[None]],
        control_sandbox: Callable[[Mapping[str, int | str | bool]], Awaitable[None]] | None = None,
        tz: tzinfo | None = None,
    ) -> None:
        self.tasks = tasks
        self.commands = commands
        orders = commands.orders
        self.weather = Weather()
        self.incidents = Incidents(account, store, database, self.weather, tasks, clock)
        self.alerts = Alerts(
            account, store, self.incidents, preferences, self.weather, notifier, tasks, clock, tz
        )
        self.ledger = Ledger(account, store, database, self.incidents, clock)
        self.tokens = Tokens(account, api, vault, locks, clock)
        self.parts = parts = AccountParts(
            account=account,
            api=api,
            tokens=self.tokens,
            vault=vault,
            locks=locks,
            store=store,
            ledger=self.ledger,
            clock=clock,
        )
        self.token_list = TokenList(parts)
        self.monitor = Monitor(
            api, self.tokens, self.token_list, store, self.ledger, self.weather, tasks, clock, budget
        )
        self.discovery = Discovery(parts, server)
        self.syncs = Syncs(account, api, self.tokens, self.ledger, database, clock)
        self.login_paths = LoginPaths(parts, database, browser)
        self.logins = Logins(parts, self.login_paths, window, browser, state_seen)
        self.reconnect = Reconnect(parts, self.monitor, self.login_paths, self.logins)
        self.presence = Presence(account, locks)
        self.keeping = Keeping(store, self.ledger, self.incidents, server, database, clock, used)
        self.history = History(account, store, self.ledger, database, clock, orders)
        self.detail = ShownDetail(store, self.ledger, self.history, self.syncs, orders, api.requests)
        self.inbox = Inbox(account, store, self.incidents, preferences, database, notifier, orders)
        self.repairs = Repairs(
            account, self._repair_login, commands.login_ended, orders, store, database, clock
        )
        self.connecting = Connecting(
            parts,
            database,
            self.monitor,
            self.syncs,
            self.token_list,
            self.reconnect,
            orders,
            cancel_reconnect=commands.cancel_reconnect,
            follow=commands.follow_sync,
        )
        self.adoption = Adoption(
            parts, self.connecting.settings, self.connecting.ending, self.inbox, database
        )
        self.duplicates = Duplicates(parts, database)
        self.after_repair = AfterRepair(parts, self.syncs, self.duplicates, self.adoption)
        self.invitations = Invitations(parts, self.login_paths, self.monitor, database, orders)
        commands.begin(
            tasks=tasks,
            detail=self.detail,
            database=database,
            monitor=self.monitor,
            token_list=self.token_list,
            reconnect=self.reconnect,
            login_paths=self.login_paths,
            syncs=self.syncs,
            repairs=self.repairs,
            history=self.history,
            inbox=self.inbox,
            connecting=self.connecting,
            adoption=self.adoption,
            after_repair=self.after_repair,
            duplicates=self.duplicates,
            invitations=self.invitations,
            allow_issuing=allow_issuing,
            open_vault=vault.open,
            control_sandbox=control_sandbox,
        )

    async def _repair_login(self, connection: ConnectionId, path: LoginPath) -> LoginOutcome:
        """Run a login of the queue: in the browser if that was asked for, else as chosen for the system."""
        return await self.reconnect.run(connection, path if path is LoginPath.BROWSER else None)
