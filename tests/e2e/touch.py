"""How the driver finds what is on screen, and presses it as a person does."""

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

LOOK_EVERY = 0.02
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


async def come(look: Callable[[], Any]) -> Any:
    """Wait until there is something to be seen, and return it."""
    while True:
        if found := look():
            return found
        await asyncio.sleep(LOOK_EVERY)


def offered(place: QWidget, words: str = "") -> list[QAbstractButton]:
    """Return the buttons of a place that can be pressed: all, or those with these words."""
    return [
        button
        for button in place.findChildren(QAbstractButton)
        if button.text() and words in {"", button.text()} and button.isVisible() and button.isEnabled()
    ]


def click(widget: QWidget) -> None:
    """Click in the middle of it."""
    QTest.mouseClick(widget, LEFT, PLAIN, widget.rect().center())
