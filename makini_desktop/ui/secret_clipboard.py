"""A secret on the clipboard: marked as one, so that no history keeps it, and gone after half a minute."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from makini_desktop.domain.token import Secret

SECONDS = 30
SECOND_MS = 1_000

CONCEALED = "application/x-nspasteboard-concealed-type"
"""What stands for `org.nspasteboard.ConcealedType` until it is converted for macOS."""


def secret_formats(platform: str) -> dict[str, bytes]:
    """Return what tells clipboard managers of a platform (as in `sys.platform`) to keep no copy.

    KDE's and others' managers on Linux, the clipboard history of Windows and its cloud, nspasteboard.org.
    """
    match platform:
        case "win32":
            return {
                "ExcludeClipboardContentFromMonitorProcessing": bytes(4),
                "CanIncludeInClipboardHistory": bytes(4),
                "CanUploadToCloudClipboard": bytes(4),
            }
        case "darwin":
            return {CONCEALED: b"1"}
        case _:
            return {"x-kde-passwordManagerHint": b"secret"}


class SecretClipboard(QObject):
    """Puts one secret at a time on the clipboard, and takes it off again unless something else was copied.

    Signals:
        left: for how many more seconds it is there; 0 once it is not.
    """

    left = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clipboard = QGuiApplication.clipboard()
        self._secret: Secret | None = None
        self._seconds = 0
        self._tick = QTimer(self)
        self._tick.setInterval(SECOND_MS)
        self._tick.timeout.connect(self.pass_second)
        if sys.platform == "darwin":
            _convert_for_macos()

    def copy(self, secret: Secret) -> None:
        """Put a secret on the clipboard for half a minute."""
        data = QMimeData()
        data.setText(secret.value)
        for name, content in secret_formats(sys.platform).items():
            data.setData(name, content)
        self._clipboard.setMimeData(data)
        self._secret = secret
        self._seconds = SECONDS
        self._tick.start()
        self.left.emit(self._seconds)

    def pass_second(self) -> None:
        """Take in that a second has passed."""
        self._seconds -= 1
        if self._seconds <= 0 or not self._is_there():
            self.clear()
        else:
            self.left.emit(self._seconds)

    def clear(self) -> None:
        """Take the secret off the clipboard now; what somebody else has put there stays."""
        if self._secret is None:
            return
        self._tick.stop()
        if self._is_there():
            self._clipboard.clear()
        self._secret = None
        self.left.emit(0)

    def _is_there(self) -> bool:
        """Tell whether the clipboard still holds it; where that cannot be read, whether it is still ours."""
        held = self._clipboard.text()
        if held or self._secret is None:
            return self._secret is not None and held == self._secret.value
        return self._clipboard.ownsClipboard()


if sys.platform == "darwin":

    def _convert_for_macos() -> None:
        """Let macOS see the mark under its own name; Qt keeps what is registered until the program ends."""
        try:
            from PySide6.QtGui import QUtiMimeConverter
        except ImportError:
            return

        class Concealed(QUtiMimeConverter):
            UTI = "org.nspasteboard.ConcealedType"

            def mimeForUti(self, uti: str) -> str:
                return CONCEALED if uti == self.UTI else ""

            def utiForMime(self, mime: str) -> str:
                return self.UTI if mime == CONCEALED else ""

            def convertToMime(self, _mime: str, data: list[bytes], _uti: str) -> object:
                return data[0] if data else b""

            def convertFromMime(self, _mime: str, data: object, _uti: str) -> list[object]:
                return [data]

        application = QGuiApplication.instance()
        if application is not None and application.property("concealed") is None:
            application.setProperty("concealed", Concealed())
