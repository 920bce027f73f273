"""The incidents as Qt sees them: open, acknowledged and resolved ones below their headings."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import timedelta
from enum import Enum

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from makini_desktop.core.clock import Clock
from makini_desktop.core.event import Event
from makini_desktop.core.text import _
from makini_desktop.domain.alerting import Mutes
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import Cause, Incident, IncidentId
from makini_desktop.services import inbox_words as words
from makini_desktop.services.store import Store

GATHER_MS = 50
"""Changes are taken in together, this long after the first of them."""

RESOLVED_SHOWN = timedelta(days=30)

Index = QModelIndex | QPersistentModelIndex

CAUSE_HEALTH: dict[Cause, Health] = {
    Cause.CREDENTIALS: Health.RECONNECT_NEEDED,
    Cause.SYSTEM: Health.OFFLINE,
    Cause.SYNCS: Health.FAILING,
    Cause.TOKEN: Health.EXPIRING,
    Cause.RATE_LIMIT: Health.LATE,
    Cause.MAKINI: Health.FAILING,
    Cause.NETWORK: Health.OFFLINE,
}
"""The health whose shape and colour stand for a cause."""


class Section(Enum):
    """The parts of the inbox, in their order."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the inbox: a section's heading, a word where a section is empty, or an incident.

    Attributes:
        text: of a heading or a word.
        incident: None for those.
        heading: it begins a section.
    """

    section: Section
    text: str = ""
    incident: IncidentId | None = None
    heading: bool = False


def section_of(incident: Incident) -> Section:
    """Return where an incident belongs."""
    if not incident.is_open:
        return Section.RESOLVED
    return Section.OPEN if incident.acknowledged_at is None else Section.ACKNOWLEDGED


def incident_health(incident: Incident) -> Health:
    """Return the health whose shape and colour stand for an incident."""
    return CAUSE_HEALTH[incident.cause] if incident.is_open else Health.HEALTHY


def is_muted(incident: Incident, mutes: Mutes) -> bool:
    """Tell whether nothing of an incident is ever announced."""
    if incident.scope in mutes.systems:
        return True
    broken = incident.broken
    return bool(broken and mutes.connections) and all(each in mutes.connections for each in broken)


class InboxModel(QAbstractListModel):
    """The store's incidents, read by a view.

    Attributes:
        rearranging, rearranged: around every change of the order; between them positions mean nothing.
        updated: changes of the store were taken in.
    """

    def __init__(self, store: Store, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rearranging: Event[None] = Event()
        self.rearranged: Event[None] = Event()
        self.updated: Event[None] = Event()
        self._store = store
        self._clock = clock
        self._pending: set[IncidentId] = set()
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self.take_in)
        self._entries: tuple[Entry, ...] = self._arranged()
        self._unsubscribe = [
            store.incidents_changed.subscribe(self._changed),
            store.mutes_changed.subscribe(self._mutes_changed),
        ]

    def close(self) -> None:
        """Stop listening to the store."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._gather.stop()

    def entry(self, position: int) -> Entry:
        """Return a line."""
        return self._entries[position]

    def incident(self, position: int) -> Incident | None:
        """Return the incident of a line; None for headings, and for what is gone."""
        wanted = self._entries[position].incident if 0 <= position < len(self._entries) else None
        return self._store.incidents.get(wanted) if wanted is not None else None

    def position(self, incident: IncidentId) -> int | None:
        """Return the line of an incident, None if it has none."""
        found = (at for at, entry in enumerate(self._entries) if entry.incident == incident)
        return next(found, None)

    def first(self) -> int | None:
        """Return the line of the first incident, None without any."""
        return next((at for at, entry in enumerate(self._entries) if entry.incident is not None), None)

    def take_in(self) -> None:
        """Take in what the store has told since the last time, and what time has passed."""
        self._gather.stop()
        pending, self._pending = self._pending, set()
        entries = self._arranged()
        if entries != self._entries:
            self.rearranging.emit(None)
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()
            self.rearranged.emit(None)
        else:
            self._repaint(pending)
        self.updated.emit(None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many lines there are."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a line's text, or what a screen reader says."""
        if not index.isValid():
            return None
        incident = self.incident(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                self._entries[index.row()].text if incident is None else words.headline(incident, self._store)
            )
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._entries[index.row()].text if incident is None else self.spoken(incident)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings and words cannot be selected."""
        if index.isValid() and self._entries[index.row()].incident is None:
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def spoken(self, incident: Incident) -> str:
        """Return all that a line shows, in one sentence."""
        now = self._clock.now()
        said = (
            words.headline(incident, self._store),
            words.where(incident, self._store),
            words.progress_words(incident),
            words.second_line(incident, self._store),
            words.since_words(incident, now),
            words.state_words(incident, now),
            _("Muted") if is_muted(incident, self._store.mutes) else "",
        )
        return ", ".join(each for each in said if each)

    def _arranged(self) -> tuple[Entry, ...]:
        since = self._clock.now() - RESOLVED_SHOWN
        found: dict[Section, list[Incident]] = {section: [] for section in Section}
        for incident in self._store.incidents.values():
            if incident.closed_at is None or incident.closed_at >= since:
                found[section_of(incident)].append(incident)
        if not any(found.values()):
            return ()
        entries: list[Entry] = []
        for section, incidents in found.items():
            if incidents or section is Section.OPEN:
                entries.append(Entry(section=section, text=_heading(section, len(incidents)), heading=True))
                entries.extend(Entry(section=section, incident=each.id) for each in _newest_first(incidents))
            if not incidents and section is Section.OPEN:
                entries.append(Entry(section=section, text=_("Nothing is open.")))
        return tuple(entries)

    def _changed(self, ids: Set[IncidentId]) -> None:
        self._pending |= ids
        if not self._gather.isActive():
            self._gather.start()

    def _mutes_changed(self, _mutes: Mutes) -> None:
        self._changed({entry.incident for entry in self._entries if entry.incident is not None})

    def _repaint(self, ids: Set[IncidentId]) -> None:
        for at, entry in enumerate(self._entries):
            if entry.incident in ids:
                self.dataChanged.emit(self.index(at, 0), self.index(at, 0))


def _newest_first(incidents: Iterable[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda each: (each.closed_at or each.opened_at, each.id), reverse=True)


def _heading(section: Section, count: int) -> str:
    title = {
        Section.OPEN: _("Open"),
        Section.ACKNOWLEDGED: _("Acknowledged"),
        Section.RESOLVED: _("Resolved in the last 30 days"),
    }[section]
    return f"{title}  {count:,}" if count else title
