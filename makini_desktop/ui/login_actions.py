"""Where a customer signs in: the three paths as actions, each with the reason where it is not offered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, assert_never

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.login import LoginPath
from makini_desktop.services.store import Row
from makini_desktop.ui.controls import Words
from makini_desktop.ui.look import Look

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands

REASON_WIDTH = 300


def path_label(path: LoginPath) -> str:
    """Return what a path is called in a menu."""
    match path:
        case LoginPath.EMBEDDED:
            return _("In a window here")
        case LoginPath.BROWSER:
            return _("In my browser")
        case LoginPath.LINK:
            return _("Send the customer a link…")
        case _:
            assert_never(path)


class LoginMenu(QMenu):
    """The paths for one connection; the one that was chosen for its system before is ticked.

    Args:
        row: gives the connection, None while there is none.
    """

    def __init__(
        self, look: Look, row: Callable[[], Row | None], commands: Commands, parent: QWidget | None = None
    ) -> None:
        super().__init__(_("Other ways to sign in"), parent)
        self._look = look
        self._row = row
        self._commands = commands
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Offer the paths as they are now."""
        self.clear()
        row = self._row()
        if row is None:
            return
        paths = self._commands.login_paths
        taken = paths.choice(row.connection.system)
        group = QActionGroup(self)
        for path in LoginPath:
            refusal = paths.refusal(path, row.id)
            action = self.addAction(path_label(path))
            action.setCheckable(True)
            group.addAction(action)
            action.setChecked(path is taken)
            action.setEnabled(not refusal)
            action.setToolTip(refusal or action.text())
            action.setStatusTip(refusal)
            action.triggered.connect(partial(self._reconnect, row.id, path))
            if refusal:
                self.addAction(self._reason(refusal))

    def _reconnect(self, connection: ConnectionId, path: LoginPath, _ticked: bool = False) -> None:
        self._commands.reconnect(connection, path)

    def _reason(self, words: str) -> QWidgetAction:
        """Return a line that says why the action above it is not offered, for who has no mouse to hover."""
        label = Words(words, self._look.small, secondary=True, wraps=True)
        label.setContentsMargins(28, 0, 12, 6)
        label.setFixedWidth(REASON_WIDTH)
        label.setFixedHeight(label.heightForWidth(REASON_WIDTH))
        action = QWidgetAction(self)
        action.setDefaultWidget(label)
        action.setEnabled(False)
        return action
