"""Syncs: Makini fetching a customer's records (contract section 3, shapes Sync and Sync status)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import NewType

import msgspec

SyncId = NewType("SyncId", str)


class SyncState(Enum):
    """Where a sync stands; `UNKNOWN` for any word we do not know."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def running(self) -> bool:
        """True while an end is still to come."""
        return self in (SyncState.QUEUED, SyncState.IN_PROGRESS)


class SyncAction(Enum):
    """How much a sync fetches."""

    INCREMENTAL = "incremental"
    FULL = "full"


class SyncProblem(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Why a sync failed, in the server's words."""

    code: str
    message: str
    entity: str | None = None


class Records(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How many records a sync touched."""

    created: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def total(self) -> int:
        """All records touched."""
        return self.created + self.updated + self.deleted


class Sync(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One sync, running or ended.

    Attributes:
        kind: the raw `type` (initial, scheduled, webhook, manual, or something new).
        done: records fetched so far; `expected` None where the server does not say.
    """

    id: SyncId
    state: SyncState
    state_word: str = ""
    kind: str = ""
    action: str = ""
    scopes: tuple[str, ...] = ()
    done: int | None = None
    expected: int | None = None
    records: Records = Records()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    problem: SyncProblem | None = None
    request_id: str | None = None


class SyncVerdict(Enum):
    """What the sync status says of the last sync; `UNKNOWN` for any word we do not know."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CREDENTIALS_REFUSED = "fail"
    PENDING = "pending"
    UNKNOWN = "unknown"


class SyncStatus(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The state of a connection's syncs (`GET {P}/sync-status`, or what a server has instead)."""

    verdict: SyncVerdict
    word: str = ""
    last_good_at: datetime | None = None
    next_at: datetime | None = None
    problem: SyncProblem | None = None
    current: Sync | None = None


class SyncOrder(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What to ask for when a sync is started by hand; no scopes means all entities."""

    action: SyncAction = SyncAction.INCREMENTAL
    scopes: tuple[str, ...] = ()
