"""The accounts at the top of the window: chosen, added after a test, tested, removed after a question."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from makini_desktop.core import text
from makini_desktop.domain.account import AccountName, VersionPlacement
from makini_desktop.domain.token import Secret
from makini_desktop.services.draft import AccountDraft, TestResult
from makini_desktop.services.store import Store
from makini_desktop.ui.dialogs.account import AccountDialog
from makini_desktop.ui.dialogs.account_test import AccountTestDialog
from makini_desktop.ui.dialogs.token import TokenDialog
from makini_desktop.ui.main_window import MainWindow
from tests.gui.conftest import ACCOUNT, FakeCommands, MakeWindow
from tests.gui.longer import PseudoTranslation, cut_texts

PRODUCTION, EUROPE = AccountName("Production"), AccountName("Europe & Asia")
DRAFT = AccountDraft(
    name="Production",
    api_base="https://api.makini.io",
    link_base="https://link.makini.io",
    client_id="acme",
    client_secret=Secret("not-for-show"),
    redirect_uris=("http://127.0.0.1/callback", "https://acme.example/makini"),
)
RESULTS = (
    TestResult(subject="API base", ok=True, words="It answers."),
    TestResult(subject="Client", ok=False, words="The secret is not accepted."),
    TestResult(subject="Clock", ok=None, words="The server does not tell its time."),
)


def entries(window: MainWindow) -> dict[str, bool]:
    """Return the menu's entries and whether each is ticked."""
    window.accounts.menu.aboutToShow.emit()
    actions = [each for each in window.accounts.menu.actions() if not each.isSeparator()]
    return {each.text(): each.isChecked() for each in actions}


def press(window: MainWindow, words: str) -> None:
    """Choose an entry of the account's menu."""
    window.accounts.menu.aboutToShow.emit()
    next(each for each in window.accounts.menu.actions() if each.text() == words).trigger()


def fill(dialog: AccountDialog, draft: AccountDraft) -> None:
    """Type an account."""
    for field, value in (
        (dialog.name, draft.name),
        (dialog.api_base, draft.api_base),
        (dialog.link_base, draft.link_base),
        (dialog.client_id, draft.client_id),
        (dialog.client_secret, draft.client_secret.value if draft.client_secret else ""),
        (dialog.version, draft.version),
    ):
        field.setText(value)
        field.textEdited.emit(value)
    dialog.redirect_uris.edit.setPlainText("\n".join(draft.redirect_uris))


@pytest.fixture
def dialog(window: MainWindow) -> AccountDialog:
    window.accounts.add()
    dialog = window.accounts.dialog
    assert isinstance(dialog, AccountDialog)
    return dialog


def test_the_menu_lists_the_accounts_and_ticks_the_current_one(qtbot: QtBot, window: MainWindow) -> None:
    window.set_accounts([EUROPE, PRODUCTION], PRODUCTION)
    assert window.top.account.text() == "Production"
    assert window.top.account.accessibleName() == "Account: Production"
    assert entries(window) == {
        "Europe && Asia": False,
        "Production": True,
        "Add account…": False,
        "Test account": False,
        "Remove account…": False,
    }
    with qtbot.waitSignal(window.account_chosen) as chosen:
        press(window, "Europe && Asia")
    assert chosen.args == [EUROPE]
    with qtbot.assertNotEmitted(window.account_chosen):
        press(window, "Production")


def test_the_sandbox_stands_alone_and_can_be_tested(make_window: MakeWindow) -> None:
    window = make_window(sandbox=True)
    window.set_accounts([AccountName("Sandbox"), PRODUCTION], AccountName("Sandbox"))
    assert entries(window) == {"Sandbox": True, "Test account": False}


def test_without_an_account_one_can_only_be_added(make_window: MakeWindow) -> None:
    window = make_window(account=None)
    assert window.top.account.text() == "No account"
    assert list(entries(window)) == ["Add account…"]


def test_a_long_account_name_is_cut_and_leaves_room_for_the_rest(make_window: MakeWindow) -> None:
    window = make_window(size=(800, 600))
    window.set_accounts([AccountName("A name as long as a sentence " * 6)], AccountName("A name " * 30))
    QApplication.processEvents()
    assert window.width() == 800
    assert window.top.menu_button.geometry().right() <= window.top.width()
    window.top.account.grab()
    assert window.top.account.toolTip() == window.top.account.text()


def test_the_menu_opens_by_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    window.set_accounts([PRODUCTION], PRODUCTION)
    window.activateWindow()
    window.top.account.setFocus()
    opened: list[None] = []
    window.accounts.menu.aboutToShow.connect(lambda: opened.append(None))
    assert window.top.account.focusPolicy() & Qt.FocusPolicy.TabFocus
    menu: QMenu = window.accounts.menu
    menu.aboutToShow.connect(
        lambda: qtbot.keyClick(menu, Qt.Key.Key_Escape), Qt.ConnectionType.QueuedConnection
    )
    qtbot.keyClick(window.top.account, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(opened) and not menu.isVisible())


def test_the_dialog_gives_what_was_typed(qtbot: QtBot, window: MainWindow, dialog: AccountDialog) -> None:
    fill(dialog, DRAFT)
    dialog.issue_tokens.click()
    next(each for each in dialog.placements.buttons() if each.text() == "in a header").click()
    with qtbot.waitSignal(window.account_added) as added:
        dialog.save_button.click()
    assert added.args == [
        msgspec.structs.replace(DRAFT, version_in=VersionPlacement.HEADER, issue_tokens=True)
    ]


def test_what_is_usual_stands_there_already_and_the_secret_is_optional(dialog: AccountDialog) -> None:
    draft = dialog.draft()
    assert (draft.api_base, draft.link_base) == ("https://api.makini.io", "https://link.makini.io")
    assert (draft.version, draft.version_in, draft.issue_tokens) == ("v1", None, False)
    assert draft.client_secret is None


def test_the_secret_is_never_to_be_read(dialog: AccountDialog) -> None:
    fill(dialog, DRAFT)
    assert dialog.client_secret.echoMode() is QLineEdit.EchoMode.Password
    assert "not-for-show" not in dialog.client_secret.displayText()
    assert "not-for-show" not in repr(dialog.draft())


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "An account needs a name."),
        ("client_id", "", "An account needs a client id."),
        ("api_base", "http://api.example", "The API base http://api.example cannot be used"),
        ("link_base", "ftp://x", "The link base ftp://x cannot be used"),
        ("redirect_uris", (), "An account needs at least one redirect URI."),
        ("redirect_uris", ("nonsense",), "The redirect URI nonsense cannot be used"),
        ("version", "v 1", "“v 1” is no API version; it looks like v1."),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_is_lost(
    qtbot: QtBot, window: MainWindow, dialog: AccountDialog, field: str, value: object, words: str
) -> None:
    typed = msgspec.structs.replace(DRAFT, **{field: value})
    fill(dialog, typed)
    with qtbot.assertNotEmitted(window.account_added), qtbot.assertNotEmitted(dialog.test_wanted):
        dialog.save_button.click()
        dialog.test_button.click()
    said = {name: each.problem.words.text() for name, each in dialog.fields.items() if each.field.wrong}
    assert list(said) == [field]
    assert said[field].startswith(words)
    assert dialog.fields[field].problem.isVisible()
    assert dialog.draft() == typed
    fill(dialog, DRAFT)
    dialog.save_button.click()
    assert not dialog.fields[field].problem.isVisible()


def test_the_test_shows_how_each_thing_stands(
    qtbot: QtBot, window: MainWindow, dialog: AccountDialog
) -> None:
    fill(dialog, DRAFT)
    with qtbot.waitSignal(window.account_draft_test_wanted) as wanted:
        dialog.test_button.click()
    assert wanted.args == [DRAFT]
    assert dialog.results.heading.text() == "Testing…"
    assert not dialog.test_button.isEnabled()
    window.accounts.show_results(RESULTS)
    assert dialog.results.heading.text() == "1 thing is wrong"
    assert [(each.glyph.name, each.title.text()) for each in dialog.results.findings] == [
        ("tick", "API base"),
        ("cross", "Client"),
        ("dash", "Clock"),
    ]
    assert dialog.results.findings[1].accessibleName() == "Client, wrong: The secret is not accepted."
    assert dialog.test_button.isEnabled()


def test_what_was_found_is_forgotten_when_something_else_is_typed(dialog: AccountDialog) -> None:
    fill(dialog, DRAFT)
    dialog.test_button.click()
    dialog.client_id.textEdited.emit("other")
    dialog.show_results(RESULTS)
    assert dialog.results.isHidden()
    assert dialog.test_button.isEnabled()


def test_a_refusal_keeps_the_dialog_open_with_everything_typed(
    window: MainWindow, dialog: AccountDialog
) -> None:
    fill(dialog, DRAFT)
    dialog.save_button.click()
    assert not dialog.save_button.isEnabled()
    window.accounts.refuse("There is an account “Production” already.")
    assert dialog.isVisible()
    assert dialog.problem.words.text() == "There is an account “Production” already."
    assert dialog.draft() == DRAFT
    assert dialog.save_button.isEnabled()
    window.accounts.close_dialog()
    assert window.accounts.dialog is None


def test_a_refusal_without_a_dialog_is_told_in_the_window(window: MainWindow) -> None:
    window.accounts.refuse("The keychain is locked.")
    assert [card.notice.words for card in window.notices.cards] == ["The keychain is locked."]


def test_the_account_in_use_is_tested_in_a_dialog_of_its_own(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.account_test_wanted):
        press(window, "Test account")
    dialog = window.accounts.dialog
    assert isinstance(dialog, AccountTestDialog)
    before = dialog.height()
    window.accounts.show_results(RESULTS[:1] * 6)
    qtbot.waitUntil(lambda: dialog.height() > before)
    assert dialog.area.verticalScrollBar().maximum() == 0
    assert dialog.results.heading.text() == "This account works"
    with qtbot.waitSignal(window.account_test_wanted):
        dialog.again.click()
    window.accounts.refuse("Makini cannot be reached.")
    assert dialog.problem.words.text() == "Makini cannot be reached."
    dialog.close_button.click()
    window.accounts.show_results(RESULTS)
    assert window.accounts.dialog is None


@pytest.mark.parametrize(("words", "removed"), [("Remove account", True), ("Keep it", False)])
def test_removing_says_what_ends_and_what_stays_and_does_nothing_unasked(
    qtbot: QtBot, window: MainWindow, words: str, removed: bool
) -> None:
    told: list[None] = []
    window.account_removed.connect(lambda: told.append(None))
    press(window, "Remove account…")
    box = window.findChild(QMessageBox)
    assert box.text() == f"Remove {ACCOUNT.name} from this computer?"
    assert "Watching 5 connections ends here." in box.informativeText()
    assert "At Makini everything stays as it is" in box.informativeText()
    assert box.defaultButton().text() == "Keep it"
    next(button for button in box.buttons() if button.text() == words).click()
    qtbot.waitUntil(lambda: not box.isVisible())
    assert bool(told) is removed


def test_a_connection_is_added_by_its_token_alone(window: MainWindow, commands: FakeCommands) -> None:
    window.menu.aboutToShow.emit()
    next(each for each in window.menu.actions() if each.text() == "Add connection by token…").trigger()
    dialog = window.findChild(TokenDialog)
    dialog.add.click()
    assert dialog.labelled.problem.isVisible()
    assert commands.orders == []
    dialog.token.setText(" the-token ")
    dialog.token.textEdited.emit(" the-token ")
    assert not dialog.labelled.problem.isVisible()
    assert dialog.token.echoMode() is QLineEdit.EchoMode.Password
    dialog.add.click()
    assert commands.orders == [("add_token", Secret("the-token"))]


def test_every_control_of_the_dialogs_has_a_name_and_a_turn(dialog: AccountDialog) -> None:
    controls = [*dialog.findChildren(QAbstractButton), *dialog.findChildren(QLineEdit)]
    controls = [each for each in controls if each.isVisible()]
    assert [each for each in controls if not (getattr(each, "text", str)() or each.accessibleName())] == []
    assert [each for each in controls if not each.focusPolicy() & Qt.FocusPolicy.TabFocus] == []
    assert dialog.redirect_uris.edit.tabChangesFocus()
    assert dialog.fields["client_secret"].field.accessibleDescription().startswith("Kept in the keychain")


def test_longer_texts_are_not_cut_in_the_dialogs(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, store: Store, make_window: MakeWindow
) -> None:
    monkeypatch.setattr(text, "_catalogue", PseudoTranslation())
    window = make_window()
    window.accounts.add()
    dialog = window.accounts.dialog
    assert isinstance(dialog, AccountDialog)
    dialog.save_button.click()
    qtbot.waitUntil(lambda: cut_texts(dialog) == [])
    fill(dialog, DRAFT)
    dialog.test_button.click()
    window.accounts.show_results(RESULTS)
    qtbot.waitUntil(lambda: cut_texts(dialog) == [])
    assert dialog.area.widget().width() <= dialog.area.viewport().width()


def test_right_to_left_mirrors_the_dialog(qapp: QApplication, make_window: MakeWindow) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        window = make_window()
        window.accounts.add()
        dialog = window.accounts.dialog
        assert isinstance(dialog, AccountDialog)
        assert dialog.fields["api_base"].x() > dialog.fields["link_base"].x()
        assert dialog.test_button.x() > dialog.save_button.x()
        assert not dialog.grab().isNull()
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
