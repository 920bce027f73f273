"""A connection's past in the detail: its activity filtered, searched and exported, its uptime."""

from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.history import Uptime
from makini_desktop.services.history_export import ExportForm
from makini_desktop.services.store import Detail, Store
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.panels.activity_tab import ActivityTab
from tests.gui.conftest import FakeCommands
from tests.gui.rows import NOW

ACME, BALTIC = ConnectionId("acme-pumps"), ConnectionId("baltic-paper")
REJECTED = Activity(connection=ACME, at=NOW, kind=ActivityKind.HEALTH, headline="Sign-in rejected")
SYNCED = Activity(
    connection=ACME, at=NOW - timedelta(minutes=5), kind=ActivityKind.SYNC, headline="Sync completed"
)
LONG_AGO = Activity(
    connection=ACME, at=NOW - timedelta(days=60), kind=ActivityKind.SYNC, headline="Sync failed"
)


def tab_of(store: Store, window: MainWindow) -> ActivityTab:
    assert window.detail is not None
    store.put_detail(ACME, Detail(activity=(REJECTED, SYNCED)))
    window.table.select([ACME])
    return window.detail.panel.activity


def headlines(tab: ActivityTab) -> list[str]:
    entries = tab.timeline.entries
    found = [entries.entry(at) for at in range(entries.rowCount())]
    return [entry.headline for entry in found if entry.health is not None]


def test_a_kind_filters_what_is_at_hand_and_looks_for_the_rest(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    tab = tab_of(store, window)
    tab.choices[ActivityKind.SYNC].trigger()
    assert commands.orders[-1] == ("find", ACME, frozenset({ActivityKind.SYNC}), "")
    assert tab.kinds.text() == "Syncs"
    assert window.detail is not None
    window.detail.refresh()
    assert headlines(tab) == ["Sync completed"]
    store.put_detail(ACME, Detail(activity=(REJECTED, SYNCED), found=(SYNCED, LONG_AGO)))
    assert headlines(tab) == ["Sync completed", "Sync failed"]
    tab.choices[ActivityKind.SYNC].trigger()
    assert commands.orders[-1] == ("find", ACME, None, "")
    assert tab.kinds.text() == "All kinds"


def test_a_search_is_made_once_for_a_burst_of_keys(
    qtbot: QtBot, store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    tab = tab_of(store, window)
    qtbot.keyClicks(tab.search, "sync")
    qtbot.waitUntil(lambda: commands.orders[-1][0] == "find")
    assert [order for order in commands.orders if order[0] == "find"] == [("find", ACME, None, "sync")]


def test_what_is_looked_for_stays_for_another_connection(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    tab = tab_of(store, window)
    tab.choices[ActivityKind.LOGIN].trigger()
    window.table.select([BALTIC])
    assert commands.orders[-1] == ("find", BALTIC, frozenset({ActivityKind.LOGIN}), "")


def test_a_file_is_asked_for_without_stopping_the_window(
    qtbot: QtBot, store: Store, window: MainWindow, commands: FakeCommands, tmp_path: Path
) -> None:
    tab = tab_of(store, window)
    next(action for action in tab.export.menu().actions() if action.text() == "CSV…").trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog.isVisible()
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert [Path(each).name for each in dialog.selectedFiles()] == ["acme-pumps.csv"]
    dialog.fileSelected.emit(str(tmp_path / "chosen.csv"))
    assert commands.orders[-1] == ("export", ACME, tmp_path / "chosen.csv", ExportForm.CSV)
    dialog.reject()


def test_uptime_breaks_and_repairs_are_told_for_each_length_of_time(store: Store, window: MainWindow) -> None:
    known = timedelta(days=7)
    store.put_detail(
        ACME,
        Detail(
            uptime=(
                Uptime(days=7, share=1.0, known=known, breaks=0, mean_repair=None),
                Uptime(days=30, share=0.99998, known=known, breaks=1, mean_repair=timedelta(minutes=43)),
                Uptime(days=90, share=None, known=timedelta(), breaks=0, mean_repair=None),
            )
        ),
    )
    assert window.detail is not None
    window.table.select([ACME])
    shown = window.detail.panel.overview.shown()
    assert shown["Last 7 days"] == "100 % up"
    assert shown["Last 30 days"] == "99.99 % up, 1 break, 43 min to repair"
    assert "Last 90 days" not in shown


def test_the_tab_is_reached_and_left_by_keyboard(store: Store, window: MainWindow) -> None:
    tab = tab_of(store, window)
    order = [tab.search, tab.kinds, tab.export, tab.timeline]
    assert all(widget.focusPolicy() & Qt.FocusPolicy.TabFocus for widget in order)
    assert all(widget.accessibleName() for widget in order)
