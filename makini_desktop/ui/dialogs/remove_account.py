"""The question before an account is removed: what ends with it and what stays."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from makini_desktop.core.text import _, ngettext


def ask(parent: QWidget | None, account: str, connections: int, remove: Callable[[], None]) -> QMessageBox:
    """Ask whether `account` is to be removed; returns at once.

    Args:
        parent: the window that the question belongs to.
        account: the account's name.
        connections: how many connections it has.
        remove: called for yes.

    Returns:
        The open question.
    """
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(_("Remove account?"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(_("Remove {account} from this computer?").format(account=account))
    ends = ngettext(
        "Watching {count} connection ends here.", "Watching {count} connections ends here.", connections
    ).format(count=f"{connections:,}")
    box.setInformativeText(
        ends
        + " "
        + _(
            "Their history, their tokens and the client secret are deleted from this computer.\n\n"
            "At Makini everything stays as it is: the connections, their syncs and what other software does "
            "with them. To watch them again you need the client secret."
        )
    )
    yes = box.addButton(_("Remove account"), QMessageBox.ButtonRole.DestructiveRole)
    no = box.addButton(_("Keep it"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(no)
    box.setEscapeButton(no)
    box.finished.connect(lambda _result: remove() if box.clickedButton() is yes else None)
    box.open()
    return box
