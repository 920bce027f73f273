"""Where a customer signs in: the choice beside the first button and in the row's menu, with its reasons."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidgetAction
from pytestqt.qtbot import QtBot

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import LoginPath, Stage
from makini_desktop.services.store import Store
from makini_desktop.ui.controls import Words
from makini_desktop.ui.login_actions import LoginMenu
from makini_desktop.ui.main_window import MainWindow
from tests.gui.conftest import FakeCommands
from tests.gui.rows import row

ACME = ConnectionId("acme-pumps")


def menu_of(window: MainWindow) -> LoginMenu:
    window.table.select([ACME])
    assert window.detail is not None
    menu = window.detail.panel.paths.menu()
    assert isinstance(menu, LoginMenu)
    menu.fill()
    return menu


def said(menu: QMenu) -> list[str]:
    """Return what the menu says, line by line."""
    lines = []
    for action in menu.actions():
        if isinstance(action, QWidgetAction):
            words = action.defaultWidget()
            assert isinstance(words, Words)
            lines.append(words.text())
        else:
            lines.append(action.text())
    return lines


def choice(menu: QMenu, path: int) -> QAction:
    return [action for action in menu.actions() if not isinstance(action, QWidgetAction)][path]


def test_the_three_paths_are_offered_and_the_last_choice_is_ticked(
    window: MainWindow, commands: FakeCommands
) -> None:
    commands.login_paths.chosen = LoginPath.BROWSER
    menu = menu_of(window)
    assert said(menu) == ["In a window here", "In my browser", "Send the customer a link…"]
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["In my browser"]


@pytest.mark.parametrize(("at", "path"), list(enumerate(LoginPath)))
def test_a_choice_begins_the_login_on_that_path(
    window: MainWindow, commands: FakeCommands, at: int, path: LoginPath
) -> None:
    choice(menu_of(window), at).trigger()
    assert commands.orders[-1] == ("reconnect", ACME, path)


def test_a_path_that_is_not_offered_says_why_for_who_has_no_mouse_too(
    window: MainWindow, commands: FakeCommands
) -> None:
    commands.login_paths.refusals[LoginPath.BROWSER] = "The browser needs a redirect to this computer."
    menu = menu_of(window)
    assert said(menu)[1:3] == ["In my browser", "The browser needs a redirect to this computer."]
    assert not choice(menu, 1).isEnabled()
    assert choice(menu, 1).toolTip() == "The browser needs a redirect to this computer."
    assert choice(menu, 2).isEnabled()


def test_the_choice_is_reached_by_keyboard(qtbot: QtBot, window: MainWindow, commands: FakeCommands) -> None:
    menu = menu_of(window)
    assert window.detail is not None
    panel = window.detail.panel
    panel.primary.setFocus()
    qtbot.keyClick(panel.primary, Qt.Key.Key_Tab)
    assert window.focusWidget() is panel.paths
    assert panel.paths.accessibleName() == "Other ways to sign in"
    menu.popup(panel.paths.mapToGlobal(panel.paths.rect().bottomLeft()))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(menu, key)
    assert commands.orders[-1] == ("reconnect", ACME, LoginPath.BROWSER)


def test_the_choice_stands_beside_reconnect_only(store: Store, window: MainWindow) -> None:
    window.table.select([ACME])
    assert window.detail is not None
    panel = window.detail.panel
    assert not panel.paths.isHidden()
    for changed in (row("Acme Pumps"), row("Acme Pumps", Health.STUCK)):
        store.put([changed])
        window.model.take_in()
        assert panel.paths.isHidden()
    store.put([row("Acme Pumps", Health.RECONNECT_NEEDED, stage=Stage.CHECKING)])
    window.model.take_in()
    assert panel.paths.isHidden()


def test_the_rows_menu_has_the_choice_too(window: MainWindow) -> None:
    window.table.select([ACME])
    assert window.detail is not None
    menu = window.detail.panel.more.menu()
    menu.aboutToShow.emit()
    inner = menu.findChild(LoginMenu)
    assert inner is not None
    assert inner.menuAction().isVisible()
    inner.fill()
    assert said(inner) == ["In a window here", "In my browser", "Send the customer a link…"]


def test_a_pending_connection_is_sent_a_link_and_that_is_no_choice(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    store.put([row("Acme Pumps", Health.PENDING)])
    window.model.take_in()
    window.table.select([ACME])
    assert window.detail is not None
    panel = window.detail.panel
    assert (panel.primary.text(), panel.second.text()) == ("Send link…", "Check now")
    commands.invitations.waits = True
    panel.primary.click()
    assert len(commands.invitations.answers) == 1
    assert "reconnect" not in [order[0] for order in commands.orders]
