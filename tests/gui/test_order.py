"""The list's order: kept while rows change, it is the one that sorting anew would give."""

from collections.abc import Callable

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.services.store import Row
from makini_desktop.ui.models.listing import COLUMNS, Column, Listing
from tests.gui.rows import row

HEALTHS = (Health.HEALTHY, Health.FAILING, Health.RECONNECT_NEEDED)
NAMES = ("Acme", "Baltic", "acme", "Vega")
KEYS: dict[Column, Callable[[Row], object]] = {
    Column.HEALTH: lambda each: SEVERITY[each.health],
    Column.CUSTOMER: lambda each: each.connection.name.casefold(),
    Column.SYSTEM: lambda each: each.connection.system.casefold(),
    Column.LAST_GOOD: lambda each: each.facts.sync.status.last_good_at if each.facts.sync else None,
}

rows = st.builds(
    lambda number, name, health, system, minutes: (
        ConnectionId(f"c{number}"),
        msgspec.structs.replace(
            made := row(name, health, system=system, good_minutes=minutes),
            connection=msgspec.structs.replace(made.connection, id=ConnectionId(f"c{number}")),
        ),
    ),
    number=st.integers(0, 30),
    name=st.sampled_from(NAMES),
    health=st.sampled_from(HEALTHS),
    system=st.sampled_from(("SAP", "Odoo")),
    minutes=st.integers(0, 5),
)
gone = st.builds(lambda number: (ConnectionId(f"c{number}"), None), number=st.integers(0, 30))
changes = st.lists(st.lists(rows | gone, max_size=12), max_size=8)


@given(
    first=st.lists(rows, max_size=40),
    later=changes,
    column=st.sampled_from(list(KEYS)),
    descending=st.booleans(),
    needle=st.sampled_from(("", "acme", "sap a", "nothing")),
    healths=st.sampled_from((frozenset[Health](), frozenset({Health.HEALTHY}))),
    prepared=st.integers(0, 60),
)
def test_any_changes_leave_the_order_that_sorting_anew_gives(
    first: list[tuple[ConnectionId, Row]],
    later: list[list[tuple[ConnectionId, Row | None]]],
    column: Column,
    descending: bool,
    needle: str,
    healths: frozenset[Health],
    prepared: int,
) -> None:
    listing, known = Listing(), dict[ConnectionId, Row]()
    preparing = listing.prepare()

    def take_in(changed: list[tuple[ConnectionId, Row | None]]) -> None:
        for connection, each in changed:
            known.pop(connection, None) if each is None else known.update({connection: each})
        if listing.update(changed):
            listing.shown = listing.renewed()

    take_in(list(first))
    listing.sort(column, descending)
    listing.search(needle)
    listing.only(healths)
    listing.shown = listing.arranged()
    for changed in later:
        for _step in range(prepared):
            next(preparing, None)
        take_in(changed)
    wanted = [
        each
        for each in known.values()
        if (not healths or each.health in healths)
        and all(
            word in f"{each.connection.name}\n{each.connection.system}\n{each.id}".casefold()
            for word in needle.split()
        )
    ]
    wanted.sort(key=lambda each: each.connection.name.casefold())
    wanted.sort(key=KEYS[column], reverse=descending)  # type: ignore[arg-type]
    shown = [listing.row(place) for place in listing.shown]
    seen = [(KEYS[column](each), each.connection.name.casefold()) for each in shown]
    assert seen == [(KEYS[column](each), each.connection.name.casefold()) for each in wanted]
    assert {each.id for each in shown} == {each.id for each in wanted}
    assert all(
        listing.shown[listing.position(each.id) or 0] == listing.shown[at] for at, each in enumerate(shown)
    )


def test_once_prepared_every_order_is_ready_and_right() -> None:
    listing = Listing()
    made = [row(f"Customer {number:05}", good_minutes=number % 97) for number in range(25_000)]
    listing.update((each.id, each) for each in made)
    assert sum(1 for _pause in listing.prepare()) > len(COLUMNS)
    assert len(listing._orders) == 2 * len(COLUMNS)
    assert all(order.ready for order in listing._orders.values())
    listing.sort(Column.LAST_GOOD, descending=True)
    shown = [listing.row(place) for place in listing.arranged()]
    made.sort(key=lambda each: each.connection.name)
    made.sort(key=lambda each: each.facts.sync.status.last_good_at, reverse=True)  # type: ignore[union-attr]
    assert [each.id for each in shown] == [each.id for each in made]
