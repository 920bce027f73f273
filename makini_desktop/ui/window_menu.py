"""The window's menus, and what they are filled with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from makini_desktop.core.text import _
from makini_desktop.services.store import Store
from makini_desktop.ui.actions import Actions, can_reconnect
from makini_desktop.ui.look import Look, Theme
from makini_desktop.ui.models.listing import COLUMNS, Column, column_title
from makini_desktop.ui.panels.columns import ColumnHeader

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands
    from makini_desktop.ui.main_window import MainWindow


class WindowMenus(QObject):
    """Fills the window's menu, and opens those of rows and columns."""

    def __init__(self, window: MainWindow, store: Store, commands: Commands, *, sandbox: bool) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
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
            from makini_desktop.ui.sandbox_menu import fill_sandbox_menu

            fill_sandbox_menu(menu.addMenu(_("Sandbox")), self._commands, self._store, window.actions_.one())
        menu.addSeparator()
        if window.account is not None:
            menu.addAction(window.actions_.connect_new)
            menu.addAction(_("Add connection by token…")).triggered.connect(window.dialogs.add_by_token)
            menu.addSeparator()
            menu.addAction(_("Alert settings…")).triggered.connect(window.dialogs.alerts)
            menu.addAction(_("Expiry calendar…")).triggered.connect(window.dialogs.expiry)
            menu.addAction(_("API…")).triggered.connect(window.api.open_page)
            menu.addSeparator()
        menu.addAction(window.actions_.quit)

    def _open_for_rows(self, at: QPoint) -> None:
        menu = self._passing()
        connection_menu(menu, self._window.actions_, self._window.look, self._commands)
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


def connection_menu(menu: QMenu, actions: Actions, look: Look, commands: Commands) -> None:
    """Fill `menu` with what can be done about connections; what cannot be done says why."""
    from makini_desktop.ui.login_actions import LoginMenu  # late: the first frame has no menu

    login_menu = LoginMenu(look, actions.one, commands, menu)
    menu.aboutToShow.connect(lambda: login_menu.menuAction().setVisible(can_reconnect(actions.one())))
    menu.setToolTipsVisible(True)
    menu.addActions([actions.reconnect, actions.repair])
    menu.addMenu(login_menu)
    menu.addActions([actions.cancel_reconnect, actions.sync, actions.check])
    menu.addSeparator()
    menu.addActions([actions.mutes.connections, actions.mutes.system])
    menu.addSeparator()
    menu.addActions([actions.copy_id, actions.copy_support, actions.copy_token])
    menu.addSeparator()
    menu.addAction(actions.disconnect_one)
