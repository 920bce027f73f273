"""What is to be known of a connection beside its health: the incident that it is in, and that it is muted."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.incident import IncidentId
from makini_desktop.services import inbox_words
from makini_desktop.services.store import Row, Store
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.look import Look
from makini_desktop.ui.mute_actions import MuteActions


class Mark(QWidget):
    """A sentence with a link beside it."""

    def __init__(self, look: Look, link: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = Words(font=look.body, secondary=True, wraps=True)
        self.link = LinkButton(look, link, flush=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.link, 0, Qt.AlignmentFlag.AlignTop)
        self.words.setMinimumHeight(self.link.sizeHint().height())

    def tell(self, words: str) -> None:
        """Say this; hidden for nothing."""
        self.words.setText(words)
        self.setVisible(bool(words))


class Marks(QWidget):
    """The marks, one below the other; hidden while there is nothing to say.

    Signals:
        incident_wanted: the incident to show.
    """

    incident_wanted = Signal(str)

    def __init__(self, look: Look, store: Store, mutes: MuteActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._mutes = mutes
        self._incident: IncidentId | None = None
        self._by_system = False
        self.incident = Mark(look, _("Show"))
        self.incident.link.setAccessibleName(_("Show the incident"))
        self.incident.link.clicked.connect(self._want)
        self.muted = Mark(look, _("Unmute"))
        self.muted.link.clicked.connect(self._unmute)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.incident)
        layout.addWidget(self.muted)

    def tell(self, row: Row, now: datetime) -> None:
        """Say how it is with a connection."""
        found = inbox_words.incident_of(self._store, row.id)
        part = inbox_words.one_of(found, now) if found is not None else ""
        self._incident = found.id if found is not None else None
        self.incident.tell(part)
        mutes = self._store.mutes
        self._by_system = row.connection.system in mutes.systems
        muted = ""
        if self._by_system:
            muted = _("Muted with all of {system}").format(system=row.connection.system)
        elif row.id in mutes.connections:
            muted = _("Muted: nothing is announced")
        self.muted.tell(muted)
        self.setVisible(bool(part or muted))

    def _want(self) -> None:
        if self._incident is not None:
            self.incident_wanted.emit(self._incident)

    def _unmute(self) -> None:
        (self._mutes.system if self._by_system else self._mutes.connections).trigger()
