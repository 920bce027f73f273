"""A question with its consequences; opened, never executed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from makini_desktop.core.text import _


def ask(
    parent: QWidget,
    *,
    title: str,
    question: str,
    consequences: str,
    yes: str,
    agreed: Callable[[], None],
    no: str = "",
    refused: Callable[[], None] | None = None,
    careful: bool = True,
) -> QMessageBox:
    """Ask, and return at once.

    Args:
        parent: the window that the question belongs to.
        title: of the question's own window.
        question: in one sentence.
        consequences: what follows from the answers.
        yes: the button that agrees.
        agreed: called for it.
        no: a button that decides otherwise; without it one can only agree or leave it.
        refused: called for that.
        careful: Return leaves everything as it is.

    Returns:
        The open question.
    """
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(consequences)
    accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    decline = box.addButton(no, QMessageBox.ButtonRole.ActionRole) if no else None
    leave = box.addButton(_("Decide later") if no else _("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(leave if careful else accept)
    box.setEscapeButton(leave)

    def finished() -> None:
        pressed = box.clickedButton()
        if pressed is accept:
            agreed()
        elif decline is not None and pressed is decline and refused is not None:
            refused()

    box.finished.connect(finished)
    box.open()
    return box
