"""A connection: one customer's system, reached through Makini (contract section 3, shapes)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import NewType

import msgspec

ConnectionId = NewType("ConnectionId", str)


class ListStatus(Enum):
    """The list's word for a connection; `UNKNOWN` for any word we do not know."""

    PENDING = "pending"
    SYNCHRONIZING = "synchronizing"
    IN_PROGRESS = "in_progress"
    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


class Connection(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One row of the connection list.

    Attributes:
        id: the list's `key`.
        name: the customer.
        system: the customer's system, the list's `integration_name`.
        status_word: the status as the server spelt it.
        readable: False for a row the server sent in a form we could not read.
    """

    id: ConnectionId
    name: str
    system: str
    status: ListStatus = ListStatus.UNKNOWN
    status_word: str = ""
    email: str = ""
    scopes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    connected_at: datetime | None = None
    updated_at: datetime | None = None
    readable: bool = True


class Integration(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who a connection token belongs to (`GET {P}/integrations/current`).

    Attributes:
        sync_word: the raw `sync_status`; `credentials_hold` and others are derived from it.
    """

    id: ConnectionId
    company_name: str
    provider: str
    email: str = ""
    sync_word: str = ""
    sync_updated_at: datetime | None = None


class Identity(msgspec.Struct, frozen=True, gc=False):
    """What is compared after a login (contract section 2): key, company and system."""

    id: ConnectionId
    company_name: str
    provider: str

    def same_customer(self, other: Identity) -> bool:
        """Tell whether both names are the same, case-folded."""
        return (
            self.company_name.strip().casefold() == other.company_name.strip().casefold()
            and self.provider.strip().casefold() == other.provider.strip().casefold()
        )


class ConnectionStatus(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The server's own check of a connection (`GET {P}/integrations/current/status`)."""

    online: bool
    reauthorization_required: bool
    reason: str | None = None
    checked_at: datetime | None = None
