"""The row of chips: every health with its count, and what else the list is narrowed to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from makini_desktop.core.event import Event
from makini_desktop.core.text import _
from makini_desktop.domain.health import Health
from makini_desktop.services.wording import health_word
from makini_desktop.ui.chip import Chip, NarrowChip
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.look import Look


class HealthChips(QWidget):
    """One chip for all and one for each health; the arrow keys step from one to the next.

    Attributes:
        changed: the healths chosen; none means all.
        pressed: the person pressed one, whether or not that chose others.
        widened: the list is no longer narrowed to what `narrow` named.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.changed: Event[frozenset[Health]] = Event()
        self.pressed: Event[None] = Event()
        self.widened: Event[None] = Event()
        self.setAccessibleName(_("Filter by health"))
        self._chosen: frozenset[Health] = frozenset()
        self._all = Chip(look, None, _("All"), self)
        self._by_health = {health: Chip(look, health, health_word(health), self) for health in Health}
        self.narrowed: NarrowChip | None = None
        self._look = look
        layout = FlowLayout(self, gap=5)
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

    def narrow(self, words: str) -> None:
        """Show that the list holds only what `words` name, with a way to have all again."""
        if self.narrowed is None:
            self.narrowed = NarrowChip(self._look, self)
            self.narrowed.clicked.connect(self._widen)
            layout = self.layout()
            assert layout is not None  # noqa: S101 - given above
            layout.addWidget(self.narrowed)
        self.narrowed.tell(words)
        self.narrowed.show()

    def clear(self) -> None:
        """Let the list be whole again."""
        self.choose(frozenset())
        self._widen()

    def _widen(self) -> None:
        if self.narrowed is not None and not self.narrowed.isHidden():
            self.narrowed.hide()
            self.widened.emit(None)

    def _choose(self, chip: Chip, beside: bool) -> None:
        if chip.health is None:
            self.clear()
        elif beside:
            self.choose(self._chosen ^ {chip.health})
        else:
            only = frozenset({chip.health})
            self.choose(frozenset() if self._chosen == only else only)
        self.pressed.emit(None)

    def _step(self, chip: Chip, by: int) -> None:
        shown = [each for each in self.chips() if not each.isHidden()]
        shown[(shown.index(chip) + by) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    def _show_choice(self) -> None:
        self._all.setChecked(not self._chosen)
        for health, chip in self._by_health.items():
            chip.setChecked(health in self._chosen)
            chip.setVisible(chip.count > 0 or health in self._chosen)
