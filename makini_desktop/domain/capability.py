"""Capabilities: every endpoint of the contract's section 3, its provenance, and what stands in for it.

A server may lack anything that is not published. That is found out on first use, kept for the account, and
looked at again once a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

import msgspec

TRIED_AGAIN_AFTER = timedelta(days=1)


class Provenance(Enum):
    """Where a piece of the contract comes from (its table of marks)."""

    PUBLISHED = "P"
    NAMED = "N"
    WITHDRAWN = "W"
    OURS = "O"


class Bearer(Enum):
    """Whose token a request carries."""

    ADMIN = "admin"
    CONNECTION = "connection"


class Capability(Enum):
    """What can be asked of a server."""

    ACCOUNT = "account"
    PLATFORMS = "platforms"
    LIST_CONNECTIONS = "list_connections"
    CREATE_CONNECTION = "create_connection"
    DISCONNECT = "disconnect"
    METADATA = "metadata"
    ISSUE_TOKEN = "issue_token"
    CURRENT_INTEGRATION = "current_integration"
    DISCONNECT_SELF = "disconnect_self"
    ENTITY_PAGE = "entity_page"
    CONNECTION_STATUS = "connection_status"
    SYNC_STATUS = "sync_status"
    SYNC_STATUS_WITHDRAWN = "sync_status_withdrawn"
    START_SYNC = "start_sync"
    SYNC_HISTORY = "sync_history"
    SYNC_SETTINGS = "sync_settings"
    WEBHOOK_SETTINGS = "webhook_settings"


class Endpoint(msgspec.Struct, frozen=True):
    """One row of the contract's table.

    Attributes:
        path: after the version prefix.
        instead: the capability that stands in for it, None where nothing does.
    """

    capability: Capability
    methods: tuple[str, ...]
    path: str
    bearer: Bearer
    provenance: Provenance
    instead: Capability | None = None


_P, _N, _W, _O = Provenance.PUBLISHED, Provenance.NAMED, Provenance.WITHDRAWN, Provenance.OURS
_ADMIN, _OWN = Bearer.ADMIN, Bearer.CONNECTION
_C = Capability

ENDPOINTS: dict[Capability, Endpoint] = {
    endpoint.capability: endpoint
    for endpoint in (
        Endpoint(_C.ACCOUNT, ("GET",), "/system/client", _ADMIN, _P),
        Endpoint(_C.PLATFORMS, ("GET",), "/system/platforms", _ADMIN, _P),
        Endpoint(_C.LIST_CONNECTIONS, ("GET",), "/system/connections", _ADMIN, _P),
        Endpoint(_C.CREATE_CONNECTION, ("POST",), "/system/connections", _ADMIN, _P),
        Endpoint(_C.DISCONNECT, ("DELETE",), "/system/connections/{id}", _ADMIN, _P),
        Endpoint(_C.METADATA, ("GET", "POST"), "/system/connections/{id}/metadata", _ADMIN, _P),
        Endpoint(_C.ISSUE_TOKEN, ("POST",), "/system/connections/{id}/token", _ADMIN, _P),
        Endpoint(_C.CURRENT_INTEGRATION, ("GET",), "/integrations/current", _OWN, _P),
        Endpoint(_C.DISCONNECT_SELF, ("DELETE",), "/integrations/current", _OWN, _P),
        Endpoint(_C.ENTITY_PAGE, ("GET",), "/{area}/{entity}", _OWN, _P),
        Endpoint(
            _C.CONNECTION_STATUS, ("GET",), "/integrations/current/status", _OWN, _N, _C.CURRENT_INTEGRATION
        ),
        Endpoint(_C.SYNC_STATUS, ("GET",), "/sync-status", _OWN, _N, _C.SYNC_STATUS_WITHDRAWN),
        Endpoint(
            _C.SYNC_STATUS_WITHDRAWN, ("GET",), "/integrations/sync/status", _OWN, _W, _C.CURRENT_INTEGRATION
        ),
        Endpoint(_C.START_SYNC, ("POST",), "/integrations/sync", _OWN, _W),
        Endpoint(_C.SYNC_HISTORY, ("GET",), "/integrations/syncs", _OWN, _O),
        Endpoint(_C.SYNC_SETTINGS, ("GET", "PUT"), "/integrations/current/settings", _OWN, _O),
        Endpoint(_C.WEBHOOK_SETTINGS, ("GET", "PUT"), "/integrations/current/webhook", _OWN, _O),
    )
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about one capability of an account.

    Attributes:
        offered: False once it counts as not offered (contract section 4).
        at: when that was seen; "not offered" is tried again a day later.
        retried: "not offered" is tried again at the next use, as "Test account" asks for.
    """

    capability: Capability
    offered: bool
    at: datetime
    retried: bool = False

    def due(self, now: datetime) -> bool:
        """Tell whether something not offered is to be tried again."""
        return not self.offered and (self.retried or now - self.at >= TRIED_AGAIN_AFTER)
