"""The store's memory between runs, without a file."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

import msgspec

from makini_desktop.adapters.db.compaction import ACTIVITY_KEPT, CHANGES_KEPT, SYNCS_KEPT
from makini_desktop.domain.account import Account, AccountName
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.capability import Capability, Finding
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.domain.history import KEPT_FOR, HealthChange, HealthHistory, joined, shortened
from makini_desktop.domain.incident import Incident, IncidentId
from makini_desktop.domain.sync import Sync
from makini_desktop.domain.version import VersionNews
from makini_desktop.services.store import StoredConnection


class _Rows:
    """What is kept for one account."""

    def __init__(self) -> None:
        self.connections: dict[ConnectionId, StoredConnection] = {}
        self.syncs: dict[ConnectionId, dict[str, Sync]] = {}
        self.activity: list[Activity] = []
        self.days: dict[str, dict[ConnectionId, Health]] = {}
        self.findings: dict[Capability, Finding] = {}
        self.news: VersionNews | None = None
        self.histories: dict[ConnectionId, HealthHistory] = {}
        self.incidents: dict[IncidentId, Incident] = {}
        self.notes: dict[ConnectionId, str] = {}
        self.queue: bytes | None = None


class FakeDatabase:
    """Keeps everything in memory.

    Args:
        beside: another one, whose rows this one shares as a second process would.
    """

    def __init__(self, beside: "FakeDatabase | None" = None) -> None:
        self._accounts: dict[AccountName, Account] = beside._accounts if beside else {}
        self._rows: dict[AccountName, _Rows] = beside._rows if beside else {}
        self._settings: dict[str, str] = beside._settings if beside else {}
        self._all: list[FakeDatabase] = beside._all if beside else []
        self._all.append(self)
        self._version = 0

    async def accounts(self) -> tuple[Account, ...]:
        return tuple(account for _, account in sorted(self._accounts.items()))

    async def save_account(self, account: Account) -> None:
        self._accounts[account.name] = account
        self._rows.setdefault(account.name, _Rows())
        self._wrote()

    async def remove_account(self, name: AccountName) -> None:
        self._accounts.pop(name, None)
        self._rows.pop(name, None)
        self._wrote()

    async def connections(self, account: AccountName) -> tuple[StoredConnection, ...]:
        return tuple(self._of(account).connections.values())

    async def save_connections(self, account: AccountName, rows: Sequence[StoredConnection]) -> None:
        self._need(account).connections.update({row.connection.id: row for row in rows})
        self._wrote()

    async def syncs(self, account: AccountName, connection: ConnectionId, limit: int) -> tuple[Sync, ...]:
        return tuple(_newest_first(self._of(account).syncs.get(connection, {}).values()))[:limit]

    async def save_syncs(self, account: AccountName, connection: ConnectionId, syncs: Sequence[Sync]) -> None:
        known = self._need(account).syncs.setdefault(connection, {})
        known.update({sync.id: sync for sync in syncs})
        for sync in _newest_first(list(known.values()))[SYNCS_KEPT:]:
            del known[sync.id]
        self._wrote()

    async def running_syncs(self, account: AccountName) -> Mapping[ConnectionId, Sync]:
        return {
            connection: running[0]
            for connection, syncs in self._of(account).syncs.items()
            if (running := [sync for sync in _newest_first(syncs.values()) if sync.state.running])
        }

    async def activity(
        self,
        account: AccountName,
        connection: ConnectionId,
        limit: int,
        *,
        kinds: Set[ActivityKind] | None = None,
        text: str = "",
    ) -> tuple[Activity, ...]:
        entries = [entry for entry in self._of(account).activity if entry.connection == connection]
        entries.sort(key=lambda entry: entry.at)
        return tuple(entry for entry in reversed(entries) if entry.matches(kinds, text))[:limit]

    async def add_activity(self, account: AccountName, entries: Sequence[Activity]) -> None:
        rows = self._need(account)
        rows.activity.extend(entries)
        for connection in {entry.connection for entry in entries}:
            for old in (await self.activity(account, connection, len(rows.activity)))[ACTIVITY_KEPT:]:
                rows.activity.remove(old)
        self._wrote()

    async def save_days(self, account: AccountName, day: str, worst: Mapping[ConnectionId, Health]) -> None:
        known = self._need(account).days.setdefault(day, {})
        for connection, health in worst.items():
            known[connection] = min(health, known.get(connection, health), key=SEVERITY.__getitem__)
        self._wrote()

    async def strips(self, account: AccountName, first_day: str) -> Mapping[ConnectionId, dict[str, Health]]:
        found: dict[ConnectionId, dict[str, Health]] = {}
        for day, worst in self._of(account).days.items():
            if day >= first_day:
                for connection, health in worst.items():
                    found.setdefault(connection, {})[day] = health
        return found

    async def health_history(self, account: AccountName, connection: ConnectionId) -> HealthHistory:
        return self._of(account).histories.get(connection, HealthHistory())

    async def add_health_changes(self, account: AccountName, changes: Sequence[HealthChange]) -> None:
        histories = self._need(account).histories
        for change in changes:
            known = histories.get(change.connection, HealthHistory())
            histories[change.connection] = joined(known, HealthHistory(changes=(change,)))
        self._wrote()

    async def incidents(self, account: AccountName) -> tuple[Incident, ...]:
        return tuple(sorted(self._of(account).incidents.values(), key=lambda incident: incident.opened_at))

    async def save_incidents(self, account: AccountName, incidents: Sequence[Incident]) -> None:
        self._need(account).incidents.update({incident.id: incident for incident in incidents})
        self._wrote()

    async def notes(self, account: AccountName) -> Mapping[ConnectionId, str]:
        return dict(self._of(account).notes)

    async def save_note(self, account: AccountName, connection: ConnectionId, text: str) -> None:
        notes = self._need(account).notes
        notes[connection] = text
        if not text:
            del notes[connection]
        self._wrote()

    async def repair_queue(self, account: AccountName) -> bytes | None:
        return self._of(account).queue

    async def save_repair_queue(self, account: AccountName, value: bytes | None) -> None:
        self._need(account).queue = value
        self._wrote()

    async def move_connection(self, account: AccountName, old: ConnectionId, new: ConnectionId) -> None:
        rows = self._need(account)
        if old == new:
            return
        given = rows.histories.pop(old, HealthHistory())
        renamed = tuple(msgspec.structs.replace(change, connection=new) for change in given.changes)
        rows.histories[new] = joined(
            msgspec.structs.replace(given, changes=renamed), rows.histories.get(new, HealthHistory())
        )
        rows.activity = [
            msgspec.structs.replace(entry, connection=new) if entry.connection == old else entry
            for entry in rows.activity
        ]
        rows.syncs[new] = rows.syncs.pop(old, {}) | rows.syncs.get(new, {})
        for worst in rows.days.values():
            if (health := worst.pop(old, None)) is not None:
                worst[new] = min(health, worst.get(new, health), key=SEVERITY.__getitem__)
        if note := "\n".join(filter(None, (rows.notes.pop(old, ""), rows.notes.get(new, "")))):
            rows.notes[new] = note
        self._wrote()

    async def compact(self, now: datetime) -> None:
        oldest = now - KEPT_FOR
        for rows in self._rows.values():
            rows.incidents = {
                id_: incident
                for id_, incident in rows.incidents.items()
                if incident.closed_at is None or incident.closed_at >= oldest
            }
            rows.days = {day: worst for day, worst in rows.days.items() if day >= oldest.date().isoformat()}
            for connection, history in rows.histories.items():
                if len(history.changes) > CHANGES_KEPT or any(each.at < oldest for each in history.changes):
                    rows.histories[connection] = shortened(history, now, CHANGES_KEPT)
        self._wrote()

    async def findings(self, account: AccountName) -> tuple[Finding, ...]:
        return tuple(self._of(account).findings.values())

    async def save_findings(self, account: AccountName, findings: Sequence[Finding]) -> None:
        known = self._need(account).findings
        for found in findings:
            if found.capability not in known or found.at >= known[found.capability].at:
                known[found.capability] = found
        self._wrote()

    async def version_news(self, account: AccountName) -> VersionNews | None:
        return self._of(account).news

    async def save_version_news(self, account: AccountName, news: VersionNews) -> None:
        self._need(account).news = news
        self._wrote()

    async def setting(self, key: str) -> str | None:
        return self._settings.get(key)

    async def set_setting(self, key: str, value: str) -> None:
        self._settings[key] = value
        self._wrote()

    async def data_version(self) -> int:
        return self._version

    def _of(self, account: AccountName) -> _Rows:
        return self._rows.get(account, _Rows())

    def _need(self, account: AccountName) -> _Rows:
        if account not in self._rows:
            raise UsageError(f"There is no account “{account}”.")
        return self._rows[account]

    def _wrote(self) -> None:
        for other in self._all:
            if other is not self:
                other._version += 1


def _newest_first(syncs: Sequence[Sync]) -> list[Sync]:
    started = [sync for sync in syncs if sync.started_at is not None]
    started.sort(key=lambda sync: sync.started_at)
    return [*reversed([sync for sync in syncs if sync.started_at is None]), *reversed(started)]
