"""The choice of how often a connection syncs, and how far back its first sync goes."""

from __future__ import annotations

from collections.abc import Callable

from makini_desktop.core.text import _
from makini_desktop.services.settings_words import days_words, minutes_words
from makini_desktop.ui.fields import ChoiceField
from makini_desktop.ui.look import Look

INTERVALS = (15, 20, 30, 45, 60, 120, 180, 240, 360, 480, 720, 1440)
"""Minutes that are offered, from the shortest to the longest that the contract allows."""

WINDOWS = (30, 45, 60, 75, 90)
"""Days likewise."""


class NumberChoice(ChoiceField):
    """One of several numbers; another one that is in force already is offered too.

    Args:
        usual: None, which leaves the number to Makini, can be chosen.
    """

    def __init__(
        self, look: Look, offered: tuple[int, ...], words: Callable[[int | None], str], *, usual: bool = False
    ) -> None:
        super().__init__(look)
        self._offered = offered
        self._words = words
        self._usual = usual
        self.show_number(None)

    def show_number(self, number: int | None) -> None:
        """Choose a number; none for None, or what is usual."""
        listed = sorted({*self._offered} | ({number} if number is not None else set()))
        usual: list[tuple[object, str]] = [(None, _("As Makini sets it"))] if self._usual else []
        self.offer([*usual, *((each, self._words(each)) for each in listed)])
        self.choose(number)

    def number(self) -> int | None:
        """Return what is chosen, None without."""
        value = self.value()
        return value if isinstance(value, int) else None


def interval_field(look: Look, *, usual: bool = False) -> NumberChoice:
    """Return a choice of how often a connection syncs, in minutes."""
    return NumberChoice(look, INTERVALS, minutes_words, usual=usual)


def history_field(look: Look, *, usual: bool = False) -> NumberChoice:
    """Return a choice of how far back the first sync goes, in days."""
    return NumberChoice(look, WINDOWS, days_words, usual=usual)
