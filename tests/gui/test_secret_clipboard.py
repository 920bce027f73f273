"""A token on the clipboard: marked as secret, counted down, and gone unless something else was copied."""

from datetime import timedelta

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret
from makini_desktop.services.hand_over import HandedToken
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.panels.token_bar import TokenBar
from makini_desktop.ui.secret_clipboard import CONCEALED, SECONDS, secret_formats
from tests.gui.conftest import FakeCommands
from tests.gui.rows import NOW

ACME = ConnectionId("acme-pumps")
TOKEN = "t0k3n-of-acme"


def button(box: QMessageBox, words: str) -> QAbstractButton:
    return next(each for each in box.buttons() if each.text() == words)


def copied(window: MainWindow) -> TokenBar:
    """Copy a token as a person does, and return the bar that tells of it."""
    window.table.select([ACME])
    window.actions_.copy_token.trigger()
    box = window.findChildren(QMessageBox)[-1]
    button(box, "Copy token").click()
    assert window.connecting.token_bar is not None
    return window.connecting.token_bar


def wait(window: MainWindow, seconds: int) -> None:
    for _second in range(seconds):
        window.connecting.clipboard.pass_second()


def test_it_is_asked_first_and_nothing_happens_without_a_yes(
    window: MainWindow, commands: FakeCommands
) -> None:
    window.table.select([ACME])
    window.actions_.copy_token.trigger()
    (box,) = window.findChildren(QMessageBox)
    assert box.text() == "Copy the token of acme-pumps?"
    button(box, "Cancel").click()
    assert ("copy_token", ACME) not in commands.orders


def test_the_token_is_on_the_clipboard_marked_as_secret(window: MainWindow) -> None:
    copied(window)
    held = QGuiApplication.clipboard().mimeData()
    assert held.text() == TOKEN
    assert bytes(held.data("x-kde-passwordManagerHint").data()) == b"secret"


@pytest.mark.parametrize(
    ("platform", "name", "content"),
    [
        ("win32", "ExcludeClipboardContentFromMonitorProcessing", bytes(4)),
        ("win32", "CanIncludeInClipboardHistory", bytes(4)),
        ("win32", "CanUploadToCloudClipboard", bytes(4)),
        ("darwin", CONCEALED, b"1"),
        ("linux", "x-kde-passwordManagerHint", b"secret"),
    ],
)
def test_each_platform_has_its_own_mark(platform: str, name: str, content: bytes) -> None:
    assert secret_formats(platform)[name] == content


def test_the_bar_counts_down_and_the_clipboard_is_cleared(window: MainWindow) -> None:
    bar = copied(window)
    assert bar.matter.text() == "The token of Acme Pumps is on the clipboard."
    assert bar.words.text().startswith("Cleared in 30 s. It works until 14 Dec 2026")
    assert TOKEN not in bar.words.text()
    wait(window, 1)
    assert bar.words.text().startswith("Cleared in 29 s.")
    wait(window, SECONDS - 1)
    assert QGuiApplication.clipboard().text() == ""
    assert bar.isHidden()


def test_what_was_copied_since_stays(window: MainWindow) -> None:
    bar = copied(window)
    QGuiApplication.clipboard().setText("something else")
    wait(window, 1)
    assert bar.isHidden()
    wait(window, SECONDS)
    assert QGuiApplication.clipboard().text() == "something else"


def test_it_can_be_cleared_at_once(window: MainWindow) -> None:
    bar = copied(window)
    bar.button.click()
    assert QGuiApplication.clipboard().text() == ""
    assert bar.isHidden()


def test_another_token_takes_its_place_with_time_of_its_own(
    window: MainWindow, commands: FakeCommands
) -> None:
    bar = copied(window)
    wait(window, 20)
    commands.connecting.handed = HandedToken(token=Secret("an0ther"), ends_at=NOW + timedelta(days=1))
    copied(window)
    assert bar.words.text().startswith("Cleared in 30 s.")
    wait(window, 20)
    assert QGuiApplication.clipboard().text() == "an0ther"


def test_the_end_of_the_program_clears_it(window: MainWindow) -> None:
    copied(window)
    window.close_down()
    assert QGuiApplication.clipboard().text() == ""


def test_the_end_leaves_what_is_somebody_elses(qapp: QApplication, window: MainWindow) -> None:
    copied(window)
    qapp.clipboard().setText("mine")
    window.close_down()
    assert qapp.clipboard().text() == "mine"
