"""The one question before a token is issued (contract section 2); "No" unless the person says yes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from makini_desktop.core.text import _


def ask(parent: QWidget | None, account: str, answer: Callable[[bool], None]) -> QMessageBox:
    """Ask whether the program may issue tokens for `account`; returns at once.

    Args:
        parent: the window that the question belongs to.
        account: the account's name.
        answer: gets True for yes; False for no, and for closing the question.

    Returns:
        The open question.
    """
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(_("Issue tokens?"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(_("May this program issue tokens for {account}?").format(account=account))
    box.setInformativeText(
        _(
            "It has no token for some connections and can have Makini issue one where it needs it. A newly "
            "issued token may end every older token of that connection, those of other software too. "
            "Without it, such connections are watched by the connection list alone."
        )
    )
    yes = box.addButton(_("Issue tokens"), QMessageBox.ButtonRole.YesRole)
    no = box.addButton(_("No"), QMessageBox.ButtonRole.NoRole)
    box.setDefaultButton(no)
    box.setEscapeButton(no)
    box.finished.connect(lambda _result: answer(box.clickedButton() is yes))
    box.open()
    return box
