"""The dialogs that the window opens, each imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from makini_desktop.core.clock import Clock
from makini_desktop.services.store import Store
from makini_desktop.ui.look import Look

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands
    from makini_desktop.ui.main_window import MainWindow


class WindowDialogs(QObject):
    """Opens dialogs over the window."""

    def __init__(
        self, window: MainWindow, look: Look, store: Store, commands: Commands, clock: Clock
    ) -> None:
        super().__init__(window)
        self._window = window
        self._look = look
        self._store = store
        self._commands = commands
        self._clock = clock

    def alerts(self) -> None:
        """Show what is announced and when."""
        from makini_desktop.ui.dialogs.alerts import AlertDialog

        AlertDialog(
            self._window, self._look, self._store, self._commands.inbox, self._window.surroundings
        ).open()

    def expiry(self) -> None:
        """Show which sign-ins end soon."""
        from makini_desktop.ui.dialogs.expiry import ExpiryDialog

        dialog = ExpiryDialog(self._window, self._look, self._store, self._clock.now)
        dialog.renewal_wanted.connect(self._window.connecting.repair)
        dialog.wanted.connect(self._window.show_connections)
        dialog.wanted.connect(dialog.accept)
        dialog.open()

    def add_by_token(self) -> None:
        """Ask for a connection's token."""
        from makini_desktop.ui.dialogs.token import TokenDialog

        TokenDialog(self._window, self._look, self._commands).open()
