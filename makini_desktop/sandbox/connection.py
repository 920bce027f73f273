"""One customer's connection: who it is, and everything that ever happened to it.

Nothing here runs. What a connection is doing at a moment is worked out from these facts and the
time alone (`syncs`), so ten thousand of them cost nothing while nobody asks.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from makini_desktop.sandbox.catalog import PLATFORM_BY_KEY, Platform

IncidentKind = Literal["credentials", "offline", "failing", "stalled", "inactive", "fail_next"]


class Incident(msgspec.Struct):
    """Something that is, or was, wrong with a connection; times in Unix seconds.

    - credentials: the customer changed them, syncs end in an authentication error
    - offline: the customer's system does not answer
    - failing: syncs end in an entity error until a full sync
    - stalled: the scheduler skips it until a manual sync
    - inactive: switched off by the vendor, no credits left
    - fail_next: the next sync fails, whatever else holds
    """

    kind: IncidentKind
    since: float
    until: float | None = None

    def covers(self, at: float) -> bool:
        """Whether it held at that moment."""
        return self.since <= at and (self.until is None or at < self.until)


class Schedule(msgspec.Struct, frozen=True):
    """From `since` on, a sync starts every `interval` seconds, counted from `anchor`."""

    since: float
    anchor: float
    interval: float
    mode: Literal["scheduled", "webhook"] = "scheduled"


class StartedSync(msgspec.Struct):
    """A sync that was started outside the schedule: by a person, by a login, by a recovery."""

    id: str
    type: Literal["initial", "scheduled", "manual"]
    action: Literal["incremental", "full"]
    scopes: list[str]
    started_at: float
    duration: float
    total: int
    idempotency_key: str | None = None
    cancelled_at: float | None = None


class Connection(msgspec.Struct):
    """A connection as the sandbox keeps it; times in Unix seconds.

    `quirk` decides which of the published spellings this connection uses (contract section 3, loose types).
    `tokens_end_by` is the moment no token of this sign-in can outlive.
    """

    key: str
    name: str
    email: str
    platform_key: str
    scopes: list[str]
    tags: list[str]
    quirk: int
    created_at: float
    connected_at: float | None
    schedules: list[Schedule] = []
    incidents: list[Incident] = []
    syncs: list[StartedSync] = []
    metadata: dict[str, str] = {}
    history_days: int = 60
    webhook_url: str | None = None
    webhook_events: list[str] = []
    tokens_end_by: float | None = None
    token_generation: int = 0

    @property
    def platform(self) -> Platform:
        """The customer's system."""
        return PLATFORM_BY_KEY[self.platform_key]

    def open_incident(self, kind: IncidentKind, at: float) -> Incident | None:
        """The incident of that kind which holds at that moment, if any."""
        return next((i for i in self.incidents if i.kind == kind and i.covers(at)), None)

    def begin(self, kind: IncidentKind, at: float) -> None:
        """Start an incident, unless one of its kind holds already."""
        if self.open_incident(kind, at) is None:
            self.incidents.append(Incident(kind, since=at))

    def end(self, kind: IncidentKind, at: float) -> bool:
        """End the incident of that kind; whether there was one."""
        incident = self.open_incident(kind, at)
        if incident is None:
            return False
        incident.until = at
        return True
