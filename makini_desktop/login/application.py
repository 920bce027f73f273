"""The Qt application around one attempt, and its orderly end.

Nothing is imported here but what the page needs: it is under way before the window is.
"""

from __future__ import annotations

import os

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from makini_desktop.core.colours import Tokens
from makini_desktop.login.attempt import Attempt
from makini_desktop.login.channel import Channel
from makini_desktop.login.request import LoginRequest


def show(request: LoginRequest, channel: Channel) -> None:
    """Show the login window and return when the attempt is over."""
    qInstallMessageHandler(_keep_quiet)
    app = QApplication(["makini-desktop"])
    app.setQuitOnLastWindowClosed(False)  # the attempt ends it, with an outcome
    attempt = Attempt(request, channel)

    def surround() -> Tokens:
        from makini_desktop.login import surroundings

        surroundings.listen(request, channel, attempt)
        return surroundings.dress(app, request)

    attempt.start(surround)
    app.exec()
    attempt.tear_down()


def _keep_quiet(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Let through only what ends the attempt: the engine's chatter may quote addresses."""
    if kind in {QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}:
        os.write(2, f"{message}\n".encode())
