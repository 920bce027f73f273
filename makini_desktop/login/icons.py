"""The few shapes of the login window, drawn so that they follow theme, scale and direction."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

_GRID = 16.0
_STROKE = 1.6


def lock() -> QPainterPath:
    """A closed padlock: nobody can read along."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(3.5, 7, 9, 6.5), 1.5, 1.5)
    path.moveTo(5.5, 7)
    path.lineTo(5.5, 5)
    path.arcTo(QRectF(5.5, 2.5, 5, 5), 180, -180)
    path.lineTo(10.5, 7)
    return path


def globe() -> QPainterPath:
    """A globe: a page on this computer, or none yet."""
    path = QPainterPath()
    path.addEllipse(QRectF(2, 2, 12, 12))
    path.addEllipse(QRectF(5.4, 2, 5.2, 12))
    path.moveTo(2, 8)
    path.lineTo(14, 8)
    return path


def back() -> QPainterPath:
    """An arrow to where one came from; mirrored where text runs from right to left."""
    path = QPainterPath(QPointF(13, 8))
    path.lineTo(3.5, 8)
    path.moveTo(7.5, 4)
    path.lineTo(3.5, 8)
    path.lineTo(7.5, 12)
    return path


def reload() -> QPainterPath:
    """An open circle with a head: once more."""
    path = QPainterPath()
    path.arcMoveTo(QRectF(3, 3, 10, 10), 40)
    path.arcTo(QRectF(3, 3, 10, 10), 40, 290)
    path.moveTo(12.4, 1.8)
    path.lineTo(12, 5)
    path.lineTo(8.8, 4.8)
    return path


def warning() -> QPainterPath:
    """A triangle with a mark: this did not work."""
    path = QPainterPath(QPointF(8, 2.2))
    path.lineTo(14.3, 13.4)
    path.lineTo(1.7, 13.4)
    path.closeSubpath()
    path.moveTo(8, 6.4)
    path.lineTo(8, 9.6)
    path.moveTo(8, 11.4)
    path.lineTo(8, 11.5)
    return path


def draw(
    painter: QPainter, path: QPainterPath, square: QRectF, colour: str, *, mirrored: bool = False
) -> None:
    """Stroke `path`, made for a 16 px grid, into `square`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(square.topLeft())
    painter.scale(square.width() / _GRID, square.height() / _GRID)
    if mirrored:
        painter.translate(_GRID, 0)
        painter.scale(-1, 1)
    pen = QPen(QColor(colour), _STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPath(path)
    painter.restore()


def pixmap(
    shape: Callable[[], QPainterPath], colour: str, side: int, ratio: float, *, mirrored: bool = False
) -> QPixmap:
    """Return `shape` as a picture of `side` device-independent pixels."""
    picture = QPixmap(QSize(side, side) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw(painter, shape(), QRectF(0, 0, side, side), colour, mirrored=mirrored)
    painter.end()
    return picture


def icon(
    shape: Callable[[], QPainterPath], colour: str, disabled: str, ratio: float, *, mirrored: bool = False
) -> QIcon:
    """Return `shape` as an icon for a button of 16 px icons."""
    made = QIcon(pixmap(shape, colour, 16, ratio, mirrored=mirrored))
    made.addPixmap(pixmap(shape, disabled, 16, ratio, mirrored=mirrored), QIcon.Mode.Disabled)
    return made
