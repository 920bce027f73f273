"""What a person wants to be told, and when not."""

from __future__ import annotations

from datetime import time

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import Cause


class QuietHours(msgspec.Struct, frozen=True):
    """When nothing is announced, in the person's zone; over midnight where `until` is earlier."""

    start: time
    until: time

    def hold(self, moment: time) -> bool:
        """Tell whether `moment` lies within."""
        if self.start <= self.until:
            return self.start <= moment < self.until
        return moment >= self.start or moment < self.until


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is announced; the same for all accounts.

    Attributes:
        enabled: False announces nothing at all; the inbox goes on.
        silenced: causes that only the inbox shows.
    """

    enabled: bool = True
    quiet: QuietHours | None = None
    silenced: frozenset[Cause] = frozenset()


class Mutes(msgspec.Struct, frozen=True, kw_only=True):
    """Connections and systems of an account that are watched and never announced."""

    connections: frozenset[ConnectionId] = frozenset()
    systems: frozenset[str] = frozenset()

    def cover(self, connection: ConnectionId, system: str) -> bool:
        """Tell whether a connection is muted, by itself or with its system."""
        return connection in self.connections or system in self.systems
