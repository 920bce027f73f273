"""Muting connections and systems, once: the same two actions serve the list, the detail and the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services.store import Store

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands


class MuteActions(QObject):
    """The actions, about what was last named with `about`; each ends a mute where there is one.

    Attributes:
        connections: mutes or unmutes the connections.
        system: mutes or unmutes every connection of their system.
    """

    def __init__(self, store: Store, commands: Commands, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._commands = commands
        self._ids: tuple[ConnectionId, ...] = ()
        self._system = ""
        self.connections = QAction(self)
        self.connections.triggered.connect(self._mute_connections)
        self.system = QAction(self)
        self.system.triggered.connect(self._mute_system)

    def about(self, ids: Sequence[ConnectionId], system: str) -> None:
        """Let the actions be about these connections and this system, empty if they share none."""
        self._ids = tuple(ids)
        self._system = system
        self.refresh()

    def refresh(self) -> None:
        """Offer what fits what is muted now."""
        count = len(self._ids)
        said = (
            ngettext("Unmute {customer}", "Unmute {count} connections", count)
            if self._all_muted()
            else ngettext("Mute {customer}", "Mute {count} connections", count)
        )
        customer = self._customer(self._ids[0]) if count == 1 else ""
        self._offer(self.connections, said.format(customer=customer, count=f"{count:,}"), bool(count))
        said = (
            _("Unmute all of {system}")
            if self._system in self._store.mutes.systems
            else _("Mute all of {system}")
        )
        self._offer(self.system, said.format(system=self._system), bool(self._system))

    def _offer(self, action: QAction, text: str, offered: bool) -> None:
        action.setText(text.replace("&", "&&"))
        action.setEnabled(offered)
        action.setVisible(offered)

    def _all_muted(self) -> bool:
        return bool(self._ids) and self._store.mutes.connections.issuperset(self._ids)

    def _customer(self, connection: ConnectionId) -> str:
        row = self._store.row(connection)
        return connection if row is None else row.connection.name

    def _mute_connections(self) -> None:
        self._commands.inbox.mute_connections(self._ids, not self._all_muted())

    def _mute_system(self) -> None:
        self._commands.inbox.mute_system(self._system, self._system not in self._store.mutes.systems)
