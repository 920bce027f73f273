"""What is to be known of a connection beside its health: its incident, a mute, a question, what it missed."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import IncidentId
from makini_desktop.services import inbox_words
from makini_desktop.services.adoption_words import beside
from makini_desktop.services.after_repair import last_gap
from makini_desktop.services.moments import relative
from makini_desktop.services.store import Row, Store
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.look import Look
from makini_desktop.ui.mute_actions import MuteActions

GAP_SHOWN = timedelta(days=1)
"""For so long after a repair it is said what was missed; the timeline keeps it."""


class Mark(QWidget):
    """A sentence, and where something can be done about it a link beside it."""

    def __init__(self, look: Look, link: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = Words(font=look.body, secondary=True, wraps=True)
        self.link = LinkButton(look, link, flush=True)
        self.link.setVisible(bool(link))
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
        adoption_wanted: the old connection of the question to put.
    """

    incident_wanted = Signal(str)
    adoption_wanted = Signal(str)

    def __init__(self, look: Look, store: Store, mutes: MuteActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._mutes = mutes
        self._incident: IncidentId | None = None
        self._old: ConnectionId | None = None
        self._by_system = False
        self.incident = Mark(look, _("Show"))
        self.incident.link.setAccessibleName(_("Show the incident"))
        self.incident.link.clicked.connect(self._want)
        self.adoption = Mark(look, _("Decide…"))
        self.adoption.link.clicked.connect(self._want_adoption)
        self.gap = Mark(look)
        self.muted = Mark(look, _("Unmute"))
        self.muted.link.clicked.connect(self._unmute)
        self._all = (self.adoption, self.incident, self.gap, self.muted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for mark in self._all:
            layout.addWidget(mark)

    def tell(self, row: Row, now: datetime) -> None:
        """Say how it is with a connection."""
        found = inbox_words.incident_of(self._store, row.id)
        self._incident = found.id if found is not None else None
        self.incident.tell(inbox_words.one_of(found, now) if found is not None else "")
        asked = beside(row, self._store.adoptions)
        self._old = asked[0] if asked is not None else None
        self.adoption.tell(asked[1] if asked is not None else "")
        self.gap.tell(self._missed(row, now))
        mutes = self._store.mutes
        self._by_system = row.connection.system in mutes.systems
        muted = ""
        if self._by_system:
            muted = _("Muted with all of {system}").format(system=row.connection.system)
        elif row.id in mutes.connections:
            muted = _("Muted: nothing is announced")
        self.muted.tell(muted)
        self.setVisible(any(not mark.isHidden() for mark in self._all))

    def _missed(self, row: Row, now: datetime) -> str:
        """Return for how long there was no data before the last repair, if that was not long ago."""
        gap = last_gap(self._store.detail(row.id).activity)
        if gap is None or now - gap.at > GAP_SHOWN:
            return ""
        return _("Caught up {ago}: {gap}").format(ago=relative(gap.at, now), gap=gap.detail)

    def _want(self) -> None:
        if self._incident is not None:
            self.incident_wanted.emit(self._incident)

    def _want_adoption(self) -> None:
        if self._old is not None:
            self.adoption_wanted.emit(self._old)

    def _unmute(self) -> None:
        (self._mutes.system if self._by_system else self._mutes.connections).trigger()
