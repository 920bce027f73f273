"""The dialog that shows what testing the account in use has found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from makini_desktop.core.text import _
from makini_desktop.services.draft import TestResult
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.findings import Finding
from makini_desktop.ui.panels.test_results import TestResults

SIZE = 520, 200


class AccountTestDialog(Dialog):
    """The dialog.

    Signals:
        test_wanted: the account is to be tested; answered with `show_results` or `refuse`.
    """

    test_wanted = Signal()

    def __init__(self, parent: QWidget | None, look: Look, account: str) -> None:
        super().__init__(parent, look, _("Test {account}").format(account=account))
        self.results = TestResults(look)
        self.problem = Finding(look)
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.content.addWidget(self.results)
        self.content.addStretch(1)
        self.again = self.add_button(_("Test again"), leading=True)
        self.close_button = self.add_button(_("Close"), primary=True)
        self.again.clicked.connect(self.begin)
        self.close_button.clicked.connect(self.accept)
        self.resize(*SIZE)

    def begin(self) -> None:
        """Ask for the test."""
        self.problem.hide()
        self.again.setEnabled(False)
        self.results.show_testing()
        self.test_wanted.emit()

    def show_results(self, results: Sequence[TestResult]) -> None:
        """Show what the test has found."""
        self.again.setEnabled(True)
        self.results.show_results(results)
        self.show_whole(self.results)

    def refuse(self, words: str) -> None:
        """Say why the account could not be tested."""
        self.again.setEnabled(True)
        self.results.forget()
        self.problem.tell("cross", "reconnect", "", words)
        self.problem.show()
