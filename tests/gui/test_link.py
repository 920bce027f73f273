"""The link for a customer: its message is edited, copied or mailed, and noted."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from makini_desktop.core import text
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.login import LoginPath
from makini_desktop.domain.repair import Repair, RepairQueue
from makini_desktop.services.invitations import Sent
from makini_desktop.services.store import Store
from makini_desktop.ui.dialogs.link import LONGEST_ADDRESS, LinkDialog
from makini_desktop.ui.main_window import MainWindow
from tests.gui.conftest import FakeCommands
from tests.gui.longer import PseudoTranslation, cut_texts
from tests.gui.rows import NOW

ACME = ConnectionId("acme-pumps")
LINK = "https://link.example/oauth?a=1&b=2"


class MailProgram(QObject):
    """Takes addresses in the place of the person's mail program."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(bytes(url.toEncoded().data()).decode())


@pytest.fixture
def mail():
    program = MailProgram()
    QDesktopServices.setUrlHandler("mailto", program, "take")
    yield program
    QDesktopServices.unsetUrlHandler("mailto")


def opened(window: MainWindow) -> LinkDialog:
    window.connecting.show_link(ACME)
    (dialog,) = window.findChildren(LinkDialog)
    return dialog


def test_the_message_can_be_edited_before_it_is_copied(
    qtbot: QtBot, window: MainWindow, commands: FakeCommands
) -> None:
    dialog = opened(window)
    assert dialog.windowTitle() == "Link for Acme Pumps"
    assert dialog.to.text() == "it+sap@acme.example"
    assert dialog.subject.text() == "Please sign in to SAP S/4HANA again"
    dialog.text.edit.setPlainText(f"Dear Jo,\n\n{LINK}")
    with qtbot.waitSignal(dialog.went):
        dialog.copy.click()
    assert QGuiApplication.clipboard().text() == f"Dear Jo,\n\n{LINK}"
    assert commands.orders[-1] == ("sent", ACME, Sent.COPIED)
    assert dialog.isHidden()


def test_the_link_alone_can_be_copied(window: MainWindow, commands: FakeCommands) -> None:
    opened(window).copy_link.click()
    assert QGuiApplication.clipboard().text() == LINK
    assert commands.orders[-1] == ("sent", ACME, Sent.COPIED)


def test_the_mail_program_gets_what_was_edited(
    window: MainWindow, commands: FakeCommands, mail: MailProgram
) -> None:
    dialog = opened(window)
    dialog.subject.setText("Ihre Anmeldung & mehr")
    dialog.to.setText("jo@acme.example")
    dialog.mail.click()
    (address,) = mail.opened
    parts = urlsplit(address)
    assert unquote(parts.path) == "jo@acme.example"
    said = parse_qs(parts.query)
    assert said["subject"] == ["Ihre Anmeldung & mehr"]
    assert LINK in said["body"][0]
    assert "\r\n" in said["body"][0]
    assert commands.orders[-1] == ("sent", ACME, Sent.MAILED)


def test_a_message_that_is_too_long_for_an_address_is_copied_for_pasting(
    window: MainWindow, mail: MailProgram
) -> None:
    dialog = opened(window)
    long = f"{LINK}\n" + "Please do. " * 500
    dialog.text.edit.setPlainText(long)
    dialog.mail.click()
    (address,) = mail.opened
    assert len(address) <= LONGEST_ADDRESS
    assert "paste it here" in parse_qs(urlsplit(address).query)["body"][0]
    assert QGuiApplication.clipboard().text() == long


def test_without_a_mail_program_the_message_stays_to_be_copied(
    window: MainWindow, commands: FakeCommands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    dialog = opened(window)
    dialog.mail.click()
    assert dialog.isVisible()
    assert dialog.problem.title.text() == "No mail program opened."
    assert "sent" not in [each[0] for each in commands.orders]


def test_a_message_without_its_link_says_so(window: MainWindow) -> None:
    dialog = opened(window)
    dialog.text.edit.setPlainText("Hello")
    assert dialog.message.problem.words.text() == "The link is not in the message any more."
    dialog.text.edit.setPlainText(f"Hello {LINK}")
    assert dialog.message.problem.isHidden()


def test_why_there_is_no_link_is_said_in_its_place(window: MainWindow, commands: FakeCommands) -> None:
    commands.invitations.refusal = "The account has no such redirect."
    dialog = opened(window)
    assert dialog.refusal.words.text() == "The account has no such redirect."
    assert dialog.message.isHidden()
    assert not dialog.copy.isEnabled()
    assert dialog.cancel_button.text() == "Close"


def test_what_comes_after_the_dialog_was_closed_does_no_harm(
    qtbot: QtBot, window: MainWindow, commands: FakeCommands
) -> None:
    commands.invitations.waits = True
    dialog = opened(window)
    assert dialog.reading.isVisible()
    with qtbot.waitSignal(dialog.destroyed):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    commands.invitations.answers[0]()
    assert "sent" not in [each[0] for each in commands.orders]


def test_from_the_repair_queue_the_queue_goes_on_once_it_was_sent(
    window: MainWindow, store: Store, commands: FakeCommands
) -> None:
    repairs = [Repair(connection=ACME, customer="Acme Pumps", system="SAP S/4HANA")]
    store.set_repair_queue(RepairQueue.begin(repairs, NOW, LoginPath.EMBEDDED))
    assert window.repairs.bar is not None
    window.repairs.bar.link.click()
    (dialog,) = window.findChildren(LinkDialog)
    assert ("repairs", "link_sent") not in commands.orders
    dialog.copy.click()
    assert commands.orders[-1] == ("repairs", "link_sent")


def test_the_buttons_are_reached_by_keyboard(qtbot: QtBot, window: MainWindow, mail: MailProgram) -> None:
    dialog = opened(window)
    assert dialog.focusWidget() is dialog.mail
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert len(mail.opened) == 1


def test_longer_texts_fit(qapp: QApplication, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_catalogue", PseudoTranslation())
    dialog = opened(window)
    qapp.processEvents()
    assert cut_texts(dialog) == []
