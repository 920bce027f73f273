"""The tray: what its icon and menu say, with or without a tray on this desktop."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.store import Offline, Store
from makini_desktop.ui.icons import tray_pixmap
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.tray import Tray, tray_state
from tests.gui.conftest import FakeClock, FakeCommands
from tests.gui.rows import NOW, row

ACME, BALTIC = ConnectionId("acme-pumps"), ConnectionId("baltic-paper")


class Desktop:
    """A desktop that has a tray, or not."""

    has_tray = True


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Desktop:
    desktop = Desktop()
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: desktop.has_tray)
    return desktop


@pytest.fixture
def tray(
    desktop: Desktop, store: Store, commands: FakeCommands, clock: FakeClock, window: MainWindow
) -> Iterator[Tray]:
    tray = Tray(store, commands, clock, window)  # type: ignore[arg-type]
    yield tray
    tray.close()


def action(tray: Tray, *path: str) -> QAction:
    """Return the action that the words of `path` lead to."""
    menu = tray.menu
    for words in path[:-1]:
        menu = next(each.menu() for each in menu.actions() if each.text() == words)
    return next(each for each in menu.actions() if each.text() == path[-1])


def test_the_state_names_the_worst_and_counts_those_that_need_a_person(store: Store) -> None:
    state = tray_state(store)
    assert (state.worst, state.count, state.words) == (
        Health.RECONNECT_NEEDED,
        2,
        "2 connections need you",
    )
    assert [entry.text for entry in state.entries] == [
        "Acme Pumps – Reconnect needed",
        "Baltic Paper – Failing",
    ]


def test_more_than_ten_are_counted_not_listed(store: Store) -> None:
    store.put(row(f"Customer {number:02}", Health.LATE) for number in range(40))
    state = tray_state(store)
    assert (len(state.entries), state.more) == (10, 32)


def test_nothing_to_do_and_no_way_to_makini_are_said(store: Store) -> None:
    store.put([row("Acme Pumps"), row("Baltic Paper")])
    assert tray_state(store).words == "5 connections, nothing needs you"
    store.set_line(Offline(NOW, "down"))
    assert tray_state(store).words == "Makini cannot be reached"


def test_the_menu_is_one_click_from_repair(tray: Tray, commands: FakeCommands, window: MainWindow) -> None:
    action(tray, "Acme Pumps – Reconnect needed", "Reconnect").trigger()
    action(tray, "Baltic Paper – Failing", "Sync now").trigger()
    action(tray, "Check now").trigger()
    action(tray, "Quit").trigger()
    assert commands.orders == [("reconnect", ACME), ("sync_now", BALTIC), ("check_now",), ("quit",)]
    action(tray, "Baltic Paper – Failing", "Show").trigger()
    assert window.table.selected_ids() == [BALTIC]


def test_the_menu_follows_the_store(qtbot: QtBot, store: Store, tray: Tray) -> None:
    store.put([row("Acme Pumps")])
    qtbot.waitUntil(lambda: tray.menu.actions()[0].text() == "Baltic Paper – Failing")


def test_a_tray_that_appears_later_is_used_and_one_that_goes_is_not_missed(
    desktop: Desktop, store: Store, commands: FakeCommands, clock: FakeClock, window: MainWindow
) -> None:
    desktop.has_tray = False
    tray = Tray(store, commands, clock, window)  # type: ignore[arg-type]
    assert tray.icon is None
    assert not window.hides_to_tray
    desktop.has_tray = True
    tray.look_for_tray()
    assert window.hides_to_tray
    assert tray.icon is not None
    assert tray.icon.toolTip() == "2 connections need you"
    window.close()
    assert window.isHidden()
    desktop.has_tray = False
    tray.look_for_tray()
    assert window.isVisible()
    assert not window.hides_to_tray
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
