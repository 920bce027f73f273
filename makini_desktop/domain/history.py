"""History: every change of a connection's health with its evidence, and what it says over a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence
from makini_desktop.domain.health import Health


class HealthChange(msgspec.Struct, frozen=True, kw_only=True):
    """From `at` on a connection had this health, because of this evidence."""

    connection: ConnectionId
    at: datetime
    health: Health
    evidence: Evidence


class Uptime(msgspec.Struct, frozen=True, kw_only=True):
    """How a connection did over the last `days`.

    Attributes:
        share: the part of the known time in which it worked, 0 to 1; None where nothing is known.
        known: how much of the time anything is known of.
        breaks: how often it broke.
        mean_repair: how long a repair took on average; None where none was completed.
    """

    days: int
    share: float | None
    known: timedelta
    breaks: int
    mean_repair: timedelta | None
