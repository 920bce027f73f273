"""A thin line that shows how far something is; never a spinner over the window."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from makini_desktop.ui.look import Look

STEP_MS = 40


class ProgressLine(QWidget):
    """The line; empty at rest, moving where the end is not known."""

    def __init__(
        self, look: Look, *, thickness: int = 2, track: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.share: float | None = 0.0
        self._look = look
        self._track = track
        self._at = 0.0
        self._step = QTimer(self)
        self._step.setInterval(STEP_MS)
        self._step.timeout.connect(self._move)
        self.setFixedHeight(thickness)

    def tell(self, share: float | None) -> None:
        """Show a share from 0 to 1; None where the end is not known."""
        if share == self.share:
            return
        self.share = share
        if share is None and self.isVisible():
            self._step.start()
        elif share is not None:
            self._step.stop()
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody sees it."""
        super().hideEvent(event)
        self._step.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.height() / 2
        if self._track:
            painter.setBrush(self._look.colour("line"))
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        if self.share is None:
            if not self._step.isActive():
                self._step.start()
            length = self.width() * 0.25
            left = (self.width() + length) * self._at - length
        else:
            length = self.width() * min(1.0, self.share)
            left = self.width() - length if self.isRightToLeft() else 0.0
        if length > 0:
            painter.setBrush(self._look.colour("accent"))
            painter.drawRoundedRect(QRectF(left, 0, length, self.height()), radius, radius)

    def _move(self) -> None:
        self._at = (self._at + 0.02) % 1.0
        self.update()
