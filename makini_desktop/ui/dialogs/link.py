"""The message with which a customer signs in themselves: edited, then copied or mailed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QByteArray, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from makini_desktop.core.text import _
from makini_desktop.services.invitations import Invitation, Sent
from makini_desktop.services.store import Row
from makini_desktop.ui.alive import while_alive
from makini_desktop.ui.controls import Words
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.fields import Labelled, LineField, TextField
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.findings import Finding
from makini_desktop.ui.panels.progress import ProgressLine

if TYPE_CHECKING:
    from makini_desktop.services.invitations import Invitations

WIDTH = 600
LINES = 17
LONGEST_ADDRESS = 2_000
"""Characters of an address that every desktop hands to its mail program; longer ones are cut or refused."""


class LinkDialog(Dialog):
    """The dialog; it closes once the message went its way.

    Signals:
        went: the message was copied or is in the mail program.
    """

    went = Signal()

    def __init__(self, parent: QWidget | None, look: Look, row: Row, invitations: Invitations) -> None:
        super().__init__(parent, look, _("Link for {customer}").format(customer=row.connection.name))
        self._connection = row.id
        self._invitations = invitations
        self._invitation: Invitation | None = None
        self.intro = Words(
            _(
                "{customer} opens the link and signs in to {system} themselves. Change the message as you "
                "like; the link stays good for every try."
            ).format(customer=row.connection.name, system=row.connection.system),
            look.body,
            secondary=True,
            wraps=True,
        )
        self.reading = Words(_("Writing the message…"), look.body, secondary=True)
        self.line = ProgressLine(look, thickness=4, track=True)
        self.line.setAccessibleName(_("Writing the message"))
        self.refusal = Finding(look)
        self.refusal.hide()
        self.to = LineField(look)
        self.subject = LineField(look)
        self.text = TextField(look, LINES, wraps=True)
        self.message = Labelled(look, _("Message"), self.text)
        self._fields = (
            Labelled(look, _("To"), self.to),
            Labelled(look, _("Subject"), self.subject),
            self.message,
        )
        self.problem = Finding(look)
        self.problem.hide()
        for widget in (self.intro, self.reading, self.line, self.refusal, *self._fields, self.problem):
            self.content.addWidget(widget)
        self.content.addStretch(1)
        self.copy_link = self.add_button(_("Copy link only"), leading=True)
        self.cancel_button = self.add_button(_("Cancel"))
        self.copy = self.add_button(_("Copy"))
        self.mail = self.add_button(_("Open in mail program"), primary=True)
        self.copy_link.clicked.connect(self._copy_link)
        self.cancel_button.clicked.connect(self.reject)
        self.copy.clicked.connect(self._copy)
        self.mail.clicked.connect(self._mail)
        self.text.edit.textChanged.connect(self._edited)
        self._show(message=False)
        self.fit(WIDTH)
        self.line.tell(None)
        invitations.prepare(row.id, while_alive(self, self._ready), while_alive(self, self._refused))

    def invitation(self) -> Invitation | None:
        """Return the message as it is now; None while there is none."""
        if self._invitation is None:
            return None
        return msgspec.structs.replace(
            self._invitation,
            subject=self.subject.text().strip(),
            text=self.text.edit.toPlainText(),
            email=self.to.text().strip(),
        )

    def _ready(self, invitation: Invitation) -> None:
        self._invitation = invitation
        self.to.setText(invitation.email)
        self.subject.setText(invitation.subject)
        self.text.edit.setPlainText(invitation.text)
        self._show(message=True)
        self.fit(WIDTH)
        self.mail.setFocus()

    def _refused(self, words: str) -> None:
        self._show(message=False)
        self.reading.hide()
        self.line.hide()
        self.refusal.tell("cross", "reconnect", "", words)
        self.refusal.show()
        self.fit(WIDTH)
        self.cancel_button.setText(_("Close"))
        self.cancel_button.setFocus()

    def _show(self, *, message: bool) -> None:
        for field in self._fields:
            field.setVisible(message)
        for widget in (self.reading, self.line):
            widget.setVisible(not message)
        for button in (self.copy_link, self.copy, self.mail):
            button.setEnabled(message)

    def _edited(self) -> None:
        """Say so where the link has gone from the message."""
        missing = self._invitation is not None and self._invitation.link not in self.text.edit.toPlainText()
        self.message.refuse(_("The link is not in the message any more.") if missing else "")

    def _copy_link(self) -> None:
        if self._invitation is not None:
            QGuiApplication.clipboard().setText(self._invitation.link)
            self._gone(Sent.COPIED)

    def _copy(self) -> None:
        invitation = self.invitation()
        if invitation is not None:
            QGuiApplication.clipboard().setText(invitation.text)
            self._gone(Sent.COPIED)

    def _mail(self) -> None:
        invitation = self.invitation()
        if invitation is None:
            return
        address = invitation.mail_address()
        too_long = len(address) > LONGEST_ADDRESS
        if too_long:
            QGuiApplication.clipboard().setText(invitation.text)
            paste = _("(The message is long and was copied: paste it here.)")
            address = invitation.mail_address(paste)
        if QDesktopServices.openUrl(QUrl.fromEncoded(QByteArray(address.encode()))):
            self._gone(Sent.MAILED)
            return
        self.problem.tell(
            "warning",
            "waiting",
            _("No mail program opened."),
            _("Copy the message and send it in your own way."),
        )
        self.problem.show()
        self.show_whole(self.problem)
        self.copy.setFocus()

    def _gone(self, how: Sent) -> None:
        self._invitations.sent(self._connection, how)
        self.went.emit()
        self.accept()
