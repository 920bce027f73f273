"""Health: two questions about a connection, and the one word the list shows for both.

*Access* asks whether we may talk to the customer's system, *data* whether what we have is fresh.
`derive` makes one `Health` of the two answers. Every answer names its evidence.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import assert_never

import msgspec

from makini_desktop.domain.evidence import Evidence
from makini_desktop.domain.sync import Sync, SyncProblem


class Health(Enum):
    """What the list shows, the worst first; the order is the severity."""

    RECONNECT_NEEDED = "reconnect_needed"
    FAILING = "failing"
    OFFLINE = "offline"
    STUCK = "stuck"
    EXPIRING = "expiring"
    LATE = "late"
    INACTIVE = "inactive"
    PENDING = "pending"
    DISCONNECTED = "disconnected"
    SYNCING = "syncing"
    HEALTHY = "healthy"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # each is one object; Enum's own hash costs a call for every look-up


SEVERITY: dict[Health, int] = {health: rank for rank, health in enumerate(Health)}
"""0 is the worst."""


class AccessOk(msgspec.Struct, frozen=True, gc=False, tag="ok"):
    """A call that needs the customer's consent worked."""

    evidence: Evidence


class AccessExpiring(msgspec.Struct, frozen=True, gc=False, tag="expiring"):
    """The token ends soon and cannot be renewed silently."""

    evidence: Evidence
    ends_at: datetime


class AccessReconnectNeeded(msgspec.Struct, frozen=True, gc=False, tag="reconnect_needed"):
    """The credentials no longer hold, or our token died for good; `reason` is the raw word."""

    evidence: Evidence
    reason: str


class AccessPending(msgspec.Struct, frozen=True, gc=False, tag="pending"):
    """The customer has not finished signing in."""

    evidence: Evidence


class AccessInactive(msgspec.Struct, frozen=True, gc=False, tag="inactive"):
    """The vendor switched the connection off."""

    evidence: Evidence


class AccessDisconnected(msgspec.Struct, frozen=True, gc=False, tag="disconnected"):
    """Somebody ended the connection."""

    evidence: Evidence


class AccessUnknown(msgspec.Struct, frozen=True, gc=False, tag="unknown"):
    """Nothing recent enough is known; `reason` says why the last check failed, where one did."""

    evidence: Evidence
    reason: str = ""


Access = (
    AccessOk
    | AccessExpiring
    | AccessReconnectNeeded
    | AccessPending
    | AccessInactive
    | AccessDisconnected
    | AccessUnknown
)


class DataFresh(msgspec.Struct, frozen=True, gc=False, tag="fresh"):
    """The last sync was good and the next is not overdue."""

    evidence: Evidence
    last_good_at: datetime | None = None


class DataSyncing(msgspec.Struct, frozen=True, gc=False, tag="syncing"):
    """A sync is running."""

    evidence: Evidence
    sync: Sync | None = None


class DataLate(msgspec.Struct, frozen=True, gc=False, tag="late"):
    """No good sync within twice the interval."""

    evidence: Evidence
    last_good_at: datetime


class DataFailing(msgspec.Struct, frozen=True, gc=False, tag="failing"):
    """Syncs end in errors."""

    evidence: Evidence
    problem: SyncProblem | None = None
    failures: int = 1


class DataOffline(msgspec.Struct, frozen=True, gc=False, tag="offline"):
    """The customer's system is unreachable."""

    evidence: Evidence


class DataStuck(msgspec.Struct, frozen=True, gc=False, tag="stuck"):
    """A sync runs far beyond this connection's usual time."""

    evidence: Evidence
    sync: Sync
    usual_seconds: float | None = None


class DataUnknown(msgspec.Struct, frozen=True, gc=False, tag="unknown"):
    """Nothing recent enough is known of the syncs."""

    evidence: Evidence


Data = DataFresh | DataSyncing | DataLate | DataFailing | DataOffline | DataStuck | DataUnknown


class Condition(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Both answers and the word for them.

    Attributes:
        evidence: that of the answer that decided.
        last_known: for `Health.UNKNOWN`, what was proven last.
    """

    health: Health
    access: Access
    data: Data
    evidence: Evidence
    last_known: Health | None = None


def derive(access: Access, data: Data) -> Health:
    """Return the one health of both answers.

    Access explains data: reconnect needed, disconnected, inactive and pending win over any state of
    the data; access unknown with nothing worse known is Unknown; else the worse of the two.
    """
    from_data = health_of_data(data)
    match access:
        case AccessReconnectNeeded():
            return Health.RECONNECT_NEEDED
        case AccessDisconnected():
            return Health.DISCONNECTED
        case AccessInactive():
            return Health.INACTIVE
        case AccessPending():
            return Health.PENDING
        case AccessUnknown():
            return from_data if SEVERITY[from_data] < SEVERITY[Health.SYNCING] else Health.UNKNOWN
        case AccessExpiring():
            return _worse(Health.EXPIRING, from_data)
        case AccessOk():
            return _worse(Health.HEALTHY, from_data)
        case _:
            assert_never(access)


def health_of_data(data: Data) -> Health:
    """Return what the data alone would be called."""
    match data:
        case DataFresh():
            return Health.HEALTHY
        case DataSyncing():
            return Health.SYNCING
        case DataLate():
            return Health.LATE
        case DataFailing():
            return Health.FAILING
        case DataOffline():
            return Health.OFFLINE
        case DataStuck():
            return Health.STUCK
        case DataUnknown():
            return Health.UNKNOWN
        case _:
            assert_never(data)


def _worse(one: Health, other: Health) -> Health:
    return one if SEVERITY[one] <= SEVERITY[other] else other
