"""The list: what is shown, in which order, and that nothing is lost when it changes."""

import msgspec
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.store import Store
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.models.listing import COLUMNS, Column, Listing
from makini_desktop.ui.panels.columns import Arrangement
from tests.gui.conftest import FakeClock, FakeCommands, MakeWindow, names
from tests.gui.rows import NOW, row, running

ACME, BALTIC, VEGA = ConnectionId("acme-pumps"), ConnectionId("baltic-paper"), ConnectionId("vega-steel")


def test_the_worst_is_on_top_then_by_name(window: MainWindow) -> None:
    assert names(window) == ["Acme Pumps", "Baltic Paper", "Sierra Mining", "Delta Rail", "Vega Steel"]


def test_search_finds_every_word_in_name_system_tag_id_and_health(qtbot: QtBot, window: MainWindow) -> None:
    for typed, found in {
        "VEGA": ["Vega Steel"],
        "upkeep": ["Baltic Paper"],
        "gold": ["Baltic Paper"],
        "delta-rail": ["Delta Rail"],
        "reconnect": ["Acme Pumps"],
        "sap steel": ["Vega Steel"],
    }.items():
        window.top.search.setText(typed)
        qtbot.waitUntil(lambda found=found: names(window) == found)


def test_escape_clears_the_search(qtbot: QtBot, window: MainWindow) -> None:
    window.top.search.setText("vega")
    qtbot.waitUntil(lambda: len(names(window)) == 1)
    qtbot.keyClick(window.top.search, Qt.Key.Key_Escape)
    assert len(names(window)) == 5


def test_a_search_without_result_says_so_and_offers_to_clear(qtbot: QtBot, window: MainWindow) -> None:
    window.top.search.setText("no such thing")
    qtbot.waitUntil(lambda: window.stack.currentWidget() is not window.table)
    page = window.stack.currentWidget()
    assert page.heading.text() == "Nothing matches"
    page.button.click()
    assert window.stack.currentWidget() is window.table
    assert len(names(window)) == 5


def test_every_column_sorts_both_ways_and_ties_go_by_name(window: MainWindow) -> None:
    last_good = COLUMNS.index(Column.LAST_GOOD)
    window.table.sortByColumn(last_good, Qt.SortOrder.DescendingOrder)
    assert names(window)[0] == "Delta Rail"
    window.table.sortByColumn(last_good, Qt.SortOrder.AscendingOrder)
    assert names(window)[0] == "Acme Pumps"
    window.table.sortByColumn(COLUMNS.index(Column.SYSTEM), Qt.SortOrder.AscendingOrder)
    assert names(window) == ["Acme Pumps", "Delta Rail", "Sierra Mining", "Vega Steel", "Baltic Paper"]


def test_a_change_of_health_moves_the_row(qtbot: QtBot, store: Store, window: MainWindow) -> None:
    store.put([row("Vega Steel", Health.RECONNECT_NEEDED)])
    qtbot.waitUntil(lambda: names(window)[:2] == ["Acme Pumps", "Vega Steel"])


def test_changes_are_taken_in_together(qtbot: QtBot, store: Store, window: MainWindow) -> None:
    taken: list[None] = []
    window.model.updated.subscribe(taken.append)
    for number in range(50):
        store.put([row("Vega Steel", good_minutes=number)])
    qtbot.waitUntil(lambda: bool(taken))
    assert len(taken) == 1


def test_only_rows_on_screen_are_told_of_changes(qtbot: QtBot, store: Store, make_window: MakeWindow) -> None:
    store.put(row(f"Customer {number:04}") for number in range(500))
    window = make_window()
    told: list[int] = []
    window.model.dataChanged.connect(lambda first, _last: told.append(first.row()))
    store.put(row(f"Customer {number:04}", token_days=5) for number in range(500))
    qtbot.waitUntil(lambda: bool(told))
    first, last = window.table.visible_positions()
    assert told == list(range(max(first, min(told)), last + 1))
    assert len(told) < 30


def test_rows_come_and_go(qtbot: QtBot, store: Store, window: MainWindow) -> None:
    store.remove([VEGA])
    store.put([row("Zeta Foods")])
    qtbot.waitUntil(lambda: names(window)[-1] == "Zeta Foods")
    assert "Vega Steel" not in names(window)


def test_the_selection_survives_sort_search_and_updates(
    qtbot: QtBot, store: Store, window: MainWindow
) -> None:
    window.table.select([VEGA, BALTIC])
    window.table.sortByColumn(COLUMNS.index(Column.CUSTOMER), Qt.SortOrder.DescendingOrder)
    assert set(window.table.selected_ids()) == {VEGA, BALTIC}
    store.put([row("Vega Steel", Health.OFFLINE), row("New One", Health.FAILING)])
    qtbot.waitUntil(lambda: "New One" in names(window))
    assert set(window.table.selected_ids()) == {VEGA, BALTIC}
    window.model.search("baltic")
    assert window.table.selected_ids() == [BALTIC]
    window.model.search("")
    assert set(window.table.selected_ids()) == {VEGA, BALTIC}


def test_ten_thousand_rows_are_filtered_sorted_and_shown(store: Store, make_window: MakeWindow) -> None:
    store.put(
        row(f"Customer {number:05}", Health.FAILING if number % 1000 == 7 else Health.HEALTHY)
        for number in range(10_000)
    )
    window = make_window()
    assert window.model.rowCount() == 10_005
    assert names(window)[1:3] == ["Baltic Paper", "Customer 00007"]
    window.model.search("customer 0999")
    assert window.model.rowCount() == 11
    window.model.only({Health.FAILING})
    assert window.model.rowCount() == 0
    window.model.search("")
    assert window.model.rowCount() == 11


def test_relative_times_follow_the_clock(window: MainWindow, clock: FakeClock) -> None:
    index = window.model.index(0, COLUMNS.index(Column.LAST_GOOD))
    assert index.data() == "3 h ago"
    clock.at = NOW.replace(hour=12)
    assert index.data() == "4 h ago"


def test_tooltips_are_absolute_and_screen_readers_hear_the_row(window: MainWindow) -> None:
    good = window.model.index(0, COLUMNS.index(Column.LAST_GOOD))
    assert good.data(Qt.ItemDataRole.ToolTipRole) == "24 Nov 2026, 08:00:00"
    health = window.model.index(0, COLUMNS.index(Column.HEALTH))
    assert (
        health.data(Qt.ItemDataRole.AccessibleTextRole)
        == "Acme Pumps, SAP S/4HANA, Reconnect needed, Sign-in changed"
    )


def test_hidden_columns_order_and_sort_are_kept(
    make_window: MakeWindow, window: MainWindow, commands: FakeCommands
) -> None:
    columns = window.table.columns
    columns.choose(Column.NEXT, False)
    columns.choose(Column.TAGS, True)
    columns.moveSection(columns.visualIndex(COLUMNS.index(Column.SYSTEM)), 1)
    columns.setSortIndicator(COLUMNS.index(Column.CUSTOMER), Qt.SortOrder.DescendingOrder)
    again = make_window(settings=commands.settings)
    assert not again.table.columns.chosen(Column.NEXT)
    assert again.table.columns.chosen(Column.TAGS)
    assert again.table.columns.visualIndex(COLUMNS.index(Column.SYSTEM)) == 1
    assert names(again)[0] == "Vega Steel"


def test_a_damaged_arrangement_gives_the_usual_one(make_window: MakeWindow) -> None:
    window = make_window(settings={"ui.columns": '{"order": 7}', "ui.geometry": "[]", "ui.theme": "pink"})
    assert window.table.columns.chosen(Column.NEXT)
    assert Arrangement.read("no json") == Arrangement()


def test_a_narrow_window_leaves_columns_out_instead_of_cutting_them(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(size=(2000, 700))
    columns = window.table.columns
    assert not columns.isSectionHidden(COLUMNS.index(Column.DAYS))
    window.resize(1024, 640)
    qtbot.waitUntil(lambda: columns.isSectionHidden(COLUMNS.index(Column.DAYS)))
    assert not columns.isSectionHidden(COLUMNS.index(Column.CUSTOMER))
    assert columns.length() <= window.table.viewport().width()


def test_a_listing_counts_every_health_through_all_changes() -> None:
    listing = Listing()
    one = row("One", Health.FAILING)
    listing.update([(one.id, one)])
    fixed = msgspec.structs.replace(row("One"), sync=running(1, 2))
    listing.update([(one.id, fixed)])
    assert (listing.counts[Health.FAILING], listing.counts[Health.HEALTHY]) == (0, 1)
    listing.update([(one.id, None)])
    assert sum(listing.counts.values()) == 0
    assert len(listing) == 0
