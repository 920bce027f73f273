"""The dialog that adds an account: typed once, tested before it is kept, nothing lost by a mistake."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.account import VersionPlacement
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.token import Secret
from makini_desktop.services.draft import AccountDraft, TestResult
from makini_desktop.ui.controls import Words
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.fields import CheckBox, Labelled, LineField, RadioButton, TextField
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.findings import Finding
from makini_desktop.ui.panels.test_results import TestResults

API_BASE = "https://api.makini.io"
LINK_BASE = "https://link.makini.io"
WIDTH = 620


class AccountDialog(Dialog):
    """The dialog. It stays open after "Save" until it is accepted, or refused with a reason.

    Signals:
        test_wanted: an `AccountDraft` to test; answered with `show_results` or `refuse`.
        saved: an `AccountDraft` whose values can be used; answered with `accept` or `refuse`.
    """

    test_wanted = Signal(object)
    saved = Signal(object)

    def __init__(self, parent: QWidget | None, look: Look) -> None:
        super().__init__(parent, look, _("Add account"))
        self._tested: AccountDraft | None = None
        self.name = LineField(look)
        self.api_base = LineField(look, API_BASE)
        self.link_base = LineField(look, LINK_BASE)
        self.client_id = LineField(look)
        self.client_secret = LineField(look, secret=True)
        self.redirect_uris = TextField(look, 3)
        self.version = LineField(look, "v1")
        self.fields = {
            "name": Labelled(
                look, _("Name"), self.name, _("As you call it: “Production”, “Test”, “Europe”.")
            ),
            "api_base": Labelled(look, _("API base"), self.api_base),
            "link_base": Labelled(look, _("Link base"), self.link_base),
            "client_id": Labelled(look, _("Client id"), self.client_id),
            "client_secret": Labelled(
                look,
                _("Client secret"),
                self.client_secret,
                _("Kept in the keychain, not shown again. Empty if you hold none."),
            ),
            "redirect_uris": Labelled(
                look,
                _("Redirect URIs"),
                self.redirect_uris,
                _("One per line, as registered with Makini. The first is used to sign in."),
            ),
            "version": Labelled(look, _("API version"), self.version),
        }
        self.placements = QButtonGroup(self)
        self.issue_tokens = CheckBox(look, _("This program may issue tokens"))
        self.issue_tokens.setAccessibleDescription(_issue_warning())
        self.problem = Finding(look)
        self.problem.hide()
        self.results = TestResults(look)
        self._lay_out()
        self.test_button = self.add_button(_("Test account"), leading=True)
        self.cancel_button = self.add_button(_("Cancel"))
        self.save_button = self.add_button(_("Save"), primary=True)
        self._connect()
        self.name.setFocus()
        self.fit(WIDTH)

    def draft(self) -> AccountDraft:
        """Return what is typed."""
        chosen = self.placements.checkedButton()
        secret = self.client_secret.text().strip()
        return AccountDraft(
            name=self.name.text().strip(),
            api_base=self.api_base.text().strip(),
            link_base=self.link_base.text().strip(),
            client_id=self.client_id.text().strip(),
            client_secret=Secret(secret) if secret else None,
            redirect_uris=self.redirect_uris.lines(),
            version=self.version.text().strip(),
            version_in=chosen.property("placement") if chosen is not None else None,
            issue_tokens=self.issue_tokens.isChecked(),
        )

    def show_testing(self) -> None:
        """Say that the test is under way."""
        self.test_button.setEnabled(False)
        self.results.show_testing()
        self.show_whole(self.results)

    def show_results(self, results: Sequence[TestResult]) -> None:
        """Show what the test has found; of what was changed since, it says nothing."""
        self.test_button.setEnabled(True)
        if self._tested is None:
            return
        self.results.show_results(results)
        self.show_whole(self.results)

    def refuse(self, words: str) -> None:
        """Say why the account could not be tested or kept; everything typed stays."""
        self.results.forget()
        self.test_button.setEnabled(True)
        self.save_button.setEnabled(True)
        self.problem.tell("cross", "reconnect", "", words)
        self.problem.show()
        self.show_whole(self.problem)

    def _lay_out(self) -> None:
        look, fields = self.look, self.fields
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(14)
        for at, (one, other) in enumerate((("api_base", "link_base"), ("client_id", "client_secret"))):
            grid.addWidget(fields[one], at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(fields[other], at, 1, Qt.AlignmentFlag.AlignTop)
        stated = QWidget()
        stated_layout = QVBoxLayout(stated)
        stated_layout.setContentsMargins(0, 0, 0, 0)
        stated_layout.setSpacing(8)
        stated_layout.addWidget(Words(_("The version is stated"), look.body))
        stated_layout.addLayout(self._placement_choice())
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        version = QHBoxLayout()
        version.setSpacing(16)
        version.addWidget(fields["version"], 1, Qt.AlignmentFlag.AlignTop)
        version.addWidget(stated, 3, Qt.AlignmentFlag.AlignTop)
        issuing = QVBoxLayout()
        issuing.setSpacing(4)
        issuing.addWidget(self.issue_tokens)
        issuing.addWidget(Words(_issue_warning(), look.small, secondary=True, wraps=True))
        self.content.addWidget(fields["name"])
        self.content.addLayout(grid)
        self.content.addLayout(version)
        self.content.addWidget(fields["redirect_uris"])
        self.content.addLayout(issuing)
        self.content.addWidget(self.problem)
        self.content.addWidget(self.results)
        self.content.addStretch(1)

    def _placement_choice(self) -> FlowLayout:
        choice = FlowLayout(gap=16)
        for words, placement in (
            (_("Find out"), None),
            (_("in the path"), VersionPlacement.PATH),
            (_("in a header"), VersionPlacement.HEADER),
        ):
            button = RadioButton(self.look, words)
            button.setProperty("placement", placement)
            button.setChecked(placement is None)
            self.placements.addButton(button)
            choice.addWidget(button)
        return choice

    def _connect(self) -> None:
        for line in (
            self.name,
            self.api_base,
            self.link_base,
            self.client_id,
            self.client_secret,
            self.version,
        ):
            line.textEdited.connect(self._edited)
        self.redirect_uris.edit.textChanged.connect(self._edited)
        self.placements.buttonToggled.connect(self._edited)
        self.issue_tokens.toggled.connect(self._edited)
        self.test_button.clicked.connect(self._test)
        self.save_button.clicked.connect(self._save)
        self.cancel_button.clicked.connect(self.reject)

    def _edited(self, *_what: object) -> None:
        self._tested = None
        self.results.forget()
        self.problem.hide()

    def _test(self) -> None:
        draft = self._usable()
        if draft is not None:
            self._tested = draft
            self.show_testing()
            self.test_wanted.emit(draft)

    def _save(self) -> None:
        draft = self._usable()
        if draft is not None:
            self.save_button.setEnabled(False)
            self.saved.emit(draft)

    def _usable(self) -> AccountDraft | None:
        """Return the draft; None after saying beside its field what cannot be used."""
        for field in self.fields.values():
            field.refuse("")
        self.problem.hide()
        draft = self.draft()
        try:
            draft.account()
        except UsageError as error:
            wrong = self.fields.get(error.field)
            if wrong is None:
                self.refuse(str(error))
            else:
                wrong.refuse(str(error))
                wrong.field.setFocus(Qt.FocusReason.OtherFocusReason)
                self.show_whole(wrong)
            return None
        return draft


def _issue_warning() -> str:
    return _(
        "Where a connection has no token, or its token cannot be renewed, Makini is asked for a new one. "
        "That may end every older token of that connection, those of other software too."
    )
