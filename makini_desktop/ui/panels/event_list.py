"""The events that a connection's webhook tells of."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.ui.controls import Words
from makini_desktop.ui.fields import CheckBox
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.findings import Finding


class EventList(QWidget):
    """A box for each event; what is in force and not offered is there too.

    Signals:
        edited: somebody chooses.
    """

    edited = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._offered: tuple[str, ...] = ()
        self.boxes: dict[str, CheckBox] = {}
        self.problem = Finding(look, look.small)
        self.problem.hide()
        self._boxes = QVBoxLayout()
        self._boxes.setSpacing(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(Words(_("Events"), look.body))
        layout.addLayout(self._boxes)
        layout.addWidget(self.problem)

    def offer(self, events: tuple[str, ...]) -> None:
        """Offer these; what is chosen stays so."""
        if events != self._offered:
            self._offered = events
            self._put(self.chosen())

    def chosen(self) -> frozenset[str]:
        """Return what is chosen."""
        return frozenset(event for event, box in self.boxes.items() if box.isChecked())

    def choose(self, events: Collection[str]) -> None:
        """Choose these, and no others."""
        if set(events) - self.boxes.keys():
            self._put(events)
        for event, box in self.boxes.items():
            box.setChecked(event in events)

    def refuse(self, words: str) -> None:
        """Say what is wrong; nothing if `words` is empty."""
        self.problem.tell("cross", "reconnect", "", words)
        self.problem.setVisible(bool(words))

    def _put(self, chosen: Collection[str]) -> None:
        while (item := self._boxes.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        others = sorted(set(chosen) - set(self._offered))
        self.boxes = {event: CheckBox(self._look, event) for event in (*self._offered, *others)}
        for event, box in self.boxes.items():
            box.setChecked(event in chosen)
            box.clicked.connect(self.edited)
            self._boxes.addWidget(box)
