"""The repair queue: connections that are signed in again one after the other, and what came of each.

A value that survives a kill: whoever loads it after one goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.login import LoginPath


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """Its turn comes; `later` counts how often it was put off."""

    later: int = 0


class Running(msgspec.Struct, frozen=True, tag="running"):
    """Its login is open."""

    since: datetime
    later: int = 0


class Stopped(msgspec.Struct, frozen=True, tag="stopped"):
    """Its login ended without a repair, and the queue waits for a decision; `words` say why."""

    words: str
    seconds: float
    later: int = 0


class Repaired(msgspec.Struct, frozen=True, tag="repaired"):
    """The new token is proven, or there was nothing to repair."""

    at: datetime
    seconds: float


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The customer, or their system, said no, or somebody else signed in; `words` say it."""

    at: datetime
    seconds: float
    words: str


class Skipped(msgspec.Struct, frozen=True, tag="skipped"):
    """A person left it out."""

    at: datetime
    seconds: float = 0.0


class LinkSent(msgspec.Struct, frozen=True, tag="link_sent"):
    """The customer got a link instead."""

    at: datetime
    seconds: float = 0.0


Turn = Waiting | Running | Stopped | Repaired | Refused | Skipped | LinkSent
Ended = Repaired | Refused | Skipped | LinkSent


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """One connection in the queue; customer and system as they were called when it was added."""

    connection: ConnectionId
    customer: str
    system: str
    turn: Turn = Waiting()

    @property
    def is_ended(self) -> bool:
        """True once nothing more happens to it."""
        return isinstance(self.turn, Ended)

    @property
    def later(self) -> int:
        """How often it was put off."""
        return self.turn.later if isinstance(self.turn, (Waiting, Running, Stopped)) else 0


class RepairQueue(msgspec.Struct, frozen=True, kw_only=True):
    """All repairs, in the order in which they are made.

    Attributes:
        path: where the customers sign in.
        paused: a person stopped the queue, or it waits for a decision.
    """

    started_at: datetime
    repairs: tuple[Repair, ...]
    path: LoginPath = LoginPath.EMBEDDED
    paused: bool = False

    @classmethod
    def begin(cls, repairs: Sequence[Repair], now: datetime, path: LoginPath) -> RepairQueue:
        """Return a new queue; those of one customer follow each other."""
        return cls(started_at=now, repairs=_grouped(repairs), path=path)

    def with_more(self, repairs: Sequence[Repair]) -> RepairQueue:
        """Return the queue with more; who waits in it already is not added again."""
        known = {each.connection for each in self.repairs if not each.is_ended}
        more = [each for each in repairs if each.connection not in known]
        gone = {each.connection for each in more}
        kept = [each for each in self.repairs if each.connection not in gone]
        ended = [each for each in kept if each.is_ended]
        return self._with((*ended, *_grouped([each for each in kept if not each.is_ended] + more)))

    @property
    def current(self) -> Repair | None:
        """The repair under way, or stopped and waiting for a decision."""
        return next((each for each in self.repairs if isinstance(each.turn, (Running, Stopped))), None)

    @property
    def next(self) -> Repair | None:
        """The repair whose turn it is: those put off come after all others."""
        waiting = [each for each in self.repairs if isinstance(each.turn, Waiting)]
        return min(waiting, key=lambda each: each.later, default=None)

    @property
    def is_ended(self) -> bool:
        """True once every repair has ended."""
        return all(each.is_ended for each in self.repairs)

    @property
    def left(self) -> int:
        """How many have not ended."""
        return sum(not each.is_ended for each in self.repairs)

    def find(self, connection: ConnectionId) -> Repair | None:
        """Return a connection's repair."""
        return next((each for each in self.repairs if each.connection == connection), None)

    def turned(self, connection: ConnectionId, turn: Turn) -> RepairQueue:
        """Return the queue with a connection's turn changed."""
        return self._with(
            tuple(
                msgspec.structs.replace(each, turn=turn) if each.connection == connection else each
                for each in self.repairs
            )
        )

    def put_off(self, connection: ConnectionId) -> RepairQueue:
        """Return the queue with a connection after all that were not put off as often."""
        found = self.find(connection)
        return self if found is None else self.turned(connection, Waiting(found.later + 1))

    def recovered(self) -> RepairQueue:
        """Return the queue as it goes on after a kill: what ran waits again, and a person says when."""
        queue = self
        for each in self.repairs:
            if isinstance(each.turn, (Running, Stopped)):
                queue = queue.turned(each.connection, Waiting(each.turn.later))
        return msgspec.structs.replace(queue, paused=True)

    def _with(self, repairs: tuple[Repair, ...]) -> RepairQueue:
        return msgspec.structs.replace(self, repairs=repairs)


def time_taken(queue: RepairQueue) -> timedelta:
    """Return how long the logins of all ended repairs were open together."""
    return timedelta(seconds=sum(each.turn.seconds for each in queue.repairs if isinstance(each.turn, Ended)))


def _grouped(repairs: Sequence[Repair]) -> tuple[Repair, ...]:
    """Put those of one customer one after the other, in the order in which the customers came."""
    groups: dict[str, dict[ConnectionId, Repair]] = {}
    for each in repairs:
        groups.setdefault(each.customer.strip().casefold(), {}).setdefault(each.connection, each)
    return tuple(each for group in groups.values() for each in group.values())
