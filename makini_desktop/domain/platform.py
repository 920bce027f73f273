"""A platform: a kind of system that a customer can connect (`GET {P}/system/platforms`)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the list of platforms, whose shape is published empty.

    Attributes:
        key: what a connection is created with.
        name: what people call the system.
        category: the raw word for its kind, for example "ERP"; empty where the server tells none.
    """

    key: str
    name: str
    category: str = ""

    def called(self, words: str) -> bool:
        """Tell whether it goes by this key or name, however it is spelt."""
        return words.strip().casefold() in (self.key.casefold(), self.name.casefold())


def find(platforms: Iterable[Platform], words: str) -> Platform | None:
    """Return the platform that goes by a key or a name, None where none does."""
    return next((each for each in platforms if each.called(words)), None)
