"""The API version in use and what its server says of its future (contract section 1)."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

WARNED_BEFORE = timedelta(days=90)
"""How long before its end a version is warned of in the window."""


class VersionNews(msgspec.Struct, frozen=True, kw_only=True):
    """What the answers' headers say of the version.

    Attributes:
        version: as the answers carry it; the stated one where they carry none.
        deprecated_since: from `Deprecation` (RFC 9745).
        undated: the server said "deprecated" without a date; `deprecated_since` is when that was first seen.
        ends_at: from `Sunset` (RFC 8594).
        guide: `Link` with rel "deprecation" or "sunset".
        successor: `Link` with rel "successor-version".
        calls: the capabilities' names whose answers said so.
        seen_at: when the last answer said so.
    """

    version: str
    deprecated_since: datetime | None = None
    undated: bool = False
    ends_at: datetime | None = None
    guide: str | None = None
    successor: str | None = None
    calls: tuple[str, ...] = ()
    seen_at: datetime | None = None

    @property
    def deprecated(self) -> bool:
        """True if the server says that the version is on its way out."""
        return self.deprecated_since is not None or self.ends_at is not None

    def days_left(self, now: datetime) -> int | None:
        """Return whole days until the end, 0 or less once it is over; None where no end is named."""
        return None if self.ends_at is None else (self.ends_at - now).days

    def warned(self, now: datetime) -> bool:
        """Tell whether the end is near enough for a banner."""
        return self.ends_at is not None and self.ends_at - now <= WARNED_BEFORE
