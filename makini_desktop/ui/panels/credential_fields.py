"""Who is connected by credentials, and the credentials: each by its system's own name for it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.token import Secret
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.fields import Labelled, LineField
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.findings import Finding

USUAL = ("username", "password")


class CredentialFields(QWidget):
    """The fields.

    Signals:
        edited: somebody types.
        grew: there is one more line.
    """

    edited = Signal()
    grew = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.name = LineField(look)
        self.email = LineField(look)
        self.credentials: list[tuple[LineField, LineField]] = []
        for field in (self.name, self.email):
            field.textEdited.connect(self._edited)
        self._labelled = {
            "name": Labelled(look, _("Customer"), self.name),
            "email": Labelled(look, _("E-mail of the customer"), self.email),
        }
        self.problem = Finding(look, look.small)
        self.problem.hide()
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self.add = LinkButton(look, _("Add a line"), flush=True)
        self.add.clicked.connect(self._add)
        who = QGridLayout()
        who.setHorizontalSpacing(16)
        for column, labelled in enumerate(self._labelled.values()):
            who.addWidget(labelled, 0, column, Qt.AlignmentFlag.AlignTop)
            who.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(who)
        layout.addWidget(
            Words(_("Credentials, by the names that their system has for them"), look.body, wraps=True)
        )
        layout.addLayout(self._lines)
        layout.addWidget(self.problem)
        layout.addWidget(self.add)
        layout.addWidget(
            Words(
                _("They are sent to Makini once and kept nowhere on this computer."),
                look.small,
                secondary=True,
                wraps=True,
            )
        )
        for name in USUAL:
            self._put(name)

    def given(self) -> dict[str, Secret]:
        """Return the credentials that are filled in."""
        return {
            name.text().strip(): Secret(value.text())
            for name, value in self.credentials
            if name.text().strip() and value.text()
        }

    def refuse(self, field: str, words: str) -> QWidget:
        """Say what is wrong, at the field of this name as far as there is one; return where it is said."""
        labelled = self._labelled.get(field)
        if labelled is not None:
            labelled.refuse(words)
            labelled.field.setFocus(Qt.FocusReason.OtherFocusReason)
            return labelled
        self.problem.tell("cross", "reconnect", "", words)
        self.problem.show()
        return self.problem

    def forget_refusals(self) -> None:
        """Say that nothing is wrong."""
        for labelled in self._labelled.values():
            labelled.refuse("")
        self.problem.hide()

    def _add(self) -> None:
        self._put("")
        self.credentials[-1][0].setFocus()
        self.grew.emit()

    def _put(self, name: str) -> None:
        line = QWidget()
        fields = LineField(self._look, name), LineField(self._look, secret=True)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        for field, word in zip(fields, (_("Name"), _("Value")), strict=True):
            field.setPlaceholderText(word)
            field.setAccessibleName(word)
            field.textEdited.connect(self._edited)
            layout.addWidget(field, 1)
        self._lines.addWidget(line)
        self.credentials.append(fields)

    def _edited(self, _text: str) -> None:
        self.forget_refusals()
        self.edited.emit()
