"""The list of connections: keeps selection and place whatever is sorted, filtered or updated."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.ui.controls import SlimScrollBar
from makini_desktop.ui.delegates.connections import ConnectionDelegate
from makini_desktop.ui.look import ROW_HEIGHT, Look
from makini_desktop.ui.models.connections import ConnectionModel
from makini_desktop.ui.models.listing import COLUMNS
from makini_desktop.ui.panels.columns import Arrangement, ColumnHeader

REFRESH_MS = 15_000
"""How often relative times on screen are said anew."""


class ConnectionTable(QTableView):
    """The table.

    Signals:
        selected: the selection is another one.
        entered_row: Return or a double click on a row.
        menu_wanted: a context menu is asked for, at a global position.
        painted: the first rows are on screen; once.
    """

    selected = Signal()
    entered_row = Signal()
    menu_wanted = Signal(QPoint)
    painted = Signal()

    def __init__(
        self, model: ConnectionModel, look: Look, arrangement: Arrangement, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rows = model
        self._look = look
        self._chosen: list[ConnectionId] = []
        self._wanted: frozenset[ConnectionId] = frozenset()
        self._current: ConnectionId | None = None
        self._restoring = False
        self._unpainted = True
        self._scroll = 0
        self.columns = ColumnHeader(look, arrangement, self)
        self._delegate = ConnectionDelegate(model, look, self)
        self._set_up()
        model.sort(*self._sort_of(arrangement))
        self.setModel(model)
        self.columns.begin()
        model.visible = self.visible_positions
        model.rearranging.subscribe(self._remember)
        model.rearranged.subscribe(self._restore)
        self.columns.sortIndicatorChanged.connect(model.sort)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.doubleClicked.connect(self._entered)
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self.viewport().update)
        self._refresh.start()

    def selected_ids(self) -> list[ConnectionId]:
        """Return the ids of the selected rows, from top to bottom."""
        return self._chosen

    def current_id(self) -> ConnectionId | None:
        """Return the id of the row whose detail is shown, None without a selection."""
        return self._current

    def select(self, ids: Sequence[ConnectionId]) -> None:
        """Select these connections, as far as they are shown, and bring the first into view."""
        self._wanted = frozenset(ids)
        self._current = ids[0] if ids else None
        self._restore(None)
        position = self._rows.listing.position(ids[0]) if ids else None
        if position is not None:
            self.scrollTo(self._rows.index(position, 0))
        self._read_selection()
        self.selected.emit()

    def visible_positions(self) -> tuple[int, int]:
        """Return the first and last position on screen."""
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        return (0, -1) if first < 0 else (first, self._rows.rowCount() - 1 if last < 0 else last)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns into the new width."""
        super().resizeEvent(event)
        self.columns.fit(self.viewport().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows and tell once that they are there."""
        super().paintEvent(event)
        if self.hasFocus() and not self._chosen and self._rows.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(self._look.colour("accent"))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
        if self._unpainted and self._rows.rowCount():
            self._unpainted = False
            self.painted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return enters the selected row."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._current is not None:
            self.entered_row.emit()
            return
        super().keyPressEvent(event)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(self._delegate)
        self.setHorizontalHeader(self.columns)
        self.setVerticalScrollBar(SlimScrollBar(self._look, Qt.Orientation.Vertical, self))
        self.setHorizontalScrollBar(SlimScrollBar(self._look, Qt.Orientation.Horizontal, self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(ROW_HEIGHT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.entered.connect(self._hover)
        self.viewportEntered.connect(self._hover)
        self.setAccessibleName(_("Connections"))
        self.setMinimumWidth(360)

    def leaveEvent(self, event: object) -> None:
        """Let go of the row under the mouse."""
        super().leaveEvent(event)  # type: ignore[arg-type]
        self._hover(QModelIndex())

    def _hover(self, index: QModelIndex | None = None) -> None:
        position = index.row() if index is not None and index.isValid() else -1
        before, self._delegate.hovered = self._delegate.hovered, position
        for row in {before, position} - {-1}:
            top = self.rowViewportPosition(row)
            self.viewport().update(0, top, self.viewport().width(), ROW_HEIGHT)

    def _menu(self, at: QPoint) -> None:
        if self.indexAt(at).isValid():
            self.menu_wanted.emit(self.viewport().mapToGlobal(at))

    def _entered(self, _index: QModelIndex) -> None:
        self.entered_row.emit()

    def _sort_of(self, arrangement: Arrangement) -> tuple[int, Qt.SortOrder]:
        names = [column.value for column in COLUMNS]
        order = Qt.SortOrder.DescendingOrder if arrangement.descending else Qt.SortOrder.AscendingOrder
        return (names.index(arrangement.sort) if arrangement.sort in names else 0), order

    def _selection_changed(self, _new: QItemSelection, _old: QItemSelection) -> None:
        if not self._restoring:
            self._read_selection()
            self._wanted = frozenset(self._chosen)
            self.selected.emit()

    def _read_selection(self) -> None:
        positions = sorted(
            position
            for selected in self.selectionModel().selection().toList()
            for position in range(selected.top(), selected.bottom() + 1)
        )
        self._chosen = [self._rows.row(position).id for position in positions]
        current = self.currentIndex()
        shown = self._rows.row(current.row()).id if current.isValid() else None
        if shown is None or current.row() not in positions:
            shown = self._chosen[0] if self._chosen else None
        self._current = shown

    def _remember(self, _nothing: None) -> None:
        self._restoring = True
        self._scroll = self.verticalScrollBar().value()

    def _restore(self, _nothing: None) -> None:
        """Select again what was selected; what a filter hides is selected when it is shown again."""
        self._restoring = True
        before = list(self._chosen)
        positions = self._rows.listing.positions(self._wanted)
        selection = QItemSelection()
        last = len(COLUMNS) - 1
        for start, end in _runs(positions):
            selection.select(self._rows.index(start, 0), self._rows.index(end, last))
        model = self.selectionModel()
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        current = self._rows.listing.position(self._current) if self._current is not None else None
        if current is not None:
            self.setAutoScroll(False)  # what is on screen stays, wherever the current row has gone
            model.setCurrentIndex(self._rows.index(current, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
            self.setAutoScroll(True)
        self.verticalScrollBar().setValue(self._scroll)
        self._restoring = False
        self._read_selection()
        if self._chosen != before:
            self.selected.emit()


def _runs(positions: Sequence[int]) -> list[tuple[int, int]]:
    """Return runs of neighbouring numbers as their first and last."""
    runs: list[tuple[int, int]] = []
    for position in positions:
        if runs and runs[-1][1] == position - 1:
            runs[-1] = (runs[-1][0], position)
        else:
            runs.append((position, position))
    return runs
