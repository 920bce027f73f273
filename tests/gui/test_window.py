"""The window around the list: chips, banners, notices, menus, keyboard, themes, closing."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from makini_desktop.core import text
from makini_desktop.core.colours import DARK, LIGHT
from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.next_action import NEEDS_PERSON
from makini_desktop.services.store import (
    KeychainTrouble,
    Notice,
    Offline,
    Online,
    Refusing,
    Store,
    Sweep,
    Tone,
)
from makini_desktop.ui.controls import Words
from makini_desktop.ui.look import Theme
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.panels.tabs import Tabs
from tests.gui.conftest import ACCOUNT, FakeClock, FakeCommands, MakeWindow, names
from tests.gui.longer import PseudoTranslation, cut_texts
from tests.gui.rows import NOW, row

ACME, BALTIC, VEGA = ConnectionId("acme-pumps"), ConnectionId("baltic-paper"), ConnectionId("vega-steel")


def test_chips_count_every_health_and_hide_the_others(window: MainWindow) -> None:
    shown = {chip.text(): chip.count for chip in window.chips.chips() if not chip.isHidden()}
    assert shown == {"All": 5, "Reconnect needed": 1, "Failing": 1, "Syncing": 1, "Healthy": 2}


def test_chips_filter_by_click_and_add_with_control(qtbot: QtBot, window: MainWindow) -> None:
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(window.chips.chip(Health.FAILING), left)
    assert names(window) == ["Baltic Paper"]
    reconnect = window.chips.chip(Health.RECONNECT_NEEDED)
    qtbot.mouseClick(reconnect, left, Qt.KeyboardModifier.ControlModifier)
    assert names(window) == ["Acme Pumps", "Baltic Paper"]
    qtbot.mouseClick(window.chips.chip(None), left)
    assert len(names(window)) == 5


def test_chips_are_reached_and_pressed_by_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    window.chips.chip(None).setFocus()
    qtbot.keyClick(window.chips.chip(None), Qt.Key.Key_Right)
    qtbot.waitUntil(window.chips.chip(Health.RECONNECT_NEEDED).hasFocus)
    qtbot.keyClick(window.chips.chip(Health.RECONNECT_NEEDED), Qt.Key.Key_Space)
    assert names(window) == ["Acme Pumps"]


def test_counts_follow_the_store(qtbot: QtBot, store: Store, window: MainWindow) -> None:
    store.put([row("Vega Steel", Health.OFFLINE)])
    qtbot.waitUntil(lambda: window.chips.chip(Health.OFFLINE).count == 1)
    assert not window.chips.chip(Health.OFFLINE).isHidden()
    assert window.chips.chip(Health.HEALTHY).count == 1


def test_the_list_to_reconnect_path_needs_no_mouse(
    qtbot: QtBot, window: MainWindow, commands: FakeCommands
) -> None:
    assert window.detail is not None
    window.activateWindow()
    window.top.search.setFocus()
    qtbot.keyClicks(window.top.search, "acme")
    qtbot.keyClick(window.top.search, Qt.Key.Key_Down)
    qtbot.waitUntil(window.table.hasFocus)
    assert window.table.selected_ids() == [ACME]
    qtbot.keyClick(window.table, Qt.Key.Key_Return)
    qtbot.waitUntil(window.detail.panel.primary.hasFocus)
    qtbot.keyClick(window.detail.panel.primary, Qt.Key.Key_Return)
    assert commands.orders == [("load_detail", ACME), ("reconnect", ACME)]
    qtbot.keyClick(window.detail.panel.primary, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.table.hasFocus)


def test_several_selected_show_what_will_happen_to_how_many(
    qtbot: QtBot, window: MainWindow, commands: FakeCommands
) -> None:
    window.table.select([ACME, BALTIC, VEGA])
    bar = window.selection_bar
    assert bar.isVisible()
    assert (bar.words.text(), bar.check.text(), bar.sync.text()) == ("3 selected", "Check 3", "Sync 2 now")
    bar.sync.click()
    bar.check.click()
    assert commands.orders[-2:] == [("sync_now", BALTIC, VEGA), ("check_now", ACME, BALTIC, VEGA)]
    window.table.select([ACME])
    assert not bar.isVisible()


def test_offline_is_said_once_with_since_when_and_can_be_tried_again(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    store.set_line(Offline(NOW - timedelta(minutes=12), "The network is down."))
    banner = window.banners.line
    assert banner.isVisible()
    assert banner.matter.text() == "Makini has not been reachable since 10:48."
    banner.button.click()
    assert commands.orders == [("check_now",)]
    store.set_line(Refusing(NOW, "The client secret is not accepted."))
    assert banner.matter.text() == "Makini has refused this account since 11:00."
    store.set_line(Online())
    assert not banner.isVisible()


@pytest.mark.parametrize(
    ("state", "matter"),
    [
        ("missing", "There is no keychain on this computer."),
        ("locked", "The keychain is locked."),
        ("denied", "The keychain refused this program."),
        ("damaged", "The vault file is damaged."),
    ],
)
def test_each_trouble_with_the_keychain_has_its_words(
    store: Store, window: MainWindow, commands: FakeCommands, state: str, matter: str
) -> None:
    store.set_keychain(KeychainTrouble(state, "What to do."))
    banner = window.banners.keychain
    assert (banner.isVisible(), banner.matter.text(), banner.words.text()) == (True, matter, "What to do.")
    banner.button.click()
    assert commands.orders == [("retry_keychain",)]
    store.set_keychain(None)
    assert not banner.isVisible()


def test_a_bad_notice_stays_until_dismissed_and_keeps_its_code_behind_details(
    store: Store, window: MainWindow
) -> None:
    store.noticed.emit(
        Notice(words="It failed.", tone=Tone.BAD, connection=BALTIC, details="X, request req_9")
    )
    card = window.notices.cards[0]
    assert card.isVisible()
    assert not card.details.isVisible()
    card.details_button.click()
    assert card.details.isVisible()
    card.show_button.click()
    assert window.table.selected_ids() == [BALTIC]
    card.close_button.click()
    assert window.notices.cards == []


def test_a_good_notice_leaves_by_itself(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, store: Store, window: MainWindow
) -> None:
    monkeypatch.setattr("makini_desktop.ui.panels.notices.GOOD_NEWS_MS", 1)
    store.noticed.emit(Notice(words="It failed.", tone=Tone.BAD))
    store.noticed.emit(Notice(words="It works.", tone=Tone.GOOD))
    qtbot.waitUntil(lambda: [card.notice.words for card in window.notices.cards] == ["It failed."])


def test_the_status_line_says_how_old_cached_rows_are_and_how_far_a_sweep_is(
    store: Store, window: MainWindow, clock: FakeClock
) -> None:
    assert window.status.sweep.text() == "From 10:59, checking…"
    store.set_sweep(Sweep(checking=4, budget_used=12, api_version="v1"))
    assert window.status.sweep.text() == "Checking 1 of 5"
    assert window.status.budget.text() == "Budget 12 of 50 requests/s"
    assert window.progress.share == pytest.approx(0.2)
    store.set_sweep(Sweep(last_at=NOW, next_at=NOW + timedelta(seconds=60)))
    clock.at = NOW + timedelta(seconds=20)
    window.status.refresh()
    assert window.status.sweep.text() == "Checked 20 s ago · next in 40 s"
    assert window.progress.share == pytest.approx(0)


def test_the_first_start_offers_to_add_an_account_and_names_the_sandbox(
    store: Store, make_window: MakeWindow
) -> None:
    store.remove(list(store.rows))
    window = make_window(account=None)
    page = window.stack.currentWidget()
    assert "makini-desktop --sandbox" in [words.text() for words in page.findChildren(Words)]
    assert page.button.text() == "Add account…"
    page.button.click()
    assert window.accounts.dialog.isVisible()
    window.accounts.dialog.reject()


def test_before_the_first_sweep_the_window_reads_and_after_it_is_empty(
    store: Store, make_window: MakeWindow, qtbot: QtBot
) -> None:
    store.remove(list(store.rows))
    window = make_window()
    assert window.stack.currentWidget().heading.text() == "Reading your connections"
    assert window.progress.share is None
    store.set_sweep(Sweep(last_at=NOW))
    assert window.stack.currentWidget().heading.text() == "No connections yet"
    store.put([row("Vega Steel")])
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.table)


def test_nothing_selected_shows_who_needs_a_person_worst_first(window: MainWindow) -> None:
    assert window.detail is not None
    summary = window.detail.summary
    assert summary.heading.text() == "2 need you"
    shown = [each for each in summary.shortcuts if not each.isHidden()]
    assert [each.text() for each in shown] == ["Acme Pumps", "Baltic Paper"]
    shown[1].click()
    assert window.table.selected_ids() == [BALTIC]


def test_the_theme_changes_at_once_and_is_kept(window: MainWindow, commands: FakeCommands) -> None:
    assert window.look.tokens is LIGHT
    window.menu.aboutToShow.emit()
    theme = window.menu.actions()[0].menu()
    next(action for action in theme.actions() if action.text() == "Dark").trigger()
    assert window.look.tokens is DARK
    assert QApplication.palette().window().color().name().upper() == DARK.background
    assert commands.settings["ui.theme"] == "dark"
    window.look.use(Theme.LIGHT)
    assert QApplication.palette().window().color().name().upper() == LIGHT.background


def test_the_sandbox_menu_acts_on_the_selected_connection(
    make_window: MakeWindow, commands: FakeCommands
) -> None:
    window = make_window(sandbox=True)
    window.table.select([VEGA])
    window.menu.aboutToShow.emit()
    menu = next(action.menu() for action in window.menu.actions() if action.text() == "Sandbox")
    orders = {action.text(): action for action in menu.actions()}
    orders["Customer changes credentials"].trigger()
    orders["Rate limit"].trigger()
    assert commands.orders[-2:] == [
        ("sandbox", "change_credentials", VEGA),
        ("sandbox", "rate_limit", None),
    ]


def test_there_is_no_sandbox_menu_on_a_real_account(window: MainWindow) -> None:
    window.menu.aboutToShow.emit()
    assert "Sandbox" not in [action.text() for action in window.menu.actions()]


def test_closing_quits_where_nobody_says_otherwise(window: MainWindow, commands: FakeCommands) -> None:
    window.close()
    assert commands.orders == [("quit",)]


def test_what_needs_a_person_is_shown_whatever_was_filtered(window: MainWindow) -> None:
    window.top.search.setText("zeta")
    window.show_incident(None)
    window.show_needing()
    shown = [window.model.row(position).health for position in range(window.model.rowCount())]
    assert shown
    assert set(shown) <= NEEDS_PERSON
    assert window.pages.opened is None


def test_a_connection_asked_for_is_shown_whatever_was_filtered(window: MainWindow) -> None:
    window.chips.choose(frozenset({Health.HEALTHY}))
    window.show_connection(ACME)
    assert window.table.selected_ids() == [ACME]


def test_every_control_has_a_name_for_screen_readers(window: MainWindow) -> None:
    window.table.select([ACME])
    nameless = [
        widget
        for widget in window.findChildren(QAbstractButton)
        if widget.isVisible() and not (widget.text() or widget.accessibleName())
        if type(widget).__module__.startswith("makini_desktop")
    ]
    assert nameless == []
    assert window.table.accessibleName()
    assert window.top.search.accessibleName()


@pytest.mark.parametrize("size", [(1024, 640), (1320, 800)])
def test_longer_texts_are_not_cut(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    store: Store,
    make_window: MakeWindow,
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr(text, "_catalogue", PseudoTranslation())
    window = make_window(size=size)
    window.table.select([ACME, BALTIC])
    store.set_line(Offline(NOW, "The network is down."))
    store.noticed.emit(Notice(words="It failed.", tone=Tone.BAD, details="X", connection=ACME))
    assert window.detail is not None
    qtbot.waitUntil(lambda: window.notices.isVisible() and window.banners.line.isVisible())
    qtbot.waitUntil(lambda: cut_texts(window) == [])
    assert window.detail.panel.width() <= window.detail.width()
    for tabs in window.findChildren(Tabs):
        assert tabs.tabRect(tabs.count() - 1).right() <= tabs.width()
    for chip in window.chips.chips():
        assert chip.isHidden() or chip.geometry().right() <= window.chips.width()


def test_right_to_left_mirrors_the_window(qapp: QApplication, make_window: MakeWindow) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        window = make_window()
        window.table.select([ACME])
        assert window.top.search.x() > window.top.menu_button.x()
        assert (
            window.detail_place.mapTo(window, window.detail_place.pos()).x()
            < window.table.mapTo(window, window.table.pos()).x()
        )
        chips = [chip for chip in window.chips.chips() if not chip.isHidden()]
        assert chips[0].x() > chips[1].x()
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier)
        chips[0].setFocus()
        QApplication.sendEvent(chips[0], key)
        assert window.focusWidget() is chips[1]
        assert not window.grab().isNull()
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_account_is_named_and_can_be_settled_later(make_window: MakeWindow) -> None:
    window = make_window(account=None)
    window.set_account(ACCOUNT)
    assert window.top.account.text() == "Acme Integrations"
    assert window.top.check_now.isEnabled()


def test_without_an_account_nothing_can_be_checked(store: Store, make_window: MakeWindow) -> None:
    nobody: Account | None = None
    assert not make_window(account=nobody).top.check_now.isEnabled()
