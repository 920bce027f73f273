"""What delegates draw alike: a line of text, cut where it does not fit, on the side where reading begins."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter


def draw_text(
    painter: QPainter, rect: QRect, text: str, font: QFont, colour: QColor, *, mirrored: bool
) -> int:
    """Draw one line and return the width that it takes; `rect` is where it is, mirrored already."""
    painter.setFont(font)
    painter.setPen(colour)
    metrics = QFontMetrics(font)
    if metrics.horizontalAdvance(text) > rect.width():
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, rect.width()))
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    painter.drawText(rect, side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter, text)
    return metrics.horizontalAdvance(text)
