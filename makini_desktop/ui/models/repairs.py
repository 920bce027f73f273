"""The repairs of a queue as a table."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from makini_desktop.core.text import _
from makini_desktop.domain.repair import (
    LinkSent,
    Refused,
    Repair,
    Repaired,
    RepairQueue,
    Running,
    Stopped,
)
from makini_desktop.services.repair_words import turn_time, turn_word, turn_words
from makini_desktop.ui.look import Look

NOWHERE = QModelIndex()


class RepairColumn(IntEnum):
    """The table's columns."""

    RESULT = 0
    CUSTOMER = 1
    SYSTEM = 2
    TIME = 3
    WHY = 4


class RepairModel(QAbstractTableModel):
    """One line for each repair, in the queue's order."""

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._repairs: tuple[Repair, ...] = ()

    def show(self, queue: RepairQueue | None) -> None:
        """Show a queue; what stays in its place is only said anew."""
        repairs = queue.repairs if queue is not None else ()
        same = [each.connection for each in repairs] == [each.connection for each in self._repairs]
        if not same:
            self.beginResetModel()
        before, self._repairs = self._repairs, repairs
        if not same:
            self.endResetModel()
            return
        for line, (old, new) in enumerate(zip(before, repairs, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(line, 0), self.index(line, RepairColumn.WHY))

    def line_under_way(self) -> int | None:
        """Return the line of the repair that is open or stopped."""
        return next(
            (n for n, each in enumerate(self._repairs) if isinstance(each.turn, (Running, Stopped))), None
        )

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        """Return the number of repairs."""
        return 0 if parent.isValid() else len(self._repairs)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(RepairColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's own
        """Return a column's title."""
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return {
            RepairColumn.RESULT: _("Result"),
            RepairColumn.CUSTOMER: _("Customer"),
            RepairColumn.SYSTEM: _("System"),
            RepairColumn.TIME: _("Time"),
            RepairColumn.WHY: _("Why"),
        }[RepairColumn(section)]

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's own
        """Return words, colours and fonts."""
        repair, column = self._repairs[index.row()], RepairColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return _words(repair, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (_words(repair, each) for each in RepairColumn)))
            case Qt.ItemDataRole.ForegroundRole if column is RepairColumn.RESULT:
                return self._look.colour(_token(repair))
            case Qt.ItemDataRole.FontRole if column in {RepairColumn.RESULT, RepairColumn.CUSTOMER}:
                return self._look.strong
            case _:
                return None


def _words(repair: Repair, column: RepairColumn) -> str:
    match column:
        case RepairColumn.RESULT:
            return _MARKS.get(type(repair.turn), "") + turn_word(repair.turn)
        case RepairColumn.CUSTOMER:
            return repair.customer
        case RepairColumn.SYSTEM:
            return repair.system
        case RepairColumn.TIME:
            return turn_time(repair.turn)
        case RepairColumn.WHY:
            return turn_words(repair.turn)


_MARKS: dict[type, str] = {Repaired: "✓ ", Refused: "✗ ", Stopped: "‖ ", Running: "… ", LinkSent: "→ "}
"""Shape beside the word, so that nothing is told by colour alone."""


def _token(repair: Repair) -> str:
    match repair.turn:
        case Repaired():
            return "good"
        case Refused() | Stopped():
            return "reconnect"
        case Running():
            return "accent"
        case _:
            return "secondary"
