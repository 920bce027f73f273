"""The inbox: what broke, once for all connections that it hits, and what can be done about it."""

from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from makini_desktop.core import text
from makini_desktop.domain.alerting import Mutes
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import (
    Cause,
    ExpiryStep,
    IncidentId,
    SnoozedUntil,
    SnoozedUntilChange,
)
from makini_desktop.services.store import Store
from makini_desktop.ui.incident_actions import tomorrow
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.models.inbox import InboxModel, Section
from makini_desktop.ui.panels.inbox import InboxPage
from makini_desktop.ui.panels.incident import IncidentPanel
from tests.gui.conftest import FakeClock, FakeCommands, MakeWindow, names
from tests.gui.incidents import incident
from tests.gui.longer import PseudoTranslation, cut_texts
from tests.gui.rows import NOW, row

ACME, BALTIC, VEGA = ConnectionId("acme-pumps"), ConnectionId("baltic-paper"), ConnectionId("vega-steel")
ONE, TWO, THREE = IncidentId("one"), IncidentId("two"), IncidentId("three")


def inbox_of(window: MainWindow, wanted: IncidentId) -> tuple[InboxPage, IncidentPanel]:
    window.show_incident(wanted)
    assert window.inbox.page is not None
    assert window.inbox.panel is not None
    return window.inbox.page, window.inbox.panel


def lines(model: InboxModel) -> list[str]:
    return [str(model.data(model.index(at, 0))) for at in range(model.rowCount())]


@pytest.fixture
def three(store: Store) -> None:
    store.put_incidents(
        [
            incident("one", connections=["acme-pumps", "vega-steel"], proven=["vega-steel"], hours=3),
            incident("two", Cause.SYNCS, ["baltic-paper"], scope="UpKeep", acknowledged=True),
            incident("three", Cause.SYSTEM, ["delta-rail"], hours=50, closed_hours=48),
        ]
    )


@pytest.mark.usefixtures("three")
def test_open_acknowledged_and_resolved_stand_below_their_headings(window: MainWindow) -> None:
    page, _panel = inbox_of(window, ONE)
    assert lines(page.model) == [
        "Open  1",
        "Acme Pumps: reconnect needed",
        "Acknowledged  1",
        "Baltic Paper: syncs fail",
        "Resolved in the last 30 days  1",
        "Delta Rail: system offline",
    ]
    said = page.model.data(page.model.index(5, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert "repaired in 2 h" in str(said)


@pytest.mark.usefixtures("three")
def test_what_was_resolved_long_ago_has_left(store: Store, clock: FakeClock, window: MainWindow) -> None:
    page, _panel = inbox_of(window, ONE)
    clock.at += timedelta(days=29)
    page.model.take_in()
    assert page.model.position(THREE) is None


@pytest.mark.usefixtures("three")
def test_the_button_counts_what_nobody_has_taken_up(qtbot: QtBot, store: Store, window: MainWindow) -> None:
    button = window.top.inbox
    assert button.count == 1
    assert button.accessibleName() == "Inbox, 1 open incident"
    store.put_incidents([incident("four", Cause.TOKEN, ["vega-steel"], step=ExpiryStep.DAY)])
    assert button.count == 2
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.isChecked()
    assert window.stack.currentWidget() is window.inbox.page
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.stack.currentWidget() is window.table


@pytest.mark.usefixtures("three")
def test_the_path_through_the_inbox_needs_no_mouse(
    qtbot: QtBot, window: MainWindow, commands: FakeCommands
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    page, panel = window.inbox.page, window.inbox.panel
    assert page is not None
    assert panel is not None
    qtbot.waitUntil(page.list.hasFocus)
    assert page.list.selected_ids() == [ONE]
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert page.list.selected_ids() == [TWO]
    qtbot.keyClick(page.list, Qt.Key.Key_Up)
    qtbot.keyClick(page.list, Qt.Key.Key_A)
    assert commands.orders[-1] == ("acknowledge", ONE)
    qtbot.keyClick(page.list, Qt.Key.Key_U)
    assert commands.orders[-1] == ("snooze", SnoozedUntilChange(), ONE)
    qtbot.keyClick(page.list, Qt.Key.Key_M)
    assert commands.orders[-1] == ("mute", ACME)
    qtbot.keyClick(page.list, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert commands.orders[-1] == ("mute_system", "SAP S/4HANA")
    qtbot.keyClick(page.list, Qt.Key.Key_Return)
    qtbot.waitUntil(panel.primary.hasFocus)
    qtbot.keyClick(panel.primary, Qt.Key.Key_Return)
    assert commands.orders[-1] == ("reconnect", ACME)
    qtbot.keyClick(panel.primary, Qt.Key.Key_Escape)
    qtbot.waitUntil(page.list.hasFocus)
    qtbot.keyClick(page.list, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.table.hasFocus)
    assert window.stack.currentWidget() is window.table


@pytest.mark.usefixtures("three")
def test_snoozing_is_for_an_hour_until_tomorrow_or_until_it_changes(
    window: MainWindow, store: Store, commands: FakeCommands
) -> None:
    page, panel = inbox_of(window, ONE)
    hour, until_tomorrow, change, wake = panel.snooze.menu().actions()
    assert not wake.isVisible()
    for action in (hour, until_tomorrow, change):
        action.trigger()
    assert [order[1] for order in commands.orders[-3:]] == [
        SnoozedUntil(NOW + timedelta(hours=1)),
        SnoozedUntil(tomorrow(NOW)),
        SnoozedUntilChange(),
    ]
    store.put_incidents([incident("one", snooze=SnoozedUntil(NOW + timedelta(hours=1)))])
    page.model.take_in()
    assert panel.state.text() == f"Snoozed until {NOW + timedelta(hours=1):%H:%M}"
    wake.trigger()
    assert commands.orders[-1] == ("snooze", None, ONE)


def test_tomorrow_begins_in_the_morning_of_the_persons_zone() -> None:
    at = tomorrow(NOW).astimezone()
    assert (at.date() - NOW.astimezone().date()).days == 1
    assert (at.hour, at.minute) == (8, 0)


@pytest.mark.usefixtures("three")
def test_its_connections_are_listed_with_those_that_join_and_all_come_back(
    qtbot: QtBot, store: Store, window: MainWindow
) -> None:
    _page, panel = inbox_of(window, ONE)
    panel.show_connections.click()
    assert names(window) == ["Acme Pumps", "Vega Steel"]
    assert window.table.hasFocus() or window.stack.currentWidget() is window.table
    chip = window.chips.narrowed
    assert chip is not None
    assert chip.text() == "Acme Pumps: reconnect needed, SAP S/4HANA"
    store.put_incidents([incident("one", connections=["acme-pumps", "vega-steel", "delta-rail"])])
    assert names(window) == ["Acme Pumps", "Delta Rail", "Vega Steel"]
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert len(names(window)) == 5
    assert chip.isHidden()


@pytest.mark.usefixtures("three")
def test_a_chip_or_a_search_leads_from_the_inbox_to_the_list(qtbot: QtBot, window: MainWindow) -> None:
    inbox_of(window, ONE)
    qtbot.mouseClick(window.chips.chip(None), Qt.MouseButton.LeftButton)
    assert window.stack.currentWidget() is window.table
    inbox_of(window, ONE)
    qtbot.keyClicks(window.top.search, "vega")
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.table)
    assert names(window) == ["Vega Steel"]


@pytest.mark.parametrize(
    ("cause", "connections", "label", "order"),
    [
        (Cause.CREDENTIALS, ["acme-pumps"], "Reconnect", ("reconnect", ACME)),
        (Cause.TOKEN, ["acme-pumps"], "Reconnect", ("reconnect", ACME)),
        (Cause.SYNCS, ["baltic-paper", "acme-pumps"], "Sync 2 again", ("sync_now", BALTIC, ACME)),
        (Cause.SYSTEM, ["acme-pumps"], "Check now", ("check_now", ACME)),
        (Cause.MAKINI, [], "Check now", ("check_now",)),
        (Cause.MAKINI, ["acme-pumps"], "Open dashboard", ("open_dashboard",)),
        (Cause.NETWORK, [], "Check now", ("check_now",)),
        (Cause.RATE_LIMIT, [], "Check now", ("check_now",)),
    ],
)
def test_each_cause_offers_first_what_helps(
    store: Store,
    window: MainWindow,
    commands: FakeCommands,
    cause: Cause,
    connections: list[str],
    label: str,
    order: tuple[str, ...],
) -> None:
    store.put_incidents([incident("one", cause, connections)])
    _page, panel = inbox_of(window, ONE)
    assert panel.primary.text() == label
    panel.primary.click()
    assert commands.orders[-1] == order
    assert panel.evidence.text().startswith("Evidence: sync status, 401 REAUTHORIZATION_REQUIRED")


@pytest.mark.parametrize(
    ("connections", "scope", "words"),
    [
        (["acme-pumps", "vega-steel"], "SAP S/4HANA", "SAP S/4HANA"),
        (["baltic-paper"], "", "UpKeep"),
        (["acme-pumps", "baltic-paper"], "", "Several systems"),
        ([], "", "Whole account"),
    ],
)
def test_an_incident_says_where_it_is(
    store: Store, window: MainWindow, connections: list[str], scope: str, words: str
) -> None:
    store.put_incidents([incident("one", Cause.MAKINI, connections, scope=scope)])
    _page, panel = inbox_of(window, ONE)
    assert panel.subtitle.text().startswith(f"{words} · since ")


@pytest.mark.usefixtures("three")
def test_a_resolved_incident_offers_nothing_to_repair(window: MainWindow) -> None:
    _page, panel = inbox_of(window, THREE)
    assert panel.standing.words == "Repaired in 2 h"
    assert panel.standing.health is Health.HEALTHY
    assert panel.primary.isHidden()
    assert panel.snooze.isHidden()
    assert panel.acknowledge.isHidden()


@pytest.mark.usefixtures("three")
def test_the_selection_stays_with_its_incident_when_others_come(
    qtbot: QtBot, store: Store, window: MainWindow
) -> None:
    page, panel = inbox_of(window, ONE)
    store.put_incidents([incident(f"new-{number}", hours=0.1) for number in range(20)])
    qtbot.waitUntil(lambda: page.model.rowCount() > 20)
    assert page.list.selected_ids() == [ONE]
    assert panel.title.text() == "Acme Pumps: reconnect needed"


@pytest.mark.usefixtures("three")
def test_what_grows_in_place_is_repainted_once_for_many_changes(
    qtbot: QtBot, store: Store, window: MainWindow
) -> None:
    page, panel = inbox_of(window, ONE)
    told: list[int] = []
    page.model.dataChanged.connect(lambda index, _to: told.append(index.row()))
    for count in range(2, 40):
        store.put_incidents([incident("one", connections=[f"c{at}" for at in range(count)], hours=3)])
    qtbot.waitUntil(lambda: bool(told))
    assert told == [1]
    assert panel.title.text() == "39 connections need a reconnect"


def test_ten_thousand_members_are_listed_with_those_still_broken_first(
    store: Store, window: MainWindow
) -> None:
    ids = [f"c{at}" for at in range(10_000)]
    store.put_incidents([incident("one", connections=ids, proven=ids[:3])])
    _page, panel = inbox_of(window, ONE)
    assert panel.members.members.rowCount() == 10_000
    assert panel.members.members.member(0).connection == "c3"
    assert panel.heading.text() == "3 of 10,000 repaired"


@pytest.mark.usefixtures("three")
def test_a_member_leads_to_its_connection(qtbot: QtBot, window: MainWindow) -> None:
    _page, panel = inbox_of(window, ONE)
    panel.members.setCurrentIndex(panel.members.members.index(0, 0))
    qtbot.keyClick(panel.members, Qt.Key.Key_Return)
    assert window.table.current_id() == ACME
    assert window.stack.currentWidget() is window.table


@pytest.mark.usefixtures("three")
def test_the_members_are_repaired_one_after_the_other_the_chosen_one_first(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    store.put_incidents([incident("one", connections=["acme-pumps", "vega-steel"])])
    _page, panel = inbox_of(window, ONE)
    panel.members.setCurrentIndex(panel.members.members.index(1, 0))
    assert panel.primary.text() == "Repair 2"
    panel.primary.click()
    assert commands.orders[-1] == ("repairs", "start", VEGA, ACME)


@pytest.mark.usefixtures("three")
def test_one_member_is_reconnected(store: Store, window: MainWindow, commands: FakeCommands) -> None:
    store.put_incidents([incident("one", connections=["acme-pumps"])])
    _page, panel = inbox_of(window, ONE)
    assert panel.primary.text() == "Reconnect"
    panel.primary.click()
    assert commands.orders[-1] == ("reconnect", ACME)


def test_an_empty_inbox_says_what_comes_here(window: MainWindow) -> None:
    page, panel = inbox_of(window, ONE)
    assert page.empty.isVisible()
    assert page.empty.heading.text() == "Nothing is open"
    assert panel.nothing.isHidden()


@pytest.mark.usefixtures("three")
def test_with_nothing_open_the_resolved_ones_are_still_there(store: Store, window: MainWindow) -> None:
    store.remove_incidents([ONE, TWO])
    page, _panel = inbox_of(window, THREE)
    assert lines(page.model)[:2] == ["Open", "Nothing is open."]
    assert page.model.entry(0).section is Section.OPEN
    assert page.list.selected_ids() == [THREE]


@pytest.mark.usefixtures("three")
def test_a_broken_connection_names_its_incident_and_leads_there(store: Store, window: MainWindow) -> None:
    assert window.detail is not None
    window.table.select([ACME])
    marks = window.detail.panel.marks
    assert marks.isHidden()
    store.put_incidents([incident("one", connections=["acme-pumps", "vega-steel"])])
    assert marks.incident.words.text() == f"One of 2 of SAP S/4HANA since {NOW - timedelta(hours=2):%H:%M}"
    marks.incident.link.click()
    assert window.inbox.page is not None
    assert window.inbox.page.list.selected_ids() == [ONE]


def test_muting_is_offered_in_the_rows_menu_and_shown_in_row_and_detail(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    assert window.detail is not None
    window.table.select([ACME])
    mutes = window.actions_.mutes
    assert (mutes.connections.text(), mutes.system.text()) == ("Mute Acme Pumps", "Mute all of SAP S/4HANA")
    mutes.connections.trigger()
    assert commands.orders[-1] == ("mute", ACME)
    store.set_mutes(Mutes(connections=frozenset({ACME})))
    assert mutes.connections.text() == "Unmute Acme Pumps"
    position = window.model.listing.position(ACME)
    spoken = window.model.data(window.model.index(position or 0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert str(spoken).endswith("muted")
    marks = window.detail.panel.marks
    assert marks.muted.words.text() == "Muted: nothing is announced"
    marks.muted.link.click()
    assert commands.orders[-1] == ("unmute", ACME)
    store.set_mutes(Mutes(systems=frozenset({"SAP S/4HANA"})))
    assert marks.muted.words.text() == "Muted with all of SAP S/4HANA"
    marks.muted.link.click()
    assert commands.orders[-1] == ("unmute_system", "SAP S/4HANA")


@pytest.mark.usefixtures("three")
def test_the_rows_behind_an_incident_are_shown_as_they_are_now(
    qtbot: QtBot, store: Store, window: MainWindow
) -> None:
    _page, panel = inbox_of(window, ONE)
    store.put([msgspec.structs.replace(row("Acme Pumps"), since=NOW)])
    member = panel.members.members.member(0)
    qtbot.waitUntil(lambda: panel.members.members.health(member) is Health.HEALTHY)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_longer_texts_fit_in_the_smallest_window(
    qapp: QApplication,
    make_window: MakeWindow,
    monkeypatch: pytest.MonkeyPatch,
    direction: Qt.LayoutDirection,
) -> None:
    monkeypatch.setattr(text, "_catalogue", PseudoTranslation())
    qapp.setLayoutDirection(direction)
    try:
        window = make_window(size=(1024, 640))
        _page, panel = inbox_of(window, ONE)
        qapp.processEvents()
        assert cut_texts(window) == []
        place = panel.parentWidget()
        assert place is not None
        assert panel.width() <= place.width()
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
