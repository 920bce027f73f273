"""Trouble: what a connection's condition says to each of the two questions, as incidents see it.

Access and data are never mixed: a token that ends is told of once, whatever the syncs do meanwhile.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import assert_never

import msgspec

from makini_desktop.domain.evidence import Facts
from makini_desktop.domain.health import (
    AccessDisconnected,
    AccessExpiring,
    AccessInactive,
    AccessOk,
    AccessPending,
    AccessReconnectNeeded,
    AccessUnknown,
    Condition,
    DataFailing,
    DataFresh,
    DataLate,
    DataOffline,
    DataStuck,
    DataSyncing,
    DataUnknown,
)
from makini_desktop.domain.incident import Cause, ExpiryStep

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)

_OUR_TOKEN = frozenset({"token_expired", "token_invalid", "invalid_token", "invalid_grant"})
"""Reasons for a reconnect, in lower case, that speak of our token and not of the customer's sign-in."""


class Question(Enum):
    """The two questions about a connection."""

    ACCESS = "access"
    DATA = "data"


class Trouble(msgspec.Struct, frozen=True):
    """Something is wrong, and this is whose matter it is; `step` where a token ends."""

    cause: Cause
    step: ExpiryStep | None = None

    @property
    def wants_login(self) -> bool:
        """True where only a new login helps: what was said of it first need not be said again."""
        return self.cause is Cause.CREDENTIALS or self.step is ExpiryStep.EXPIRED


class Clear(msgspec.Struct, frozen=True):
    """A proof that nothing is wrong, or the end of what could be."""


class Working(msgspec.Struct, frozen=True):
    """A sync runs: the customer's system is reached, and whether syncs end well is not proven."""


class Silent(msgspec.Struct, frozen=True):
    """Nothing that proves anything: what was known stays."""


Finding = Trouble | Clear | Working | Silent

CLEAR = Clear()
WORKING = Working()
SILENT = Silent()
_TROUBLE = {cause: Trouble(cause) for cause in Cause}
_TOKEN_ENDS = {step: Trouble(Cause.TOKEN, step) for step in ExpiryStep}


class Findings(msgspec.Struct, frozen=True):
    """The answers to both questions."""

    access: Finding
    data: Finding

    @property
    def troubled(self) -> bool:
        """True where something is wrong."""
        return isinstance(self.access, Trouble) or isinstance(self.data, Trouble)


WELL = Findings(CLEAR, CLEAR)


def findings(condition: Condition, now: datetime) -> Findings:
    """Return what a condition says to both questions.

    Where access explains the data, a trouble of the data is none of its own.
    """
    access = _access(condition, now)
    match condition.access:
        case AccessReconnectNeeded() | AccessDisconnected() | AccessInactive():
            return Findings(access, CLEAR)
        case AccessPending():
            return Findings(access, SILENT)
        case _:
            return Findings(access, _data(condition))


def _access(condition: Condition, now: datetime) -> Finding:
    access = condition.access
    match access:
        case AccessOk() | AccessDisconnected():
            return CLEAR
        case AccessReconnectNeeded():
            if access.reason.casefold() in _OUR_TOKEN:
                return _TOKEN_ENDS[ExpiryStep.EXPIRED]
            return _TROUBLE[Cause.CREDENTIALS]
        case AccessExpiring():
            return _TOKEN_ENDS[expiry_step(access.ends_at, now)]
        case AccessInactive():
            return _TROUBLE[Cause.MAKINI]
        case AccessPending() | AccessUnknown():
            return SILENT
        case _:
            assert_never(access)


def _data(condition: Condition) -> Finding:
    data = condition.data
    match data:
        case DataFresh():
            return CLEAR
        case DataOffline():
            return _TROUBLE[Cause.SYSTEM]
        case DataFailing() | DataLate() | DataStuck():
            return _TROUBLE[Cause.SYNCS]
        case DataSyncing():
            return WORKING
        case DataUnknown():
            return SILENT
        case _:
            assert_never(data)


def tells_of(facts: Facts, condition: Condition) -> datetime | None:
    """Return the moment that a trouble of the syncs speaks of: a sync's end or begin, or the last good one.

    None where nothing says it.
    """
    data = condition.data
    if isinstance(data, DataLate):
        return data.last_good_at
    if isinstance(data, DataStuck):
        return data.sync.started_at
    current = facts.sync.status.current if facts.sync is not None else None
    return current.finished_at if current is not None else None


def expiry_step(ends_at: datetime, now: datetime) -> ExpiryStep:
    """Return the rung of the ladder on which a token stands that ends at `ends_at`."""
    left = ends_at - now
    if left <= timedelta():
        return ExpiryStep.EXPIRED
    if left <= _HOUR:
        return ExpiryStep.HOUR
    return ExpiryStep.DAY if left <= _DAY else ExpiryStep.WEEK
