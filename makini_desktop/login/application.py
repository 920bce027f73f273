"""The Qt application around one attempt: theme, language, input lines, and an orderly end."""

from __future__ import annotations

import os
import threading

from PySide6.QtCore import (
    QCoreApplication,
    QLocale,
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from makini_desktop.core.colours import DARK, LIGHT, Tokens
from makini_desktop.core.resources import resource_folder
from makini_desktop.core.text import use_language
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

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel

    def start(self) -> None:
        threading.Thread(target=self._run, name="login-input", daemon=True).start()

    def _run(self) -> None:
        for line in self._channel.lines():
            self.line.emit(line)
        self.ended.emit()


def show(request: LoginRequest, channel: Channel) -> None:
    """Show the login window and return when the attempt is over."""
    qInstallMessageHandler(_keep_quiet)
    app = QApplication(["makini-desktop"])
    app.setQuitOnLastWindowClosed(False)  # the attempt ends it, with an outcome
    attempt = Attempt(request, channel)
    attempt.start(lambda: _dress(app, request))
    queued = Qt.ConnectionType.QueuedConnection
    lines = _Input(channel)
    lines.ended.connect(lambda: QCoreApplication.exit(0), queued)
    if request.orders:
        from makini_desktop.login.orders import Orders

        orders = Orders(attempt, channel)
        lines.line.connect(orders.take, queued)
    lines.start()
    app.exec()
    attempt.tear_down()


def _dress(app: QApplication, request: LoginRequest) -> Tokens:
    """Give `app` its theme, language and reading direction."""
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
    from makini_desktop.login import look

    app.setPalette(look.palette(colours))
    app.setStyleSheet(look.style_sheet(colours))
    if request.language:
        language = request.language.replace("-", "_")
        use_language(resource_folder() / "translations", [language, language.partition("_")[0]])
        QLocale.setDefault(QLocale(request.language))
        app.setLayoutDirection(QLocale(request.language).textDirection())
    return colours


def _keep_quiet(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Let through only what ends the attempt: the engine's chatter may quote addresses."""
    if kind in {QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}:
        os.write(2, f"{message}\n".encode())
