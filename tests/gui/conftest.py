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
from makini_desktop.domain.login import LoginPath, Stage
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.settings import Metadatum, ScheduleChange, WebhookChange
from makini_desktop.domain.token import Secret
from makini_desktop.services.duplicates import DuplicateWarning
from makini_desktop.services.hand_over import HandedToken
from makini_desktop.services.history_export import ExportForm
from makini_desktop.services.invitations import Invitation, Sent
from makini_desktop.services.new_connections import Applicant
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


class FakePaths:
    """Login paths: what is refused, and what was chosen before."""

    def __init__(self) -> None:
        self.refusals: dict[LoginPath, str] = {}
        self.chosen = LoginPath.EMBEDDED

    def refusal(self, path: LoginPath, connection: ConnectionId | None = None) -> str:
        return self.refusals.get(path, "")

    def choice(self, system: str) -> LoginPath:
        return self.chosen


class FakeDuplicates:
    """Warns of what it was given."""

    def __init__(self) -> None:
        self.warning: DuplicateWarning | None = None

    def before_connect(self, system: str, company: str = "") -> DuplicateWarning | None:
        return self.warning

    def before_reconnect(self, connection: ConnectionId) -> DuplicateWarning | None:
        return self.warning


class FakeInvitations:
    """Has one message, or a reason for none; `wait` keeps who asked for it waiting."""

    def __init__(self, orders: list[tuple[Any, ...]]) -> None:
        self._orders = orders
        self.message = Invitation(
            subject="Please sign in to SAP S/4HANA again",
            text="Hello Acme Pumps,\n\nplease open this link:\n\nhttps://link.example/oauth?a=1&b=2\n",
            link="https://link.example/oauth?a=1&b=2",
            email="it+sap@acme.example",
        )
        self.refusal = ""
        self.waits = False
        self.answers: list[Callable[[], None]] = []

    def prepare(
        self, connection: ConnectionId, ready: Callable[[Invitation], None], refused: Callable[[str], None]
    ) -> None:
        self.answers.append(lambda: refused(self.refusal) if self.refusal else ready(self.message))
        if not self.waits:
            self.answers[-1]()

    def sent(self, connection: ConnectionId, how: Sent) -> None:
        self._orders.append(("sent", connection, how))


class FakeConnecting:
    """Writes down the orders about beginnings, ends and settings; keeps what is to be told of them."""

    def __init__(self, orders: list[tuple[Any, ...]]) -> None:
        self._orders = orders
        self.stage: Stage | None = None
        self.stage_changed: Event[Stage | None] = Event()
        self.answers: list[Callable[..., None]] = []
        self.handed = HandedToken(token=Secret("t0k3n-of-acme"), ends_at=NOW + timedelta(days=20))

    def load_platforms(self, ended: Callable[[str], None]) -> None:
        self._orders.append(("load_platforms",))
        self.answers.append(ended)

    def connect(
        self,
        system: Platform | None = None,
        interval_minutes: int | None = None,
        history_days: int | None = None,
        path: LoginPath | None = None,
    ) -> None:
        self._orders.append(("connect", system, interval_minutes, history_days, path))

    def connect_by_credentials(
        self,
        applicant: Applicant,
        interval_minutes: int | None = None,
        history_days: int | None = None,
        *,
        refused: Callable[[Exception], None],
        created: Callable[[], None],
    ) -> None:
        self._orders.append(("connect_by_credentials", applicant, interval_minutes, history_days))
        self.answers += [refused, created]

    def cancel_connect(self) -> None:
        self._orders.append(("cancel_connect",))

    def disconnect_question(self, connection: ConnectionId) -> tuple[str, str]:
        return f"Disconnect {connection}?", "Its token ends; its history stays."

    def disconnect(self, connection: ConnectionId) -> None:
        self._orders.append(("disconnect", connection))

    def token_question(self, connection: ConnectionId) -> tuple[str, str]:
        return f"Copy the token of {connection}?", "It is cleared after 30 seconds."

    def copy_token(self, connection: ConnectionId, copy: Callable[[HandedToken], None]) -> None:
        self._orders.append(("copy_token", connection))
        copy(self.handed)

    def load_settings(self, connection: ConnectionId) -> None:
        self._orders.append(("load_settings", connection))

    def change_schedule(self, connection: ConnectionId, change: ScheduleChange, ended: Any) -> None:
        self._ordered("change_schedule", connection, change, ended)

    def change_webhook(self, connection: ConnectionId, change: WebhookChange, ended: Any) -> None:
        self._ordered("change_webhook", connection, change, ended)

    def set_metadata(self, connection: ConnectionId, entries: Sequence[Metadatum], ended: Any) -> None:
        self._ordered("set_metadata", connection, tuple(entries), ended)

    def save_note(self, connection: ConnectionId, text: str, ended: Any) -> None:
        self._ordered("save_note", connection, text, ended)

    def _ordered(self, name: str, connection: ConnectionId, change: Any, ended: Any) -> None:
        self._orders.append((name, connection, change))
        self.answers.append(ended)


class FakeCommands:
    """Writes down every order as its name and arguments."""

    def __init__(self) -> None:
        self.orders: list[tuple[Any, ...]] = []
        self.settings: dict[str, str] = {}
        self.inbox = FakeInbox(self.orders)
        self.history = FakeHistory(self.orders)
        self.repairs = FakeRepairs(self.orders)
        self.login_paths = FakePaths()
        self.duplicates = FakeDuplicates()
        self.invitations = FakeInvitations(self.orders)
        self.connecting = FakeConnecting(self.orders)

    def check_now(self, ids: Sequence[ConnectionId] = ()) -> None:
        self.orders.append(("check_now", *ids))

    def reconnect(
        self, connection: ConnectionId, path: LoginPath | None = None, *, sure: bool = False
    ) -> None:
        said = ((path,) if path is not None else ()) + (("sure",) if sure else ())
        self.orders.append(("reconnect", connection, *said))

    def adopt(self, old: ConnectionId) -> None:
        self.orders.append(("adopt", old))

    def keep_both(self, old: ConnectionId) -> None:
        self.orders.append(("keep_both", old))

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
        self.orders.append(("sandbox", action, connection, *([dict(parameters)] if parameters else [])))

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
