"""The repair queue in the window: the bar with its decisions, and the report."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.login import LoginPath
from makini_desktop.domain.repair import (
    Refused,
    Repair,
    Repaired,
    RepairQueue,
    Running,
    Skipped,
    Stopped,
)
from makini_desktop.services.store import Store
from makini_desktop.ui.dialogs.repair_report import RepairReport
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.models.repairs import RepairColumn
from makini_desktop.ui.panels.repair_bar import RepairBar
from tests.gui.conftest import FakeCommands
from tests.gui.longer import cut_texts
from tests.gui.rows import NOW

A, B, C = ConnectionId("a"), ConnectionId("b"), ConnectionId("c")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def queue() -> RepairQueue:
    repairs = [
        Repair(connection=A, customer="Acme Pumps", system="SAP S/4HANA"),
        Repair(connection=B, customer="Baltic Paper", system="Infor EAM"),
        Repair(connection=C, customer="Cobalt Mining", system="Maximo"),
    ]
    return RepairQueue.begin(repairs, NOW, LoginPath.EMBEDDED)


@pytest.fixture
def running(queue: RepairQueue) -> RepairQueue:
    return queue.turned(A, Repaired(NOW, 21.0)).turned(B, Running(NOW))


@pytest.fixture
def stopped(running: RepairQueue) -> RepairQueue:
    return msgspec.structs.replace(
        running.turned(B, Stopped("The sign-in window was closed.", 4.0)), paused=True
    )


@pytest.fixture
def done(running: RepairQueue) -> RepairQueue:
    ended = running.turned(B, Refused(NOW, 40.0, "=Baltic said no.")).turned(C, Skipped(NOW))
    return msgspec.structs.replace(ended, paused=False)


def bar_of(window: MainWindow) -> RepairBar:
    assert window.repairs.bar is not None
    return window.repairs.bar


@pytest.fixture
def open_report(
    qtbot: QtBot, window: MainWindow, store: Store, commands: FakeCommands
) -> Callable[[], RepairReport]:
    """Opens the report of the queue as it stands."""

    def opened() -> RepairReport:
        report = RepairReport(window, window.look, store, lambda: commands.repairs)
        qtbot.addWidget(report)
        return report

    return opened


@pytest.fixture
def report(store: Store, done: RepairQueue, open_report: Callable[[], RepairReport]) -> RepairReport:
    """The report of a queue that has ended."""
    store.set_repair_queue(done)
    return open_report()


def offered(bar: RepairBar) -> list[str]:
    buttons = (bar.go_on, bar.skip, bar.later, bar.link, bar.pause, bar.report, bar.end)
    return [button.text() for button in buttons if not button.isHidden()]


def test_the_bar_is_not_there_without_a_queue(window: MainWindow) -> None:
    assert window.repairs.bar is None


def test_the_bar_says_whose_sign_in_is_open_and_which_it_is(
    window: MainWindow, store: Store, running: RepairQueue
) -> None:
    store.set_repair_queue(running)
    bar = bar_of(window)
    assert bar.isVisible()
    assert bar.matter.text() == "Repair 2 of 3"
    assert bar.words.text() == "Baltic Paper (Infor EAM) is signing in."
    assert offered(bar) == ["Skip", "Later", "Send link…", "Pause", "Report…", "End"]


def test_a_queue_that_stopped_says_why_and_offers_to_try_again(
    window: MainWindow, store: Store, stopped: RepairQueue
) -> None:
    store.set_repair_queue(stopped)
    bar = bar_of(window)
    assert "The sign-in window was closed." in bar.words.text()
    assert offered(bar) == ["Try again", "Skip", "Later", "Send link…", "Report…", "End"]


def test_a_queue_that_a_kill_left_says_who_is_next_and_offers_to_continue(
    window: MainWindow, store: Store, running: RepairQueue
) -> None:
    store.set_repair_queue(running.recovered())
    bar = bar_of(window)
    assert bar.words.text() == "Paused. Next is Baltic Paper (Infor EAM)."
    assert offered(bar)[0] == "Continue"


def test_the_end_is_summed_up(window: MainWindow, store: Store, done: RepairQueue) -> None:
    store.set_repair_queue(done)
    bar = bar_of(window)
    assert bar.words.text() == "1 repaired, 1 refused, 1 skipped; 1 min for the sign-ins."
    assert offered(bar) == ["Report…", "Close"]


def test_the_bar_goes_with_its_queue(window: MainWindow, store: Store, done: RepairQueue) -> None:
    store.set_repair_queue(done)
    store.set_repair_queue(None)
    assert not bar_of(window).isVisible()


@pytest.mark.parametrize(
    ("button", "order"),
    [("skip", "skip"), ("later", "later"), ("pause", "pause"), ("end", "close")],
)
def test_each_decision_is_one_click(
    qtbot: QtBot,
    window: MainWindow,
    store: Store,
    commands: FakeCommands,
    running: RepairQueue,
    button: str,
    order: str,
) -> None:
    store.set_repair_queue(running)
    qtbot.mouseClick(getattr(bar_of(window), button), LEFT)
    assert commands.orders[-1] == ("repairs", order)


@pytest.mark.parametrize(
    ("key", "order"), [(Qt.Key.Key_K, "skip"), (Qt.Key.Key_L, "later"), (Qt.Key.Key_P, "pause")]
)
def test_each_decision_is_one_key_press(
    qtbot: QtBot,
    window: MainWindow,
    store: Store,
    commands: FakeCommands,
    running: RepairQueue,
    key: Qt.Key,
    order: str,
) -> None:
    store.set_repair_queue(running)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, key, control_shift)
    assert commands.orders[-1] == ("repairs", order)


def test_the_link_is_asked_for_the_connection_under_way(
    qtbot: QtBot, window: MainWindow, store: Store, running: RepairQueue
) -> None:
    store.set_repair_queue(running)
    with qtbot.waitSignal(window.repairs.link_wanted) as wanted:
        qtbot.mouseClick(bar_of(window).link, LEFT)
    assert wanted.args == [B]


def test_several_selected_rows_are_repaired_one_after_the_other(
    qtbot: QtBot, window: MainWindow, commands: FakeCommands
) -> None:
    window.table.selectAll()
    assert window.selection_bar.repair.text() == "Repair 1"
    qtbot.mouseClick(window.selection_bar.repair, LEFT)
    assert commands.orders[-1] == ("repairs", "start", "acme-pumps")


def test_the_report_lists_every_repair_with_result_time_and_reason(report: RepairReport) -> None:
    lines = [
        [report.model.index(line, column).data() for column in RepairColumn]
        for line in range(report.model.rowCount())
    ]
    assert lines == [
        ["✓ repaired", "Acme Pumps", "SAP S/4HANA", "21 s", ""],
        ["✗ refused", "Baltic Paper", "Infor EAM", "40 s", "=Baltic said no."],
        ["skipped", "Cobalt Mining", "Maximo", "–", ""],
    ]


def test_the_report_follows_the_queue(
    store: Store, running: RepairQueue, open_report: Callable[[], RepairReport]
) -> None:
    store.set_repair_queue(running)
    report = open_report()
    store.set_repair_queue(running.turned(B, Repaired(NOW + timedelta(seconds=9), 9.0)))
    assert report.model.index(1, RepairColumn.RESULT).data() == "✓ repaired"


def test_a_copied_report_holds_no_formula(qtbot: QtBot, report: RepairReport) -> None:
    qtbot.mouseClick(report.copy, LEFT)
    copied = QGuiApplication.clipboard().text()
    assert "Baltic Paper,Infor EAM,b,refused,40,'=Baltic said no." in copied


def test_refused_and_skipped_ones_are_tried_again_from_the_report(
    qtbot: QtBot, commands: FakeCommands, report: RepairReport
) -> None:
    qtbot.mouseClick(report.retry, LEFT)
    assert commands.orders[-1] == ("repairs", "retry")


def test_nothing_in_the_bar_is_cut_in_a_small_window(
    qtbot: QtBot, window: MainWindow, store: Store, stopped: RepairQueue
) -> None:
    window.resize(760, 480)
    store.set_repair_queue(stopped)
    qtbot.wait(50)
    assert cut_texts(bar_of(window)) == []
