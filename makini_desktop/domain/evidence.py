"""Evidence: what was seen of a connection, by which call, when, with which result.

Each kind of observation keeps only its newest example, so that the same observations in any order
and number leave the same `Facts`.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import msgspec

from makini_desktop.domain.connection import ConnectionStatus, Integration, ListStatus
from makini_desktop.domain.sync import SyncStatus


class EvidenceSource(Enum):
    """What said so."""

    LIST = "connection_list"
    STATUS = "connection_status"
    SYNC_STATUS = "sync_status"
    INTEGRATION = "current_integration"
    TOKEN = "token"
    LOGIN = "login"
    PERSON = "person"
    CLOCK = "clock"
    NONE = "none"


class Evidence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who said so, when, with what result.

    Attributes:
        detail: the result in the server's terms, for example "401 REAUTHORIZATION_REQUIRED".
    """

    source: EvidenceSource
    at: datetime
    detail: str = ""
    request_id: str | None = None


class Listed(msgspec.Struct, frozen=True, gc=False, tag="listed"):
    """The list named the connection, or (`present` False) no longer did."""

    evidence: Evidence
    status: ListStatus
    word: str
    present: bool = True


class StatusSeen(msgspec.Struct, frozen=True, gc=False, tag="status"):
    """The connection status was read."""

    evidence: Evidence
    status: ConnectionStatus


class SyncStatusSeen(msgspec.Struct, frozen=True, gc=False, tag="sync_status"):
    """The sync status was read."""

    evidence: Evidence
    status: SyncStatus


class IntegrationSeen(msgspec.Struct, frozen=True, gc=False, tag="integration"):
    """`integrations/current` was read: the token works, and this is whose it is."""

    evidence: Evidence
    integration: Integration


class AccessRefused(msgspec.Struct, frozen=True, gc=False, tag="refused"):
    """The server said that the credentials no longer hold, or our token died for good."""

    evidence: Evidence
    reason: str


class SystemSilent(msgspec.Struct, frozen=True, gc=False, tag="silent"):
    """A call failed because the customer's system is unreachable (503 SYSTEM_UNREACHABLE)."""

    evidence: Evidence


class LoginProven(msgspec.Struct, frozen=True, gc=False, tag="login"):
    """A login brought a token that was tested and promoted."""

    evidence: Evidence


class TokenSeen(msgspec.Struct, frozen=True, gc=False, tag="token"):
    """What is known of our token without naming it."""

    evidence: Evidence
    present: bool
    expires_at: datetime | None = None
    renewable: bool = False
    obtained_at: datetime | None = None


class CheckFailed(msgspec.Struct, frozen=True, gc=False, tag="check_failed"):
    """We could not check; says nothing about the connection, only why nothing newer is known."""

    evidence: Evidence
    reason: str


class Disconnected(msgspec.Struct, frozen=True, gc=False, tag="disconnected"):
    """Somebody ended the connection."""

    evidence: Evidence


Observation = (
    Listed
    | StatusSeen
    | SyncStatusSeen
    | IntegrationSeen
    | AccessRefused
    | SystemSilent
    | LoginProven
    | TokenSeen
    | CheckFailed
    | Disconnected
)


class Facts(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The newest observation of each kind, and the schedule as far as it is known.

    Attributes:
        usual_seconds: the connection's own usual sync duration (median of its last syncs).
        interval_seconds: its own sync interval.
        failures: failed syncs in a row, as far as they were seen.
    """

    listed: Listed | None = None
    status: StatusSeen | None = None
    sync: SyncStatusSeen | None = None
    integration: IntegrationSeen | None = None
    refused: AccessRefused | None = None
    silent: SystemSilent | None = None
    login: LoginProven | None = None
    token: TokenSeen | None = None
    check_failed: CheckFailed | None = None
    disconnected: Disconnected | None = None
    usual_seconds: float | None = None
    interval_seconds: float | None = None
    failures: int = 0


_FIELDS: dict[type, str] = {
    Listed: "listed",
    StatusSeen: "status",
    SyncStatusSeen: "sync",
    IntegrationSeen: "integration",
    AccessRefused: "refused",
    SystemSilent: "silent",
    LoginProven: "login",
    TokenSeen: "token",
    CheckFailed: "check_failed",
    Disconnected: "disconnected",
}


def observe(facts: Facts, *observations: Observation) -> Facts:
    """Return `facts` with what was seen in it, where no newer observation of its kind is there already.

    Two different observations of one kind and one instant are ordered by their content, so that
    the result never depends on the order in which they arrive.
    """
    newest: dict[str, Observation] = {}
    for seen in observations:
        field = _FIELDS[type(seen)]
        known: Observation | None = newest.get(field) or getattr(facts, field)
        if known is None or _newer(seen, known):
            newest[field] = seen
    return msgspec.structs.replace(facts, **newest) if newest else facts


def _newer(seen: Observation, known: Observation) -> bool:
    if seen.evidence.at != known.evidence.at:
        return seen.evidence.at > known.evidence.at
    return msgspec.json.encode(seen) > msgspec.json.encode(known)


def merge(facts: Facts, other: Facts) -> Facts:
    """Return the newest of both, as when two processes have watched one connection."""
    merged = observe(facts, *(seen for field in _FIELDS.values() if (seen := getattr(other, field))))
    older, newer = sorted((facts, other), key=_rhythm_rank)
    return msgspec.structs.replace(
        merged,
        usual_seconds=newer.usual_seconds or older.usual_seconds,
        interval_seconds=newer.interval_seconds or older.interval_seconds,
        failures=newer.failures,
    )


def _rhythm_rank(facts: Facts) -> tuple[float, int, float, float]:
    """Order by the newest observation, and by content where that is the same instant."""
    newest = max(
        (seen.evidence.at.timestamp() for field in _FIELDS.values() if (seen := getattr(facts, field))),
        default=0.0,
    )
    return newest, facts.failures, facts.usual_seconds or 0.0, facts.interval_seconds or 0.0
