"""All connections, the account's standing faults, and which of it differs from the seed's world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from makini_desktop.sandbox.catalog import ENTITIES, PLATFORM_BY_KEY
from makini_desktop.sandbox.connection import Connection, Schedule
from makini_desktop.sandbox.generate import generate
from makini_desktop.sandbox.syncs import new_sync

Clock = Callable[[], float]


class NextLogin(msgspec.Struct):
    """How the next login of a connection answers, once; `ends_theirs`: so do the other's older tokens."""

    answer: Literal["other", "new"]
    other: str | None = None
    ends_theirs: bool = False


class WorldRecord(msgspec.Struct):
    """What is written down of a world: its seed, and what differs from what the seed makes."""

    seed: int
    count: int
    born: float
    changed: list[Connection] = []
    removed: list[str] = []
    next_logins: dict[str, NextLogin] = {}
    broken: int | None = None
    expiring: int | None = None
    systems: int | None = None


class World:
    """The connections of the one client account, in the order of the list.

    Who changes a connection says so with `changed`, so that it is written down.
    """

    def __init__(self, record: WorldRecord, clock: Clock) -> None:
        self.clock = clock
        self._record = record
        self._connections = generate(
            record.seed,
            record.count,
            record.born,
            broken=record.broken,
            expiring=record.expiring,
            systems=record.systems,
        )
        for key in record.removed:
            self._connections.pop(key, None)
        for connection in record.changed:
            self._connections[connection.key] = connection
        self._changed = dict.fromkeys(connection.key for connection in record.changed)
        self.revision = 0

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._connections.values())

    def get(self, key: str) -> Connection | None:
        """The connection with that key."""
        return self._connections.get(key)

    def page(self, first: int, count: int) -> list[Connection]:
        """A slice of the list."""
        return list(self._connections.values())[first : first + count]

    def changed(self, connection: Connection) -> None:
        """Note that a connection is no longer what the seed made."""
        self._changed[connection.key] = None
        self.revision += 1

    def remove(self, connection: Connection) -> None:
        """Take a connection out for good."""
        del self._connections[connection.key]
        self._changed.pop(connection.key, None)
        self._record.removed.append(connection.key)
        self._record.next_logins.pop(connection.key, None)
        self.revision += 1

    def add(self, name: str, email: str, platform_key: str, *, key: str) -> Connection:
        """A new customer, connected at this moment, with the first sync under way."""
        connection = Connection(
            key=key,
            name=name,
            email=email,
            platform_key=platform_key,
            scopes=self.scopes_of(platform_key),
            tags=[],
            quirk=int(key) % 10_000,
            created_at=self.clock(),
            connected_at=None,
        )
        self._connections[key] = connection
        self.connect(connection)
        return connection

    def connect(self, connection: Connection) -> None:
        """Note that a customer has signed in; the first time, the first sync begins."""
        now = self.clock()
        if connection.connected_at is None:
            connection.connected_at = now
            connection.schedules = [Schedule(now, now + 1_800.0, 1_800.0)]
            new_sync(connection, now, kind="initial", action="full", scopes=connection.scopes)
        self.changed(connection)

    @staticmethod
    def scopes_of(platform_key: str) -> list[str]:
        """All entities that a system offers."""
        return list(ENTITIES[PLATFORM_BY_KEY[platform_key].family])

    def set_next_login(self, connection: Connection, answer: NextLogin) -> None:
        """Decide how the next login of that connection answers."""
        self._record.next_logins[connection.key] = answer
        self.revision += 1

    def next_login(self, connection: Connection) -> NextLogin | None:
        """What was decided for its next login, without using it up."""
        return self._record.next_logins.get(connection.key)

    def take_next_login(self, connection: Connection) -> NextLogin | None:
        """What was decided for this login; asked once, then forgotten."""
        self.revision += 1
        return self._record.next_logins.pop(connection.key, None)

    def other_customer(self, connection: Connection) -> Connection | None:
        """Somebody else's connection, the next one in the list."""
        order = list(self._connections.values())
        start = order.index(connection)
        others = (order[(start + step) % len(order)] for step in range(1, len(order)))
        return next((other for other in others if other.name != connection.name and other.connected_at), None)

    def record(self) -> WorldRecord:
        """What to write down, complete."""
        self._record.changed = [self._connections[key] for key in self._changed]
        return self._record
