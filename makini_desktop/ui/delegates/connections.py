"""Paints a connection's row: the customer's name strongest, a second line only where it says something."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import Sync
from makini_desktop.services import wording
from makini_desktop.services.store import Row
from makini_desktop.ui.look import HEALTH_TOKEN, ROW_HEIGHT, Look
from makini_desktop.ui.models.connections import ConnectionModel
from makini_desktop.ui.models.listing import COLUMNS, Column

PADDING = 8
ICON = 16
ICON_GAP = 8
MARK = 12
MARK_GAP = 6
DAY_GAP = 1
STRIP_HEIGHT = 15
STRIPS_KEPT = 512
PROGRESS_WIDTH = 160


class ConnectionDelegate(QStyledItemDelegate):
    """Paints every cell itself; asks the model for rows, not for data by role.

    Attributes:
        hovered: the position under the mouse, -1 if none.
    """

    def __init__(self, model: ConnectionModel, look: Look, view: QTableView) -> None:
        super().__init__(view)
        self.hovered = -1
        self._model = model
        self._look = look
        self._view = view
        self._strips: dict[tuple[tuple[Health, ...], int, float, bool, bool], QPixmap] = {}
        self._strong = QFontMetrics(look.strong)
        self._body = QFontMetrics(look.body)
        self._small = QFontMetrics(look.small)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of a row; widths are the view's matter."""
        return QSize(0, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one cell."""
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        row = self._model.row(index.row())
        column = COLUMNS[index.column()]
        self._background(painter, rect, index, bool(state & QStyle.StateFlag.State_Selected))
        inner = rect.adjusted(PADDING, 0, -PADDING, -1)
        match column:
            case Column.HEALTH:
                self._health(painter, inner, row)
            case Column.CUSTOMER:
                self._customer(painter, inner, row)
            case Column.DAYS:
                self._days(painter, inner, row)
            case Column.SYSTEM:
                self._text(painter, inner, row.connection.system, "text")
            case Column.TOKEN:
                token = "waiting" if row.health is Health.EXPIRING else "secondary"
                self._text(painter, inner, self._model.text(row, column), token)
            case _:
                self._text(painter, inner, self._model.text(row, column), "secondary")

    def _background(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex, selected: bool
    ) -> None:
        look = self._look
        if selected:
            painter.fillRect(rect, look.colour("selection"))
        elif index.row() == self.hovered:
            painter.fillRect(rect, look.colour("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.colour("line"))
        if selected and self._view.horizontalHeader().visualIndex(index.column()) == 0:
            bar = rect.right() - 2 if self._mirrored() else rect.left()
            painter.fillRect(bar, rect.top(), 3, rect.height() - 1, look.colour("accent"))

    def _health(self, painter: QPainter, rect: QRect, row: Row) -> None:
        density = painter.device().devicePixelRatioF()
        pixmap = self._look.health_pixmap(row.health, ICON, density)
        icon = self._placed(rect, QRect(rect.left(), rect.center().y() - ICON // 2 + 1, ICON, ICON))
        painter.drawPixmap(icon, pixmap)
        rest = self._placed(rect, rect.adjusted(ICON + ICON_GAP, 0, 0, 0))
        painter.setPen(self._look.health(row.health))
        painter.setFont(self._look.strong)
        self._draw(painter, rest, wording.health_word(row.health), self._strong)

    def _customer(self, painter: QPainter, rect: QRect, row: Row) -> None:
        look = self._look
        second = wording.reason_short(row, self._model.now())
        painter.setPen(look.colour("text"))
        painter.setFont(look.strong)
        if not second:
            self._name(painter, rect, row)
            return
        height = self._strong.height() + self._small.height()
        top = rect.top() + (rect.height() - height) // 2
        first = QRect(rect.left(), top, rect.width(), self._strong.height())
        self._name(painter, first, row)
        painter.setPen(look.colour("accent" if row.stage is not None else "secondary"))
        painter.setFont(look.small)
        below = QRect(rect.left(), first.bottom() + 1, rect.width(), self._small.height())
        self._draw(painter, below, second, self._small)
        if row.stage is None and row.health is Health.SYNCING and row.sync is not None:
            self._progress(painter, rect, row.sync)

    def _name(self, painter: QPainter, rect: QRect, row: Row) -> None:
        """Draw the customer's name, and beside it whether it is muted."""
        if not self._model.muted(row):
            self._draw(painter, rect, row.connection.name, self._strong)
            return
        room = rect.adjusted(0, 0, -MARK - MARK_GAP, 0)
        self._draw(painter, self._placed(rect, room), row.connection.name, self._strong)
        width = min(room.width(), self._strong.horizontalAdvance(row.connection.name))
        mark = QRect(rect.left() + width + MARK_GAP, rect.center().y() - MARK // 2 + 1, MARK, MARK)
        pixmap = self._look.glyph_pixmap("muted", "secondary", MARK, painter.device().devicePixelRatioF())
        painter.drawPixmap(self._placed(rect, mark), pixmap)

    def _progress(self, painter: QPainter, rect: QRect, sync: Sync) -> None:
        """Draw how far a sync is on the line below the row, where it is known."""
        if not sync.expected or sync.done is None or not sync.state.running:
            return
        share = min(1.0, sync.done / sync.expected)
        whole = min(rect.width(), PROGRESS_WIDTH)
        line = QRect(rect.left(), rect.bottom() - 1, round(whole * share), 2)
        painter.fillRect(self._placed(rect, line), self._look.colour("accent"))

    def _days(self, painter: QPainter, rect: QRect, row: Row) -> None:
        """Draw the strip of days; one that was drawn before is only copied."""
        if not row.days:
            return
        density = painter.device().devicePixelRatioF()
        key = (row.days, rect.width(), density, self._look.dark, self._mirrored())
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= STRIPS_KEPT:
                self._strips.clear()
            strip = self._strips[key] = self._strip(row.days, rect.width(), density)
        painter.drawPixmap(rect.left(), rect.center().y() + 9 - STRIP_HEIGHT, strip)

    def _strip(self, days: tuple[Health, ...], room: int, density: float) -> QPixmap:
        strip = QPixmap(round(room * density), round(STRIP_HEIGHT * density))
        strip.setDevicePixelRatio(density)
        strip.fill(Qt.GlobalColor.transparent)
        painter = QPainter(strip)
        whole = QRect(0, 0, room, STRIP_HEIGHT)
        width = max(2, min(8, (room + DAY_GAP) // len(days) - DAY_GAP))
        fitting = max(1, (room + DAY_GAP) // (width + DAY_GAP))
        left = 0
        for health in days[-fitting:]:
            height, share = _DAY_BARS.get(health, (STRIP_HEIGHT, 1.0))
            colour = (
                self._look.tinted("secondary", 0.3)
                if health is Health.UNKNOWN
                else self._look.tinted(HEALTH_TOKEN[health], share)
            )
            bar = QRect(left, STRIP_HEIGHT - height, width, height)
            painter.fillRect(self._placed(whole, bar), colour)
            left += width + DAY_GAP
        painter.end()
        return strip

    def _text(self, painter: QPainter, rect: QRect, text: str, token: str) -> None:
        painter.setPen(self._look.colour(token))
        painter.setFont(self._look.body)
        self._draw(painter, rect, text, self._body)

    def _draw(self, painter: QPainter, rect: QRect, text: str, metrics: QFontMetrics) -> None:
        if metrics.horizontalAdvance(text) > rect.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        alignment = Qt.AlignmentFlag.AlignRight if self._mirrored() else Qt.AlignmentFlag.AlignLeft
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.drawText(
            rect, alignment | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute, text
        )

    def _placed(self, around: QRect, rect: QRect) -> QRect:
        """Return `rect`, mirrored in `around` where reading goes from right to left."""
        return QStyle.visualRect(self._view.layoutDirection(), around, rect)

    def _mirrored(self) -> bool:
        return self._view.isRightToLeft()


_DAY_BARS: dict[Health, tuple[int, float]] = {
    Health.HEALTHY: (9, 0.62),
    Health.SYNCING: (9, 0.62),
    Health.PENDING: (5, 0.6),
    Health.UNKNOWN: (3, 1.0),
}
"""Height and strength of a day's bar; what was wrong stands out by its height as well as its colour."""
