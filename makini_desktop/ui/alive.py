"""Answers that come later, for a widget that may be gone by then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVarTuple

from PySide6.QtCore import QObject
from shiboken6 import isValid

Values = TypeVarTuple("Values")


def while_alive(owner: QObject, call: Callable[[*Values], None]) -> Callable[[*Values], None]:
    """Return `call` for as long as `owner` is there; afterwards nothing happens."""

    def guarded(*values: *Values) -> None:
        if isValid(owner):
            call(*values)

    return guarded
