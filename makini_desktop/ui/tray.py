"""The tray: the worst health as shape and colour, and what needs a person one click from repair."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services import wording
from makini_desktop.services.store import Line, Offline, Store
from makini_desktop.ui.actions import can_reconnect, can_sync
from makini_desktop.ui.icons import tray_pixmap
from makini_desktop.ui.look import DARK, HEALTH_TOKEN, LIGHT
from makini_desktop.ui.panels.summary import needing

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands
    from makini_desktop.ui.main_window import MainWindow

AT_MOST = 10
APPEAR_MS = 5_000
"""How often a missing tray is looked for."""

GATHER_MS = 250
_SIZES = (16, 22, 24, 32, 44, 48, 64)


class TrayEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A connection in the tray's menu."""

    connection: ConnectionId
    text: str
    reconnect: bool
    sync: bool


class TrayState(msgspec.Struct, frozen=True, kw_only=True):
    """What the tray shows.

    Attributes:
        worst: the shape and colour; None while nothing is known.
        count: how many need a person.
        entries: the worst of them; `more` are left out.
    """

    worst: Health | None
    count: int
    words: str
    entries: tuple[TrayEntry, ...]
    more: int


def tray_state(store: Store) -> TrayState:
    """Return what the tray shows of the store."""
    rows = needing(store)
    entries = tuple(
        TrayEntry(
            connection=row.id,
            text=_("{customer} – {health}").format(
                customer=row.connection.name, health=wording.health_word(row.health)
            ),
            reconnect=can_reconnect(row),
            sync=can_sync(row),
        )
        for row in rows[:AT_MOST]
    )
    return TrayState(
        worst=store.worst(),
        count=len(rows),
        words=_tray_words(store, len(rows)),
        entries=entries,
        more=len(rows) - len(entries),
    )


class Tray(QObject):
    """The tray icon; appears when a tray does, and makes the window hide instead of quit."""

    def __init__(self, store: Store, commands: Commands, clock: Clock, window: MainWindow) -> None:
        super().__init__(window)
        self.icon: QSystemTrayIcon | None = None
        self._store = store
        self._commands = commands
        self._clock = clock
        self._window = window
        self._shown: TrayState | None = None
        self.menu = QMenu()
        self._appear = QTimer(self)
        self._appear.setInterval(APPEAR_MS)
        self._appear.timeout.connect(self.look_for_tray)
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self.refresh)
        self._unsubscribe = [
            store.changed.subscribe(self._changed),
            store.line_changed.subscribe(self._line_changed),
        ]
        window.hid_first.connect(self._say_where)
        self.look_for_tray()

    def close(self) -> None:
        """Take the icon away."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._appear.stop()
        self._gather.stop()
        if self.icon is not None:
            self.icon.hide()

    def look_for_tray(self) -> None:
        """Show the icon if there is a tray now; go on looking if not."""
        there = QSystemTrayIcon.isSystemTrayAvailable()
        if there and self.icon is None:
            self.icon = QSystemTrayIcon(self)
            self.icon.setContextMenu(self.menu)
            self.icon.activated.connect(self._activated)
            self._shown = None
            self.refresh()
            self.icon.show()
        elif not there and self.icon is not None:
            self.icon.hide()
            self.icon.deleteLater()
            self.icon = None
        self._window.hides_to_tray = self.icon is not None
        if not self._window.hides_to_tray and self._window.isHidden() and self._shown is not None:
            self._window.come_forward()
        self._appear.start()

    def refresh(self) -> None:
        """Show the store as it is now."""
        state = tray_state(self._store)
        if state == self._shown:
            return
        self._shown = state
        self._fill(state)
        if self.icon is not None:
            self.icon.setToolTip(state.words)
            self.icon.setIcon(_tray_icon(state))

    def _fill(self, state: TrayState) -> None:
        self.menu.clear()
        for entry in state.entries:
            submenu = self.menu.addMenu(entry.text)
            if entry.reconnect:
                self._add(submenu, _("Reconnect"), partial(self._commands.reconnect, entry.connection))
            self._add(submenu, _("Show"), partial(self._window.show_connection, entry.connection))
            if entry.sync:
                self._add(submenu, _("Sync now"), partial(self._commands.sync_now, (entry.connection,)))
        if state.more:
            words = _("and {count} more").format(count=f"{state.more:,}")
            self._add(self.menu, words, self._window.come_forward)
        if state.entries:
            self.menu.addSeparator()
        self._add(self.menu, _("Open window"), self._window.come_forward)
        self._add(self.menu, _("Check now"), self._commands.check_now)
        self.menu.addSeparator()
        self._add(self.menu, _("Quit"), self._commands.quit)

    def _add(self, menu: QMenu, text: str, order: Callable[[], None]) -> None:
        menu.addAction(text).triggered.connect(partial(order))

    def _changed(self, _ids: frozenset[ConnectionId]) -> None:
        if not self._gather.isActive():
            self._gather.start()

    def _line_changed(self, _line: Line) -> None:
        self._gather.start()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self._window.come_forward()

    def _say_where(self) -> None:
        if self.icon is not None:
            self.icon.showMessage(
                _("Makini Desktop goes on here"),
                _("It watches your connections from the tray. Quit it from the tray’s menu."),
                self.icon.icon(),
            )


def _tray_words(store: Store, count: int) -> str:
    if isinstance(store.line, Offline):
        return _("Makini cannot be reached")
    if not store.rows:
        return _("No connections yet")
    if not count:
        total = len(store.rows)
        return ngettext(
            "{count} connection, nothing needs you", "{count} connections, nothing needs you", total
        ).format(count=f"{total:,}")
    return ngettext("{count} connection needs you", "{count} connections need you", count).format(
        count=f"{count:,}"
    )


def _tray_icon(state: TrayState) -> QIcon:
    """Draw the icon in all sizes, in colours between both themes': a panel may be light or dark."""
    token = HEALTH_TOKEN[state.worst] if state.worst is not None else "secondary"
    light, dark = QColor(getattr(LIGHT, token)), QColor(getattr(DARK, token))
    colour = QColor(
        (light.red() + dark.red()) // 2,
        (light.green() + dark.green()) // 2,
        (light.blue() + dark.blue()) // 2,
    ).name()
    icon = QIcon()
    for size in _SIZES:
        icon.addPixmap(tray_pixmap(state.worst, colour, state.count, size))
    return icon
