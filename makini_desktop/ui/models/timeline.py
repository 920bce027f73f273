"""What happened to a connection, grouped by day: its activity, its syncs, or its requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from makini_desktop.core.text import _
from makini_desktop.domain.activity import Activity
from makini_desktop.domain.health import Health
from makini_desktop.domain.request import RequestSeen
from makini_desktop.domain.sync import Sync, SyncState
from makini_desktop.services.moments import day, moment_exact
from makini_desktop.services.sync_words import sync_kind, sync_result

Index = QModelIndex | QPersistentModelIndex


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline.

    Attributes:
        health: gives shape and colour; None for the heading of a day.
        time: the time of day; empty for a heading.
        exact: date, time and request id, for the tooltip.
    """

    headline: str
    detail: str = ""
    time: str = ""
    exact: str = ""
    health: Health | None = None


class TimelineModel(QAbstractListModel):
    """Entries for a view."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()

    def entry(self, position: int) -> Entry:
        """Return an entry."""
        return self._entries[position]

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these entries."""
        if tuple(entries) != self._entries:
            self.beginResetModel()
            self._entries = tuple(entries)
            self.endResetModel()

    def first_failure(self) -> int:
        """Return the position of the newest failure, -1 if there is none."""
        failed = (at for at, entry in enumerate(self._entries) if entry.health is Health.FAILING)
        return next(failed, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many entries there are."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return an entry's headline, tooltip, or what a screen reader says."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.headline
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.time, entry.headline, entry.detail) if part)
        if role == Qt.ItemDataRole.ToolTipRole and entry.exact:
            return "\n".join(part for part in (entry.headline, entry.detail, entry.exact) if part)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be selected."""
        if index.isValid() and self._entries[index.row()].health is None:
            return Qt.ItemFlag.ItemIsEnabled
        return super().flags(index)


def activity_entries(activity: Iterable[Activity], now: datetime) -> list[Entry]:
    """Return the entries of a timeline, the newest first."""
    return _by_day(
        (
            (
                each.at,
                Entry(
                    headline=each.headline,
                    detail=each.detail,
                    time=f"{each.at.astimezone():%H:%M}",
                    exact=_exact(each.at, each.request_id),
                    health=each.health,
                ),
            )
            for each in activity
        ),
        now,
    )


def sync_entries(syncs: Iterable[Sync], now: datetime) -> list[Entry]:
    """Return the entries of a connection's syncs, the newest first."""
    return _by_day(
        (
            (
                started,
                Entry(
                    headline=sync_result(msgspec.structs.replace(each, problem=None)),
                    detail=" · ".join(
                        word for word in (_problem(each), sync_kind(each), each.action) if word
                    ),
                    time=f"{started.astimezone():%H:%M}",
                    exact=_exact(started, each.request_id),
                    health=_sync_health(each.state),
                ),
            )
            for each in syncs
            if (started := each.started_at or each.finished_at) is not None
        ),
        now,
    )


def request_entries(requests: Iterable[RequestSeen], now: datetime) -> list[Entry]:
    """Return the entries of requests that were made, the newest first."""
    return _by_day(
        (
            (
                each.at,
                Entry(
                    headline=f"{each.method} {each.path}",
                    detail=" · ".join(word for word in _answer(each) if word),
                    time=f"{each.at.astimezone():%H:%M}",
                    exact=_exact(each.at, each.request_id),
                    health=_request_health(each.status),
                ),
            )
            for each in requests
        ),
        now,
    )


def _answer(request: RequestSeen) -> tuple[str, str, str]:
    took = _("{count} ms").format(count=f"{request.milliseconds:,}")
    if request.status is None:
        return request.failure or _("No answer"), took, ""
    return str(request.status), took, request.request_id or ""


def _request_health(status: int | None) -> Health:
    if status is None:
        return Health.OFFLINE
    return Health.HEALTHY if status < 400 else Health.FAILING


def _by_day(entries: Iterable[tuple[datetime, Entry]], now: datetime) -> list[Entry]:
    listed: list[Entry] = []
    heading = ""
    for at, entry in entries:
        if (of_day := day(at, now)) != heading:
            heading = of_day
            listed.append(Entry(headline=of_day))
        listed.append(entry)
    return listed


def _problem(sync: Sync) -> str:
    return sync.problem.message if sync.problem is not None else ""


def _exact(at: datetime, request_id: str | None) -> str:
    exact = moment_exact(at)
    return f"{exact}\n" + _("Request {id}").format(id=request_id) if request_id else exact


def _sync_health(state: SyncState) -> Health:
    return {
        SyncState.QUEUED: Health.SYNCING,
        SyncState.IN_PROGRESS: Health.SYNCING,
        SyncState.COMPLETED: Health.HEALTHY,
        SyncState.FAILED: Health.FAILING,
        SyncState.CANCELLED: Health.INACTIVE,
        SyncState.UNKNOWN: Health.UNKNOWN,
    }[state]
