"""The timeline of a connection: what happened to it, newest last."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from enum import Enum

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health


class ActivityKind(Enum):
    """What sort of thing happened."""

    HEALTH = "health"
    SYNC = "sync"
    LOGIN = "login"
    TOKEN = "token"
    SETTING = "setting"


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the timeline.

    Attributes:
        headline: a short sentence in the person's language at the time.
        detail: who said so, in the server's terms.
        health: the health from then on, for entries of kind HEALTH; else a health that fits its colour.
    """

    connection: ConnectionId
    at: datetime
    kind: ActivityKind
    headline: str
    detail: str = ""
    health: Health = Health.UNKNOWN
    request_id: str | None = None

    def matches(self, kinds: Set[ActivityKind] | None, text: str) -> bool:
        """Tell whether the entry is of one of the kinds (None: any) and says `text`, whatever its case."""
        if kinds is not None and self.kind not in kinds:
            return False
        wanted = text.casefold().strip()
        return not wanted or any(
            wanted in said.casefold() for said in (self.headline, self.detail, self.request_id or "")
        )
