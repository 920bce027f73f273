"""A second start on one profile hands what was asked for to the first window, and ends.

Which of them is the first is decided by an OS lock elsewhere; here they only talk: one line of JSON there,
one word back. What is no such line is not answered and changes nothing.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_LONGEST_ADDRESS = 100
"""Bytes that a local socket's path may have everywhere."""

LONGEST_LINE = 4_096
"""Bytes that a caller may send."""

_PATIENCE_MS = 1_000
"""How long either waits for the other."""

_HEARD = b"heard\n"


class SecondStart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a later start asks of the first window.

    Attributes:
        account: show this one.
        connection: show this one.
        minimised: leave the window where it is, as a start at login does.
        activation: lets the window come forward where the desktop wants to know who asked for it (Wayland's
            xdg-activation protocol); empty elsewhere.
    """

    account: str | None = None
    connection: str | None = None
    minimised: bool = False
    activation: str = ""


class FirstWindow(QObject):
    """Listens for later starts on the same profile folder.

    Args:
        profile: the profile folder.
        called: gets what a later start asks for.
    """

    def __init__(
        self, profile: Path, called: Callable[[SecondStart], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._called = called
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._take_callers)
        address = _address(profile)
        QLocalServer.removeServer(address)
        self.listening = self._server.listen(address)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _take_callers(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.disconnected.connect(caller.deleteLater)
            caller.readyRead.connect(partial(self._read, caller))
            QTimer.singleShot(_PATIENCE_MS, caller, caller.abort)
            self._read(caller)

    def _read(self, caller: QLocalSocket) -> None:
        if not caller.canReadLine():
            if caller.bytesAvailable() > LONGEST_LINE:
                caller.abort()
            return
        line = bytes(caller.readLine(LONGEST_LINE + 1).data())
        try:
            asked = msgspec.json.decode(line, type=SecondStart)
        except msgspec.DecodeError:
            asked = None
        if asked is None or not line.endswith(b"\n"):
            caller.abort()
            return
        caller.readyRead.disconnect()
        caller.write(_HEARD)
        caller.flush()  # what is asked may keep this thread busy, and the other waits
        caller.disconnectFromServer()
        self._called(asked)


def call_first_window(profile: Path, asked: SecondStart) -> bool:
    """Ask the first window on `profile` for something.

    Returns:
        Whether one was there and has heard it.
    """
    line = msgspec.json.encode(asked) + b"\n"
    socket = QLocalSocket()
    socket.connectToServer(_address(profile))
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    socket.write(line)
    until = time.monotonic() + _PATIENCE_MS / 1_000
    while not socket.canReadLine() and time.monotonic() < until:
        if not socket.waitForReadyRead(_PATIENCE_MS):
            break
    heard = bytes(socket.readLine().data()) == _HEARD
    socket.abort()
    return heard


def _address(profile: Path) -> str:
    """Return where windows of a profile meet: in its folder, or by a name where that cannot be."""
    path = profile / "window.sock"
    if sys.platform != "win32" and len(bytes(path)) <= _LONGEST_ADDRESS:
        return str(path)
    return "makini-desktop-" + hashlib.sha256(bytes(profile.resolve())).hexdigest()[:24]
