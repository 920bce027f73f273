"""Names and values, to read and to copy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from makini_desktop.ui.controls import Words
from makini_desktop.ui.look import Look

GAP = 16
LEAST_VALUE = 150
"""Width below which values go under their names instead of beside them."""


class Facts(QWidget):
    """Names on the left and values on the right; where that is too narrow, one below the other."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._lines: list[tuple[Words, Words]] = []
        self._stacked = False
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 10, 0, 8)
        whole.addLayout(self._grid)
        whole.addStretch(1)

    def show_facts(self, listed: Sequence[tuple[str, str]]) -> None:
        """Show these names and values."""
        while len(self._lines) < len(listed):
            name = Words(font=self._look.body, secondary=True)
            value = Words(font=self._look.body, wraps=True, selectable=True)
            self._lines.append((name, value))
            self._put(len(self._lines) - 1)
        for at, (name, value) in enumerate(self._lines):
            shown = at < len(listed)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                name.setText(listed[at][0])
                value.setText(listed[at][1])
        self._arrange()

    def shown(self) -> dict[str, str]:
        """Return the names and values that are shown."""
        return {name.text(): value.text() for name, value in self._lines if not name.isHidden()}

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the values where they have room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        names = max(
            (name.sizeHint().width() for name, _value in self._lines if not name.isHidden()), default=0
        )
        stacked = names + GAP + LEAST_VALUE > self.width()
        if stacked != self._stacked:
            self._stacked = stacked
            for at in range(len(self._lines)):
                self._put(at)

    def _put(self, at: int) -> None:
        name, value = self._lines[at]
        for widget in (name, value):
            self._grid.removeWidget(widget)
        if self._stacked:
            self._grid.addWidget(name, 2 * at, 0, 1, 2, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, 2 * at + 1, 0, 1, 2)
        else:
            self._grid.addWidget(name, 2 * at, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, 2 * at, 1)
