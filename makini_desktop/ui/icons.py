"""The icons: one family, one colour each, drawn as paths; `Look` keeps what was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from makini_desktop.domain.health import Health

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE_BESIDE_COUNT = 0.78
"""What part of the tray's picture the shape takes where a number stands over its corner."""

UNIT = 16.0
"""Glyphs are drawn in a square of this side and scaled."""


def health_pixmap(health: Health, colour: str, on_colour: str, size: int, density: float) -> QPixmap:
    """Return a health's glyph.

    Args:
        health: decides the shape.
        colour: of the shape, ``#rrggbb``.
        on_colour: of what is cut out of a filled shape.
        size: side in device-independent pixels.
        density: device pixels for each of them.
    """
    return _drawn(_HEALTH_GLYPHS[health], colour, on_colour, size, density)


def glyph_pixmap(name: str, colour: str, on_colour: str, size: int, density: float) -> QPixmap:
    """Return one of the few other glyphs, by its name in `_OTHER_GLYPHS`."""
    return _drawn(_OTHER_GLYPHS[name], colour, on_colour, size, density)


def application_icon() -> QIcon:
    """Return the program's icon: two links of one chain."""
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(_drawn(_links, "#2456D6", "#FFFFFF", size, 1.0))
    return icon


def tray_pixmap(health: Health | None, colour: str, count: int, size: int) -> QPixmap:
    """Return the tray's picture: the worst health's shape and colour, with the count that need a person."""
    if health is None:
        return _drawn(_links, "#5B6675", "#FFFFFF", size, 1.0)
    if count <= 0:
        return _drawn(_HEALTH_GLYPHS[health], colour, "#FFFFFF", size, 1.0)
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = round(size * SHAPE_BESIDE_COUNT)
    painter.drawPixmap(0, 0, _drawn(_HEALTH_GLYPHS[health], colour, "#FFFFFF", shape, 1.0))
    text = str(count) if count < 100 else "99+"
    font = painter.font()
    font.setPixelSize(max(8, round(size * 0.46)))
    font.setBold(True)
    painter.setFont(font)
    height = max(9.0, size * 0.5)
    width = min(float(size), max(height, painter.fontMetrics().horizontalAdvance(text) + size * 0.16))
    badge = QRectF(size - width, size - height, width, height)
    painter.setPen(QPen(QColor("#FFFFFF"), max(0.6, size / 40)))
    painter.setBrush(QColor("#1B2430"))
    painter.drawRoundedRect(badge.adjusted(0.5, 0.5, -0.5, -0.5), height / 2, height / 2)
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return pixmap


def _drawn(
    draw: Callable[[QPainter, QColor, QColor], None], colour: str, on_colour: str, size: int, density: float
) -> QPixmap:
    pixmap = QPixmap(round(size * density), round(size * density))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size * density / UNIT, size * density / UNIT)
    draw(painter, QColor(colour), QColor(on_colour))
    painter.end()
    pixmap.setDevicePixelRatio(density)
    return pixmap


def _pen(colour: QColor, width: float = 1.6) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _key(painter: QPainter, colour: QColor, on: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(1, 1, 14, 14), 3.5, 3.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(on, 1.5))
    painter.drawEllipse(QPointF(5.9, 8), 2.1, 2.1)
    painter.drawLine(QPointF(8, 8), QPointF(12.3, 8))
    painter.drawLine(QPointF(11.9, 8), QPointF(11.9, 10))
    painter.drawLine(QPointF(9.9, 8), QPointF(9.9, 9.4))


def _triangle(painter: QPainter, colour: QColor, on: QColor) -> None:
    path = QPainterPath(QPointF(8, 2.2))
    path.lineTo(14.6, 13.6)
    path.lineTo(1.4, 13.6)
    path.closeSubpath()
    painter.setPen(_pen(colour, 1.8))
    painter.setBrush(colour)
    painter.drawPath(path)
    painter.setPen(_pen(on, 1.6))
    painter.drawLine(QPointF(8, 6.4), QPointF(8, 9.4))
    painter.drawPoint(QPointF(8, 11.9))


def _struck_ring(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    painter.drawLine(QPointF(3.9, 12.1), QPointF(12.1, 3.9))


def _hourglass(painter: QPainter, colour: QColor, _on: QColor) -> None:
    path = QPainterPath(QPointF(4, 3))
    path.lineTo(12, 3)
    path.lineTo(8, 8)
    path.closeSubpath()
    path.moveTo(4, 13)
    path.lineTo(12, 13)
    path.lineTo(8, 8)
    path.closeSubpath()
    painter.setPen(_pen(colour, 1.2))
    painter.setBrush(colour)
    painter.drawPath(path)
    painter.setPen(_pen(colour, 1.8))
    painter.drawLine(QPointF(3, 2), QPointF(13, 2))
    painter.drawLine(QPointF(3, 14), QPointF(13, 14))


def _clock(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    painter.drawLine(QPointF(8, 4.6), QPointF(8, 8.3))
    painter.drawLine(QPointF(8, 8.3), QPointF(10.6, 9.7))


def _late_clock(painter: QPainter, colour: QColor, on: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(8, 8), 7, 7)
    painter.setPen(_pen(on))
    painter.drawLine(QPointF(8, 4.4), QPointF(8, 8.3))
    painter.drawLine(QPointF(8, 8.3), QPointF(10.6, 9.7))


def _bars(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    painter.setPen(_pen(colour, 1.8))
    painter.drawLine(QPointF(6.3, 5.9), QPointF(6.3, 10.1))
    painter.drawLine(QPointF(9.7, 5.9), QPointF(9.7, 10.1))


def _dotted_ring(painter: QPainter, colour: QColor, _on: QColor) -> None:
    pen = _pen(colour, 1.8)
    pen.setDashPattern([0.1, 1.98])
    painter.setPen(pen)
    painter.drawEllipse(QPointF(8, 8), 6.1, 6.1)


def _open_link(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    painter.drawLine(QPointF(5.7, 5.7), QPointF(10.3, 10.3))
    painter.drawLine(QPointF(10.3, 5.7), QPointF(5.7, 10.3))


def _arc(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    painter.drawArc(QRectF(2.4, 2.4, 11.2, 11.2), 40 * 16, 270 * 16)
    path = QPainterPath(QPointF(13.9, 2.2))
    path.lineTo(13.9, 6.6)
    path.lineTo(9.6, 6.6)
    path.closeSubpath()
    painter.setPen(_pen(colour, 0.8))
    painter.setBrush(colour)
    painter.drawPath(path)


def _tick(painter: QPainter, colour: QColor, on: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(8, 8), 7, 7)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(on, 1.8))
    painter.drawPolyline([QPointF(4.9, 8.3), QPointF(7.1, 10.4), QPointF(11.2, 5.9)])


def _question(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    path = QPainterPath(QPointF(6.2, 6.5))
    path.cubicTo(QPointF(6.2, 4.2), QPointF(9.8, 4.2), QPointF(9.8, 6.5))
    path.cubicTo(QPointF(9.8, 7.9), QPointF(8, 7.9), QPointF(8, 9.2))
    painter.drawPath(path)
    painter.setPen(_pen(colour, 1.7))
    painter.drawPoint(QPointF(8, 11.5))


def _links(painter: QPainter, colour: QColor, on: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(0.5, 0.5, 15, 15), 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(on, 1.5))
    painter.translate(8, 8)
    painter.rotate(-45)
    painter.drawRoundedRect(QRectF(-5.6, -2, 6.4, 4), 2, 2)
    painter.drawRoundedRect(QRectF(-0.8, -2, 6.4, 4), 2, 2)


def _search(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour, 1.5))
    painter.drawEllipse(QPointF(7, 7), 4.4, 4.4)
    painter.drawLine(QPointF(10.4, 10.4), QPointF(13.6, 13.6))


def _menu(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour, 1.5))
    for y in (4.0, 8.0, 12.0):
        painter.drawLine(QPointF(2.5, y), QPointF(13.5, y))


def _close(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour, 1.5))
    painter.drawLine(QPointF(4, 4), QPointF(12, 12))
    painter.drawLine(QPointF(12, 4), QPointF(4, 12))


def _more(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour, 2))
    for x in (3.5, 8.0, 12.5):
        painter.drawPoint(QPointF(x, 8))


def _cross(painter: QPainter, colour: QColor, on: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(8, 8), 7, 7)
    painter.setPen(_pen(on, 1.8))
    painter.drawLine(QPointF(5.6, 5.6), QPointF(10.4, 10.4))
    painter.drawLine(QPointF(10.4, 5.6), QPointF(5.6, 10.4))


def _dash(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    painter.setPen(_pen(colour, 1.8))
    painter.drawLine(QPointF(5.4, 8), QPointF(10.6, 8))


def _down(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour, 1.5))
    painter.drawPolyline([QPointF(4, 6.2), QPointF(8, 10.2), QPointF(12, 6.2)])


def _inbox(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour, 1.5))
    painter.drawRoundedRect(QRectF(2, 2.5, 12, 11), 2, 2)
    edge = [(2, 9), (5.2, 9), (6.4, 10.9), (9.6, 10.9), (10.8, 9), (14, 9)]
    painter.drawPolyline([QPointF(x, y) for x, y in edge])


def _export(painter: QPainter, colour: QColor, _on: QColor) -> None:
    painter.setPen(_pen(colour, 1.5))
    painter.drawLine(QPointF(8, 2.5), QPointF(8, 9.8))
    painter.drawPolyline([QPointF(5, 7), QPointF(8, 10), QPointF(11, 7)])
    painter.drawPolyline([QPointF(2.5, 11), QPointF(2.5, 13.5), QPointF(13.5, 13.5), QPointF(13.5, 11)])


def _muted(painter: QPainter, colour: QColor, _on: QColor) -> None:
    bell = QPainterPath(QPointF(3, 11.5))
    bell.cubicTo(QPointF(4.6, 10), QPointF(4.2, 8.5), QPointF(4.2, 6.8))
    bell.cubicTo(QPointF(4.2, 1.9), QPointF(11.8, 1.9), QPointF(11.8, 6.8))
    bell.cubicTo(QPointF(11.8, 8.5), QPointF(11.4, 10), QPointF(13, 11.5))
    bell.closeSubpath()
    painter.setPen(_pen(colour, 1.4))
    painter.drawPath(bell)
    painter.drawLine(QPointF(7, 13.9), QPointF(9, 13.9))
    painter.drawLine(QPointF(2.4, 2.4), QPointF(13.6, 13.6))


_HEALTH_GLYPHS: dict[Health, Callable[[QPainter, QColor, QColor], None]] = {
    Health.RECONNECT_NEEDED: _key,
    Health.FAILING: _triangle,
    Health.OFFLINE: _struck_ring,
    Health.STUCK: _hourglass,
    Health.EXPIRING: _clock,
    Health.LATE: _late_clock,
    Health.INACTIVE: _bars,
    Health.PENDING: _dotted_ring,
    Health.DISCONNECTED: _open_link,
    Health.SYNCING: _arc,
    Health.HEALTHY: _tick,
    Health.UNKNOWN: _question,
}
_OTHER_GLYPHS: dict[str, Callable[[QPainter, QColor, QColor], None]] = {
    "search": _search,
    "menu": _menu,
    "close": _close,
    "more": _more,
    "down": _down,
    "tick": _tick,
    "cross": _cross,
    "dash": _dash,
    "question": _question,
    "warning": _triangle,
    "inbox": _inbox,
    "muted": _muted,
    "export": _export,
}
