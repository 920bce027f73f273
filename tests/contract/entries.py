"""Entries that fill a vault; their secrets are known by name, to be looked for where none may be."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from makini_desktop.domain.token import PendingPair, Secret, TokenEntry, TokenPair

NOW = datetime(2025, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)
ACCESS, REFRESH, CLIENT = "access-5up3r", "refresh-5up3r", "client-5up3r"


def entry(access: str = ACCESS) -> TokenEntry:
    pair = TokenPair(
        access=Secret(access),
        refresh=Secret(REFRESH),
        obtained_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    return TokenEntry(current=pair, pending=PendingPair(pair=pair, attempt="attempt-1", since=NOW))


def becomes(new: TokenEntry) -> Callable[[TokenEntry], TokenEntry]:
    return lambda _old: new
