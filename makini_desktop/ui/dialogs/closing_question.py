"""The question what closing the window means where there is no tray; it is asked once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from makini_desktop.core.text import _
from makini_desktop.ui.surroundings import Closing


def ask(parent: QWidget | None, answer: Callable[[Closing], None]) -> QMessageBox:
    """Ask what closing means; returns at once.

    Args:
        parent: the window that the question belongs to.
        answer: gets what was chosen, and nothing where the question is closed: then the window stays.

    Returns:
        The open question.
    """
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(_("Close the window?"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(_("Go on watching without the window?"))
    box.setInformativeText(
        _(
            "This desktop has no tray. The window can be minimised while your connections are watched, or "
            "the program ends and nothing is watched until you start it again.\n\n"
            "You are asked once. The alert settings change it later."
        )
    )
    keep = box.addButton(_("Keep watching"), QMessageBox.ButtonRole.AcceptRole)
    end = box.addButton(_("Quit"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(cancel)

    def finished() -> None:
        pressed = box.clickedButton()
        if pressed is keep:
            answer(Closing.KEEP)
        elif pressed is end:
            answer(Closing.QUIT)

    box.finished.connect(finished)
    box.open()
    return box
