"""Every way to end the program comes to one entrance, and clean-up goes before the end."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from makini_desktop.core.event import Event


class Lifecycle(QObject):
    """Keeps Qt from ending the program before it has cleaned up.

    The desktop's log-out, the dock's "Quit" and `QApplication.quit` all send a Quit event; it is held
    back and told as `quit_requested`. Whoever cleans up ends the event loop afterwards.

    Attributes:
        quit_requested: somebody wants the program to end; told once, however often it is asked.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self.quit_requested: Event[None] = Event()
        self._asked = False
        application.installEventFilter(self)

    def request_quit(self) -> None:
        """Ask for the end."""
        if not self._asked:
            self._asked = True
            self.quit_requested.emit(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold a Quit event back."""
        if event.type() == QEvent.Type.Quit:
            event.ignore()
            self.request_quit()
            return True
        return super().eventFilter(watched, event)
