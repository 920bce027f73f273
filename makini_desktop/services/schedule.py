"""When each connection is looked at next: the one due the longest comes first."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from heapq import heapify, heappop, heappush

from makini_desktop.domain.connection import ConnectionId


class Schedule:
    """The moments at which connections are due; one that is taken is not in it until it is put back.

    Finding the next one does not get slower with the number of connections.
    """

    def __init__(self) -> None:
        self._due: dict[ConnectionId, datetime] = {}
        self._heap: list[tuple[datetime, ConnectionId]] = []

    def __contains__(self, connection: ConnectionId) -> bool:
        return connection in self._due

    def due(self, connection: ConnectionId) -> datetime | None:
        """Return when a connection is due, None for one that is not in it."""
        return self._due.get(connection)

    def put(self, connection: ConnectionId, at: datetime) -> None:
        """Let a connection be due at a moment, whatever was said before."""
        if self._due.get(connection) != at:
            self._due[connection] = at
            heappush(self._heap, (at, connection))
            if len(self._heap) > 4 * len(self._due):
                self._heap = [(due, each) for each, due in self._due.items()]
                heapify(self._heap)

    def hasten(self, connection: ConnectionId, at: datetime) -> None:
        """Let a connection that is in it be due at `at`, if it is not sooner."""
        if (due := self._due.get(connection)) is not None and at < due:
            self.put(connection, at)

    def remove(self, connection: ConnectionId) -> None:
        """Take a connection out."""
        self._due.pop(connection, None)

    def next_at(self) -> datetime | None:
        """Return when the next connection is due, None where there is none."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: datetime) -> ConnectionId | None:
        """Take out the connection that is due the longest, None where none is due."""
        at = self.next_at()
        if at is None or at > now:
            return None
        connection = heappop(self._heap)[1]
        del self._due[connection]
        return connection

    def defer(self, until: datetime) -> None:
        """Let nobody be due before `until`."""
        self._due = {connection: max(at, until) for connection, at in self._due.items()}
        self._heap = [(at, connection) for connection, at in self._due.items()]
        heapify(self._heap)

    def keep(self, connections: Set[ConnectionId]) -> tuple[ConnectionId, ...]:
        """Take out whoever is not among `connections`, and return them."""
        gone = tuple(each for each in self._due if each not in connections)
        for connection in gone:
            del self._due[connection]
        return gone

    def overdue(self, now: datetime) -> int:
        """Return how many connections are due and wait."""
        at = self.next_at()
        return 0 if at is None or at > now else sum(1 for due in self._due.values() if due <= now)

    def ids(self) -> Sequence[ConnectionId]:
        """Return who is in it, in the order in which they are due."""
        return sorted(self._due, key=self._due.__getitem__)
