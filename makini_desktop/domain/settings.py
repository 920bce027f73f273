"""What can be set for a connection: its schedule, its webhook, its metadata (contract section 3, shapes)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum

import msgspec

from makini_desktop.domain.token import Secret

INTERVAL_MINUTES = range(15, 1440 + 1)
HISTORY_DAYS = range(30, 90 + 1)
"""What the contract lets these be set to."""


class SyncMode(Enum):
    """What starts a connection's syncs; `UNKNOWN` for any word we do not know."""

    SCHEDULED = "scheduled"
    WEBHOOK = "webhook"
    UNKNOWN = "unknown"


class SyncSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """When a connection syncs, and how far back its first sync went.

    Attributes:
        mode_word: the mode as the server spelt it.
    """

    mode: SyncMode = SyncMode.UNKNOWN
    mode_word: str = ""
    interval_minutes: int | None = None
    history_days: int | None = None
    next_at: datetime | None = None


class ScheduleChange(msgspec.Struct, frozen=True, kw_only=True):
    """What to set; None leaves something as it is."""

    mode: SyncMode | None = None
    interval_minutes: int | None = None
    history_days: int | None = None

    @property
    def empty(self) -> bool:
        """True if nothing is to be changed."""
        return self == ScheduleChange()

    def applied(self, schedule: SyncSchedule) -> SyncSchedule:
        """Return `schedule` with this change in it."""
        wanted = {
            "mode": self.mode,
            "mode_word": self.mode.value if self.mode is not None else None,
            "interval_minutes": self.interval_minutes,
            "history_days": self.history_days,
        }
        kept = {name: value for name, value in wanted.items() if value is not None}
        return msgspec.structs.replace(schedule, **kept)


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where a connection's events go; its secret is never told.

    Attributes:
        url: None where none is sent.
        events: raw words, those we do not know too.
    """

    url: str | None = None
    events: tuple[str, ...] = ()


class WebhookChange(msgspec.Struct, frozen=True, kw_only=True):
    """What to set; None leaves something as it is, an empty `url` turns the webhook off."""

    url: str | None = None
    events: tuple[str, ...] | None = None
    secret: Secret | None = None

    @property
    def empty(self) -> bool:
        """True if nothing is to be changed."""
        return self == WebhookChange()

    def applied(self, webhook: Webhook) -> Webhook:
        """Return `webhook` with this change in it."""
        return Webhook(
            url=webhook.url if self.url is None else self.url or None,
            events=webhook.events if self.events is None else self.events,
        )


EVENTS = (
    "sync.completed",
    "sync.failed",
    "connection.auth_required",
    "connection.online",
    "connection.offline",
    "system.error",
)
"""The events that every connection can tell (contract section 5)."""


def events_offered(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return what can be chosen from, with two events for each kind of record in `scopes`."""
    of_records = (f"{scope}.{change}" for scope in scopes for change in ("inserted", "updated"))
    return (*EVENTS, *of_records)


class Metadatum(msgspec.Struct, frozen=True):
    """One entry of a connection's metadata, which the account keeps at Makini."""

    key: str
    value: str


class Setting(Enum):
    """What can be changed for a connection, each by itself."""

    MODE = "mode"
    INTERVAL = "interval_minutes"
    HISTORY = "history_days"
    WEBHOOK_URL = "url"
    WEBHOOK_EVENTS = "events"
    WEBHOOK_SECRET = "secret"
    METADATA = "metadata"


SCHEDULE = (Setting.MODE, Setting.INTERVAL, Setting.HISTORY)
WEBHOOK = (Setting.WEBHOOK_URL, Setting.WEBHOOK_EVENTS, Setting.WEBHOOK_SECRET)


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a connection's settings, and what may be changed.

    Attributes:
        schedule, webhook, metadata: None where they could not be read.
        note: the own note on it, kept on this computer only.
        locked: why something cannot be changed, as a sentence; what is not in it can.
        refused: what was wrong with the last change, by setting; gone with the next change.
        read_at: when they were read; None before the first time.
    """

    schedule: SyncSchedule | None = None
    webhook: Webhook | None = None
    metadata: tuple[Metadatum, ...] | None = None
    note: str = ""
    locked: Mapping[Setting, str] = {}
    refused: Mapping[Setting, str] = {}
    read_at: datetime | None = None
