"""Beginning and end of connections: a new customer, a second connection, disconnecting, taking over."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from makini_desktop.core import text
from makini_desktop.domain.capability import Capability, Finding
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import InvalidRequest, Unreachable, UsageError
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import LoginPath, Stage
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.repair import Repair, RepairQueue
from makini_desktop.services.duplicates import DoubtedLogin, DuplicateWarning
from makini_desktop.services.store import Store
from makini_desktop.ui.dialogs.connect import ConnectDialog
from makini_desktop.ui.main_window import MainWindow
from tests.gui.conftest import FakeCommands, MakeWindow
from tests.gui.longer import PseudoTranslation, cut_texts
from tests.gui.rows import NOW, row

ACME, VEGA = ConnectionId("acme-pumps"), ConnectionId("vega-steel")
FUSION = Platform(key="oracle_fusion", name="Oracle Fusion", category="ERP")
SAP = Platform(key="sap_s4", name="SAP S/4HANA", category="ERP")
UPKEEP = Platform(key="upkeep", name="UpKeep", category="CMMS")


def opened(window: MainWindow) -> ConnectDialog:
    window.actions_.connect_new.trigger()
    (dialog,) = window.findChildren(ConnectDialog)
    return dialog


@pytest.fixture
def dialog(window: MainWindow, store: Store, commands: FakeCommands) -> ConnectDialog:
    """The dialog with three systems in it."""
    dialog = opened(window)
    store.set_platforms((FUSION, SAP, UPKEEP))
    commands.connecting.answers[0]("")
    return dialog


def button(box: QMessageBox, words: str) -> QAbstractButton:
    return next(each for each in box.buttons() if each.text() == words)


def question(window: MainWindow) -> QMessageBox:
    return window.findChildren(QMessageBox)[-1]


# The dialog


def test_while_the_systems_are_asked_for_that_is_said(window: MainWindow) -> None:
    assert opened(window).platforms.words.text() == "Asking Makini for its systems…"


def test_why_there_are_no_systems_is_said_and_a_login_is_still_offered(
    window: MainWindow, commands: FakeCommands
) -> None:
    dialog = opened(window)
    commands.connecting.answers[0]("This server does not offer the list of systems.")
    assert dialog.platforms.words.text() == "This server does not offer the list of systems."
    dialog.connect_button.click()
    assert commands.orders[-1] == ("connect", None, None, None, LoginPath.EMBEDDED)


def test_an_empty_list_says_so(window: MainWindow, commands: FakeCommands) -> None:
    dialog = opened(window)
    commands.connecting.answers[0]("")
    assert dialog.platforms.words.text() == "Makini lists no system."


def test_systems_known_from_before_are_there_at_once(window: MainWindow, store: Store) -> None:
    store.set_platforms((SAP,))
    assert opened(window).platforms.model.rowCount() == 1


def test_a_customer_is_connected_by_keyboard_alone(
    qtbot: QtBot, window: MainWindow, dialog: ConnectDialog, commands: FakeCommands
) -> None:
    assert dialog.focusWidget() is dialog.platforms.search
    qtbot.keyClicks(dialog.platforms.search, "erp")
    assert dialog.platforms.model.rowCount() == 2
    qtbot.keyClick(dialog.platforms.search, Qt.Key.Key_Down)
    assert dialog.focusWidget() is dialog.platforms.list
    qtbot.keyClick(dialog.platforms.list, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.platforms.list, Qt.Key.Key_Return)
    assert commands.orders[-1] == ("connect", SAP, None, None, LoginPath.EMBEDDED)
    assert dialog.isHidden()


def test_one_that_is_left_of_the_search_is_chosen(qtbot: QtBot, dialog: ConnectDialog) -> None:
    qtbot.keyClicks(dialog.platforms.search, "upk")
    assert dialog.platforms.platform() == UPKEEP
    qtbot.keyClicks(dialog.platforms.search, "zzz")
    assert dialog.platforms.platform() is None
    assert dialog.platforms.words.text() == "No system has that in its name."


def test_history_interval_and_path_are_passed_on(dialog: ConnectDialog, commands: FakeCommands) -> None:
    dialog.platforms.choose(SAP)
    dialog.history.choose(90)
    dialog.interval.choose(1440)
    dialog.paths[LoginPath.BROWSER].click()
    dialog.connect_button.click()
    assert commands.orders[-1] == ("connect", SAP, 1440, 90, LoginPath.BROWSER)


def test_the_path_that_was_chosen_for_a_system_is_taken_again(
    dialog: ConnectDialog, commands: FakeCommands
) -> None:
    commands.login_paths.chosen = LoginPath.BROWSER
    dialog.platforms.choose(SAP)
    assert dialog.path() is LoginPath.BROWSER


def test_a_path_that_is_not_offered_says_why(window: MainWindow, commands: FakeCommands) -> None:
    commands.login_paths.refusals[LoginPath.BROWSER] = "It needs a redirect to this computer."
    dialog = opened(window)
    assert not dialog.paths[LoginPath.BROWSER].isEnabled()
    assert dialog.path_refusal.text() == "It needs a redirect to this computer."


def test_where_the_server_has_no_settings_none_are_asked_for(window: MainWindow, store: Store) -> None:
    missing = Finding(capability=Capability.SYNC_SETTINGS, offered=False, at=NOW)
    store.set_capabilities({Capability.SYNC_SETTINGS: missing})
    dialog = opened(window)
    assert not dialog.history.isEnabled()
    assert not dialog.interval.isEnabled()
    assert "does not offer the sync settings" in dialog.schedule_refusal.text()


def test_a_possible_second_connection_is_warned_of_before_the_login(
    window: MainWindow, dialog: ConnectDialog, commands: FakeCommands
) -> None:
    assert dialog.warning.isHidden()
    commands.duplicates.warning = DuplicateWarning("Acme Pumps has one already.", (ACME,))
    dialog.platforms.choose(SAP)
    assert dialog.warning.words.text() == "Acme Pumps has one already."
    dialog.show_existing.click()
    assert window.table.selected_ids() == [ACME]
    assert dialog.isHidden()


def by_credentials(dialog: ConnectDialog) -> None:
    dialog.by_credentials.click()
    dialog.platforms.choose(SAP)
    dialog.credentials.name.setText("Nova Foods")
    dialog.credentials.email.setText("it@nova.example")
    for (_name, value), secret in zip(dialog.credentials.credentials, ("nova", "pa55"), strict=True):
        value.setText(secret)
    dialog.connect_button.click()


def test_credentials_go_to_makini_and_the_dialog_closes_once_it_has_taken_them(
    dialog: ConnectDialog, commands: FakeCommands
) -> None:
    by_credentials(dialog)
    name, applicant, interval, history = commands.orders[-1]
    assert (name, interval, history) == ("connect_by_credentials", None, None)
    assert (applicant.name, applicant.email, applicant.platform) == ("Nova Foods", "it@nova.example", SAP)
    assert {key: each.value for key, each in applicant.credentials.items()} == {
        "username": "nova",
        "password": "pa55",
    }
    assert not dialog.connect_button.isEnabled()
    commands.connecting.answers[-1]()
    assert dialog.isHidden()


def refusal(field: str) -> InvalidRequest:
    error = InvalidRequest("Makini refused that.")
    error.field = field
    return error


@pytest.mark.parametrize(
    ("error", "said_at"),
    [
        (
            UsageError("A new connection needs a name.", field="name"),
            lambda d: d.credentials._labelled["name"].problem,
        ),
        (refusal("email"), lambda d: d.credentials._labelled["email"].problem),
        (refusal("credentials.password"), lambda d: d.credentials.problem),
        (refusal("provider"), lambda d: d.problem),
        (Unreachable("No answer."), lambda d: d.problem),
    ],
)
def test_what_is_refused_is_said_where_it_was_typed(
    dialog: ConnectDialog, commands: FakeCommands, error: Exception, said_at: Callable
) -> None:
    by_credentials(dialog)
    commands.connecting.answers[-2](error)
    assert dialog.isVisible()
    assert said_at(dialog).words.text() == str(error)
    assert dialog.connect_button.isEnabled()
    assert dialog.credentials.name.text() == "Nova Foods"


def test_credentials_need_a_system(dialog: ConnectDialog, commands: FakeCommands) -> None:
    dialog.by_credentials.click()
    dialog.connect_button.click()
    assert dialog.problem.words.text() == "Choose the system first."
    assert "connect_by_credentials" not in [order[0] for order in commands.orders]


@pytest.mark.parametrize("way", ["by_login", "by_credentials"])
def test_longer_texts_fit(
    qapp: QApplication, window: MainWindow, commands: FakeCommands, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(text, "_catalogue", PseudoTranslation())
    commands.duplicates.warning = DuplicateWarning("There is one already.", (ACME,))
    dialog = opened(window)
    getattr(dialog, way).click()
    qapp.processEvents()
    assert cut_texts(dialog) == []


def test_an_account_without_connections_offers_to_connect_the_first(
    make_window: MakeWindow, store: Store
) -> None:
    store.remove(list(store.rows))
    window = make_window()
    store.set_sweep(store.sweep.__class__(last_at=NOW))
    page = window.stack.currentWidget()
    assert page.heading.text() == "No connections yet"
    page.button.click()
    assert len(window.findChildren(ConnectDialog)) == 1


# While a customer signs in


def test_a_new_customers_sign_in_is_followed_and_can_be_ended(
    window: MainWindow, dialog: ConnectDialog, commands: FakeCommands
) -> None:
    bar = window.connecting.connect_bar
    assert bar is not None
    assert bar.isHidden()
    commands.connecting.stage_changed.emit(Stage.WAITING_FOR_LOGIN)
    assert bar.isVisible()
    assert bar.words.text() == "Waiting for sign-in…"
    bar.button.click()
    assert commands.orders[-1] == ("cancel_connect",)
    commands.connecting.stage_changed.emit(None)
    assert bar.isHidden()


# Questions


def test_disconnecting_is_asked_first_with_what_ends_and_what_stays(
    window: MainWindow, commands: FakeCommands
) -> None:
    window.table.select([ACME])
    window.actions_.disconnect_one.trigger()
    box = question(window)
    assert box.text() == "Disconnect acme-pumps?"
    assert box.informativeText() == "Its token ends; its history stays."
    assert box.defaultButton().text() == "Cancel"
    button(box, "Disconnect").click()
    assert commands.orders[-1] == ("disconnect", ACME)


def test_escape_disconnects_nothing(qtbot: QtBot, window: MainWindow, commands: FakeCommands) -> None:
    window.table.select([ACME])
    window.actions_.disconnect_one.trigger()
    box = question(window)
    with qtbot.waitSignal(box.finished):
        qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert ("disconnect", ACME) not in commands.orders


def test_what_is_ended_is_connected_again_and_cannot_be_ended_twice(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    store.put([row("Acme Pumps", Health.DISCONNECTED)])
    window.model.take_in()
    window.table.select([ACME])
    actions = window.actions_
    assert actions.reconnect.text() == "Connect again"
    assert not actions.disconnect_one.isEnabled()
    assert not actions.copy_token.isEnabled()
    actions.reconnect.trigger()
    assert commands.orders[-1] == ("reconnect", ACME)


@pytest.mark.parametrize(("answer", "ordered"), [("Sign in", True), ("Cancel", False)])
def test_a_login_that_would_make_a_duplicate_is_warned_of(
    window: MainWindow, commands: FakeCommands, answer: str, ordered: bool
) -> None:
    window.connecting.ask_doubted(DoubtedLogin(ACME, LoginPath.BROWSER, "That makes a second one."))
    box = question(window)
    assert box.informativeText() == "That makes a second one."
    button(box, answer).click()
    assert (("reconnect", ACME, LoginPath.BROWSER, "sure") in commands.orders) is ordered


@pytest.mark.parametrize(("answer", "ordered"), [("Repair", True), ("Cancel", False)])
def test_repairs_that_would_make_duplicates_are_warned_of_once(
    window: MainWindow, commands: FakeCommands, answer: str, ordered: bool
) -> None:
    commands.duplicates.warning = DuplicateWarning("The last sign-in came back as a new one.", (ACME,))
    window.connecting.repair([ACME, VEGA])
    (box,) = window.findChildren(QMessageBox)
    assert box.informativeText() == "The last sign-in came back as a new one."
    button(box, answer).click()
    assert (("repairs", "start", ACME, VEGA) in commands.orders) is ordered


@pytest.mark.parametrize(
    ("answer", "order"), [("Take over", ("adopt", ACME)), ("Keep both", ("keep_both", ACME))]
)
def test_a_new_connection_takes_over_or_both_stay(
    window: MainWindow, store: Store, commands: FakeCommands, answer: str, order: tuple[str, str]
) -> None:
    store.set_adoptions({ACME: VEGA})
    window.connecting.ask_adoption(ACME)
    box = question(window)
    for part in ("history move to the new one", "The old one is disconnected", "If you keep both"):
        assert part in box.informativeText()
    button(box, answer).click()
    assert commands.orders[-1] == order


def test_who_decides_later_finds_the_question_with_both_connections(
    window: MainWindow, store: Store, commands: FakeCommands
) -> None:
    store.set_adoptions({ACME: VEGA})
    window.connecting.ask_adoption(ACME)
    button(question(window), "Decide later").click()
    assert commands.orders == []
    assert window.detail is not None
    adoption = window.detail.panel.marks.adoption
    window.table.select([VEGA])
    assert adoption.words.text() == "This connection stands beside an older one"
    window.table.select([ACME])
    assert adoption.words.text() == "A new connection of this customer stands beside this one"
    adoption.link.click()
    button(question(window), "Keep both").click()
    assert commands.orders[-1] == ("keep_both", ACME)
    store.set_adoptions({})
    assert adoption.isHidden()


def test_the_question_waits_for_the_end_of_the_repair_queue(window: MainWindow, store: Store) -> None:
    repairs = [Repair(connection=ACME, customer="Acme Pumps", system="SAP S/4HANA")]
    store.set_repair_queue(RepairQueue.begin(repairs, NOW, LoginPath.EMBEDDED))
    store.set_adoptions({ACME: VEGA})
    window.connecting.ask_adoption(ACME)
    assert window.findChildren(QMessageBox) == []
    store.set_repair_queue(None)
    assert question(window).windowTitle() == "Take over?"


def test_two_questions_are_put_one_after_the_other(qtbot: QtBot, window: MainWindow, store: Store) -> None:
    store.set_adoptions({ACME: VEGA, VEGA: ConnectionId("delta-rail")})
    window.connecting.ask_adoption(ACME)
    window.connecting.ask_adoption(VEGA)
    (box,) = window.findChildren(QMessageBox)
    button(box, "Decide later").click()
    qtbot.waitUntil(lambda: [each.text() for each in window.findChildren(QMessageBox)][-1:] != [box.text()])
    assert question(window).text().startswith("Vega Steel")
