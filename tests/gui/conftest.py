"""A window on a store of its own, with commands that only write down what was ordered."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from makini_desktop.core.event import Event
from makini_desktop.domain.account import Account, AccountName
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.alerting import AlertSettings
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import IncidentId, Snooze
from makini_desktop.domain.token import Secret
from makini_desktop.services.history_export import ExportForm
from makini_desktop.services.store import Store
from makini_desktop.ui.main_window import MainWindow
from tests.gui.rows import NOW, some


class FakeInbox:
    """Writes down the orders about incidents; what is muted and announced is as it was ordered."""

    def __init__(self, orders: list[tuple[Any, ...]]) -> None:
        self.orders = orders
        self.settings = AlertSettings()
        self.settings_changed: Event[AlertSettings] = Event()
        self.notifications_available = True

    def acknowledge(self, ids: Sequence[IncidentId]) -> None:
        self.orders.append(("acknowledge", *ids))

    def snooze(self, ids: Sequence[IncidentId], snooze: Snooze | None) -> None:
        self.orders.append(("snooze", snooze, *ids))

    def mute_connections(self, ids: Sequence[ConnectionId], muted: bool) -> None:
        self.orders.append(("mute" if muted else "unmute", *ids))

    def mute_system(self, system: str, muted: bool) -> None:
        self.orders.append(("mute_system" if muted else "unmute_system", system))

    def change(self, settings: AlertSettings) -> None:
        self.settings = settings
        self.settings_changed.emit(settings)


class FakeRepairs:
    """Writes down the orders about the repair queue."""

    def __init__(self, orders: list[tuple[Any, ...]]) -> None:
        self._orders = orders

    def start(self, ids: Sequence[ConnectionId]) -> None:
        self._orders.append(("repairs", "start", *ids))

    def __getattr__(self, order: str) -> Callable[[], None]:
        return lambda: self._orders.append(("repairs", order))


class FakeHistory:
    """Writes down the orders about the past."""

    def __init__(self, orders: list[tuple[Any, ...]]) -> None:
        self.orders = orders

    def find(self, connection: ConnectionId, kinds: Set[ActivityKind] | None = None, text: str = "") -> None:
        self.orders.append(("find", connection, kinds, text))

    def export(self, connection: ConnectionId, path: Path, form: ExportForm) -> None:
        self.orders.append(("export", connection, path, form))


class FakeCommands:
    """Writes down every order as its name and arguments."""

    def __init__(self) -> None:
        self.orders: list[tuple[Any, ...]] = []
        self.settings: dict[str, str] = {}
        self.inbox = FakeInbox(self.orders)
        self.history = FakeHistory(self.orders)
        self.repairs = FakeRepairs(self.orders)

    def check_now(self, ids: Sequence[ConnectionId] = ()) -> None:
        self.orders.append(("check_now", *ids))

    def reconnect(self, connection: ConnectionId) -> None:
        self.orders.append(("reconnect", connection))

    def cancel_reconnect(self, connection: ConnectionId) -> None:
        self.orders.append(("cancel_reconnect", connection))

    def sync_now(self, ids: Sequence[ConnectionId]) -> None:
        self.orders.append(("sync_now", *ids))

    def load_detail(self, connection: ConnectionId) -> None:
        self.orders.append(("load_detail", connection))

    def add_token(self, token: Secret) -> None:
        self.orders.append(("add_token", token))

    def answer_issuing(self, allowed: bool) -> None:
        self.orders.append(("answer_issuing", allowed))

    def open_dashboard(self) -> None:
        self.orders.append(("open_dashboard",))

    def retry_keychain(self) -> None:
        self.orders.append(("retry_keychain",))

    def sandbox(
        self, action: str, connection: ConnectionId | None, parameters: Mapping[str, Any] | None = None
    ) -> None:
        self.orders.append(("sandbox", action, connection))

    def save_setting(self, key: str, value: str) -> None:
        self.settings[key] = value

    def quit(self) -> None:
        self.orders.append(("quit",))


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOW).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


ACCOUNT = Account(
    name=AccountName("Acme Integrations"), api_base="", link_base="", client_id="", redirect_uris=()
)


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["makini-desktop", "-style", "Fusion"]


@pytest.fixture
def commands() -> FakeCommands:
    return FakeCommands()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store() -> Store:
    store = Store()
    store.put(some())
    return store


MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def make_window(qtbot: QtBot, store: Store, commands: FakeCommands, clock: FakeClock) -> Iterator[MakeWindow]:
    """Return a function that opens a window on `store`, its detail built."""
    made: list[MainWindow] = []

    def make(
        *,
        account: Account | None = ACCOUNT,
        settings: Mapping[str, str] | None = None,
        sandbox: bool = False,
        size: tuple[int, int] = (1320, 800),
    ) -> MainWindow:
        window = MainWindow(
            store,
            commands,
            clock,
            account=account,
            settings=settings or {},
            sandbox=sandbox,  # type: ignore[arg-type]
        )
        made.append(window)
        window.resize(*size)
        window.show()
        qtbot.waitUntil(lambda: window.detail is not None)
        return window

    yield make
    for window in made:
        window.close_down()
        window.deleteLater()


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    return make_window()


def names(window: MainWindow) -> list[str]:
    """Return the customers shown, from top to bottom."""
    return [window.model.row(position).connection.name for position in range(window.model.rowCount())]
