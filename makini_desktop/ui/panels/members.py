"""The list of an incident's connections."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import Member
from makini_desktop.services.store import Store
from makini_desktop.ui.delegates.drawing import draw_text
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.members import MemberModel
from makini_desktop.ui.panels.list_view import PlainListView

ICON = 14
GAP = 8
EDGE = 6


class MemberList(PlainListView):
    """The list; Return or a double click shows the connection.

    Signals:
        wanted: a connection to show.
    """

    wanted = Signal(str)

    def __init__(self, look: Look, store: Store, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.members = MemberModel(store, clock, self)
        self.setModel(self.members)
        self.setItemDelegate(_MemberDelegate(self.members, look, self))
        self.setUniformItemSizes(True)
        self.setAccessibleName(_("Connections of the incident"))
        self.doubleClicked.connect(self._want)

    def show_members(self, members: tuple[Member, ...]) -> None:
        """Show these members; the one that was chosen stays so."""
        chosen = self.chosen()
        self.members.show(members)
        position = self.members.position(chosen) if chosen is not None else None
        if position is not None:
            self.setCurrentIndex(self.members.index(position, 0))

    def chosen(self) -> ConnectionId | None:
        """Return the connection that is selected, None without."""
        index = self.currentIndex()
        return self.members.member(index.row()).connection if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return shows the connection."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self._want(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _want(self, index: QModelIndex) -> None:
        self.wanted.emit(self.members.member(index.row()).connection)


class _MemberDelegate(QStyledItemDelegate):
    """Paints health, name, and since when."""

    def __init__(self, model: MemberModel, look: Look, view: QListView) -> None:
        super().__init__(view)
        self._model = model
        self._look = look
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, QFontMetrics(self._look.body).height() + 13)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look = self._look
        rect: QRect = option.rect
        member = self._model.member(index.row())
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.colour("selection"))
        inner = rect.adjusted(EDGE, 0, -EDGE, 0)
        icon = QRect(inner.left(), inner.center().y() - ICON // 2 + 1, ICON, ICON)
        density = painter.device().devicePixelRatioF()
        pixmap = look.health_pixmap(self._model.health(member), ICON, density)
        painter.drawPixmap(self._placed(inner, icon), pixmap)
        when = self._model.when(member)
        width = min(QFontMetrics(look.small).horizontalAdvance(when) + 1, inner.width() // 2)
        aside = QRect(inner.right() - width, inner.top(), width, inner.height())
        mirrored = self._view.isRightToLeft()
        secondary = look.colour("secondary")
        draw_text(painter, self._placed(inner, aside), when, look.small, secondary, mirrored=mirrored)
        name = inner.adjusted(ICON + GAP, 0, -width - GAP, 0)
        colour = look.colour("text") if member.proven_at is None else secondary
        draw_text(
            painter, self._placed(inner, name), self._model.name(member), look.body, colour, mirrored=mirrored
        )

    def _placed(self, around: QRect, rect: QRect) -> QRect:
        return QStyle.visualRect(self._view.layoutDirection(), around, rect)
