"""The list of connections as Qt sees it: one table model with its own order, no proxy."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Set
from datetime import datetime
from itertools import islice
from time import monotonic

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from makini_desktop.core.clock import Clock
from makini_desktop.core.event import Event
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services import moments, wording
from makini_desktop.services.store import Row, Store
from makini_desktop.ui.models.listing import COLUMNS, Column, Listing, column_title

GATHER_MS = 50
"""Changes are taken in together, this long after the first of them."""

AT_ONCE = 250
"""So many changes are taken in without a pause, or an eighth of them all."""

GET_READY_MS = 1_000
PAUSE_MS = 20
PREPARE_SECONDS = 0.004
"""How idle moments are used: after what, with which pauses, for how long."""

DONE = object()

Index = QModelIndex | QPersistentModelIndex

_ALIGNED = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter


class ConnectionModel(QAbstractTableModel):
    """The store's rows, filtered and sorted, read by a view.

    Attributes:
        rearranging, rearranged: around every change of the order; between them positions mean nothing.
        updated: changes of the store were taken in; the counts may be others.
        ready: every column has been made ready to be sorted by.
        visible: returns the first and last position on screen; only those are told of changes.
    """

    def __init__(self, store: Store, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rearranging: Event[None] = Event()
        self.rearranged: Event[None] = Event()
        self.updated: Event[None] = Event()
        self.visible: Callable[[], tuple[int, int]] = lambda: (0, -1)
        self.ready = False
        self.listing = Listing()
        self._store = store
        self._clock = clock
        self._pending: set[ConnectionId] = set()
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self._take_in_some)
        self._preparations = self.listing.prepare()
        self._preparing = QTimer(self)
        self._preparing.setSingleShot(True)
        self._preparing.timeout.connect(self._prepare)
        self.listing.update(store.rows.items())
        self.listing.shown = self.listing.arranged()
        self._unsubscribe = store.changed.subscribe(self._changed)

    def close(self) -> None:
        """Stop listening to the store."""
        self._unsubscribe()
        self._gather.stop()
        self._preparing.stop()

    def row(self, position: int) -> Row:
        """Return the row shown at a position."""
        return self.listing.row(self.listing.shown[position])

    def muted(self, row: Row) -> bool:
        """Tell whether nothing of a row is announced."""
        return self._store.mutes.cover(row.id, row.connection.system)

    def now(self) -> datetime:
        """Return the time that relative times count from."""
        return self._clock.now()

    def search(self, text: str) -> None:
        """Show only rows that match `text`."""
        if text.casefold().strip() != self.listing.needle:
            self.listing.search(text)
            self._rearrange()

    def only(self, healths: Set[Health]) -> None:
        """Show only rows of these healths; of all, if there are none."""
        if frozenset(healths) != self.listing.healths:
            self.listing.only(healths)
            self._rearrange()

    def within(self, ids: frozenset[ConnectionId] | None) -> None:
        """Show only these connections; all for None."""
        if ids != self.listing.ids:
            self.listing.within(ids)
            self._rearrange()

    def take_in(self) -> None:
        """Take in all that the store has told since the last time."""
        self._gather.stop()
        pending, self._pending = self._pending, set()
        self._take_in(pending)

    def get_ready(self) -> None:
        """From now on use idle moments to make every column ready to be sorted by."""
        self._preparing.start(GET_READY_MS)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many rows are shown."""
        return 0 if parent.isValid() else len(self.listing.shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, its tooltip, or what a screen reader says."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(self.row(index.row()), COLUMNS[index.column()])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(self.row(index.row()), COLUMNS[index.column()])
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(self.row(index.row()), COLUMNS[index.column()])
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return column_title(COLUMNS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNED
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column, then by name."""
        self.listing.sort(COLUMNS[column], order is Qt.SortOrder.DescendingOrder)
        self._rearrange()

    def text(self, row: Row, column: Column) -> str:
        """Return what a cell says."""
        match column:
            case Column.HEALTH:
                return wording.health_word(row.health)
            case Column.CUSTOMER:
                return row.connection.name
            case Column.SYSTEM:
                return row.connection.system
            case Column.LAST_GOOD:
                return moments.relative(moments.last_good_at(row), self.now())
            case Column.NEXT:
                return self._next(row)
            case Column.TOKEN:
                return moments.token_end(row, self.now())
            case Column.TAGS:
                return ", ".join(row.connection.tags)
            case Column.DAYS:
                return ""

    def _next(self, row: Row) -> str:
        if row.health in {Health.RECONNECT_NEEDED, Health.DISCONNECTED, Health.INACTIVE, Health.PENDING}:
            return moments.NOTHING
        return moments.until(moments.next_at(row), self.now())

    def _spoken(self, row: Row, column: Column) -> str:
        if column is Column.HEALTH:
            words = (
                row.connection.name,
                row.connection.system,
                wording.health_word(row.health),
                wording.reason_short(row, self.now()),
                _("muted") if self.muted(row) else "",
            )
            return ", ".join(word for word in words if word)
        if column is Column.DAYS:
            return _days_in_words(row)
        return f"{column_title(column)}: {self.text(row, column)}"

    def _tooltip(self, row: Row, column: Column) -> str | None:
        moment = None
        match column:
            case Column.HEALTH:
                return wording.evidence_line(row.condition.evidence)
            case Column.LAST_GOOD:
                moment = moments.last_good_at(row)
            case Column.NEXT:
                moment = moments.next_at(row)
            case Column.TOKEN:
                moment = moments.token_ends_at(row)
            case Column.DAYS:
                return _days_in_words(row)
            case Column.CUSTOMER:
                reason = wording.reason_short(row, self.now())
                muted = _("Muted: nothing is announced") if self.muted(row) else ""
                return "\n".join(each for each in (row.connection.name, reason, muted) if each)
            case _:
                return self.text(row, column)
        return moments.moment_exact(moment) if moment is not None else None

    def _changed(self, ids: frozenset[ConnectionId]) -> None:
        self._pending |= ids
        if not self._gather.isActive():
            self._gather.start()

    def _take_in_some(self) -> None:
        """Take in what is on screen, and so much that the window goes on at once; the rest a moment later."""
        some = self._pending & {self.row(position).id for position in self._on_screen()}
        some.update(islice(self._pending, max(AT_ONCE, len(self._pending) // 8)))
        self._pending -= some
        self._take_in(some)
        if self._pending:
            self._gather.start()

    def _take_in(self, pending: Set[ConnectionId]) -> None:
        if not pending:
            return
        if self.listing.update((connection, self._store.row(connection)) for connection in pending):
            self._show(self.listing.renewed(), pending)
        else:
            self._repaint(pending)
        self.updated.emit(None)

    def _rearrange(self) -> None:
        self._show(self.listing.arranged())

    def _show(self, shown: array[int], changed: Set[ConnectionId] = frozenset()) -> None:
        """Show these places; where there are as many as before, only what differs on screen is painted."""
        before = self.listing.shown
        self.rearranging.emit(None)
        if len(shown) == len(before):
            self.listing.shown = shown
        else:
            self.beginResetModel()
            self.listing.shown = shown
            self.endResetModel()
        self.rearranged.emit(None)
        if len(shown) == len(before):
            for position in self._on_screen():
                if shown[position] != before[position] or self.row(position).id in changed:
                    self._tell(position)

    def _prepare(self) -> None:
        """Prepare a little more, and begin again some time after all is ready."""
        until = monotonic() + PREPARE_SECONDS
        while monotonic() < until:
            if next(self._preparations, DONE) is DONE:
                self.ready = True
                self._preparations = self.listing.prepare()
                self._preparing.start(GET_READY_MS)
                return
        self._preparing.start(PAUSE_MS)

    def _on_screen(self) -> range:
        first, last = self.visible()
        return range(max(0, first), min(last + 1, len(self.listing.shown)))

    def _repaint(self, ids: Set[ConnectionId]) -> None:
        for position in self._on_screen():
            if self.row(position).id in ids:
                self._tell(position)

    def _tell(self, position: int) -> None:
        self.dataChanged.emit(self.index(position, 0), self.index(position, len(COLUMNS) - 1))


def _days_in_words(row: Row) -> str:
    found: dict[Health, int] = {}
    for health in row.days:
        found[health] = found.get(health, 0) + 1
    return ", ".join(
        f"{wording.health_word(health)}: {found[health]}" for health in Health if found.get(health)
    )
