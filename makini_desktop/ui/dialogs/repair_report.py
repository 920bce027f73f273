"""The whole repair queue: what came of each connection, how long it took, what is left."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.repair import Refused, RepairQueue, Skipped
from makini_desktop.services import repair_words
from makini_desktop.services.repairs import Repairs
from makini_desktop.services.store import Store
from makini_desktop.ui.controls import SlimScrollBar, Words
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.repairs import RepairColumn, RepairModel

SIZE = 760, 520
LINE_HEIGHT = 32


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
        table.setVerticalScrollBar(SlimScrollBar(self.look, Qt.Orientation.Vertical, table))
        table.setAccessibleName(_("Repairs"))
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(LINE_HEIGHT)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        for column, width in (
            (RepairColumn.RESULT, 120),
            (RepairColumn.CUSTOMER, 200),
            (RepairColumn.SYSTEM, 130),
            (RepairColumn.TIME, 70),
        ):
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(RepairColumn.WHY, QHeaderView.ResizeMode.Stretch)
