"""Which connections are shown, in which order: plain lists of numbers, fast at 100,000 rows.

Every row keeps a place of its own. What is searched and sorted by is computed when a row changes, and the
orders are kept, so that a keystroke costs one pass over ready texts, and a sort as good as nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Set
from datetime import datetime
from enum import Enum
from itertools import compress
from typing import cast

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.services.moments import last_good_at, next_at, token_ends_at
from makini_desktop.services.store import Row
from makini_desktop.services.wording import health_word
from makini_desktop.ui.models.order import Key, Order

FEW = 16
"""So many rows are looked up one by one; for more the whole list is gone through."""

KEYS_SLICE = 500
"""So many keys are computed without a pause."""

_NEVER = float("-inf")


class Column(Enum):
    """The list's columns, in the order they have before anybody moves one."""

    HEALTH = "health"
    CUSTOMER = "customer"
    SYSTEM = "system"
    LAST_GOOD = "last_good"
    NEXT = "next"
    TOKEN = "token"
    DAYS = "days"
    TAGS = "tags"


COLUMNS: tuple[Column, ...] = tuple(Column)


def column_title(column: Column) -> str:
    """Return a column's heading."""
    return {
        Column.HEALTH: _("Health"),
        Column.CUSTOMER: _("Customer"),
        Column.SYSTEM: _("System"),
        Column.LAST_GOOD: _("Last good sync"),
        Column.NEXT: _("Next"),
        Column.TOKEN: _("Token ends"),
        Column.DAYS: _("30 days"),
        Column.TAGS: _("Tags"),
    }[column]


class Listing:
    """The rows, filtered and sorted.

    Attributes:
        shown: the places of the rows shown, in order; rows are read with `row`.
        counts: how many rows have each health, whatever is filtered.
    """

    def __init__(self) -> None:
        self.shown = array("I")
        self.counts: dict[Health, int] = dict.fromkeys(Health, 0)
        self.needle = ""
        self.healths: frozenset[Health] = frozenset()
        self.ids: frozenset[ConnectionId] | None = None
        self.column = Column.HEALTH
        self.descending = False
        self._rows: list[Row | None] = []
        self._place: dict[ConnectionId, int] = {}
        self._free: list[int] = []
        self._texts: list[str] = []
        self._ranks: list[int] = []
        self._names: list[str] = []
        self._keys: dict[Column, list[Key]] = {}
        self._orders: dict[tuple[Column, bool], Order] = {}
        self._view = self._view_of(None)
        self._changed_meanwhile: set[int] = set()
        self._words = {health: health_word(health) for health in Health}

    def __len__(self) -> int:
        """Return how many rows there are, shown or not."""
        return len(self._place)

    def row(self, place: int) -> Row:
        """Return the row at a place of `shown`."""
        row = self._rows[place]
        assert row is not None  # noqa: S101 - `shown` holds places in use only
        return row

    def position(self, connection: ConnectionId) -> int | None:
        """Return where in `shown` a connection is, None if it is not shown."""
        place = self._place.get(connection)
        return None if place is None else self._view.position(place)

    def positions(self, connections: Set[ConnectionId]) -> list[int]:
        """Return where in `shown` these connections are, in order."""
        if len(connections) > FEW:
            places = {self._place[each] for each in connections if each in self._place}
            return [at for at, place in enumerate(self.shown) if place in places]
        found = (self.position(each) for each in connections)
        return sorted(at for at in found if at is not None)

    def update(self, changed: Iterable[tuple[ConnectionId, Row | None]]) -> bool:
        """Take in rows that are new, different, or (None) gone.

        Returns:
            Whether `shown` has to be put right; if not, only the rows' contents differ.
        """
        for connection, row in changed:
            place = self._place.get(connection)
            if row is not None:
                self._replace(self._add(row) if place is None else place, row)
            elif place is not None:
                self._remove(connection, place)
        return self._view.touched

    def search(self, text: str) -> None:
        """Show only rows that hold every word of `text`, in any letter case."""
        self.needle = text.casefold().strip()

    def only(self, healths: Set[Health]) -> None:
        """Show only rows of these healths; of all, if there are none."""
        self.healths = frozenset(healths)

    def within(self, ids: frozenset[ConnectionId] | None) -> None:
        """Show only these connections; all for None."""
        self.ids = ids

    def sort(self, column: Column, descending: bool) -> None:
        """Order by a column, then by name."""
        self.descending = descending
        self.column = column

    def arranged(self) -> array[int]:
        """Return what is to be shown, after another search, filter or sort."""
        self._view = self._view_of(self._matching())
        return self._view.places()

    def renewed(self) -> array[int]:
        """Return what is to be shown, where nothing but rows has changed since it was last asked for."""
        return self._view.places()

    def prepare(self) -> Iterator[None]:
        """Get every column ready to be sorted by, with a pause after every few milliseconds."""
        for column in COLUMNS:
            if column in _SORT_KEYS and column not in self._keys:
                yield from self._prepare_keys(column)
            for descending in (False, True):
                order = self._order_of(column, descending)
                if not order.ready:
                    yield from order.prepare()
                    yield

    def _prepare_keys(self, column: Column) -> Iterator[None]:
        key = _SORT_KEYS[column]
        keys: list[Key] = []
        changed = self._changed_meanwhile = set()
        while len(keys) < len(self._rows):
            part = self._rows[len(keys) : len(keys) + KEYS_SLICE]
            keys += ["" if row is None else key(row) for row in part]
            yield
        for place in changed:
            row = self._rows[place]
            if row is not None:
                keys[place] = key(row)
        self._keys.setdefault(column, keys)

    def _view_of(self, places: array[int] | None) -> Order:
        """Return the order in use of the rows that match, which are these where that is known."""
        return Order(
            self._keys_of(self.column),
            self._names,
            self._matching,
            self._fits,
            descending=self.descending,
            places=places,
        )

    def _matching(self) -> array[int]:
        """Return the places of the rows to be shown, in order."""
        shown = self._order_of(self.column, self.descending).places()
        if self.ids is not None:
            places = {self._place[each] for each in self.ids if each in self._place}
            shown = array("I", [place for place in shown if place in places])
        if self.healths:
            wanted = {SEVERITY[health] for health in self.healths}
            hits = [rank in wanted for rank in self._ranks]
            shown = array("I", compress(shown, map(hits.__getitem__, shown)))
        texts = self._texts
        for word in sorted(self.needle.split(), key=len, reverse=True):
            if len(shown) * 4 > len(texts):  # one pass over all is faster than one from place to place
                hits = [word in text for text in texts]
                shown = array("I", compress(shown, map(hits.__getitem__, shown)))
            else:
                shown = array("I", [place for place in shown if word in texts[place]])
        return shown

    def _order_of(self, column: Column, descending: bool) -> Order:
        found = self._orders.get((column, descending))
        if found is None:
            keys = self._keys_of(column)
            by_name = self._by_name if column is not Column.CUSTOMER else self._by_place
            found = Order(keys, self._names, by_name, self._in_use, descending=descending)
            self._orders[column, descending] = found
        return found

    def _keys_of(self, column: Column) -> list[Key]:
        if column is Column.CUSTOMER:
            return cast("list[Key]", self._names)
        if column is Column.HEALTH:
            return cast("list[Key]", self._ranks)
        if column not in self._keys:
            key = _SORT_KEYS[column]
            self._keys[column] = ["" if row is None else key(row) for row in self._rows]
        return self._keys[column]

    def _by_name(self) -> array[int]:
        return self._order_of(Column.CUSTOMER, False).places()

    def _by_place(self) -> list[int]:
        return list(self._place.values())

    def _in_use(self, place: int) -> bool:
        return self._rows[place] is not None

    def _fits(self, place: int) -> bool:
        """Tell whether a place is to be shown."""
        row = self._rows[place]
        if row is None or (self.ids is not None and row.id not in self.ids):
            return False
        if self.healths and row.health not in self.healths:
            return False
        text = self._texts[place]
        return all(word in text for word in self.needle.split())

    def _add(self, row: Row) -> int:
        if self._free:
            place = self._free.pop()
        else:
            place = len(self._rows)
            self._rows.append(None)
            self._texts.append("")
            self._names.append("")
            self._ranks.append(-1)
            for keys in self._keys.values():
                keys.append("")
        self._place[row.id] = place
        self.counts[row.health] += 1
        for order in (*self._orders.values(), self._view):
            order.touch(place, new=True)
        return place

    def _replace(self, place: int, row: Row) -> None:
        before = self._rows[place]
        text, name, rank = self._searched(row), row.connection.name.casefold(), SEVERITY[row.health]
        self._rekey(place, row)
        if name != self._names[place]:
            self._touch_all(place, renamed=True)
            self._names[place] = name
        if rank != self._ranks[place]:
            self._touch(Column.HEALTH, place)
            if self.healths:
                self._view.touch(place)
            self._ranks[place] = rank
        if self.needle and text != self._texts[place]:
            self._view.touch(place)
        if before is not None and before.health is not row.health:
            self.counts[before.health] -= 1
            self.counts[row.health] += 1
        self._rows[place] = row
        self._texts[place] = text
        self._changed_meanwhile.add(place)

    def _rekey(self, place: int, row: Row) -> None:
        """Renew what a row is sorted by, in every column that is ready to be sorted by."""
        for column, keys in self._keys.items():
            key = _SORT_KEYS[column](row)
            if key != keys[place]:
                self._touch(column, place)
                keys[place] = key

    def _remove(self, connection: ConnectionId, place: int) -> None:
        self._touch_all(place)
        self.counts[self.row(place).health] -= 1
        self._rows[place] = None
        self._free.append(place)
        del self._place[connection]

    def _touch(self, column: Column, place: int) -> None:
        for descending in (False, True):
            if (order := self._orders.get((column, descending))) is not None:
                order.touch(place)
        if column is self.column:
            self._view.touch(place)

    def _touch_all(self, place: int, *, renamed: bool = False) -> None:
        for order in (*self._orders.values(), self._view):
            order.touch(place, renamed=renamed)

    def _searched(self, row: Row) -> str:
        connection = row.connection
        return "\n".join(
            (connection.name, connection.system, connection.id, self._words[row.health], *connection.tags)
        ).casefold()


def _time(moment: datetime | None) -> float:
    return _NEVER if moment is None else moment.timestamp()


def _days(row: Row) -> float:
    return -sum(_DAY_WEIGHT[day] for day in row.days if day is not Health.HEALTHY)


_DAY_WEIGHT = {day: max(0, SEVERITY[Health.SYNCING] - SEVERITY[day]) for day in Health}
_SORT_KEYS: dict[Column, Callable[[Row], Key]] = {
    Column.SYSTEM: lambda row: row.connection.system.casefold(),
    Column.LAST_GOOD: lambda row: _time(last_good_at(row)),
    Column.NEXT: lambda row: _time(next_at(row)),
    Column.TOKEN: lambda row: _time(token_ends_at(row)),
    Column.DAYS: _days,
    Column.TAGS: lambda row: " ".join(row.connection.tags).casefold(),
}
