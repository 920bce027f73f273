"""Names on the left, values on the right, to read and to copy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from makini_desktop.ui.controls import Words
from makini_desktop.ui.look import Look


class Facts(QWidget):
    """The grid."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._lines: list[tuple[Words, Words]] = []
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 10, 0, 8)
        self._layout.setHorizontalSpacing(16)
        self._layout.setVerticalSpacing(7)
        self._layout.setColumnStretch(1, 1)

    def show_facts(self, listed: Sequence[tuple[str, str]]) -> None:
        """Show these names and values."""
        while len(self._lines) < len(listed):
            self._add_line()
        for at, (name, value) in enumerate(self._lines):
            shown = at < len(listed)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                name.setText(listed[at][0])
                value.setText(listed[at][1])

    def shown(self) -> dict[str, str]:
        """Return the names and values that are shown."""
        return {name.text(): value.text() for name, value in self._lines if not name.isHidden()}

    def _add_line(self) -> None:
        at = len(self._lines)
        name = Words(font=self._look.body, secondary=True)
        value = Words(font=self._look.body, wraps=True, selectable=True)
        self._layout.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(value, at, 1, Qt.AlignmentFlag.AlignTop)
        self._layout.setRowStretch(at, 0)
        self._layout.setRowStretch(at + 1, 1)
        self._lines.append((name, value))
