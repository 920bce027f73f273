"""What a window needs around it: theme, language, and an ear for the program that asked for it."""

from __future__ import annotations

import threading

from PySide6.QtCore import QCoreApplication, QLocale, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from makini_desktop.core.colours import DARK, LIGHT, Tokens
from makini_desktop.core.resources import resource_folder
from makini_desktop.core.text import use_language
from makini_desktop.login import look
from makini_desktop.login.attempt import Attempt
from makini_desktop.login.channel import Channel
from makini_desktop.login.request import LoginRequest


class _Input(QObject):
    """Carries lines from the thread that waits for them to the window's thread.

    Signals:
        line: one line.
        ended: whoever asked has gone.
    """

    line = Signal(bytes)
    ended = Signal()

    def __init__(self, channel: Channel, parent: QObject) -> None:
        super().__init__(parent)
        self._channel = channel

    def start(self) -> None:
        threading.Thread(target=self._run, name="login-input", daemon=True).start()

    def _run(self) -> None:
        for line in self._channel.lines():
            self.line.emit(line)
        self.ended.emit()


def listen(request: LoginRequest, channel: Channel, attempt: Attempt) -> None:
    """Carry out orders, where they are allowed, and end when whoever asked has gone."""
    queued = Qt.ConnectionType.QueuedConnection
    lines = _Input(channel, attempt)
    lines.ended.connect(lambda: QCoreApplication.exit(0), queued)
    if request.orders:
        from makini_desktop.login.orders import Orders

        orders = Orders(attempt, channel)
        lines.line.connect(orders.take, queued)
    lines.start()


def dress(app: QApplication, request: LoginRequest) -> Tokens:
    """Give `app` its theme, language and reading direction, and return its colours."""
    hints = app.styleHints()
    match request.theme:
        case "light":
            hints.setColorScheme(Qt.ColorScheme.Light)
        case "dark":
            hints.setColorScheme(Qt.ColorScheme.Dark)
        case "system":
            pass
    is_dark = request.theme == "dark" or (
        request.theme == "system" and hints.colorScheme() == Qt.ColorScheme.Dark
    )
    colours = DARK if is_dark else LIGHT
    app.setPalette(look.palette(colours))
    app.setStyleSheet(look.style_sheet(colours))
    if request.language:
        language = request.language.replace("-", "_")
        use_language(resource_folder() / "translations", [language, language.partition("_")[0]])
        QLocale.setDefault(QLocale(request.language))
        app.setLayoutDirection(QLocale(request.language).textDirection())
    return colours
