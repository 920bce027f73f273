"""The circuit breaker of one connection: closed, open, half-open (contract section 4).

While it is open, background checks leave the connection alone; each failed probe doubles the wait. The
states are values, and the functions return the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import assert_never

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.store import Paused

OPENS_AFTER = 5
"""Failures in a row."""

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)


class Closed(msgspec.Struct, frozen=True, tag="closed"):
    """Checks go through."""

    failures: int = 0


class Open(msgspec.Struct, frozen=True, tag="open"):
    """No background check goes through until `next_at`, which lies `wait` after the last failure."""

    failures: int
    wait: timedelta
    next_at: datetime


class HalfOpen(msgspec.Struct, frozen=True, tag="half-open"):
    """One check is under way that decides."""

    before: Open


Breaker = Closed | Open | HalfOpen


def may_try(breaker: Breaker, now: datetime) -> bool:
    """Tell whether a background check may go through; a person's always may."""
    match breaker:
        case Closed():
            return True
        case Open():
            return now >= breaker.next_at
        case HalfOpen():
            return False
        case _:
            assert_never(breaker)


def tried(breaker: Breaker) -> Breaker:
    """Return the state while a check is under way."""
    return HalfOpen(breaker) if isinstance(breaker, Open) else breaker


def failed(breaker: Breaker, now: datetime) -> Breaker:
    """Return the state after a check failed."""
    match breaker:
        case Closed():
            failures = breaker.failures + 1
            if failures < OPENS_AFTER:
                return Closed(failures)
            return Open(failures, FIRST_WAIT, now + FIRST_WAIT)
        case HalfOpen():
            return failed(breaker.before, now)
        case Open():
            wait = min(LONGEST_WAIT, breaker.wait * 2)
            return Open(breaker.failures + 1, wait, now + wait)
        case _:
            assert_never(breaker)


def undecided(breaker: Breaker) -> Breaker:
    """Return the state after a check ended without saying anything of the connection."""
    return breaker.before if isinstance(breaker, HalfOpen) else breaker


def hurried(breaker: Breaker, now: datetime) -> Breaker:
    """Return the state after which the next check goes through at once."""
    if isinstance(breaker, Open):
        return msgspec.structs.replace(breaker, next_at=min(breaker.next_at, now))
    return breaker


def paused(breaker: Breaker) -> Paused | None:
    """Return what a person is shown, None while checks go through."""
    match breaker:
        case Closed():
            return None
        case Open():
            return Paused(breaker.failures, breaker.next_at)
        case HalfOpen():
            return paused(breaker.before)
        case _:
            assert_never(breaker)


class Breakers:
    """The breakers of an account's connections; whoever has none is closed and never failed.

    Args:
        ledger: shows who is paused.
    """

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._states: dict[ConnectionId, Breaker] = {}

    def may_try(self, connection: ConnectionId) -> bool:
        """Tell whether a background check may go through now."""
        state = self._states.get(connection)
        return state is None or may_try(state, self._clock.now())

    def paused(self, connection: ConnectionId) -> Paused | None:
        """Return until when background checks leave a connection alone."""
        state = self._states.get(connection)
        return None if state is None else paused(state)

    def begin(self, connection: ConnectionId) -> None:
        """Take in that a check begins."""
        if (state := self._states.get(connection)) is not None:
            self._states[connection] = tried(state)

    def end(self, connection: ConnectionId) -> None:
        """Take in that a check is over, whatever it has shown."""
        if (state := self._states.get(connection)) is not None:
            self._states[connection] = undecided(state)

    def judge(self, connection: ConnectionId, *, good: bool) -> None:
        """Let a check's result open or close the breaker, and show it."""
        before = self._states.pop(connection, None)
        if good and before is None:
            return
        after = None if good else failed(before or Closed(), self._clock.now())
        if after is not None:
            self._states[connection] = after
        self._ledger.set_paused(connection, None if after is None else paused(after))

    def hurry(self) -> Iterable[ConnectionId]:
        """Let the next check of everybody go through at once, and return whose that changes."""
        now = self._clock.now()
        for connection, state in tuple(self._states.items()):
            after = hurried(state, now)
            if after != state:
                self._states[connection] = after
                self._ledger.set_paused(connection, paused(after))
                yield connection

    def forget(self, connection: ConnectionId) -> None:
        """Forget a connection that is gone."""
        self._states.pop(connection, None)
