"""The dialog that adds a connection by its token alone, for people who hold no client secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.token import Secret
from makini_desktop.ui.controls import Words
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.fields import Labelled, LineField
from makini_desktop.ui.look import Look

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands

WIDTH = 460


class TokenDialog(Dialog):
    """One field for the token; what comes of it is told in the window."""

    def __init__(self, parent: QWidget | None, look: Look, commands: Commands) -> None:
        super().__init__(parent, look, _("Add connection by token"))
        self._commands = commands
        self.token = LineField(look, secret=True)
        self.content.addWidget(
            Words(
                _(
                    "A connection’s token is enough to watch it and to sync it. It is tested first; the "
                    "customer it belongs to then appears in the list."
                ),
                look.body,
                wraps=True,
            )
        )
        self.labelled = Labelled(
            look,
            _("Connection token"),
            self.token,
            _("Kept in the keychain, not shown again. It can be renewed only by a new sign-in."),
        )
        self.content.addWidget(self.labelled)
        self.content.addStretch(1)
        self.cancel_button = self.add_button(_("Cancel"))
        self.add = self.add_button(_("Add connection"), primary=True)
        self.add.clicked.connect(self._add)
        self.cancel_button.clicked.connect(self.reject)
        self.token.textEdited.connect(self._edited)
        self.token.setFocus()
        self.fit(WIDTH)

    def _edited(self, _text: str) -> None:
        self.labelled.refuse("")

    def _add(self) -> None:
        token = self.token.text().strip()
        if not token:
            self.labelled.refuse(_("Type or paste the token first."))
            self.token.setFocus()
            return
        self._commands.add_token(Secret(token))
        self.accept()
