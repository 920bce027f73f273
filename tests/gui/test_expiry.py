"""The expiry calendar: a day, its connections, and renewing them early."""

from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from makini_desktop.domain.evidence import TokenSeen
from makini_desktop.services.store import Row, Store
from makini_desktop.ui.dialogs.expiry import ExpiryDialog
from makini_desktop.ui.main_window import MainWindow
from tests.gui.conftest import FakeCommands
from tests.gui.rows import NOW, row

LEFT = Qt.MouseButton.LeftButton


def ending(name: str, days: int) -> Row:
    made = row(name)
    token = TokenSeen(made.condition.evidence, present=True, expires_at=NOW + timedelta(days=days))
    return msgspec.structs.replace(made, facts=msgspec.structs.replace(made.facts, token=token))


@pytest.fixture
def dialog(window: MainWindow, store: Store, commands: FakeCommands) -> ExpiryDialog:
    store.put([ending("Acme Pumps", 3), ending("Baltic Paper", 9), ending("Delta Rail", 9)])
    made = ExpiryDialog(window, window.look, store, lambda: NOW)
    made.renewal_wanted.connect(window.connecting.repair)
    made.show()
    return made


def test_the_first_day_with_an_end_is_chosen(dialog: ExpiryDialog) -> None:
    assert dialog.day.text() == "27 Nov: 1 token ends"
    assert dialog.names.text() == "Acme Pumps"
    assert dialog.summary.text().startswith("5 sign-ins end within 30 days")


def test_a_day_is_chosen_by_keyboard_alone(qtbot: QtBot, dialog: ExpiryDialog) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Left):
        qtbot.keyClick(dialog.grid, key)
    assert dialog.day.text() == "3 Dec: 2 tokens end"
    assert dialog.grid.accessibleName() == "3 Dec: 2 tokens end"


def test_a_days_sign_ins_are_renewed_early_through_the_repair_queue(
    qtbot: QtBot, dialog: ExpiryDialog, commands: FakeCommands
) -> None:
    dialog.grid.choose(9)
    assert dialog.renew.text() == "Renew 2 early"
    qtbot.mouseClick(dialog.renew, LEFT)
    assert commands.orders[-1] == ("repairs", "start", "baltic-paper", "delta-rail")


def test_a_days_connections_are_shown_in_the_list(
    qtbot: QtBot, window: MainWindow, dialog: ExpiryDialog
) -> None:
    dialog.wanted.connect(window.show_connections)
    dialog.grid.choose(9)
    qtbot.mouseClick(dialog.show_button, LEFT)
    assert set(window.table.selected_ids()) == {"baltic-paper", "delta-rail"}


def test_a_day_without_an_end_offers_nothing(dialog: ExpiryDialog) -> None:
    dialog.grid.choose(1)
    assert not dialog.renew.isEnabled()
    assert not dialog.show_button.isEnabled()


def test_the_calendar_follows_the_list(dialog: ExpiryDialog, store: Store) -> None:
    store.put([ending("Sierra Mining", 3)])
    assert dialog.day.text() == "27 Nov: 2 tokens end"
