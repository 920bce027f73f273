"""The choice of a system: searched while it is typed, with what to say while there is nothing to list."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from makini_desktop.core.text import _
from makini_desktop.domain.platform import Platform
from makini_desktop.ui.controls import Words
from makini_desktop.ui.delegates.drawing import draw_text
from makini_desktop.ui.fields import LineField
from makini_desktop.ui.look import RADIUS, Look
from makini_desktop.ui.models.platforms import PlatformModel
from makini_desktop.ui.outlines import outline
from makini_desktop.ui.panels.list_view import PlainListView
from makini_desktop.ui.panels.progress import ProgressLine

EDGE = 10
ROWS = 6
LINE = 13
"""What a row is higher than its words."""


class PlatformList(QWidget):
    """Search and list; Down goes from one to the other, letters typed in the list search on.

    Signals:
        chosen: another system is chosen, or none.
    """

    chosen = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = PlatformModel(self)
        self.search = _Search(look)
        self.list = _List(look, self.model)
        self.words = Words(font=look.body, secondary=True, wraps=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setContentsMargins(24, 0, 24, 0)
        self.line = ProgressLine(look)
        self._places = QStackedWidget()
        self._places.addWidget(self.list)
        self._places.addWidget(self.words)
        frame = _Frame(look)
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.setSpacing(0)
        inside.addWidget(self.line)
        inside.addWidget(self._places, 1)
        height = QFontMetrics(look.body).height() + LINE
        frame.setFixedHeight(ROWS * height + 10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(frame)
        self.setFocusProxy(self.search)
        self._refusal = ""
        self._waiting = True
        self.search.textEdited.connect(self._search)
        self.search.left_down.connect(self._to_list)
        self.list.left_up.connect(self.search.setFocus)
        self.list.selectionModel().selectionChanged.connect(lambda *_both: self.chosen.emit())
        self._tell()

    def platform(self) -> Platform | None:
        """Return the system that is chosen, None without."""
        indexes = self.list.selectionModel().selectedIndexes()
        return self.model.platform(indexes[0].row()) if indexes else None

    def show_platforms(self, platforms: tuple[Platform, ...]) -> None:
        """List these."""
        before = self.platform()
        self.model.show(platforms)
        self._choose_again(before)
        self._tell()

    def wait(self) -> None:
        """Say that the systems are being asked for."""
        self._waiting, self._refusal = True, ""
        self._tell()

    def arrived(self, refusal: str) -> None:
        """Take in that the answer is there: the list, or why there is none."""
        self._waiting, self._refusal = False, refusal
        self._tell()

    def choose(self, platform: Platform) -> None:
        """Choose a system."""
        self._choose_again(platform)

    def _tell(self) -> None:
        any_shown = self.model.rowCount() > 0
        self.line.tell(None if self._waiting and not any_shown else 0.0)
        if any_shown:
            self._places.setCurrentWidget(self.list)
            return
        self.words.setText(
            _("Asking Makini for its systems…")
            if self._waiting
            else self._refusal
            or (_("No system has that in its name.") if self.search.text() else _("Makini lists no system."))
        )
        self._places.setCurrentWidget(self.words)

    def _search(self, words: str) -> None:
        before = self.platform()
        self.model.search(words)
        self._choose_again(before)
        if words.strip() and self.model.rowCount() == 1:
            self.list.setCurrentIndex(self.model.index(0, 0))
        self._tell()
        self.chosen.emit()

    def _choose_again(self, platform: Platform | None) -> None:
        at = self.model.position(platform) if platform is not None else None
        if at is not None:
            self.list.setCurrentIndex(self.model.index(at, 0))

    def _to_list(self) -> None:
        if self.model.rowCount():
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
            if self.platform() is None:
                self.list.setCurrentIndex(self.model.index(0, 0))


class _Search(LineField):
    """The search field; Down leaves it."""

    left_down = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.setPlaceholderText(_("Search systems"))
        self.setAccessibleName(_("Search systems"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        else:
            super().keyPressEvent(event)


class _List(PlainListView):
    """The list; Up on the first row goes back to the search."""

    left_up = Signal()

    def __init__(self, look: Look, model: PlatformModel) -> None:
        super().__init__(look)
        self.setModel(model)
        self.setItemDelegate(_Delegate(model, look, self))
        self.setUniformItemSizes(True)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(_("Systems"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.left_up.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()  # the dialog's default button takes it
        else:
            super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    """Paints name and category."""

    def __init__(self, model: PlatformModel, look: Look, view: QListView) -> None:
        super().__init__(view)
        self._model = model
        self._look = look
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, QFontMetrics(self._look.body).height() + LINE)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look = self._look
        rect: QRect = option.rect
        platform = self._model.platform(index.row())
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, look.colour("selection"))
        inner = rect.adjusted(EDGE, 0, -EDGE, 0)
        width = min(QFontMetrics(look.small).horizontalAdvance(platform.category) + 1, inner.width() // 2)
        aside = QRect(inner.right() - width, inner.top(), width, inner.height())
        mirrored = self._view.isRightToLeft()
        draw_text(
            painter,
            self._placed(inner, aside),
            platform.category,
            look.small,
            look.colour("secondary"),
            mirrored=mirrored,
        )
        name = inner.adjusted(0, 0, -width - EDGE, 0)
        font = look.strong if chosen else look.body
        draw_text(
            painter, self._placed(inner, name), platform.name, font, look.colour("text"), mirrored=mirrored
        )

    def _placed(self, around: QRect, rect: QRect) -> QRect:
        return QStyle.visualRect(self._view.layoutDirection(), around, rect)


class _Frame(QWidget):
    """The line around the list."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._look.colour("line"))
        painter.setBrush(self._look.colour("panel"))
        outline(painter, self.rect(), RADIUS)
