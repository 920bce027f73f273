"""The accounts as a person deals with them: choose, add, test, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.account import AccountName
from makini_desktop.ui.look import Look

if TYPE_CHECKING:  # dialogs are imported when they are asked for
    from makini_desktop.services.draft import TestResult
    from makini_desktop.ui.dialogs.account import AccountDialog
    from makini_desktop.ui.dialogs.account_test import AccountTestDialog


class AccountSwitch(QObject):
    """The menu of the account's button, and the dialogs behind it.

    In sandbox mode there is one account, which can be tested; no other is added beside it or taken away.

    Signals:
        chosen: the name of another account to show.
        test_wanted: the account in use is to be tested; answered with `show_results` or `refuse`.
        draft_test_wanted: an `AccountDraft` to test; answered likewise.
        added: an `AccountDraft` to keep; answered with `close_dialog` or `refuse`.
        removed: the account in use is to be forgotten.
        refused: words for which no dialog is open any more.

    Attributes:
        names: the accounts to choose from.
        dialog: the one that is open.
    """

    chosen = Signal(str)
    test_wanted = Signal()
    draft_test_wanted = Signal(object)
    added = Signal(object)
    removed = Signal()
    refused = Signal(str)

    def __init__(self, look: Look, window: QWidget, connections: Callable[[], int], *, sandbox: bool) -> None:
        super().__init__(window)
        self.menu = QMenu(window)
        self.menu.aboutToShow.connect(self._fill)
        self.dialog: AccountDialog | AccountTestDialog | None = None
        self._look = look
        self._window = window
        self._connections = connections
        self._sandbox = sandbox
        self.names: tuple[AccountName, ...] = ()
        self._current: AccountName | None = None

    def tell(self, names: Sequence[AccountName], current: AccountName | None) -> None:
        """Offer these accounts."""
        self.names = tuple(names)
        self._current = current

    def words(self) -> str:
        """Return what the button says."""
        if self._sandbox:
            return _("Sandbox")
        return self._current or _("No account")

    def add(self) -> None:
        """Open the dialog that adds an account."""
        from makini_desktop.ui.dialogs.account import AccountDialog

        dialog = AccountDialog(self._window, self._look)
        dialog.test_wanted.connect(self.draft_test_wanted)
        dialog.saved.connect(self.added)
        self._open(dialog)

    def test(self) -> None:
        """Test the account in use and show what is found."""
        from makini_desktop.ui.dialogs.account_test import AccountTestDialog

        dialog = AccountTestDialog(self._window, self._look, self.words())
        dialog.test_wanted.connect(self.test_wanted)
        self._open(dialog)
        dialog.begin()

    def remove(self) -> None:
        """Ask whether the account in use is to be removed."""
        from makini_desktop.ui.dialogs.remove_account import ask

        ask(self._window, self.words(), self._connections(), self.removed.emit)

    def show_results(self, results: Sequence[TestResult]) -> None:
        """Show what a test has found in the dialog that asked for it, if that is still open."""
        if self.dialog is not None:
            self.dialog.show_results(results)

    def refuse(self, words: str) -> None:
        """Say why an account could not be tested, kept or removed: in the open dialog, else as `refused`."""
        if self.dialog is not None:
            self.dialog.refuse(words)
        else:
            self.refused.emit(words)

    def close_dialog(self) -> None:
        """Close the dialog: what it was for is done."""
        if self.dialog is not None:
            self.dialog.accept()

    def _open(self, dialog: AccountDialog | AccountTestDialog) -> None:
        if self.dialog is not None:
            self.dialog.reject()
        self.dialog = dialog
        dialog.finished.connect(partial(self._closed, dialog))
        dialog.open()

    def _closed(self, dialog: AccountDialog | AccountTestDialog, _result: int) -> None:
        if self.dialog is dialog:
            self.dialog = None

    def _choose(self, name: AccountName) -> None:
        self.chosen.emit(name)

    def _fill(self) -> None:
        menu = self.menu
        menu.clear()
        group = QActionGroup(menu)
        for name in () if self._sandbox else self.names:
            action = menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == self._current)
            group.addAction(action)
            if name != self._current:
                action.triggered.connect(partial(self._choose, name))
        if self._sandbox:
            action = menu.addAction(self.words())
            action.setCheckable(True)
            action.setChecked(True)
            group.addAction(action)
        if menu.actions():
            menu.addSeparator()
        if not self._sandbox:
            menu.addAction(_("Add account…")).triggered.connect(self.add)
        if self._sandbox or self._current is not None:
            menu.addAction(_("Test account")).triggered.connect(self.test)
        if not self._sandbox and self._current is not None:
            menu.addSeparator()
            menu.addAction(_("Remove account…")).triggered.connect(self.remove)
