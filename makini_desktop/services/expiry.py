"""Which tokens end on which of the next days, so that they are renewed before they do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import AccessOk, Health
from makini_desktop.services.store import Row

DAYS = 30
_ENDED = frozenset({Health.DISCONNECTED, Health.INACTIVE, Health.PENDING, Health.RECONNECT_NEEDED})
"""Healths in which a token's end is no news any more."""


class ExpiryDay(msgspec.Struct, frozen=True):
    """A day and the connections whose token ends on it, the earliest first."""

    day: date
    connections: tuple[ConnectionId, ...] = ()


def expiry_days(rows: Iterable[Row], now: datetime, tz: tzinfo | None = None) -> tuple[ExpiryDay, ...]:
    """Return the next `DAYS` days in the zone `tz`, today first.

    Tokens that renew themselves silently do not end and are left out.
    """
    today = now.astimezone(tz).date()
    ends: dict[date, list[tuple[datetime, ConnectionId]]] = {
        today + timedelta(days=offset): [] for offset in range(DAYS)
    }
    for row in rows:
        token = row.facts.token
        if token is None or not token.present or token.renewable or token.expires_at is None:
            continue
        day = token.expires_at.astimezone(tz).date()
        if row.health not in _ENDED and token.expires_at > now and day in ends:
            ends[day].append((token.expires_at, row.id))
    return tuple(
        ExpiryDay(day, tuple(connection for _at, connection in sorted(found))) for day, found in ends.items()
    )


def sign_in_holds(row: Row, now: datetime) -> bool:
    """Tell whether nobody has to sign in: it works, and will for `DAYS` days as far as is known."""
    if not isinstance(row.condition.access, AccessOk):
        return False
    token = row.facts.token
    if token is None or token.renewable or token.expires_at is None:
        return True
    return token.expires_at > now + timedelta(days=DAYS)
