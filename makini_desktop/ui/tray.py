"""The tray: the worst health as shape and colour, and what needs a person one click from repair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from makini_desktop.core.clock import Clock
from makini_desktop.core.colours import DARK, LIGHT
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.services import wording
from makini_desktop.services.store import Offline, Row
from makini_desktop.services.watched import Watched
from makini_desktop.ui.actions import can_reconnect, can_sync, no_sync_words
from makini_desktop.ui.icons import tray_pixmap
from makini_desktop.ui.look import HEALTH_TOKEN
from makini_desktop.ui.panels.summary import needing

if TYPE_CHECKING:
    from makini_desktop.ui.main_window import MainWindow

AT_MOST = 10
APPEAR_MS = 5_000
"""How often a missing tray is looked for."""

GATHER_MS = 250
_SIZES = (16, 22, 24, 32, 44, 48, 64)


class TrayEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A connection in the tray's menu.

    Attributes:
        account: whose it is.
        reconnect, sync: what would help it.
        sync_offered: whether the account's API has what `sync` needs.
    """

    account: AccountName
    connection: ConnectionId
    text: str
    reconnect: bool
    sync: bool
    sync_offered: bool = True


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


def tray_state(watched: Sequence[Watched], now: datetime) -> TrayState:
    """Return what the tray shows of all accounts together; several are told apart by their names."""
    found = [(each, row) for each in watched for row in needing(each.store)]
    found.sort(key=lambda pair: SEVERITY[pair[1].health])
    entries = tuple(
        TrayEntry(
            account=each.account,
            connection=row.id,
            text=_entry_words(row, each.account if len(watched) > 1 else None),
            reconnect=can_reconnect(row),
            sync=can_sync(row),
            sync_offered=not no_sync_words(each.store, now),
        )
        for each, row in found[:AT_MOST]
    )
    healths = (worst for each in watched if (worst := each.store.worst()) is not None)
    return TrayState(
        worst=min(healths, key=SEVERITY.__getitem__, default=None),
        count=len(found),
        words=_tray_words(watched, len(found)),
        entries=entries,
        more=len(found) - len(entries),
    )


class Tray(QObject):
    """The tray icon; appears when a tray does, and makes the window hide instead of quit.

    Args:
        watched: the accounts it speaks for.
        clock: what time it is.
        window: comes forward when the icon is pressed.
        show: brings a connection of an account into the window.
    """

    def __init__(
        self,
        watched: Sequence[Watched],
        clock: Clock,
        window: MainWindow,
        show: Callable[[AccountName, ConnectionId | None], None],
    ) -> None:
        super().__init__(window)
        self.icon: QSystemTrayIcon | None = None
        self._clock = clock
        self._window = window
        self._show = show
        self._shown: TrayState | None = None
        self.menu = QMenu()
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
        window.hid_first.connect(self._say_where)
        self.look_for_tray()

    def set_watched(self, watched: Sequence[Watched]) -> None:
        """Speak for these accounts from now on."""
        self._listen(watched)
        self.refresh()

    def set_window(self, window: MainWindow) -> None:
        """Bring this window forward from now on; the one before is about to go."""
        self._window.hid_first.disconnect(self._say_where)
        self._window = window
        self.setParent(window)
        window.hid_first.connect(self._say_where)
        window.hides_to_tray = self.icon is not None

    def close(self) -> None:
        """Take the icon away."""
        self._end_listening()
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
        """Show the accounts as they are now."""
        state = tray_state(self._watched, self._clock.now())
        if state == self._shown:
            return
        self._shown = state
        self._fill(state)
        if self.icon is not None:
            self.icon.setToolTip(state.words)
            self.icon.setIcon(_tray_icon(state))

    def _listen(self, watched: Sequence[Watched]) -> None:
        self._end_listening()
        self._watched = tuple(watched)
        self._unsubscribe = [
            event.subscribe(self._changed)
            for each in watched
            for event in (each.store.changed, each.store.line_changed, each.store.capabilities_changed)
        ]

    def _end_listening(self) -> None:
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _fill(self, state: TrayState) -> None:
        self.menu.clear()
        orders = {each.account: each.commands for each in self._watched}
        for entry in state.entries:
            submenu = self.menu.addMenu(entry.text)
            commands = orders[entry.account]
            if entry.reconnect:
                self._add(submenu, _("Reconnect"), partial(commands.reconnect, entry.connection))
            self._add(submenu, _("Show"), partial(self._show, entry.account, entry.connection))
            if entry.sync and entry.sync_offered:
                self._add(submenu, _("Sync now"), partial(commands.sync_now, (entry.connection,)))
            elif entry.sync:
                submenu.addAction(_("Sync now – not offered by this API")).setEnabled(False)
        if state.more:
            words = _("and {count} more").format(count=f"{state.more:,}")
            self._add(self.menu, words, self._come_forward)
        if state.entries:
            self.menu.addSeparator()
        self._add(self.menu, _("Open window"), self._come_forward)
        self._add(self.menu, _("Check now"), self._check_everything)
        self.menu.addSeparator()
        self._add(self.menu, _("Quit"), self._quit)

    def _add(self, menu: QMenu, text: str, order: Callable[[], None]) -> None:
        menu.addAction(text).triggered.connect(partial(order))

    def _come_forward(self) -> None:
        self._window.come_forward()

    def _check_everything(self) -> None:
        for each in self._watched:
            each.commands.check_now()

    def _quit(self) -> None:
        self._window.actions_.quit.trigger()

    def _changed(self, _what: object) -> None:
        if not self._gather.isActive():
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


def _entry_words(row: Row, account: AccountName | None) -> str:
    words = _("{customer} – {health}").format(
        customer=row.connection.name, health=wording.health_word(row.health)
    )
    return words if account is None else _("{words} · {account}").format(words=words, account=account)


def _tray_words(watched: Sequence[Watched], count: int) -> str:
    silent = [each.account for each in watched if isinstance(each.store.line, Offline)]
    if silent and len(silent) == len(watched):
        return _("Makini cannot be reached")
    words = _needing_words(watched, count)
    if silent:
        return _("{words}; Makini cannot be reached for {accounts}").format(
            words=words, accounts=", ".join(silent)
        )
    return words


def _needing_words(watched: Sequence[Watched], count: int) -> str:
    total = sum(len(each.store.rows) for each in watched)
    if not total:
        return _("No connections yet")
    if not count:
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
