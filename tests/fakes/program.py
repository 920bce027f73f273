"""All services on fakes: the program without its adapters and its face."""

from datetime import UTC

import msgspec

from makini_desktop.adapters.vault.memory import MemoryVault
from makini_desktop.core.clock import Clock
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.account import Account, AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.token import Secret, TokenEntry, TokenPair
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
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.login_paths import LoginPaths
from makini_desktop.services.logins import Logins
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.ports import Api
from makini_desktop.services.preferences import Preferences
from makini_desktop.services.reconnect import Reconnect
from makini_desktop.services.repairs import Repairs
from makini_desktop.services.server import Server
from makini_desktop.services.store import Notice, Row, Store
from makini_desktop.services.syncs import Syncs
from makini_desktop.services.token_list import TokenList
from makini_desktop.services.tokens import Tokens
from makini_desktop.services.weather import Weather
from tests.fakes.api import Customer, FakeApi
from tests.fakes.clock import FakeClock
from tests.fakes.database import FakeDatabase
from tests.fakes.locks import FakeLocks
from tests.fakes.login_browser import FakeLoginBrowser
from tests.fakes.login_window import FakeLoginWindow
from tests.fakes.notifier import FakeNotifier

ACCOUNT = Account(
    name=AccountName("acme"),
    api_base="https://api.makini.example",
    link_base="https://link.makini.example",
    client_id="client-1",
    redirect_uris=("https://app.example.com/callback",),
)


class FakeProgram:
    """One process of the program; `beside` makes it a second one on the same profile.

    Args:
        clock, api: others than the usual ones.
    """

    def __init__(
        self,
        *customers: Customer,
        beside: "FakeProgram | None" = None,
        clock: Clock | None = None,
        api: Api | None = None,
    ) -> None:
        self.account = beside.account if beside else ACCOUNT
        self.clock = beside.clock if beside else clock or FakeClock()
        self.api = beside.api if beside else api or FakeApi(self.clock, *customers)
        self.vault = beside.vault if beside else MemoryVault()
        self.locks = beside.locks if beside else FakeLocks()
        self.database = FakeDatabase(beside.database if beside else None)
        self.errors: list[BaseException] = []
        self.notices: list[Notice] = []
        self.issuing_answers: list[bool] = []
        self.notifier = FakeNotifier()
        self.window = FakeLoginWindow(self.clock)
        self.browser = FakeLoginBrowser(self.clock)
        self.tasks = Tasks(self.errors.append)
        self.store = Store()
        self.weather = Weather()
        self.store.noticed.subscribe(self.notices.append)
        self.preferences = Preferences({})
        self.incidents = Incidents(
            lambda: self.account, self.store, self.database, self.weather, self.tasks, self.clock
        )
        self.alerts = Alerts(
            lambda: self.account,
            self.store,
            self.incidents,
            self.preferences,
            self.weather,
            self.notifier,
            self.tasks,
            self.clock,
            UTC,
        )
        self.ledger = Ledger(lambda: self.account, self.store, self.database, self.incidents, self.clock)
        self.tokens = Tokens(lambda: self.account, self.api, self.vault, self.locks, self.clock)
        self.parts = AccountParts(
            account=lambda: self.account,
            api=self.api,
            tokens=self.tokens,
            vault=self.vault,
            locks=self.locks,
            store=self.store,
            ledger=self.ledger,
            clock=self.clock,
        )
        self.token_list = TokenList(self.parts)
        self.monitor = Monitor(
            self.api,
            self.tokens,
            self.token_list,
            self.store,
            self.ledger,
            self.weather,
            self.tasks,
            self.clock,
            budget=50,
        )
        self.server = Server(lambda: self.account, self.store, self.database, self.clock)
        self.discovery = Discovery(self.parts, self.server)
        self.syncs = Syncs(
            lambda: self.account, self.api, self.tokens, self.ledger, self.database, self.clock
        )
        self.login_paths = LoginPaths(self.parts, self.database, self.browser)
        self.logins = Logins(self.parts, self.login_paths, self.window, self.browser, self._state_seen)
        self.reconnect = Reconnect(self.parts, self.monitor, self.login_paths, self.logins)
        self.commands = Commands(self.store, {})
        self.history = History(
            lambda: self.account, self.store, self.ledger, self.database, self.clock, self.commands.orders
        )
        self.inbox = Inbox(
            lambda: self.account,
            self.store,
            self.incidents,
            self.preferences,
            self.database,
            self.notifier,
            self.commands.orders,
        )
        self.repairs = Repairs(
            lambda: self.account,
            lambda connection, _path: self.reconnect.run(connection),
            self.commands.login_ended,
            self.commands.orders,
            self.store,
            self.database,
            self.clock,
        )
        self.connecting = Connecting(
            self.parts,
            self.database,
            self.monitor,
            self.syncs,
            self.token_list,
            self.reconnect,
            self.commands.orders,
            cancel_reconnect=self.commands.cancel_reconnect,
            follow=self.commands.follow_sync,
        )
        self.adoption = Adoption(
            self.parts, self.connecting.settings, self.connecting.ending, self.inbox, self.database
        )
        self.duplicates = Duplicates(self.parts, self.database)
        self.after_repair = AfterRepair(self.parts, self.syncs, self.duplicates, self.adoption)
        self.invitations = Invitations(
            self.parts, self.login_paths, self.monitor, self.database, self.commands.orders
        )
        self.commands.begin(
            tasks=self.tasks,
            ledger=self.ledger,
            database=self.database,
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
            requests=self.api.requests,
            allow_issuing=self._allow_issuing,
            open_vault=self.vault.open,
            control_sandbox=None,
        )

    async def open(self) -> None:
        await self.database.save_account(self.account)
        await self.vault.set_client_secret(self.account.name, Secret("client-5up3r"))
        await self.begin_incidents()

    async def begin_incidents(self) -> None:
        """Keep incidents and announce them, as the window does."""
        await self.inbox.load()
        await self.incidents.restore()

    async def aclose(self) -> None:
        self.api.open_gates()
        await self.tasks.aclose()
        await self.tokens.aclose()
        await self.reconnect.aclose()
        assert self.errors == []

    def change_account(self, **changes: object) -> None:
        self.account = msgspec.structs.replace(self.account, **changes)

    async def hold(self, connection: str, **options: object) -> TokenPair:
        """Put a living pair for a connection into the vault."""
        pair = self.api.pair(connection, **options)
        await self.put(connection, TokenEntry(current=pair))
        return pair

    async def put(self, connection: str, entry: TokenEntry) -> None:
        await self.vault.change_token(self.account.name, ConnectionId(connection), lambda _old: entry)

    async def entry(self, connection: str) -> TokenEntry:
        return await self.vault.token(self.account.name, ConnectionId(connection))

    async def current(self, connection: str) -> bytes:
        """Return the pair in use, byte for byte."""
        return msgspec.msgpack.encode((await self.entry(connection)).current)

    async def check(self, connection: str) -> None:
        await self.monitor.check(ConnectionId(connection))

    def row(self, connection: str) -> Row:
        row = self.store.row(ConnectionId(connection))
        assert row is not None
        return row

    def health(self, connection: str) -> Health:
        return self.row(connection).health

    def _state_seen(self, echoed: bool) -> None:
        if self.account.state_echoed is not True:
            self.change_account(state_echoed=echoed)

    async def _allow_issuing(self, allowed: bool) -> None:
        self.issuing_answers.append(allowed)
        self.change_account(issue_tokens=allowed)
