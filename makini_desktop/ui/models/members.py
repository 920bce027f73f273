"""The connections of one incident as Qt sees them: those still broken first."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import Member
from makini_desktop.services.moments import moment_short
from makini_desktop.services.store import Store
from makini_desktop.services.wording import health_word

Index = QModelIndex | QPersistentModelIndex


class MemberModel(QAbstractListModel):
    """Members for a view."""

    def __init__(self, store: Store, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._clock = clock
        self._members: tuple[Member, ...] = ()
        self._shown: list[Member] = []

    def show(self, members: tuple[Member, ...]) -> None:
        """Show these members."""
        if members == self._members:
            return
        self.beginResetModel()
        self._members = members
        broken = [member for member in members if member.proven_at is None]
        self._shown = broken + [member for member in members if member.proven_at is not None]
        self.endResetModel()

    def member(self, position: int) -> Member:
        """Return a member."""
        return self._shown[position]

    def position(self, connection: ConnectionId) -> int | None:
        """Return where a connection is, None if it is no member."""
        found = (at for at, member in enumerate(self._shown) if member.connection == connection)
        return next(found, None)

    def name(self, member: Member) -> str:
        """Return the customer's name; the id of a connection that is gone."""
        row = self._store.row(member.connection)
        return member.connection if row is None else row.connection.name

    def health(self, member: Member) -> Health:
        """Return the connection's health."""
        row = self._store.row(member.connection)
        return Health.UNKNOWN if row is None else row.health

    def when(self, member: Member) -> str:
        """Return since when it is broken, or when it was proven to work again."""
        now: datetime = self._clock.now()
        if member.proven_at is not None:
            return _("repaired {time}").format(time=moment_short(member.proven_at, now))
        return _("since {time}").format(time=moment_short(member.since, now))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many members there are."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a member's name, or what a screen reader says."""
        if not index.isValid():
            return None
        member = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.name(member)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join((self.name(member), health_word(self.health(member)), self.when(member)))
        return None
