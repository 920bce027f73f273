"""The whole repair queue: what came of each connection, how long it took, what is left."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from makini_desktop.core.text import _
from makini_desktop.domain.repair import Refused, RepairQueue, Skipped
from makini_desktop.services import repair_words
from makini_desktop.services.repairs import Repairs
from makini_desktop.services.store import Store
from makini_desktop.ui.controls import SlimScrollBar, Words
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.look import ROW_HEIGHT, Look
from makini_desktop.ui.models.repairs import RepairColumn, RepairModel

SIZE = 760, 520


class RepairReport(Dialog):
    """The report; follows the queue while it is open."""

    def __init__(
        self, parent: QWidget | None, look: Look, store: Store, repairs: Callable[[], Repairs]
    ) -> None:
        super().__init__(parent, look, _("Repair queue"))
        self._store = store
        self.heading = Words(font=look.heading, wraps=True)
        self.words = Words(font=look.body, secondary=True, wraps=True)
        self.model = RepairModel(look, self)
        self.table = QTableView()
        self._set_up_table()
        self.content.addWidget(self.heading)
        self.content.addWidget(self.words)
        self.content.addWidget(self.table, 1)
        self.copy = self.add_button(_("Copy report"), leading=True)
        self.copy.clicked.connect(self._copy)
        self.retry = self.add_button(_("Try refused and skipped again"))
        self.retry.clicked.connect(lambda: repairs().retry())
        self.close_button = self.add_button(_("Close"), primary=True)
        self.close_button.clicked.connect(self.accept)
        self._unsubscribe = store.repair_queue_changed.subscribe(self._tell)
        self.finished.connect(lambda _result: self._unsubscribe())
        self.resize(*SIZE)
        self._tell(store.repair_queue)
        self.table.setFocus()

    def _tell(self, queue: RepairQueue | None) -> None:
        if queue is None:
            self.accept()
            return
        said = repair_words.queue_words(queue)
        self.heading.setText(said.matter)
        self.words.setText(said.words)
        self.retry.setVisible(
            queue.is_ended and any(isinstance(each.turn, (Refused, Skipped)) for each in queue.repairs)
        )
        self.model.show(queue)
        if (line := self.model.line_under_way()) is not None:
            self.table.scrollTo(self.model.index(line, 0))

    def _copy(self) -> None:
        if (queue := self._store.repair_queue) is not None:
            QGuiApplication.clipboard().setText(repair_words.report(queue))

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setShowGrid(False)
        table.setFont(self.look.body)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollBar(SlimScrollBar(self.look, Qt.Orientation.Vertical, table))
        table.setAccessibleName(_("Repairs"))
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        table.setWordWrap(True)
        table.setItemDelegate(_WithoutFrame(table))
        header = _Header(self.look)
        table.setHorizontalHeader(header)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        for column, width in (
            (RepairColumn.RESULT, 104),
            (RepairColumn.CUSTOMER, 180),
            (RepairColumn.SYSTEM, 120),
            (RepairColumn.TIME, 60),
        ):
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(RepairColumn.WHY, QHeaderView.ResizeMode.Stretch)


class _Header(QHeaderView):
    """Titles in small letters above a line, as in the list of connections."""

    def __init__(self, look: Look) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._look = look
        self.setFont(look.small)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.fillRect(rect, self._look.colour("panel"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._look.colour("line"))
        painter.setPen(self._look.colour("secondary"))
        painter.setFont(self._look.small)
        title = str(self.model().headerData(section, Qt.Orientation.Horizontal))
        painter.drawText(rect.adjusted(3, 0, -3, 0), self.defaultAlignment(), title)


class _WithoutFrame(QStyledItemDelegate):
    """Shows where the keyboard stands by the whole line, not by a frame around one cell."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
