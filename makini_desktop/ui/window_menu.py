"""The window's menus, and what they are filled with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.ui.actions import Actions
from makini_desktop.ui.look import Look, Theme
from makini_desktop.ui.models.listing import COLUMNS, Column, column_title
from makini_desktop.ui.panels.columns import ColumnHeader

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands
    from makini_desktop.ui.main_window import MainWindow


class WindowMenus(QObject):
    """Fills the window's menu, and opens those of rows and columns."""

    def __init__(self, window: MainWindow, commands: Commands, *, sandbox: bool) -> None:
        super().__init__(window)
        self._window = window
        self._commands = commands
        self._sandbox = sandbox
        window.menu.aboutToShow.connect(self._fill)
        window.table.menu_wanted.connect(self._open_for_rows)
        window.table.columns.customContextMenuRequested.connect(self._open_for_columns)

    def _fill(self) -> None:
        window, menu = self._window, self._window.menu
        menu.clear()
        theme_menu(menu.addMenu(_("Theme")), window.look, window.use_theme)
        columns_menu(menu.addMenu(_("Columns")), window.table.columns)
        if self._sandbox:
            sandbox_menu(menu.addMenu(_("Sandbox")), self._commands, window.table.current_id())
        menu.addSeparator()
        if window.account is not None:
            menu.addAction(_("Alert settings…")).triggered.connect(window.dialogs.alerts)
            menu.addAction(_("Add connection by token…")).triggered.connect(window.dialogs.add_by_token)
            menu.addAction(_("Expiry calendar…")).triggered.connect(window.dialogs.expiry)
            menu.addAction(_("API…")).triggered.connect(window.api.open_page)
            menu.addSeparator()
        menu.addAction(window.actions_.quit)

    def _open_for_rows(self, at: QPoint) -> None:
        menu = self._passing()
        connection_menu(menu, self._window.actions_)
        menu.popup(at)

    def _open_for_columns(self, at: QPoint) -> None:
        columns = self._window.table.columns
        menu = self._passing()
        columns_menu(menu, columns)
        menu.popup(columns.mapToGlobal(at))

    def _passing(self) -> QMenu:
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu


def theme_menu(menu: QMenu, look: Look, chosen: Callable[[Theme], None]) -> None:
    """Fill `menu` with the themes."""
    words = {Theme.SYSTEM: _("As the system"), Theme.LIGHT: _("Light"), Theme.DARK: _("Dark")}
    group = QActionGroup(menu)
    for theme in Theme:
        action = menu.addAction(words[theme])
        action.setCheckable(True)
        action.setChecked(theme is look.theme)
        action.triggered.connect(partial(chosen, theme))
        group.addAction(action)


def columns_menu(menu: QMenu, columns: ColumnHeader) -> None:
    """Fill `menu` with the columns that can be shown or hidden."""
    for column in COLUMNS:
        if column in {Column.HEALTH, Column.CUSTOMER}:
            continue
        action = menu.addAction(column_title(column))
        action.setCheckable(True)
        action.setChecked(columns.chosen(column))
        action.toggled.connect(partial(columns.choose, column))


def connection_menu(menu: QMenu, actions: Actions) -> None:
    """Fill `menu` with what can be done about connections; what cannot be done says why."""
    menu.setToolTipsVisible(True)
    menu.addActions(
        [actions.reconnect, actions.repair, actions.cancel_reconnect, actions.sync, actions.check]
    )
    menu.addSeparator()
    menu.addActions([actions.mutes.connections, actions.mutes.system])
    menu.addSeparator()
    menu.addActions([actions.copy_id, actions.copy_support])


def sandbox_menu(menu: QMenu, commands: Commands, selected: ConnectionId | None) -> None:
    """Fill `menu` with what can be made to happen in the sandbox; the first group to `selected`."""
    for key, words in (
        ("change_credentials", _("Customer changes credentials")),
        ("go_offline", _("System goes offline")),
        ("come_back", _("System comes back")),
        ("fail_sync", _("Next sync fails")),
        ("revoke_token", _("Token revoked")),
        ("expire_token", _("Token expires")),
        ("login_as_other", _("Next login answers as another customer")),
        ("login_as_new", _("Next login answers with a new connection")),
    ):
        action = menu.addAction(words)
        action.setEnabled(selected is not None)
        action.triggered.connect(partial(commands.sandbox, key, selected))
    menu.addSeparator()
    for key, words in (
        ("rate_limit", _("Rate limit")),
        ("slow", _("Slow answers")),
        ("server_errors", _("Server errors")),
        ("deprecate", _("API version deprecated")),
        ("undeprecate", _("API version no longer deprecated")),
        ("state_not_echoed", _("State not echoed")),
        ("reset", _("Everything as at first")),
    ):
        action = menu.addAction(words)
        action.triggered.connect(partial(commands.sandbox, key, None))
