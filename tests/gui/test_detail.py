"""The detail: what happened, whose move it is, and the one button that helps."""

from datetime import timedelta

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import Stage
from makini_desktop.domain.sync import Records, Sync, SyncId, SyncProblem, SyncState
from makini_desktop.services.store import Detail, Store
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.panels.detail import TAB_SYNCS, DetailPanel
from tests.gui.conftest import FakeClock, FakeCommands
from tests.gui.rows import NOW, row, running

ACME, BALTIC = ConnectionId("acme-pumps"), ConnectionId("baltic-paper")


def panel_of(window: MainWindow, connection: ConnectionId) -> DetailPanel:
    window.table.select([connection])
    assert window.detail is not None
    return window.detail.panel


def test_it_says_what_happened_since_when_and_what_to_do(window: MainWindow) -> None:
    panel = panel_of(window, ACME)
    assert panel.title.text() == "Acme Pumps"
    assert panel.subtitle.text() == "SAP S/4HANA · connected 16 Aug 2026"
    assert panel.health.health is Health.RECONNECT_NEEDED
    assert panel.sentence.text() == (
        "Acme Pumps changed the sign-in to their SAP S/4HANA (noticed 09:00). "
        "The last good sync was at 08:00. Somebody has to sign in again."
    )
    assert panel.evidence.text() == (
        "Evidence: sync status, 401 REAUTHORIZATION_REQUIRED, 24 Nov 2026, 10:59:40, request req_1"
    )


@pytest.mark.parametrize(
    ("health", "label", "order"),
    [
        (Health.RECONNECT_NEEDED, "Reconnect", "reconnect"),
        (Health.EXPIRING, "Reconnect early", "reconnect"),
        (Health.STUCK, "Sync again", "sync_now"),
        (Health.LATE, "Sync now", "sync_now"),
        (Health.OFFLINE, "Check now", "check_now"),
        (Health.DISCONNECTED, "Connect again", "reconnect"),
        (Health.UNKNOWN, "Check now", "check_now"),
    ],
)
def test_the_first_button_does_what_helps_most(
    store: Store, window: MainWindow, commands: FakeCommands, health: Health, label: str, order: str
) -> None:
    changed = row("Acme Pumps", health)
    store.put([changed])
    window.model.take_in()
    panel = panel_of(window, ACME)
    assert panel.primary.text() == label
    panel.primary.click()
    assert commands.orders[-1] == (order, ACME)


def test_an_inactive_connection_leads_to_the_dashboard(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    store.put([row("Acme Pumps", Health.INACTIVE)])
    window.model.take_in()
    panel_of(window, ACME).primary.click()
    assert commands.orders[-1] == ("open_dashboard",)


def test_a_healthy_connection_has_no_first_button(window: MainWindow) -> None:
    panel = panel_of(window, ConnectionId("vega-steel"))
    assert panel.primary.isHidden()
    assert panel.second.text() == "Sync now"


def test_see_the_error_goes_to_the_failed_sync(store: Store, window: MainWindow) -> None:
    panel = panel_of(window, BALTIC)
    good = Sync(
        id=SyncId("s1"),
        state=SyncState.COMPLETED,
        records=Records(updated=214),
        started_at=NOW - timedelta(minutes=5),
        finished_at=NOW - timedelta(minutes=5) + timedelta(seconds=41),
    )
    bad = Sync(
        id=SyncId("s2"),
        state=SyncState.FAILED,
        started_at=NOW - timedelta(minutes=9),
        problem=SyncProblem(code="X", message="Asset 7 has no site"),
    )
    store.put_detail(BALTIC, Detail(syncs=(good, bad)))
    assert panel.primary.text() == "See the error"
    panel.primary.click()
    assert panel.tabs.currentIndex() == TAB_SYNCS
    failed = panel.syncs.entries.entry(panel.syncs.currentIndex().row())
    assert (failed.headline, failed.detail) == ("Failed", "Asset 7 has no site")


def test_a_reconnect_shows_its_stage_and_can_be_cancelled(
    qtbot: QtBot, store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    panel = panel_of(window, ACME)
    store.put([row("Acme Pumps", Health.RECONNECT_NEEDED, stage=Stage.WAITING_FOR_LOGIN)])
    qtbot.waitUntil(lambda: not panel.running.isHidden())
    assert panel.running.words.text() == "Waiting for sign-in…"
    assert panel.primary.isHidden()
    panel.cancel.click()
    assert commands.orders[-1] == ("cancel_reconnect", ACME)


def test_a_running_sync_shows_how_far_it_is(qtbot: QtBot, store: Store, window: MainWindow) -> None:
    panel = panel_of(window, ConnectionId("sierra-mining"))
    assert panel.running.words.text() == "1,240 of 3,000"
    assert panel.running.line.share == pytest.approx(1240 / 3000)
    store.put([row("Sierra Mining", Health.SYNCING, sync=running(1500, None))])
    qtbot.waitUntil(lambda: panel.running.words.text() == "1,500 records so far")
    assert panel.running.line.share is None
    store.put([row("Sierra Mining")])
    qtbot.waitUntil(panel.running.isHidden)


def test_what_a_repair_has_caught_up_on_is_said_for_a_day(
    store: Store, window: MainWindow, clock: FakeClock
) -> None:
    panel = panel_of(window, ACME)
    assert panel.marks.gap.isHidden()
    caught_up = Activity(
        connection=ACME,
        at=NOW - timedelta(minutes=5),
        kind=ActivityKind.SYNC,
        headline="Caught up",
        detail="3 d 4 h without data; 214 records since",
    )
    store.put_detail(ACME, Detail(activity=(caught_up,)))
    assert panel.marks.gap.words.text() == "Caught up 5 min ago: 3 d 4 h without data; 214 records since"
    clock.at += timedelta(days=1)
    panel.refresh()
    assert panel.marks.gap.isHidden()


def test_activity_is_grouped_by_day_the_newest_first(store: Store, window: MainWindow) -> None:
    panel = panel_of(window, ACME)
    today = Activity(connection=ACME, at=NOW, kind=ActivityKind.HEALTH, headline="Sign-in rejected")
    before = Activity(
        connection=ACME, at=NOW - timedelta(days=1), kind=ActivityKind.SYNC, headline="Sync completed"
    )
    store.put_detail(ACME, Detail(activity=(today, before)))
    entries = panel.activity.timeline.entries
    assert [entries.entry(at).headline for at in range(entries.rowCount())] == [
        "Today",
        "Sign-in rejected",
        "Yesterday",
        "Sync completed",
    ]


def test_the_timeline_is_asked_for_once_for_each_selection(
    window: MainWindow, commands: FakeCommands
) -> None:
    panel_of(window, ACME)
    window.detail.refresh()
    panel_of(window, BALTIC)
    assert commands.orders == [("load_detail", ACME), ("load_detail", BALTIC)]


def test_copy_for_support_has_ids_and_times_in_utc(window: MainWindow) -> None:
    window.table.select([ACME])
    window.actions_.copy_support.trigger()
    copied = QGuiApplication.clipboard().text()
    assert "Connection: acme-pumps" in copied
    assert "Evidence: 401 REAUTHORIZATION_REQUIRED, 2026-11-24T10:59:40Z" in copied
    assert "Request: req_1" in copied
    window.actions_.copy_id.trigger()
    assert QGuiApplication.clipboard().text() == "acme-pumps"


def test_actions_that_cannot_help_are_not_offered(store: Store, window: MainWindow) -> None:
    window.table.select([ACME])
    assert window.actions_.reconnect.isEnabled()
    assert not window.actions_.sync.isEnabled()
    window.table.select([ConnectionId("sierra-mining")])
    assert not window.actions_.sync.isEnabled()
