"""Tokens, kept from every text: a `Secret` shows itself only to who asks for its value."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec


class Secret(msgspec.Struct, frozen=True, gc=False):
    """A text nobody may see by accident; `repr` and `str` hide it."""

    value: str

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "…"


class TokenPair(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A connection's access token and what renews it.

    Attributes:
        expires_at: None means unknown, never "for ever" (contract section 2, traps).
        final: a renewal was tried and brought no later end; only a login will.
    """

    access: Secret
    refresh: Secret | None = None
    obtained_at: datetime
    expires_at: datetime | None = None
    final: bool = False

    @property
    def half_life(self) -> datetime | None:
        """From when on the token is due for a refresh; None where its end is unknown."""
        if self.expires_at is None:
            return None
        return self.obtained_at + (self.expires_at - self.obtained_at) / 2

    def half_life_over(self, now: datetime) -> bool:
        """Tell whether the token has passed half of its life and is due for a refresh."""
        half_life = self.half_life
        return half_life is not None and now >= half_life

    def ends_no_later_than(self, other: TokenPair) -> bool:
        """Tell whether this pair, got to renew `other`, has gained nothing worth the name."""
        return (
            self.expires_at is not None
            and other.expires_at is not None
            and self.expires_at < other.expires_at + timedelta(minutes=1)
        )

    def ends_within(self, span: timedelta, now: datetime) -> bool:
        """Tell whether the token ends within `span` from `now`."""
        return self.expires_at is not None and self.expires_at <= now + span


class PendingPair(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A pair that a login brought and that is not yet proven (contract section 2, safe swap)."""

    pair: TokenPair
    attempt: str
    since: datetime


class TokenEntry(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the vault holds for one connection: the pair in use, and one on trial beside it."""

    current: TokenPair | None = None
    pending: PendingPair | None = None
