"""What can be done about incidents, once: the same actions serve the inbox's keys, buttons and menus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import (
    Incident,
    IncidentId,
    Snooze,
    SnoozedUntil,
    SnoozedUntilChange,
)
from makini_desktop.services import inbox_words as words
from makini_desktop.services.store import Store
from makini_desktop.ui.mute_actions import MuteActions

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands

MORNING = time(8)
"""When tomorrow begins for who snoozes until then."""


class IncidentActions(QObject):
    """The actions, about the incidents that were last named with `about`.

    Signals:
        connections_wanted: an incident whose connections are to be listed.
    """

    connections_wanted = Signal(str)

    def __init__(self, store: Store, commands: Commands, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._commands = commands
        self._clock = clock
        self._ids: tuple[IncidentId, ...] = ()
        self.acknowledge = self._action(_("Acknowledge"), "A")
        self.acknowledge.triggered.connect(self._acknowledge)
        self.snooze_hour = self._action(_("For an hour"), "H")
        self.snooze_hour.triggered.connect(self._snooze_hour)
        self.snooze_tomorrow = self._action(_("Until tomorrow"), "T")
        self.snooze_tomorrow.triggered.connect(self._snooze_tomorrow)
        self.snooze_change = self._action(_("Until it changes"), "U")
        self.snooze_change.triggered.connect(self._snooze_change)
        self.wake = self._action(_("End the snooze"), "W")
        self.wake.triggered.connect(self._wake)
        self.mutes = MuteActions(store, commands, self)
        _give_key(self.mutes.connections, "M")
        _give_key(self.mutes.system, "Shift+M")
        self.show_connections = self._action(_("Show connections"), "C")
        self.show_connections.triggered.connect(self._show_connections)
        self.about(())

    def all(self) -> list[QAction]:
        """Return every action, for a widget whose keys they are."""
        return [
            self.show_connections,
            self.acknowledge,
            self.snooze_hour,
            self.snooze_tomorrow,
            self.snooze_change,
            self.wake,
            self.mutes.connections,
            self.mutes.system,
        ]

    def about(self, ids: Sequence[IncidentId]) -> None:
        """Let the actions be about these incidents from now on."""
        self._ids = tuple(ids)
        self.refresh()

    def refresh(self) -> None:
        """Offer what fits the incidents as they are now."""
        incidents = self._incidents()
        open_ = [each for each in incidents if each.is_open]
        now = self._clock.now()
        self.acknowledge.setEnabled(any(each.acknowledged_at is None for each in open_))
        for action in (self.snooze_hour, self.snooze_tomorrow, self.snooze_change):
            action.setEnabled(bool(open_))
        snoozed = any(words.snooze_words(each.snooze, now) for each in open_)
        self.wake.setEnabled(snoozed)
        self.wake.setVisible(snoozed)
        self.show_connections.setEnabled(len(incidents) == 1 and bool(incidents[0].members))
        self.mutes.about(self._connections(), self._system())

    def _action(self, text: str, keys: str) -> QAction:
        action = QAction(text, self)
        _give_key(action, keys)
        return action

    def _incidents(self) -> list[Incident]:
        return [found for each in self._ids if (found := self._store.incidents.get(each)) is not None]

    def _open(self) -> list[IncidentId]:
        return [each.id for each in self._incidents() if each.is_open]

    def _connections(self) -> list[ConnectionId]:
        """Return the connections that are not proven yet; of what is closed, all."""
        found: dict[ConnectionId, None] = {}
        for incident in self._incidents():
            ids = incident.broken or tuple(member.connection for member in incident.members)
            found.update(dict.fromkeys(ids))
        return list(found)

    def _system(self) -> str:
        scopes = {incident.scope for incident in self._incidents()}
        return scopes.pop() if len(scopes) == 1 else ""

    def _acknowledge(self) -> None:
        self._commands.inbox.acknowledge(self._open())

    def _snooze(self, snooze: Snooze | None) -> None:
        self._commands.inbox.snooze(self._open(), snooze)

    def _snooze_hour(self) -> None:
        self._snooze(SnoozedUntil(self._clock.now() + timedelta(hours=1)))

    def _snooze_tomorrow(self) -> None:
        self._snooze(SnoozedUntil(tomorrow(self._clock.now())))

    def _snooze_change(self) -> None:
        self._snooze(SnoozedUntilChange())

    def _wake(self) -> None:
        self._snooze(None)

    def _show_connections(self) -> None:
        for incident in self._incidents()[:1]:
            self.connections_wanted.emit(incident.id)


def snooze_menu(menu: QMenu, actions: IncidentActions) -> None:
    """Fill `menu` with how long to keep quiet."""
    menu.addActions([actions.snooze_hour, actions.snooze_tomorrow, actions.snooze_change, actions.wake])


def mute_menu(menu: QMenu, actions: IncidentActions) -> None:
    """Fill `menu` with what can be muted."""
    menu.addActions([actions.mutes.connections, actions.mutes.system])


def incident_menu(menu: QMenu, actions: IncidentActions) -> None:
    """Fill `menu` with all that can be done about an incident."""
    menu.addActions([actions.show_connections, actions.acknowledge])
    snooze_menu(menu.addMenu(_("Snooze")), actions)
    menu.addSeparator()
    mute_menu(menu, actions)


def _give_key(action: QAction, keys: str) -> None:
    """Let a key do it where the action's widget has the focus, not while something is typed elsewhere."""
    action.setShortcut(QKeySequence(keys))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)


def tomorrow(now: datetime) -> datetime:
    """Return tomorrow morning, in the person's zone."""
    local = now.astimezone()
    return datetime.combine(local.date() + timedelta(days=1), MORNING).astimezone()
