"""What can be done, once: the same actions serve menus, buttons, shortcuts and the table's bar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.capabilities import lacking
from makini_desktop.services.next_action import Action
from makini_desktop.services.store import Row, Store
from makini_desktop.ui.mute_actions import MuteActions

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands

_NO_SYNC = {Health.RECONNECT_NEEDED, Health.DISCONNECTED, Health.INACTIVE, Health.PENDING}


class Actions(QObject):
    """The actions, about the connections that were last named with `about`.

    Signals:
        repair_wanted: the connections that are to be repaired one after the other.
        link_wanted: the connection whose customer is to get a link.
        disconnect_wanted: the connection that is to be ended, after a question.
        token_wanted: the connection whose token is to be copied, after a question.
    """

    repair_wanted = Signal(object)
    link_wanted = Signal(str)
    disconnect_wanted = Signal(str)
    token_wanted = Signal(str)

    def __init__(self, store: Store, commands: Commands, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self._store = store
        self._commands = commands
        self._ids: tuple[ConnectionId, ...] = ()
        self.check_everything = self._action(_("Check now"), "F5")
        self.check_everything.triggered.connect(self._check_everything)
        self.reconnect = self._action(_("Reconnect"), "Ctrl+R")
        self.reconnect.triggered.connect(self._reconnect)
        self.repair = self._action(_("Repair one after the other"), "Ctrl+Shift+R")
        self.repair.triggered.connect(self._repair)
        self.cancel_reconnect = self._action(_("Cancel reconnect"))
        self.cancel_reconnect.triggered.connect(self._cancel_reconnect)
        self.sync = self._action(_("Sync now"), "Ctrl+S")
        self.sync.triggered.connect(self._sync)
        self.check = self._action(_("Check now"), "Ctrl+K")
        self.check.triggered.connect(self._check)
        self.mutes = MuteActions(store, commands, self)
        self.connect_new = self._action(_("Connect a customer…"), "Ctrl+N")
        self.disconnect_one = self._action(_("Disconnect…"), "Ctrl+Shift+D")
        self.disconnect_one.triggered.connect(self._disconnect)
        self.copy_token = self._action(_("Copy token…"), "Ctrl+Shift+T")
        self.copy_token.triggered.connect(self._copy_token)
        self.copy_id = self._action(_("Copy connection id"))
        self.copy_id.triggered.connect(self._copy_id)
        self.copy_support = self._action(_("Copy for support"))
        self.copy_support.triggered.connect(self._copy_support)
        self.quit = self._action(_("Quit"), "Ctrl+Q")
        self.quit.triggered.connect(self._quit)
        self.about(())

    def about(self, ids: Sequence[ConnectionId]) -> None:
        """Let the actions be about these connections from now on."""
        self._ids = tuple(ids)
        self.refresh()

    def refresh(self) -> None:
        """Offer what fits the connections as they are now."""
        rows = self._rows()
        one = self.one()
        self.reconnect.setEnabled(can_reconnect(one))
        self.reconnect.setText(
            _("Connect again") if one is not None and one.health is Health.DISCONNECTED else _("Reconnect")
        )
        self.reconnect.setVisible(len(rows) < 2)
        self.repair.setVisible(len(rows) > 1)
        self.repair.setEnabled(len(rows) > 1 and any(wants_sign_in(row) for row in rows))
        self.cancel_reconnect.setVisible(one is not None and one.stage is not None)
        refusal = no_sync_words(self._store, self._clock.now())
        self.sync.setEnabled(not refusal and any(can_sync(row) for row in rows))
        self.sync.setToolTip(refusal or self.sync.text())
        self.check.setEnabled(bool(rows))
        systems = {row.connection.system for row in rows}
        self.mutes.about([row.id for row in rows], systems.pop() if len(systems) == 1 else "")
        held = one is not None and one.health is not Health.DISCONNECTED and one.connection.readable
        for action in (self.disconnect_one, self.copy_token):
            action.setEnabled(held)
            action.setVisible(len(rows) < 2)
        self.copy_id.setEnabled(bool(rows))
        self.copy_support.setEnabled(bool(rows))

    def perform(self, action: Action, connection: ConnectionId) -> None:
        """Do what a button offered; showing the error is the detail's own matter."""
        match action:
            case Action.RECONNECT:
                self._commands.reconnect(connection)
            case Action.SEND_LINK:
                self.link_wanted.emit(connection)
            case Action.SYNC_NOW:
                self._commands.sync_now((connection,))
            case Action.CHECK_NOW:
                self._commands.check_now((connection,))
            case Action.OPEN_DASHBOARD:
                self._commands.open_dashboard()
            case Action.SHOW_ERROR | Action.NONE:
                pass
            case _:
                assert_never(action)

    def one(self) -> Row | None:
        """Return the connection that they are about, None where it is none or several."""
        rows = self._rows()
        return rows[0] if len(rows) == 1 else None

    def _action(self, text: str, keys: str = "") -> QAction:
        action = QAction(text, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
        return action

    def _rows(self) -> list[Row]:
        return [row for each in self._ids if (row := self._store.row(each)) is not None]

    def _check_everything(self) -> None:
        self._commands.check_now()

    def _reconnect(self) -> None:
        for row in self._rows()[:1]:
            self._commands.reconnect(row.id)

    def _repair(self) -> None:
        self.repair_wanted.emit([row.id for row in self._rows() if wants_sign_in(row)])

    def _cancel_reconnect(self) -> None:
        for row in self._rows()[:1]:
            self._commands.cancel_reconnect(row.id)

    def _disconnect(self) -> None:
        for row in self._rows()[:1]:
            self.disconnect_wanted.emit(row.id)

    def _copy_token(self) -> None:
        for row in self._rows()[:1]:
            self.token_wanted.emit(row.id)

    def _sync(self) -> None:
        self._commands.sync_now([row.id for row in self._rows() if can_sync(row)])

    def _check(self) -> None:
        self._commands.check_now([row.id for row in self._rows()])

    def _copy_id(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(row.id for row in self._rows()))

    def _copy_support(self) -> None:
        from makini_desktop.services.support import support_text

        now = self._clock.now()
        texts = [support_text(row, self._store.detail(row.id).requests, now) for row in self._rows()]
        QGuiApplication.clipboard().setText("\n\n".join(texts))

    def _quit(self) -> None:
        self._commands.quit()


def can_reconnect(row: Row | None) -> bool:
    """Tell whether a reconnect can be started."""
    return row is not None and row.stage is None and row.health is not Health.INACTIVE


def wants_sign_in(row: Row) -> bool:
    """Tell whether a new sign-in is what helps."""
    return can_reconnect(row) and row.health in {Health.RECONNECT_NEEDED, Health.EXPIRING}


def can_sync(row: Row) -> bool:
    """Tell whether a sync can be started."""
    running = row.sync is not None and row.sync.state.running and row.health is Health.SYNCING
    return row.stage is None and row.health not in _NO_SYNC and not running


def no_sync_words(store: Store, now: datetime) -> str:
    """Return why no sync can be started with this account; empty where that can be tried."""
    return lacking(store.capabilities, Capability.START_SYNC, now)
