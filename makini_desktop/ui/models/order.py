"""The order of the list by one column, kept while rows change, so that nothing is sorted from scratch.

Rows are known by their places, small numbers, kept in arrays: copying one costs next to nothing. Keys and
names lie in lists that belong to the listing; before one changes there, the order is told with `touch`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

Key = float | str

SLICE = 10_000
"""So many places are sorted without a pause."""

PUT_RIGHT_SLICE = 50
"""So many places are put right without a pause."""

READY_SHARE = 128
"""One place in so many touched is put right at once when somebody asks."""

FROM_SCRATCH_SHARE = 16
"""One place in so many touched: sorting anew costs less than putting each right."""


class Order:
    """Places by their keys, then by their names.

    Args:
        keys, names: by place.
        all_places: returns the places that belong here, in the order of their names.
        belongs: tells whether a place does.
        places: those that belong here, in order, where that is known.
    """

    def __init__(
        self,
        keys: Sequence[Key],
        names: Sequence[str],
        all_places: Callable[[], Iterable[int]],
        belongs: Callable[[int], bool],
        *,
        descending: bool,
        places: array[int] | None = None,
    ) -> None:
        self._keys = keys
        self._names = names
        self._all_places = all_places
        self._belongs = belongs
        self._descending = descending
        self._places = places
        self._touched: dict[int, tuple[Key, str] | None] = {}
        self._renamed = False
        self._building = False

    @property
    def ready(self) -> bool:
        """True if little is to be done before the order can be told."""
        return self._places is not None and len(self._touched) * READY_SHARE <= len(self._places)

    @property
    def touched(self) -> bool:
        """True if the order is to be made, or put right."""
        return self._places is None or bool(self._touched)

    def touch(self, place: int, *, new: bool = False, renamed: bool = False) -> None:
        """Say that a place is new, or before it goes, or before its key or name changes."""
        if self._places is None and not self._building:
            return
        self._renamed = self._renamed or renamed
        self._touched.setdefault(place, None if new else (self._keys[place], self._names[place]))

    def places(self) -> array[int]:
        """Return all places in order."""
        if self._places is None or len(self._touched) * FROM_SCRATCH_SHARE > len(self._places):
            self._touched.clear()
            self._places = self._sorted(self._all_places())
        elif self._touched:
            for place in list(self._touched):
                self._put_right(self._places, place)
        return self._places[:]

    def prepare(self) -> Iterator[None]:
        """Put the order right with a pause after every few milliseconds, so that it can be told at once."""
        while self._places is not None:
            for place in list(self._touched)[:PUT_RIGHT_SLICE]:
                self._put_right(self._places, place)
            if not self._touched:
                return
            yield
        yield from self._build()

    def position(self, place: int) -> int | None:
        """Return where a place is, as far as the order was put right; None where it is not."""
        return None if self._places is None else self._find(self._places, place)

    def _build(self) -> Iterator[None]:
        self._touched.clear()
        self._renamed = False
        self._building = True
        found = array("I", self._all_places())
        runs = []
        for begin in range(0, len(found), SLICE):
            runs.append(self._sorted(found[begin : begin + SLICE]))
            yield
        while len(runs) > 1:
            pairs, runs = [runs[at : at + 2] for at in range(0, len(runs), 2)], []
            for pair in pairs:
                yield
                runs.append(self._sorted([place for run in pair for place in run]))
        self._building = False
        if self._places is not None or self._renamed:
            return  # somebody has asked meanwhile, or will have it sorted by other names
        self._places = runs[0] if runs else found
        stand = frozenset(found)
        for place in self._touched:  # what was sorted last was sorted by the present keys
            self._touched[place] = (self._keys[place], self._names[place]) if place in stand else None

    def _sorted(self, places: Iterable[int]) -> array[int]:
        """Return places in order; those of one key are in the order of their names already."""
        return array("I", sorted(places, key=self._keys.__getitem__, reverse=self._descending))

    def _put_right(self, places: array[int], place: int) -> None:
        """Take a place from where it stands to where it belongs."""
        if self._touched[place] is not None and (at := self._find(places, place)) is not None:
            del places[at]
        del self._touched[place]
        if self._belongs(place):
            places.insert(self._point(places, self._keys[place], self._names[place]), place)

    def _find(self, places: array[int], place: int) -> int | None:
        key, name = self._touched.get(place) or (self._keys[place], self._names[place])
        at = self._point(places, key, name)
        try:
            return places.index(place, at)
        except ValueError:
            return None

    def _point(self, places: array[int], key: Key, name: str) -> int:
        """Return the first position at which a place stands that does not go before this key and name."""
        keys, names, descending, touched = self._keys, self._names, self._descending, self._touched
        begin, end = 0, len(places)
        while begin < end:
            middle = (begin + end) // 2
            other = places[middle]
            stands = touched.get(other)
            found, called = (keys[other], names[other]) if stands is None else stands
            before = called < name if found == key else (found < key) is not descending  # type: ignore[operator]
            if before:
                begin = middle + 1
            else:
                end = middle
        return begin
