"""Requests as one can show them to support: no bodies, no tokens, no query values."""

from __future__ import annotations

from datetime import datetime

import msgspec

from makini_desktop.domain.connection import ConnectionId

KEPT = 200
"""How many requests are kept for an account."""


class RequestSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One request that was made.

    Attributes:
        path: without host and query.
        status: None where no answer came; `failure` then says why, in words.
        milliseconds: from sending to the whole answer, waiting for the budget not counted.
        connection: whose token it carried, None for the administrator's.
    """

    at: datetime
    method: str
    path: str
    status: int | None
    milliseconds: int
    request_id: str | None = None
    connection: ConnectionId | None = None
    failure: str = ""
