"""Incidents: breaks of one cause that belong together, from the first sight to the last proof.

What a person is told once is an incident, not a connection: forty connections of one system that fail
within minutes are one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import NewType

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence

IncidentId = NewType("IncidentId", str)

TOGETHER_WITHIN = timedelta(minutes=10)
"""A break joins an open incident of its cause and scope if the last one joined no longer ago."""

NEARBY_WITHIN = timedelta(minutes=1)
"""Breaks of one cause in several systems that follow each other as fast as this concern the whole account."""


class Cause(Enum):
    """Whose matter it is."""

    CREDENTIALS = "credentials"
    """Their credentials: the customer's sign-in no longer holds."""
    SYSTEM = "system"
    """Their system: it is unreachable."""
    SYNCS = "syncs"
    """The syncs end in errors, hang, or do not come."""
    TOKEN = "token"
    """Our token: it ends, or died for good."""
    RATE_LIMIT = "rate_limit"
    """We ask more than Makini allows."""
    MAKINI = "makini"
    """Makini itself: it answers with errors, refuses the account, or switched connections off."""
    NETWORK = "network"
    """Our network: Makini cannot be reached from here."""


class ExpiryStep(Enum):
    """The rungs on which a token's end is told, each once."""

    WEEK = "week"
    DAY = "day"
    HOUR = "hour"
    EXPIRED = "expired"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A connection in an incident.

    Attributes:
        since: when it broke.
        proven_at: when a proof took it out again, or a trouble that explains this one.
    """

    connection: ConnectionId
    since: datetime
    proven_at: datetime | None = None


class SnoozedUntil(msgspec.Struct, frozen=True, tag="until"):
    """Not told before `at`."""

    at: datetime


class SnoozedUntilChange(msgspec.Struct, frozen=True, tag="change"):
    """Not told before the incident grows or closes."""


Snooze = SnoozedUntil | SnoozedUntilChange


class Told(msgspec.Struct, frozen=True):
    """What the person was last told of an incident: when, and of how many connections."""

    at: datetime
    count: int


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Breaks of one cause, in one system or in the whole account.

    Attributes:
        scope: the customers' system, empty for the whole account.
        step: for tokens that end, which rung of the ladder.
        joined_at: when the last connection joined.
        members: in the order in which they joined; empty for what concerns the account itself.
        evidence: what was seen first.
        first_sight: it was there when first looked at, which is no news: shown, never announced.
        told: the last notification; None while there was none.
        closed_at: when the last proof came.
    """

    id: IncidentId
    cause: Cause
    scope: str = ""
    step: ExpiryStep | None = None
    opened_at: datetime
    joined_at: datetime
    members: tuple[Member, ...] = ()
    evidence: Evidence
    first_sight: bool = False
    acknowledged_at: datetime | None = None
    snooze: Snooze | None = None
    told: Told | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """True until the last proof."""
        return self.closed_at is None

    @property
    def broken(self) -> tuple[ConnectionId, ...]:
        """The connections that are not proven yet."""
        return tuple(member.connection for member in self.members if member.proven_at is None)

    @property
    def explains_syncs(self) -> bool:
        """True where no sync can end well meanwhile: what failed until then tells nothing new."""
        return (
            self.cause in (Cause.CREDENTIALS, Cause.SYSTEM, Cause.MAKINI) or self.step is ExpiryStep.EXPIRED
        )

    @property
    def time_to_repair(self) -> timedelta | None:
        """How long it was open; None while it is."""
        return None if self.closed_at is None else self.closed_at - self.opened_at
