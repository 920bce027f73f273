"""Paints an entry of the timeline: time, shape, headline, and who said so below it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from makini_desktop.ui.delegates.drawing import draw_text
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.timeline import TimelineModel

ICON = 14
GAP = 8


class TimelineDelegate(QStyledItemDelegate):
    """Paints the entries of a `TimelineModel`."""

    def __init__(self, model: TimelineModel, look: Look, view: QListView) -> None:
        super().__init__(view)
        self._model = model
        self._look = look
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of an entry."""
        look = self._look
        entry = self._model.entry(index.row())
        if entry.health is None:
            return QSize(0, QFontMetrics(look.small_strong).height() + 14)
        below = QFontMetrics(look.small).height() if entry.detail else 0
        return QSize(0, QFontMetrics(look.body).height() + below + 11)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one entry."""
        look = self._look
        rect: QRect = option.rect
        entry = self._model.entry(index.row())
        small = QFontMetrics(look.small)
        if entry.health is None:
            self._draw(painter, rect, entry.headline, look.small_strong, "secondary")
            return
        if option.state & QStyle.StateFlag.State_Selected and self._view.hasFocus():
            painter.fillRect(rect, look.colour("selection"))
        time_width = small.horizontalAdvance("00:00")
        line = QFontMetrics(look.body).height()
        top = rect.top() + 4
        at = QRect(rect.left(), top, time_width, line)
        self._draw(painter, self._placed(rect, at), entry.time, look.small, "secondary")
        left = rect.left() + time_width + 12
        icon = QRect(left, top + (line - ICON) // 2 + 1, ICON, ICON)
        pixmap = look.health_pixmap(entry.health, ICON, painter.device().devicePixelRatioF())
        painter.drawPixmap(self._placed(rect, icon), pixmap)
        left += ICON + GAP
        first = QRect(left, top, rect.right() - left, line)
        self._draw(painter, self._placed(rect, first), entry.headline, look.body, "text")
        second = QRect(left, top + line + 1, rect.right() - left, small.height())
        self._draw(painter, self._placed(rect, second), entry.detail, look.small, "secondary")

    def _draw(self, painter: QPainter, rect: QRect, text: str, font: QFont, token: str) -> None:
        draw_text(painter, rect, text, font, self._look.colour(token), mirrored=self._view.isRightToLeft())

    def _placed(self, around: QRect, rect: QRect) -> QRect:
        return QStyle.visualRect(self._view.layoutDirection(), around, rect)
