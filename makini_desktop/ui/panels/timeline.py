"""A timeline in the detail: a quiet list by day, and words where there is nothing yet."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from makini_desktop.ui.delegates.timeline import TimelineDelegate
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.timeline import Entry, TimelineModel
from makini_desktop.ui.panels.list_view import PlainListView


class Timeline(PlainListView):
    """The list."""

    def __init__(self, look: Look, name: str, nothing: str, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._look = look
        self._nothing = nothing
        self.entries = TimelineModel(self)
        self.setModel(self.entries)
        self.setItemDelegate(TimelineDelegate(self.entries, look, self))
        self.setAccessibleName(name)

    def tell(self, entries: Sequence[Entry]) -> None:
        """Show these entries."""
        self.entries.show(entries)

    def say_nothing(self, words: str) -> None:
        """Say this where there is no entry."""
        self._nothing = words

    def show_failure(self) -> None:
        """Select the newest failure and go there."""
        position = self.entries.first_failure()
        if position >= 0:
            index = self.entries.index(position, 0)
            self.setCurrentIndex(index)
            self.scrollTo(index)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the entries, or the words that there are none."""
        super().paintEvent(event)
        if self.entries.rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self._look.colour("secondary"))
            painter.setFont(self._look.body)
            room = self.viewport().rect().adjusted(0, 12, 0, 0)
            painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
            side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
            flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._nothing)
