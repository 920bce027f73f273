"""Paints a line of the inbox: what broke and where, who is hit, since when, and how it stands."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from makini_desktop.core.clock import Clock
from makini_desktop.domain.incident import Incident
from makini_desktop.services import inbox_words as words
from makini_desktop.services.store import Store
from makini_desktop.ui.delegates.drawing import draw_text
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.inbox import InboxModel, incident_health, is_muted

EDGE = 16
ICON = 16
GAP = 10
MARK = 12
ASIDE_SHARE = 0.4
"""The part of the width that the times may take at most."""


class InboxDelegate(QStyledItemDelegate):
    """Paints the lines of an `InboxModel`.

    Attributes:
        hovered: the line under the mouse, -1 if none.
    """

    def __init__(self, model: InboxModel, look: Look, store: Store, clock: Clock, view: QListView) -> None:
        super().__init__(view)
        self.hovered = -1
        self._model = model
        self._look = look
        self._store = store
        self._clock = clock
        self._view = view
        self._strong = QFontMetrics(look.strong)
        self._small = QFontMetrics(look.small)

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of a line."""
        if self._model.entry(index.row()).incident is None:
            return QSize(0, QFontMetrics(self._look.small_strong).height() + 20)
        return QSize(0, self._strong.height() + self._small.height() + 21)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one line."""
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        incident = self._model.incident(index.row())
        if incident is None:
            self._word(painter, rect, index.row())
            return
        self._background(painter, rect, index.row(), bool(state & QStyle.StateFlag.State_Selected))
        self._incident(painter, rect.adjusted(EDGE, 9, -EDGE, -10), incident)

    def _word(self, painter: QPainter, rect: QRect, position: int) -> None:
        entry = self._model.entry(position)
        look = self._look
        if position:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.colour("line"))
        font = look.small_strong if entry.heading else look.body
        self._draw(painter, rect.adjusted(EDGE, 6, -EDGE, 0), entry.text, font, "secondary")

    def _background(self, painter: QPainter, rect: QRect, position: int, selected: bool) -> None:
        look = self._look
        if selected:
            painter.fillRect(rect, look.colour("selection"))
        elif position == self.hovered:
            painter.fillRect(rect, look.colour("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.colour("line"))
        if selected:
            bar = rect.right() - 2 if self._view.isRightToLeft() else rect.left()
            painter.fillRect(bar, rect.top(), 3, rect.height() - 1, look.colour("accent"))

    def _incident(self, painter: QPainter, rect: QRect, incident: Incident) -> None:
        look, now = self._look, self._clock.now()
        above = QRect(rect.left(), rect.top(), rect.width(), self._strong.height())
        below = QRect(rect.left(), above.bottom() + 3, rect.width(), self._small.height())
        density = painter.device().devicePixelRatioF()
        icon = QRect(rect.left(), above.center().y() - ICON // 2 + 1, ICON, ICON)
        pixmap = look.health_pixmap(incident_health(incident), ICON, density)
        painter.drawPixmap(self._placed(rect, icon), pixmap)
        left = rect.left() + ICON + GAP
        since, state = words.since_words(incident, now), words.state_words(incident, now)
        first = self._aside(painter, rect, above, since)
        second = self._aside(painter, rect, below, state)
        room = QRect(left, above.top(), rect.right() - first - left, above.height())
        named = self._draw(
            painter, self._placed(rect, room), words.headline(incident, self._store), look.strong, "text"
        )
        if is_muted(incident, self._store.mutes):
            mark = QRect(left + named + 6, above.center().y() - MARK // 2 + 1, MARK, MARK)
            painter.drawPixmap(
                self._placed(rect, mark), look.glyph_pixmap("muted", "secondary", MARK, density)
            )
            named += MARK + 6
        room.setLeft(left + named + GAP)
        parts = (words.where(incident, self._store), words.progress_words(incident))
        rest = " · ".join(part for part in parts if part)
        self._draw(painter, self._placed(rect, room), rest, look.body, "secondary")
        room = QRect(left, below.top(), rect.right() - second - left, below.height())
        names = words.second_line(incident, self._store)
        self._draw(painter, self._placed(rect, room), names, look.small, "secondary")

    def _aside(self, painter: QPainter, rect: QRect, line: QRect, text: str) -> int:
        """Draw what stands at the far edge of a line; return the room that it takes."""
        if not text:
            return 0
        width = min(self._small.horizontalAdvance(text) + 1, int(rect.width() * ASIDE_SHARE))
        at = QRect(line.right() - width, line.top(), width, line.height())
        self._draw(painter, self._placed(rect, at), text, self._look.small, "secondary")
        return width + GAP

    def _draw(self, painter: QPainter, rect: QRect, text: str, font: QFont, token: str) -> int:
        colour = self._look.colour(token)
        return draw_text(painter, rect, text, font, colour, mirrored=self._view.isRightToLeft())

    def _placed(self, around: QRect, rect: QRect) -> QRect:
        return QStyle.visualRect(self._view.layoutDirection(), around, rect)
