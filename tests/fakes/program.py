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
from makini_desktop.services.account_services import AccountServices
from makini_desktop.services.commands import Commands
from makini_desktop.services.ports import Api
from makini_desktop.services.preferences import Preferences
from makini_desktop.services.server import Server
from makini_desktop.services.store import Notice, Row, Store
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


class FakeProgram(AccountServices):
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
        self.store = Store()
        self.store.noticed.subscribe(self.notices.append)
        self.preferences = Preferences({})
        self.server = Server(lambda: self.account, self.store, self.database, self.clock)
        super().__init__(
            account=lambda: self.account,
            api=self.api,
            vault=self.vault,
            locks=self.locks,
            database=self.database,
            window=self.window,
            browser=self.browser,
            notifier=self.notifier,
            preferences=self.preferences,
            store=self.store,
            commands=Commands(self.store, {}),
            server=self.server,
            tasks=Tasks(self.errors.append),
            clock=self.clock,
            budget=50,
            used=lambda: 0,
            state_seen=self._state_seen,
            allow_issuing=self._allow_issuing,
            tz=UTC,
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
