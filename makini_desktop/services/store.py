"""The one truth in memory: every connection of the account, as immutable rows.

Services write it, anyone reads it. Changes are told once per change, as the set of ids.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from makini_desktop.core.event import Event
from makini_desktop.domain.activity import Activity
from makini_desktop.domain.alerting import Mutes
from makini_desktop.domain.capability import Capability, Finding
from makini_desktop.domain.connection import Connection, ConnectionId
from makini_desktop.domain.evidence import Facts
from makini_desktop.domain.health import SEVERITY, Condition, Health
from makini_desktop.domain.incident import Incident, IncidentId
from makini_desktop.domain.login import Stage
from makini_desktop.domain.request import RequestSeen
from makini_desktop.domain.settings import ConnectionSettings
from makini_desktop.domain.sync import Sync
from makini_desktop.domain.version import VersionNews

if TYPE_CHECKING:  # the first frame does not wait for it
    from makini_desktop.domain.history import Uptime
    from makini_desktop.domain.platform import Platform
    from makini_desktop.domain.repair import RepairQueue

STRIP_DAYS = 30

DETAILS_KEPT = 50
"""A window that stays open for weeks does not keep every timeline that somebody once looked at."""

SKEW_WARNED = 60.0
"""Seconds from which a clock that is off is worth a word."""

SKEW_GRAIN = 5.0
"""Seconds within which two measures of the clocks may differ by chance."""


class Paused(msgspec.Struct, frozen=True, gc=False):
    """A connection that is not checked for a while, after so many failures in a row."""

    failures: int
    next_at: datetime


class Row(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """All that is known of one connection.

    Attributes:
        since: when the health became what it is.
        sync: the running sync, or the last one that ended.
        stage: where a reconnect stands, while one runs.
        days: the worst health of each of the last 30 days, the oldest first; UNKNOWN where nothing was seen.
        paused: set while background checks leave it alone.
    """

    connection: Connection
    facts: Facts
    condition: Condition
    since: datetime
    sync: Sync | None = None
    stage: Stage | None = None
    days: tuple[Health, ...] = ()
    paused: Paused | None = None

    @property
    def id(self) -> ConnectionId:
        """The connection's id."""
        return self.connection.id

    @property
    def health(self) -> Health:
        """The health that the list shows."""
        return self.condition.health


class StoredConnection(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What is kept of a connection between runs.

    Attributes:
        health: as last assessed; `since` is when it became so.
    """

    connection: Connection
    facts: Facts
    health: Health
    since: datetime


class Online(msgspec.Struct, frozen=True, tag="online"):
    """The last sweep reached Makini."""


class Offline(msgspec.Struct, frozen=True, tag="offline"):
    """Makini cannot be reached from here; `words` say why."""

    since: datetime
    words: str


class Refusing(msgspec.Struct, frozen=True, tag="refusing"):
    """Makini answers and refuses the account; `words` say why."""

    since: datetime
    words: str


Line = Online | Offline | Refusing


class KeychainTrouble(msgspec.Struct, frozen=True, tag="keychain"):
    """The vault is closed; `state` is missing, locked, denied or damaged, `words` say what to do."""

    state: str
    words: str


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """How the watching goes, for the status bar.

    Attributes:
        checking: connections still to be checked in the sweep under way; 0 between sweeps.
        budget_used: requests sent in the last second.
    """

    last_at: datetime | None = None
    next_at: datetime | None = None
    checking: int = 0
    budget_used: int = 0
    budget: int = 50
    api_version: str | None = None


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What the detail of one connection shows beside its row, the newest first.

    Attributes:
        found: what somebody looks for in the whole timeline; None while nobody does.
        uptime: over 7, 30 and 90 days.
        settings: as last read or changed, and what may be changed.
    """

    activity: tuple[Activity, ...] = ()
    syncs: tuple[Sync, ...] = ()
    requests: tuple[RequestSeen, ...] = ()
    uptime: tuple[Uptime, ...] = ()
    settings: ConnectionSettings = ConnectionSettings()
    found: tuple[Activity, ...] | None = None


class Tone(Enum):
    """How a notice is meant."""

    GOOD = "good"
    PLAIN = "plain"
    BAD = "bad"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell the person once, in the window.

    Attributes:
        details: code and request id, shown on demand.
    """

    words: str
    tone: Tone = Tone.PLAIN
    connection: ConnectionId | None = None
    details: str = ""


class Store:
    """The rows, the line to Makini, and how the watching goes.

    Attributes:
        changed: ids whose row is new, different or gone.
        line_changed, sweep_changed, keychain_changed: the new value of each.
        version_changed: what the server says of the API version in use.
        capabilities_changed: what the account's server offers and lacks, as far as it was found out.
        skew_changed: seconds by which this computer's clock is ahead of the server's.
        detail_changed: the connection whose detail is new; only the last few are kept.
        noticed: something to tell the person once.
        platforms_changed: the systems that a customer can connect, once they were asked for.
        incidents_changed: ids whose incident is new, different or gone.
        mutes_changed: what is watched and never announced.
        repair_queue_changed: the repair queue as it stands, None while there is none.
        adoptions_changed: which new connections stand beside an old one, waiting for an answer.
    """

    def __init__(self) -> None:
        self._rows: dict[ConnectionId, Row] = {}
        self._by_health: dict[Health, dict[ConnectionId, None]] = {health: {} for health in SEVERITY}
        self.line: Line = Online()
        self.sweep: Sweep = Sweep()
        self.keychain: KeychainTrouble | None = None
        self.changed: Event[frozenset[ConnectionId]] = Event()
        self.line_changed: Event[Line] = Event()
        self.sweep_changed: Event[Sweep] = Event()
        self.keychain_changed: Event[KeychainTrouble | None] = Event()
        self.version: VersionNews | None = None
        self.version_changed: Event[VersionNews] = Event()
        self.capabilities: Mapping[Capability, Finding] = {}
        self.capabilities_changed: Event[None] = Event()
        self.skew: float | None = None
        self.skew_changed: Event[float] = Event()
        self.detail_changed: Event[ConnectionId] = Event()
        self.noticed: Event[Notice] = Event()
        self.platforms: tuple[Platform, ...] = ()
        self.platforms_changed: Event[tuple[Platform, ...]] = Event()
        self._details: dict[ConnectionId, Detail] = {}
        self._incidents: dict[IncidentId, Incident] = {}
        self.incidents_changed: Event[frozenset[IncidentId]] = Event()
        self.mutes = Mutes()
        self.mutes_changed: Event[Mutes] = Event()
        self.repair_queue: RepairQueue | None = None
        self.repair_queue_changed: Event[RepairQueue | None] = Event()
        self.adoptions: Mapping[ConnectionId, ConnectionId] = {}
        self.adoptions_changed: Event[None] = Event()

    @property
    def rows(self) -> Mapping[ConnectionId, Row]:
        """All rows by id, in the order in which they came."""
        return self._rows

    def row(self, connection: ConnectionId) -> Row | None:
        """Return one row, or None."""
        return self._rows.get(connection)

    def counts(self) -> dict[Health, int]:
        """Return how many connections have each health, the worst health first, zeros left out."""
        return {health: len(ids) for health, ids in self._by_health.items() if ids}

    def worst(self) -> Health | None:
        """Return the worst health of all, None without connections."""
        return next((health for health, ids in self._by_health.items() if ids), None)

    def having(self, healths: Container[Health]) -> list[Row]:
        """Return the rows that have one of these healths, those of the worst first."""
        return [
            self._rows[connection]
            for health, ids in self._by_health.items()
            if health in healths
            for connection in ids
        ]

    def put(self, rows: Iterable[Row]) -> None:
        """Add or replace rows and tell of those that differ."""
        different = set()
        for row in rows:
            before = self._rows.get(row.id)
            if before != row:
                self._rows[row.id] = row
                different.add(row.id)
                if before is None or before.health is not row.health:
                    self._sort_in(before, row)
        if different:
            self.changed.emit(frozenset(different))

    def remove(self, ids: Iterable[ConnectionId]) -> None:
        """Drop rows."""
        gone = set()
        for connection in ids:
            if (row := self._rows.pop(connection, None)) is not None:
                gone.add(connection)
                del self._by_health[row.health][connection]
        if gone:
            self.changed.emit(frozenset(gone))

    def _sort_in(self, before: Row | None, row: Row) -> None:
        if before is not None:
            del self._by_health[before.health][row.id]
        self._by_health[row.health][row.id] = None

    def detail(self, connection: ConnectionId) -> Detail:
        """Return what is known of a connection beside its row; empty until it was asked for."""
        return self._details.get(connection, Detail())

    def put_detail(self, connection: ConnectionId, detail: Detail) -> None:
        """Replace a connection's detail."""
        if self._details.get(connection) != detail:
            self._details.pop(connection, None)
            self._details[connection] = detail
            if len(self._details) > DETAILS_KEPT:
                del self._details[next(iter(self._details))]
            self.detail_changed.emit(connection)

    @property
    def incidents(self) -> Mapping[IncidentId, Incident]:
        """The incidents that are open or were closed not long ago, the oldest first."""
        return self._incidents

    def put_incidents(self, incidents: Iterable[Incident]) -> None:
        """Add or replace incidents and tell of those that differ."""
        different = set()
        for incident in incidents:
            if self._incidents.get(incident.id) != incident:
                self._incidents[incident.id] = incident
                different.add(incident.id)
        if different:
            self.incidents_changed.emit(frozenset(different))

    def remove_incidents(self, ids: Iterable[IncidentId]) -> None:
        """Drop incidents."""
        gone = frozenset(each for each in ids if self._incidents.pop(each, None) is not None)
        if gone:
            self.incidents_changed.emit(gone)

    def set_mutes(self, mutes: Mutes) -> None:
        """Record what is watched and never announced."""
        if mutes != self.mutes:
            self.mutes = mutes
            self.mutes_changed.emit(mutes)

    def set_repair_queue(self, queue: RepairQueue | None) -> None:
        """Record how the repair queue stands."""
        if queue != self.repair_queue:
            self.repair_queue = queue
            self.repair_queue_changed.emit(queue)

    def set_adoptions(self, adoptions: Mapping[ConnectionId, ConnectionId]) -> None:
        """Record of which new connections, by the old one, it is asked whether they take its place."""
        if adoptions != self.adoptions:
            self.adoptions = adoptions
            self.adoptions_changed.emit(None)

    def set_platforms(self, platforms: tuple[Platform, ...]) -> None:
        """Record which systems a customer can connect."""
        if platforms != self.platforms:
            self.platforms = platforms
            self.platforms_changed.emit(platforms)

    def set_line(self, line: Line) -> None:
        """Record whether Makini can be reached; `since` of an ongoing trouble stays."""
        if isinstance(line, (Offline, Refusing)) and type(line) is type(self.line):
            line = msgspec.structs.replace(line, since=self.line.since)
        if line != self.line:
            self.line = line
            self.line_changed.emit(line)

    def set_sweep(self, sweep: Sweep) -> None:
        """Record how the watching goes."""
        if sweep != self.sweep:
            self.sweep = sweep
            self.sweep_changed.emit(sweep)

    def set_version(self, news: VersionNews) -> None:
        """Record what the server says of the API version."""
        if news != self.version:
            self.version = news
            self.version_changed.emit(news)

    def set_capabilities(self, findings: Mapping[Capability, Finding]) -> None:
        """Record what the account's server offers and lacks."""
        if findings != self.capabilities:
            self.capabilities = findings
            self.capabilities_changed.emit(None)

    def set_skew(self, seconds: float) -> None:
        """Record by how much this computer's clock is ahead; a change within the measure's error is none."""
        if self.skew is None or abs(seconds - self.skew) >= SKEW_GRAIN:
            self.skew = seconds
            self.skew_changed.emit(seconds)

    def set_keychain(self, trouble: KeychainTrouble | None) -> None:
        """Record whether the vault is open."""
        if trouble != self.keychain:
            self.keychain = trouble
            self.keychain_changed.emit(trouble)


def last_days(today: datetime) -> tuple[str, ...]:
    """Return the ISO dates of the strip's days up to `today`, the oldest first."""
    first = today - timedelta(days=STRIP_DAYS - 1)
    return tuple((first + timedelta(days=offset)).date().isoformat() for offset in range(STRIP_DAYS))


def strip(days: Mapping[str, Health], dates: Sequence[str]) -> tuple[Health, ...]:
    """Return the healths of the days `dates`; UNKNOWN where nothing was seen."""
    return tuple([days.get(date, Health.UNKNOWN) for date in dates])
