"""What stands where there is nothing to list: designed, not left over."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.ui.controls import Button, Words
from makini_desktop.ui.look import Look

WIDTH = 460


class EmptyPage(QWidget):
    """A heading, a sentence, and where it helps a button and lines to copy."""

    def __init__(
        self,
        look: Look,
        heading: str,
        words: str,
        *,
        button: str = "",
        primary: bool = False,
        pressed: Callable[[], None] | None = None,
        commands: tuple[tuple[str, str], ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.heading = Words(heading, look.heading)
        self.words = Words(words, look.body, secondary=True, wraps=True)
        self.heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.words.setFixedWidth(WIDTH)
        self.words.setMinimumHeight(self.words.heightForWidth(WIDTH))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        layout.addStretch(2)
        layout.addWidget(self.heading, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.words, 0, Qt.AlignmentFlag.AlignHCenter)
        self.button = Button(look, button, primary=primary)
        self.button.setVisible(bool(button))
        if pressed is not None:
            self.button.clicked.connect(partial(pressed))
        layout.addSpacing(8)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        for purpose, command in commands:
            layout.addSpacing(16)
            layout.addWidget(Words(purpose, look.body, secondary=True), 0, Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(_command(look, command), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)


def no_account(look: Look, add: Callable[[], None]) -> EmptyPage:
    """Return the page of the first start."""
    return EmptyPage(
        look,
        _("No account yet"),
        _("Connections are watched for a Makini account. Its client id is in Makini’s dashboard."),
        button=_("Add account…"),
        primary=True,
        pressed=add,
        commands=((_("Or look around in the sandbox, from a terminal"), "makini-desktop --sandbox"),),
    )


def no_connections(look: Look, connect: Callable[[], None]) -> EmptyPage:
    """Return the page of an account without connections."""
    return EmptyPage(
        look,
        _("No connections yet"),
        _("This account has no customer connected. Connections appear here as soon as Makini lists them."),
        button=_("Connect a customer…"),
        primary=True,
        pressed=connect,
    )


def no_match(look: Look, clear: Callable[[], None]) -> EmptyPage:
    """Return the page of a search that finds nothing."""
    return EmptyPage(
        look,
        _("Nothing matches"),
        _("No connection has what you search for in its customer, system, tags, id or health."),
        button=_("Clear search"),
        pressed=clear,
    )


def reading(look: Look) -> EmptyPage:
    """Return the page of the very first sweep."""
    return EmptyPage(look, _("Reading your connections"), _("They appear here as Makini lists them."))


def _command(look: Look, line: str) -> Words:
    words = Words(line, look.mono, selectable=True)
    words.setAutoFillBackground(True)
    words.setBackgroundRole(words.palette().ColorRole.Window)
    words.setContentsMargins(12, 8, 12, 8)
    return words
