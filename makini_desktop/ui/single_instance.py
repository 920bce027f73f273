"""A second window on one profile tells the first to come forward, and ends.

Which of them is the first is decided by an OS lock elsewhere; here they only talk.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_LONGEST = 100
"""Bytes that a local socket's path may have everywhere."""

_PATIENCE_MS = 1_000


class FirstWindow(QObject):
    """Listens for later starts on the same profile folder."""

    def __init__(
        self, profile: Path, come_forward: Callable[[], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._come_forward = come_forward
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._called)
        address = _address(profile)
        QLocalServer.removeServer(address)
        self.listening = self._server.listen(address)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _called(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.disconnected.connect(caller.deleteLater)
            caller.disconnectFromServer()
            self._come_forward()


def call_first_window(profile: Path) -> bool:
    """Tell the first window on `profile` to come forward.

    Returns:
        Whether one was there.
    """
    socket = QLocalSocket()
    socket.connectToServer(_address(profile))
    reached = socket.waitForConnected(_PATIENCE_MS)
    if reached and socket.state() is not QLocalSocket.LocalSocketState.UnconnectedState:
        socket.waitForDisconnected(_PATIENCE_MS)
    socket.abort()
    return reached


def _address(profile: Path) -> str:
    """Return where windows of a profile meet: in its folder, or by a name where that cannot be."""
    path = profile / "window.sock"
    if sys.platform != "win32" and len(bytes(path)) <= _LONGEST:
        return str(path)
    return "makini-desktop-" + hashlib.sha256(bytes(profile.resolve())).hexdigest()[:24]
