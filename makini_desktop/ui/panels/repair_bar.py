"""The repair queue across the window: which sign-in is open, how many are left, and what can be decided."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.repair import RepairQueue, Stopped
from makini_desktop.services import repair_words
from makini_desktop.services.repairs import Repairs
from makini_desktop.services.store import Store
from makini_desktop.ui.controls import Button, Words
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.progress import ProgressLine

EDGE = 16
GAP = 8


class RepairBar(QWidget):
    """The bar; hidden while there is no queue.

    Args:
        repairs: takes what a person decides.

    Signals:
        link_wanted: the connection of the repair whose customer is to get a link instead.
        report_wanted: the whole queue is to be seen.
    """

    link_wanted = Signal(str)
    report_wanted = Signal()

    def __init__(
        self, look: Look, store: Store, repairs: Callable[[], Repairs], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._store = store
        self._repairs = repairs
        self.matter = Words(font=look.strong)
        self.words = Words(font=look.body, wraps=True)
        self.line = ProgressLine(look, thickness=4, track=True)
        self.line.setAccessibleName(_("Progress of the repair queue"))
        self.go_on = self._button(_("Continue"), "Ctrl+Shift+N", lambda: repairs().go_on(), primary=True)
        self.skip = self._button(_("Skip"), "Ctrl+Shift+K", lambda: repairs().skip())
        self.later = self._button(_("Later"), "Ctrl+Shift+L", lambda: repairs().later())
        self.link = self._button(_("Send link…"), "Ctrl+Shift+E", self._want_link)
        self.pause = self._button(_("Pause"), "Ctrl+Shift+P", lambda: repairs().pause())
        self.report = self._button(_("Report…"), "Ctrl+Shift+O", self.report_wanted.emit)
        self.end = self._button(_("End"), "", lambda: repairs().close())
        self._lay_out()
        self._unsubscribe = store.repair_queue_changed.subscribe(self.tell)
        self.tell(store.repair_queue)

    def close_down(self) -> None:
        """Stop listening to the store."""
        self._unsubscribe()

    def tell(self, queue: RepairQueue | None) -> None:
        """Show how the queue stands; hidden for None."""
        if queue is not None:
            said = repair_words.queue_words(queue)
            self.matter.setText(said.matter)
            self.words.setText(said.words)
            self.setAccessibleName(f"{said.matter}. {said.words}")
            total = len(queue.repairs)
            self.line.tell((total - queue.left) / total if total else 1.0)
            self._offer(queue)
            self._arrange()
        self.setVisible(queue is not None)

    def _offer(self, queue: RepairQueue) -> None:
        stopped = queue.current is not None and isinstance(queue.current.turn, Stopped)
        open_ = not queue.is_ended
        self.go_on.setText(_("Try again") if stopped else _("Continue"))
        self.go_on.updateGeometry()
        self.go_on.setVisible(open_ and queue.paused)
        self.pause.setVisible(open_ and not queue.paused)
        for button in (self.skip, self.later, self.link):
            button.setVisible(open_)
        self.later.setEnabled(queue.left > 1)
        self.end.setText(_("End") if open_ else _("Close"))
        self.end.updateGeometry()

    def _want_link(self) -> None:
        queue = self._store.repair_queue
        target = (queue.current or queue.next) if queue is not None else None
        if target is not None:
            self.link_wanted.emit(target.connection)

    def _button(self, text: str, keys: str, pressed: Callable[[], None], *, primary: bool = False) -> Button:
        button = Button(self._look, text, primary=primary)
        button.clicked.connect(lambda _checked=False: pressed())
        if keys:
            sequence = QKeySequence(keys)
            button.setToolTip(
                _("{words} ({keys})").format(
                    words=text, keys=sequence.toString(QKeySequence.SequenceFormat.NativeText)
                )
            )
            QShortcut(sequence, self).activated.connect(button.click)
        return button

    def _lay_out(self) -> None:
        self._places = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._places.setSpacing(8)
        self._decisions = QWidget()
        flow = FlowLayout(self._decisions, gap=8)
        for button in self._buttons():
            flow.addWidget(button)
        said = QHBoxLayout()
        said.setSpacing(8)
        said.addWidget(self.matter, 0, Qt.AlignmentFlag.AlignVCenter)
        said.addWidget(self.words, 1, Qt.AlignmentFlag.AlignVCenter)
        self._places.addLayout(said, 1)
        self._places.addWidget(self._decisions)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(EDGE, 8, EDGE, 8)
        layout.setSpacing(8)
        layout.addLayout(self._places)
        layout.addWidget(self.line)

    def _buttons(self) -> tuple[Button, ...]:
        return self.go_on, self.skip, self.later, self.link, self.pause, self.report, self.end

    def _arrange(self) -> None:
        """Put the decisions beside the words where both fit one line, else below."""
        said = sum(
            QFontMetrics(words.font()).horizontalAdvance(words.text()) for words in (self.matter, self.words)
        )
        shown = [button for button in self._buttons() if not button.isHidden()]
        buttons = sum(button.sizeHint().width() + GAP for button in shown)
        beside = said + buttons + 2 * EDGE + GAP <= self.width()
        self._places.setDirection(
            QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        )
        self._decisions.setMinimumWidth(buttons if beside else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find the place of the decisions anew."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colour("selection"))
