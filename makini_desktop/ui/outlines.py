"""The line around a control, and the ring around the one that has the focus."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPen

from makini_desktop.ui.look import Look


def outline(painter: QPainter, rect: QRect, radius: float) -> None:
    """Draw a rounded rectangle with a crisp one-pixel line."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


def by_keyboard(event: QFocusEvent, before: bool) -> bool:
    """Tell whether the focus came by keyboard; coming back to the window leaves it as it was."""
    if event.reason() in {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}:
        return before
    return event.reason() is not Qt.FocusReason.MouseFocusReason


def focus_ring(painter: QPainter, rect: QRect, look: Look, radius: float, *, inside: bool = False) -> None:
    """Draw the ring that says where the keyboard is; `inside` on what the accent fills already."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if inside:
        painter.setPen(QPen(look.colour("on_accent"), 1.5))
        painter.drawRoundedRect(QRectF(rect).adjusted(3, 3, -3, -3), radius - 2, radius - 2)
    else:
        painter.setPen(QPen(look.colour("accent"), 2))
        painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), radius - 0.5, radius - 0.5)
    painter.restore()
