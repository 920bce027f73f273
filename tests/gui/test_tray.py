"""The tray: what its icon and menu say, with or without a tray on this desktop."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import Cause, Incident, IncidentId, SnoozedUntil
from makini_desktop.services.store import Offline, Store
from makini_desktop.services.watched import Watched
from makini_desktop.ui.icons import tray_pixmap
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.presence import Presence
from makini_desktop.ui.tray import Tray
from makini_desktop.ui.tray_state import tray_state
from tests.gui.conftest import FakeClock, FakeCommands
from tests.gui.rows import NOW, row

ACME, BALTIC = ConnectionId("acme-pumps"), ConnectionId("baltic-paper")
PRODUCTION, TEST = AccountName("Production"), AccountName("Test")


class Desktop:
    """A desktop that has a tray, or not."""

    has_tray = True


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Desktop:
    desktop = Desktop()
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: desktop.has_tray)
    return desktop


class FakeOrders:
    """Writes down what was to be done with the window."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def come_forward(self) -> None:
        self.calls.append(("come_forward",))

    def show(self, account: AccountName, connection: ConnectionId | None) -> None:
        self.calls.append(("show", account, connection))

    def show_needing(self, account: AccountName) -> None:
        self.calls.append(("show_needing", account))

    def show_inbox(self, account: AccountName, incident: IncidentId | None) -> None:
        self.calls.append(("show_inbox", account, incident))

    def quit(self) -> None:
        self.calls.append(("quit",))


@pytest.fixture
def orders() -> FakeOrders:
    return FakeOrders()


@pytest.fixture
def presence(window: MainWindow, commands: FakeCommands) -> Presence:
    return Presence(window, commands.settings, commands.save_setting, commands.quit)


@pytest.fixture
def production(store: Store, commands: FakeCommands) -> Watched:
    return Watched(PRODUCTION, store, commands)  # type: ignore[arg-type]


@pytest.fixture
def second_account() -> Watched:
    """A second account, one of whose connections has the id of one of the first."""
    store = Store()
    store.put([row("Acme Pumps", Health.LATE), row("Zeta Foods")])
    return Watched(TEST, store, FakeCommands())  # type: ignore[arg-type]


@pytest.fixture
def tray(
    desktop: Desktop, production: Watched, clock: FakeClock, presence: Presence, orders: FakeOrders
) -> Iterator[Tray]:
    tray = Tray([production], clock, presence, orders)
    yield tray
    tray.close()


def incident(name: str, **values: Any) -> Incident:
    """Return an open incident of the whole account."""
    return Incident(
        id=IncidentId(name),
        cause=Cause.MAKINI,
        opened_at=values.pop("opened_at", NOW),
        joined_at=NOW,
        evidence=Evidence(source=EvidenceSource.LIST, at=NOW),
        **values,
    )


def action(tray: Tray, *path: str) -> QAction:
    """Return the action that the words of `path` lead to."""
    menu = tray.menu
    for words in path[:-1]:
        menu = next(each.menu() for each in menu.actions() if each.text() == words)
    return next(each for each in menu.actions() if each.text() == path[-1])


def test_the_state_names_the_worst_and_counts_those_that_need_a_person(production: Watched) -> None:
    state = tray_state([production], NOW)
    assert (state.worst, state.count, state.words) == (
        Health.RECONNECT_NEEDED,
        2,
        "2 connections need you",
    )
    assert [entry.text for entry in state.entries] == [
        "Acme Pumps – Reconnect needed",
        "Baltic Paper – Failing",
    ]


def test_more_than_ten_are_counted_not_listed(store: Store, production: Watched) -> None:
    store.put(row(f"Customer {number:02}", Health.LATE) for number in range(40))
    state = tray_state([production], NOW)
    assert (len(state.entries), state.more) == (10, 32)


def test_nothing_to_do_and_no_way_to_makini_are_said(store: Store, production: Watched) -> None:
    store.put([row("Acme Pumps"), row("Baltic Paper")])
    assert tray_state([production], NOW).words == "5 connections, nothing needs you"
    store.set_line(Offline(NOW, "down"))
    assert tray_state([production], NOW).words == "Makini cannot be reached"


def test_several_accounts_are_one_state_and_told_apart_by_name(
    production: Watched, second_account: Watched
) -> None:
    state = tray_state([second_account, production], NOW)
    assert (state.worst, state.count, state.words) == (
        Health.RECONNECT_NEEDED,
        3,
        "3 connections need you",
    )
    assert [(entry.account, entry.text) for entry in state.entries] == [
        (PRODUCTION, "Acme Pumps – Reconnect needed · Production"),
        (PRODUCTION, "Baltic Paper – Failing · Production"),
        (TEST, "Acme Pumps – Late · Test"),
    ]


def test_one_account_that_cannot_be_reached_hides_nothing_of_the_others(
    production: Watched, second_account: Watched
) -> None:
    second_account.store.set_line(Offline(NOW, "down"))
    assert tray_state([production, second_account], NOW).words == (
        "3 connections need you; Makini cannot be reached for Test"
    )
    production.store.set_line(Offline(NOW, "down"))
    assert tray_state([production, second_account], NOW).words == "Makini cannot be reached"


def test_without_an_account_it_says_so_and_can_still_be_quit(
    desktop: Desktop, clock: FakeClock, presence: Presence, orders: FakeOrders
) -> None:
    tray = Tray([], clock, presence, orders)
    action(tray, "Quit").trigger()
    assert orders.calls == [("quit",)]
    assert tray_state([], NOW).words == "No connections yet"
    tray.close()


def test_orders_go_to_the_account_whose_connection_it_is(
    qtbot: QtBot, tray: Tray, production: Watched, second_account: Watched, orders: FakeOrders
) -> None:
    tray.set_watched([production, second_account])
    action(tray, "Acme Pumps – Late · Test", "Sync now").trigger()
    action(tray, "Acme Pumps – Late · Test", "Show").trigger()
    action(tray, "Check now").trigger()
    assert second_account.commands.orders == [("sync_now", ACME), ("check_now",)]
    assert production.commands.orders == [("check_now",)]
    assert orders.calls == [("show", TEST, ACME)]
    second_account.store.put([row("Acme Pumps")])
    qtbot.waitUntil(lambda: "Acme Pumps – Late · Test" not in [each.text() for each in tray.menu.actions()])


def test_the_menu_is_one_click_from_repair(tray: Tray, commands: FakeCommands, orders: FakeOrders) -> None:
    action(tray, "Acme Pumps – Reconnect needed", "Reconnect").trigger()
    action(tray, "Baltic Paper – Failing", "Sync now").trigger()
    action(tray, "Check now").trigger()
    assert commands.orders == [("reconnect", ACME), ("sync_now", BALTIC), ("check_now",)]
    action(tray, "Baltic Paper – Failing", "Show").trigger()
    action(tray, "Open window").trigger()
    action(tray, "Quit").trigger()
    assert orders.calls == [("show", PRODUCTION, BALTIC), ("come_forward",), ("quit",)]


def test_those_beyond_the_tenth_are_shown_in_the_list(
    qtbot: QtBot, store: Store, tray: Tray, orders: FakeOrders
) -> None:
    store.put(row(f"Customer {number:02}", Health.LATE) for number in range(40))
    qtbot.waitUntil(lambda: "and 32 more" in [each.text() for each in tray.menu.actions()])
    action(tray, "and 32 more").trigger()
    assert orders.calls == [("show_needing", PRODUCTION)]


def test_open_incidents_are_counted_and_snoozed_together(
    qtbot: QtBot, store: Store, tray: Tray, commands: FakeCommands, orders: FakeOrders, clock: FakeClock
) -> None:
    texts = lambda: [each.text() for each in tray.menu.actions()]  # noqa: E731
    assert "Snooze all for an hour" not in texts()
    snoozed = SnoozedUntil(NOW + timedelta(minutes=10))
    store.put_incidents(
        [
            incident("one", opened_at=NOW - timedelta(hours=1)),
            incident("two", snooze=snoozed),
            incident("known", acknowledged_at=NOW),
            incident("over", closed_at=NOW),
        ]
    )
    qtbot.waitUntil(lambda: "2 open incidents" in texts())
    action(tray, "2 open incidents").trigger()
    assert orders.calls == [("show_inbox", PRODUCTION, "two")]
    action(tray, "Snooze all for an hour").trigger()
    an_hour = SnoozedUntil(NOW + timedelta(hours=1))
    assert commands.orders == [("snooze", an_hour, "one")]
    store.put_incidents([incident("one", snooze=an_hour)])
    qtbot.waitUntil(lambda: "Snooze all for an hour" not in texts())
    clock.at += timedelta(minutes=30)
    tray.menu.aboutToShow.emit()
    action(tray, "Snooze all for an hour").trigger()
    assert commands.orders[-1] == ("snooze", SnoozedUntil(clock.at + timedelta(hours=1)), "two")


def test_a_name_with_an_ampersand_is_read_as_it_is(qtbot: QtBot, store: Store, tray: Tray) -> None:
    store.put([row("Acme & Sons", Health.LATE)])
    qtbot.waitUntil(lambda: "Acme && Sons – Late" in [each.text() for each in tray.menu.actions()])


def test_a_menu_that_is_open_changes_once_it_is_closed(qtbot: QtBot, store: Store, tray: Tray) -> None:
    tray.menu.popup(QPoint(0, 0))
    store.put([row("Acme Pumps"), row("Baltic Paper")])
    tray.refresh()
    assert tray.menu.actions()[0].text() == "Acme Pumps – Reconnect needed"
    tray.menu.close()
    qtbot.waitUntil(lambda: tray.menu.actions()[0].text() == "Open window")


def test_the_menu_follows_the_store(qtbot: QtBot, store: Store, tray: Tray) -> None:
    store.put([row("Acme Pumps")])
    qtbot.waitUntil(lambda: tray.menu.actions()[0].text() == "Baltic Paper – Failing")


def test_a_tray_that_appears_later_is_used_and_one_that_goes_is_not_missed(
    desktop: Desktop, production: Watched, clock: FakeClock, presence: Presence, orders: FakeOrders
) -> None:
    desktop.has_tray = False
    tray = Tray([production], clock, presence, orders)
    assert tray.icon is None
    assert not presence.tray
    desktop.has_tray = True
    tray.look_for_tray()
    assert presence.tray
    assert tray.icon is not None
    assert tray.icon.toolTip() == "2 connections need you"
    desktop.has_tray = False
    tray.look_for_tray()
    assert tray.icon is None
    assert not presence.tray
    tray.close()


def test_the_icon_differs_by_health_and_count(window: MainWindow) -> None:
    images = [
        tray_pixmap(Health.RECONNECT_NEEDED, "#B3213C", 2, 32).toImage(),
        tray_pixmap(Health.RECONNECT_NEEDED, "#B3213C", 3, 32).toImage(),
        tray_pixmap(Health.FAILING, "#B04300", 2, 32).toImage(),
        tray_pixmap(Health.HEALTHY, "#14724A", 0, 32).toImage(),
        tray_pixmap(None, "#566171", 0, 32).toImage(),
    ]
    assert all(one != other for at, one in enumerate(images) for other in images[at + 1 :])
