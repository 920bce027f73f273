"""Thirty days as a calendar: on each day the number of tokens that end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStyle, QToolTip, QWidget

from makini_desktop.core.text import _, ngettext
from makini_desktop.services.expiry import ExpiryDay
from makini_desktop.services.moments import short_date
from makini_desktop.ui.look import RADIUS, Look

WEEK = 7
CELL = 56
HEAD = 24
GAP = 4
SOON = timedelta(days=7)
"""Within these days an end is a warning."""


class ExpiryGrid(QWidget):
    """The calendar; weeks begin on Monday, arrow keys go from day to day.

    Signals:
        chosen: another day is chosen.
    """

    chosen = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._days: Sequence[ExpiryDay] = ()
        self._position = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def tell(self, days: Sequence[ExpiryDay]) -> None:
        """Show these days; the chosen one stays chosen, at first it is the first with an end."""
        before = self.day
        self._days = days
        if before is None:
            self._position = next((n for n, each in enumerate(days) if each.connections), 0)
        else:
            self._position = next((n for n, each in enumerate(days) if each.day == before.day), 0)
        self.setAccessibleName(self._words(self._position))
        self.updateGeometry()
        self.update()

    @property
    def day(self) -> ExpiryDay | None:
        """The chosen day."""
        return self._days[self._position] if self._days else None

    def sizeHint(self) -> QSize:
        """Return room for all weeks."""
        last = self._offset() + len(self._days) - 1
        return QSize(WEEK * (CELL + GAP), HEAD + (last // WEEK + 1) * (CELL + GAP))

    def minimumSizeHint(self) -> QSize:
        """Return the same: a day cannot be left out."""
        return self.sizeHint()

    def choose(self, position: int) -> None:
        """Choose a day by its distance from today."""
        if 0 <= position < len(self._days) and position != self._position:
            self._position = position
            self.setAccessibleName(self._words(position))
            self.update()
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from day to day."""
        ahead = -1 if self.isRightToLeft() else 1
        steps = {
            Qt.Key.Key_Left: -ahead,
            Qt.Key.Key_Right: ahead,
            Qt.Key.Key_Up: -WEEK,
            Qt.Key.Key_Down: WEEK,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self.choose(self._position + steps[key])
        elif key is Qt.Key.Key_Home:
            self.choose(0)
        elif key is Qt.Key.Key_End:
            self.choose(len(self._days) - 1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the day below the mouse."""
        found = self._at(event.position().toPoint())
        if found is not None:
            self.choose(found)

    def event(self, event: QEvent) -> bool:
        """Say a day's date and number in its tooltip."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self._at(event.pos())
            QToolTip.showText(event.globalPos(), self._words(found) if found is not None else "", self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the weekdays and the days."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._look.small)
        painter.setPen(self._look.colour("secondary"))
        for column, name in enumerate(_("Mon Tue Wed Thu Fri Sat Sun").split()):
            head = self._placed(QRect(self._left(column), 0, self._width(), HEAD))
            painter.drawText(head, Qt.AlignmentFlag.AlignCenter, name)
        for position in range(len(self._days)):
            self._paint_day(painter, position)

    def _paint_day(self, painter: QPainter, position: int) -> None:
        look, day, cell = self._look, self._days[position], self._cell(position)
        count = len(day.connections)
        soon = position < SOON.days
        ground = look.tinted("waiting" if soon else "accent", 0.16) if count else look.colour("background")
        chosen = position == self._position
        painter.setBrush(ground)
        pen = QPen(look.colour("accent" if chosen else "line"), 2 if chosen else 1)
        painter.setPen(pen)
        painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.setPen(look.colour("secondary"))
        painter.setFont(look.small)
        words = short_date(day.day) if day.day.day == 1 or position == 0 else str(day.day.day)
        painter.drawText(
            cell.adjusted(7, 4, -7, -4), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading, words
        )
        if count:
            painter.setPen(look.colour("waiting" if soon else "text"))
            painter.setFont(look.heading)
            painter.drawText(
                cell.adjusted(7, 4, -7, -4),
                Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignTrailing,
                QFontMetrics(look.heading).elidedText(
                    f"{count:,}", Qt.TextElideMode.ElideRight, cell.width() - 14
                ),
            )

    def _at(self, point: QPoint) -> int | None:
        return next((n for n in range(len(self._days)) if self._cell(n).contains(point)), None)

    def _cell(self, position: int) -> QRect:
        place = self._offset() + position
        top = HEAD + place // WEEK * (CELL + GAP)
        return self._placed(QRect(self._left(place % WEEK), top, self._width(), CELL))

    def _placed(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), rect)

    def _left(self, column: int) -> int:
        return column * (self._width() + GAP)

    def _width(self) -> int:
        return max(1, (self.width() - (WEEK - 1) * GAP) // WEEK)

    def _offset(self) -> int:
        return self._days[0].day.weekday() if self._days else 0

    def _words(self, position: int) -> str:
        if not self._days:
            return ""
        return day_words(self._days[position].day, len(self._days[position].connections))


def day_words(day: date, count: int) -> str:
    """Return a day and how many tokens end on it."""
    return _("{day}: {tokens}").format(
        day=short_date(day),
        tokens=ngettext("{count} token ends", "{count} tokens end", count).format(count=f"{count:,}"),
    )
