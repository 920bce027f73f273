"""The row of chips: every health there is, with its count; chosen ones filter the list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget

from makini_desktop.core.event import Event
from makini_desktop.core.text import _
from makini_desktop.domain.health import Health
from makini_desktop.services.wording import health_word
from makini_desktop.ui.controls import Chip
from makini_desktop.ui.look import Look

GAP = 6


class HealthChips(QWidget):
    """One chip for all and one for each health; the arrow keys step from one to the next.

    Attributes:
        changed: the healths chosen; none means all.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.changed: Event[frozenset[Health]] = Event()
        self.setAccessibleName(_("Filter by health"))
        self._chosen: frozenset[Health] = frozenset()
        self._all = Chip(look, None, _("All"), self)
        self._by_health = {health: Chip(look, health, health_word(health), self) for health in Health}
        layout = FlowLayout(self)
        for chip in self.chips():
            layout.addWidget(chip)
            chip.chosen.connect(partial(self._choose, chip))
            chip.stepped.connect(partial(self._step, chip))
        self._show_choice()

    def chips(self) -> list[Chip]:
        """Return the chips in their order, "All" first."""
        return [self._all, *self._by_health.values()]

    def chip(self, health: Health | None) -> Chip:
        """Return the chip of a health; of all for None."""
        return self._all if health is None else self._by_health[health]

    def chosen(self) -> frozenset[Health]:
        """Return the healths chosen."""
        return self._chosen

    def show_counts(self, counts: Mapping[Health, int]) -> None:
        """Show how many there are of each; a health without any is hidden unless it is chosen."""
        self._all.set_count(sum(counts.values()))
        for health, chip in self._by_health.items():
            chip.set_count(counts.get(health, 0))
            chip.setVisible(chip.count > 0 or health in self._chosen)

    def choose(self, healths: frozenset[Health]) -> None:
        """Choose these."""
        if healths != self._chosen:
            self._chosen = healths
            self._show_choice()
            self.changed.emit(healths)

    def _choose(self, chip: Chip, beside: bool) -> None:
        if chip.health is None:
            self.choose(frozenset())
        elif beside:
            self.choose(self._chosen ^ {chip.health})
        else:
            only = frozenset({chip.health})
            self.choose(frozenset() if self._chosen == only else only)

    def _step(self, chip: Chip, by: int) -> None:
        shown = [each for each in self.chips() if not each.isHidden()]
        shown[(shown.index(chip) + by) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    def _show_choice(self) -> None:
        self._all.setChecked(not self._chosen)
        for health, chip in self._by_health.items():
            chip.setChecked(health in self._chosen)
            chip.setVisible(chip.count > 0 or health in self._chosen)


class FlowLayout(QLayout):
    """Lays widgets out in lines, as words in a paragraph."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Add an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove and return an item."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take no more than is needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """The height depends on how many lines there are."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        return self._lay_out(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._lay_out(rect, place=True)

    def sizeHint(self) -> QSize:
        """Return the size of the widest item."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the size of the widest item."""
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.sizeHint())
        return size

    def _lay_out(self, rect: QRect, *, place: bool) -> int:
        x, y, line = 0, 0, 0
        parent = self.parentWidget()
        direction = parent.layoutDirection() if parent is not None else Qt.LayoutDirection.LeftToRight
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if x > 0 and x + size.width() > rect.width():
                x, y, line = 0, y + line + GAP, 0
            if place:
                at = QRect(rect.topLeft() + QPoint(x, y), size)
                item.setGeometry(QStyle.visualRect(direction, rect, at))
            x += size.width() + GAP
            line = max(line, size.height())
        return y + line
