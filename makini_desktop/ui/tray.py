"""The tray: the worst health as shape and colour, and what needs a person one click from repair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from makini_desktop.core.clock import Clock
from makini_desktop.core.colours import DARK, LIGHT
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import IncidentId, SnoozedUntil
from makini_desktop.services.watched import Watched
from makini_desktop.ui.icons import tray_pixmap
from makini_desktop.ui.look import HEALTH_TOKEN
from makini_desktop.ui.presence import Presence
from makini_desktop.ui.tray_state import TrayState, open_incidents, tray_state

APPEAR_MS = 5_000
"""How often a missing tray is looked for."""

GATHER_MS = 250
"""Changes are shown together, this long after the first of them."""

SNOOZE_FOR = timedelta(hours=1)

TRAY_SIZES = (16, 20, 22, 24, 32, 44, 48, 64)
MENU_SIZES = (16, 32)


class TrayOrders(Protocol):
    """What the tray can do with the window."""

    def come_forward(self) -> None:
        """Show the window as it is."""

    def show(self, account: AccountName, connection: ConnectionId | None) -> None:
        """Show a connection of an account."""

    def show_needing(self, account: AccountName) -> None:
        """Show all connections of an account that need a person."""

    def show_inbox(self, account: AccountName, incident: IncidentId | None) -> None:
        """Show the inbox of an account, open at an incident."""

    def quit(self) -> None:
        """End the program."""


class Tray(QObject):
    """The tray icon; it appears as soon as there is a tray, and goes with it.

    Args:
        watched: the accounts it speaks for.
        clock: what time it is.
        presence: is told whether there is a tray.
        orders: what its menu does.

    Attributes:
        icon: None while there is no tray.
    """

    def __init__(
        self, watched: Sequence[Watched], clock: Clock, presence: Presence, orders: TrayOrders
    ) -> None:
        super().__init__()
        self.icon: QSystemTrayIcon | None = None
        self._clock = clock
        self._presence = presence
        self._orders = orders
        self._shown: TrayState | None = None
        self.menu = QMenu()
        self.menu.aboutToShow.connect(self.refresh)
        self.menu.aboutToHide.connect(self._changed)
        self._appear = QTimer(self)
        self._appear.setInterval(APPEAR_MS)
        self._appear.timeout.connect(self.look_for_tray)
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self.refresh)
        self._watched: tuple[Watched, ...] = ()
        self._unsubscribe: list[Callable[[], None]] = []
        self._listen(watched)
        self._not_told = presence.hid_first.subscribe(self._say_where)
        self.look_for_tray()

    def set_watched(self, watched: Sequence[Watched]) -> None:
        """Speak for these accounts from now on."""
        self._listen(watched)
        self.refresh()

    def close(self) -> None:
        """Take the icon away."""
        self._end_listening()
        self._not_told()
        self._appear.stop()
        self._gather.stop()
        if self.icon is not None:
            self.icon.hide()
        self.menu.deleteLater()

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
        self._presence.set_tray(self.icon is not None)
        self._appear.start()

    def refresh(self) -> None:
        """Show the accounts as they are now; a menu that is open stays as it is until it is closed."""
        state = tray_state(self._watched, self._clock.now())
        if state == self._shown or self.menu.isVisible():
            return
        self._shown = state
        self._fill(state)
        if self.icon is not None:
            self.icon.setToolTip(state.words)
            self.icon.setIcon(_icon(state.worst, state.count, TRAY_SIZES))

    def _listen(self, watched: Sequence[Watched]) -> None:
        self._end_listening()
        self._watched = tuple(watched)
        self._unsubscribe = [
            event.subscribe(self._changed)
            for each in watched
            for event in (
                each.store.changed,
                each.store.line_changed,
                each.store.capabilities_changed,
                each.store.incidents_changed,
            )
        ]

    def _end_listening(self) -> None:
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _fill(self, state: TrayState) -> None:
        self.menu.clear()
        orders = self._orders
        self._add_connections(state)
        if state.entries:
            self.menu.addSeparator()
        if state.incidents:
            count = sum(each.count for each in state.incidents)
            words = ngettext("{count} open incident", "{count} open incidents", count)
            self._add(self.menu, words.format(count=f"{count:,}"), self._show_inbox)
            if any(each.to_snooze for each in state.incidents):
                self._add(self.menu, _("Snooze all for an hour"), self._snooze)
            self.menu.addSeparator()
        self._add(self.menu, _("Open window"), orders.come_forward)
        self._add(self.menu, _("Check now"), self._check_everything)
        self.menu.addSeparator()
        self._add(self.menu, _("Quit"), orders.quit)

    def _add_connections(self, state: TrayState) -> None:
        by_account = {each.account: each.commands for each in self._watched}
        for entry in state.entries:
            submenu = self.menu.addMenu(entry.text.replace("&", "&&"))
            submenu.setIcon(_icon(entry.health, 0, MENU_SIZES))
            commands = by_account[entry.account]
            if entry.reconnect:
                self._add(submenu, _("Reconnect"), partial(commands.reconnect, entry.connection))
            self._add(submenu, _("Show"), partial(self._orders.show, entry.account, entry.connection))
            if entry.sync and entry.sync_offered:
                self._add(submenu, _("Sync now"), partial(commands.sync_now, (entry.connection,)))
            elif entry.sync:
                submenu.addAction(_("Sync now – not offered by this API")).setEnabled(False)
        if state.more_in is not None:
            words = ngettext("and {count} more", "and {count} more", state.more)
            self._add(
                self.menu,
                words.format(count=f"{state.more:,}"),
                partial(self._orders.show_needing, state.more_in),
            )

    def _add(self, menu: QMenu, text: str, order: Callable[[], None]) -> None:
        menu.addAction(text).triggered.connect(partial(order))

    def _show_inbox(self) -> None:
        """Open the inbox at what is newest now, in the first account that has any."""
        now = self._clock.now()
        opened = [open_incidents(each, now) for each in self._watched]
        shown = next((each for each in opened if each.count), opened[0])
        self._orders.show_inbox(shown.account, shown.newest)

    def _snooze(self) -> None:
        """Snooze what is open now; more may be than when the menu was filled."""
        now = self._clock.now()
        for each in self._watched:
            if to_snooze := open_incidents(each, now).to_snooze:
                each.commands.inbox.snooze(to_snooze, SnoozedUntil(now + SNOOZE_FOR))

    def _check_everything(self) -> None:
        for each in self._watched:
            each.commands.check_now()

    def _changed(self, _what: object = None) -> None:
        if not self._gather.isActive():
            self._gather.start()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self._orders.come_forward()

    def _say_where(self, _nothing: None) -> None:
        if self.icon is not None:
            self.icon.showMessage(
                _("Makini Desktop goes on here"),
                _("It watches your connections from the tray. Quit it from the tray’s menu."),
                self.icon.icon(),
            )


def _icon(health: Health | None, count: int, sizes: Sequence[int]) -> QIcon:
    """Draw a health with a count, in colours between both themes': panel and menu may be light or dark."""
    token = HEALTH_TOKEN[health] if health is not None else "secondary"
    light, dark = QColor(getattr(LIGHT, token)), QColor(getattr(DARK, token))
    colour = QColor(
        (light.red() + dark.red()) // 2,
        (light.green() + dark.green()) // 2,
        (light.blue() + dark.blue()) // 2,
    ).name()
    icon = QIcon()
    for size in sizes:
        icon.addPixmap(tray_pixmap(health, colour, count, size))
    return icon
