"""What closing the window means, with a tray and without, and where the program is meanwhile."""

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.presence import Presence
from makini_desktop.ui.surroundings import Closing
from tests.gui.conftest import FakeCommands, MakeWindow


@pytest.fixture
def presence(window: MainWindow, commands: FakeCommands) -> Presence:
    return Presence(window, commands.settings, commands.save_setting, commands.quit)


def question(window: MainWindow) -> QMessageBox | None:
    """Return the question that is open."""
    return next((each for each in window.findChildren(QMessageBox) if each.isVisible()), None)


def answer(window: MainWindow, words: str) -> None:
    """Press a button of the question."""
    box = question(window)
    assert box is not None
    next(each for each in box.buttons() if each.text() == words).click()


def test_with_a_tray_closing_hides_and_says_so_once(
    window: MainWindow, presence: Presence, commands: FakeCommands
) -> None:
    said: list[None] = []
    presence.hid_first.subscribe(said.append)
    presence.set_tray(True)
    window.close()
    assert window.isHidden()
    window.come_forward()
    window.close()
    assert window.isHidden()
    assert said == [None]
    assert question(window) is None
    assert ("quit",) not in commands.orders


def test_without_a_tray_it_is_asked_once_and_minimised(
    window: MainWindow, presence: Presence, commands: FakeCommands
) -> None:
    window.close()
    assert not window.isMinimized()
    answer(window, "Keep watching")
    assert window.isMinimized()
    assert presence.closing is Closing.KEEP
    window.come_forward()
    window.close()
    assert window.isMinimized()
    assert question(window) is None
    assert commands.orders == []


def test_without_a_tray_it_is_asked_once_and_ends(
    window: MainWindow, presence: Presence, commands: FakeCommands
) -> None:
    window.close()
    answer(window, "Quit")
    assert commands.orders == [("quit",)]
    window.close()
    assert question(window) is None
    assert commands.orders == [("quit",), ("quit",)]


@pytest.mark.parametrize("way", ["Cancel", "Escape"])
def test_a_question_that_is_not_answered_changes_nothing_and_is_put_again(
    window: MainWindow, presence: Presence, commands: FakeCommands, way: str
) -> None:
    window.close()
    box = question(window)
    assert box is not None
    if way == "Escape":
        box.reject()
    else:
        answer(window, way)
    assert window.isVisible()
    assert not window.isMinimized()
    assert (presence.closing, commands.orders, commands.settings) == (Closing.ASK, [], {})
    window.close()
    assert question(window) is not None


def test_what_was_chosen_counts_with_a_tray_too(
    window: MainWindow, presence: Presence, commands: FakeCommands
) -> None:
    presence.set_tray(True)
    presence.change_closing(Closing.QUIT)
    window.close()
    assert commands.orders == [("quit",)]


def test_junk_in_the_setting_counts_as_nothing_chosen(presence: Presence, commands: FakeCommands) -> None:
    commands.settings["ui.closing"] = "perhaps"
    assert presence.closing is Closing.ASK
    presence.set_tray(True)
    assert presence.closing is Closing.KEEP


def test_a_window_put_away_goes_into_a_tray_that_appears_later(
    window: MainWindow, presence: Presence
) -> None:
    presence.leave()
    assert window.isMinimized()
    presence.set_tray(True)
    assert window.isHidden()


def test_a_window_that_the_person_minimised_stays_where_it_is(window: MainWindow, presence: Presence) -> None:
    window.showMinimized()
    presence.set_tray(True)
    assert not window.isHidden()


def test_a_hidden_window_stays_within_reach_when_the_tray_goes(
    window: MainWindow, presence: Presence
) -> None:
    presence.set_tray(True)
    presence.leave()
    presence.set_tray(False)
    assert window.isMinimized()
    assert not window.isHidden()


def test_it_speaks_for_another_window(
    window: MainWindow, presence: Presence, make_window: MakeWindow
) -> None:
    other = make_window()
    presence.set_window(other)
    presence.set_tray(True)
    other.close()
    assert other.isHidden()
    assert not window.isHidden()


def test_the_start_at_login_is_ordered(qtbot: QtBot, presence: Presence) -> None:
    wanted: list[bool] = []
    presence.start_at_login_wanted.subscribe(wanted.append)
    presence.change_start_at_login(True)
    assert wanted == [True]
