"""Which connections are shown, in which order: plain lists of numbers, fast at 100,000 rows.

Every row keeps a place of its own. What is searched and sorted by is computed when a row changes,
so that a keystroke costs one pass over ready texts and a sort compares ready numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from datetime import datetime
from enum import Enum

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.services.moments import last_good_at, next_at, token_ends_at
from makini_desktop.services.store import Row
from makini_desktop.services.wording import health_word

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
        self.shown: list[int] = []
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
        self._names: list[str] = []
        self._ranks: list[int] = []
        self._keys: dict[Column, list[float | str]] = {Column.HEALTH: []}
        self._by_name: list[int] = []
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
        if place is None:
            return None
        try:
            return self.shown.index(place)
        except ValueError:
            return None

    def positions(self, connections: Set[ConnectionId]) -> list[int]:
        """Return where in `shown` these connections are, in order."""
        places = {self._place[connection] for connection in connections if connection in self._place}
        return [at for at, place in enumerate(self.shown) if place in places] if places else []

    def update(self, changed: Iterable[tuple[ConnectionId, Row | None]]) -> bool:
        """Take in rows that are new, different, or (None) gone.

        Returns:
            Whether `shown` has to be arranged anew; if not, only the rows' contents differ.
        """
        rearrange = False
        renamed = False
        for connection, row in changed:
            place = self._place.get(connection)
            if row is None:
                if place is not None:
                    self._remove(connection, place)
                    rearrange = True
                continue
            if place is None:
                place = self._add(row)
                rearrange = renamed = True
            moved, name_differs = self._replace(place, row)
            rearrange = rearrange or moved
            renamed = renamed or name_differs
        if renamed:
            self._by_name.sort(key=self._names.__getitem__)
        return rearrange

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
        if column not in self._keys:
            key = _SORT_KEYS[column]
            self._keys[column] = ["" if row is None else key(row) for row in self._rows]

    def arrange(self) -> None:
        """Compute `shown` anew."""
        shown = self._by_name
        if self.ids is not None:
            places = {self._place[each] for each in self.ids if each in self._place}
            shown = [place for place in shown if place in places]
        if self.healths:
            wanted = {SEVERITY[health] for health in self.healths}
            ranks = self._ranks
            shown = [place for place in shown if ranks[place] in wanted]
        texts = self._texts
        for word in sorted(self.needle.split(), key=len, reverse=True):
            shown = [place for place in shown if word in texts[place]]
        if self.column is Column.CUSTOMER:
            self.shown = shown[::-1] if self.descending else shown[:]
        else:
            self.shown = sorted(shown, key=self._keys[self.column].__getitem__, reverse=self.descending)

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
        self._by_name.append(place)
        self.counts[row.health] += 1
        return place

    def _replace(self, place: int, row: Row) -> tuple[bool, bool]:
        before = self._rows[place]
        text, name, rank = self._searched(row), row.connection.name.casefold(), SEVERITY[row.health]
        key_differs = self._rekey(place, row)
        name_differs = name != self._names[place]
        moved = (
            name_differs
            or key_differs
            or (bool(self.healths) and rank != self._ranks[place])
            or (bool(self.needle) and text != self._texts[place])
        )
        if before is not None and before.health is not row.health:
            self.counts[before.health] -= 1
            self.counts[row.health] += 1
        self._rows[place] = row
        self._texts[place], self._names[place], self._ranks[place] = text, name, rank
        return moved, name_differs

    def _rekey(self, place: int, row: Row) -> bool:
        """Renew what a row is sorted by, in every column sorted by so far; tell if it moves the row."""
        moves = False
        for column, keys in self._keys.items():
            key = _SORT_KEYS[column](row)
            moves = moves or (column is self.column and key != keys[place])
            keys[place] = key
        return moves

    def _remove(self, connection: ConnectionId, place: int) -> None:
        self.counts[self.row(place).health] -= 1
        self._rows[place] = None
        self._free.append(place)
        self._by_name.remove(place)
        del self._place[connection]

    def _searched(self, row: Row) -> str:
        connection = row.connection
        return "\n".join(
            (connection.name, connection.system, connection.id, self._words[row.health], *connection.tags)
        ).casefold()


def _time(moment: datetime | None) -> float:
    return _NEVER if moment is None else moment.timestamp()


def _days(row: Row) -> float:
    return -sum(SEVERITY[Health.SYNCING] - min(SEVERITY[day], SEVERITY[Health.SYNCING]) for day in row.days)


_SORT_KEYS: dict[Column, Callable[[Row], float | str]] = {
    Column.HEALTH: lambda row: SEVERITY[row.health],
    Column.CUSTOMER: lambda row: row.connection.name.casefold(),
    Column.SYSTEM: lambda row: row.connection.system.casefold(),
    Column.LAST_GOOD: lambda row: _time(last_good_at(row)),
    Column.NEXT: lambda row: _time(next_at(row)),
    Column.TOKEN: lambda row: _time(token_ends_at(row)),
    Column.DAYS: _days,
    Column.TAGS: lambda row: " ".join(row.connection.tags).casefold(),
}
