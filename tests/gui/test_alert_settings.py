"""The alert settings: what is announced and when, what is muted, and how the program stays around."""

from datetime import time

import pytest
from PySide6.QtCore import Qt, QTime
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from makini_desktop.core import text
from makini_desktop.domain.alerting import AlertSettings, Mutes, QuietHours
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import Cause
from makini_desktop.services.store import Store
from makini_desktop.ui.controls import LinkButton
from makini_desktop.ui.dialogs.alerts import AlertDialog
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.surroundings import Closing
from tests.gui.conftest import FakeCommands
from tests.gui.longer import PseudoTranslation, cut_texts

ACME = ConnectionId("acme-pumps")


class FakeSurroundings:
    """A desktop that offers everything, and keeps what is chosen."""

    def __init__(self) -> None:
        self.tray = True
        self.closing = Closing.ASK
        self.starts_at_login: bool | None = False

    def change_closing(self, closing: Closing) -> None:
        self.closing = closing

    def change_start_at_login(self, wanted: bool) -> None:
        self.starts_at_login = wanted


@pytest.fixture
def surroundings(window: MainWindow) -> FakeSurroundings:
    window.surroundings = FakeSurroundings()
    return window.surroundings


def opened(window: MainWindow) -> AlertDialog:
    window.dialogs.alerts()
    dialog: AlertDialog = window.findChild(AlertDialog)
    return dialog


def test_every_switch_is_in_force_at_once(window: MainWindow, commands: FakeCommands) -> None:
    dialog = opened(window)
    assert dialog.isVisible()
    dialog.causes[Cause.SYNCS].click()
    assert commands.inbox.settings == AlertSettings(silenced=frozenset({Cause.SYNCS}))
    dialog.enabled.click()
    assert commands.inbox.settings.enabled is False
    assert not dialog.causes[Cause.SYNCS].isEnabled()
    dialog.close_button.click()


def test_quiet_hours_are_offered_and_kept(window: MainWindow, commands: FakeCommands) -> None:
    dialog = opened(window)
    assert not dialog.quiet_from.isEnabled()
    dialog.quiet.click()
    assert commands.inbox.settings.quiet == QuietHours(time(20), time(7))
    dialog.quiet_from.setTime(QTime(22, 30))
    assert commands.inbox.settings.quiet == QuietHours(time(22, 30), time(7))
    dialog.quiet.click()
    assert commands.inbox.settings.quiet is None


def test_a_change_made_elsewhere_is_shown(window: MainWindow, commands: FakeCommands) -> None:
    dialog = opened(window)
    commands.inbox.change(AlertSettings(enabled=False))
    assert not dialog.enabled.isChecked()


def test_a_desktop_without_a_notification_service_is_said_so(
    window: MainWindow, commands: FakeCommands
) -> None:
    commands.inbox.notifications_available = False
    dialog = opened(window)
    assert dialog.service.title.text() == "This desktop has no notification service."


def visible(place: QWidget) -> list[QLabel]:
    return [each for each in place.findChildren(QLabel) if each.isVisible()]


def test_what_is_muted_is_listed_and_can_be_unmuted(
    qtbot: QtBot, store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    store.set_mutes(Mutes(connections=frozenset({ACME}), systems=frozenset({"Odoo"})))
    dialog = opened(window)
    links = {link.accessibleName(): link for link in dialog.mutes.findChildren(LinkButton)}
    assert list(links) == ["Unmute All of Odoo", "Unmute Acme Pumps"]
    links["Unmute Acme Pumps"].click()
    links["Unmute All of Odoo"].click()
    assert commands.orders[-2:] == [("unmute", ACME), ("unmute_system", "Odoo")]
    store.set_mutes(Mutes())
    words = "Nothing. A connection or a system is muted by its menu in the list or in the inbox."
    qtbot.waitUntil(lambda: [each.text() for each in visible(dialog.mutes)] == [words])


def test_closing_and_the_start_are_chosen_here(window: MainWindow, surroundings: FakeSurroundings) -> None:
    dialog = opened(window)
    staying = dialog.staying
    assert staying is not None
    assert not any(button.isChecked() for button in staying.choices.values())
    staying.choices[Closing.QUIT].click()
    staying.at_login.click()
    assert (surroundings.closing, surroundings.starts_at_login) == (Closing.QUIT, True)


def test_a_desktop_without_a_tray_or_a_way_to_start_is_said_so(
    window: MainWindow, surroundings: FakeSurroundings
) -> None:
    surroundings.tray, surroundings.starts_at_login = False, None
    staying = opened(window).staying
    assert staying is not None
    assert staying.tray.title.text() == "This desktop has no tray."
    assert staying.at_login.isHidden()


def test_the_window_can_be_used_while_it_is_open_and_escape_closes_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    dialog = opened(window)
    assert dialog.windowModality() is Qt.WindowModality.WindowModal
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


@pytest.mark.usefixtures("surroundings")
def test_longer_texts_fit(qapp: QApplication, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_catalogue", PseudoTranslation())
    dialog = opened(window)
    qapp.processEvents()
    assert cut_texts(dialog) == []
