"""The tab "Settings": what is set, locked, refused, and typed but not saved yet."""

from collections.abc import Mapping

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from makini_desktop.core import text
from makini_desktop.domain.alerting import Mutes
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.settings import (
    ConnectionSettings,
    Metadatum,
    ScheduleChange,
    Setting,
    SyncMode,
    SyncSchedule,
    Webhook,
    WebhookChange,
)
from makini_desktop.domain.token import Secret
from makini_desktop.services.store import Detail, Store
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.panels.detail import TAB_OVERVIEW, TAB_SETTINGS
from makini_desktop.ui.panels.settings_tab import SettingsTab
from tests.gui.conftest import FakeCommands
from tests.gui.longer import PseudoTranslation, cut_texts
from tests.gui.rows import NOW

ACME, BALTIC = ConnectionId("acme-pumps"), ConnectionId("baltic-paper")
KNOWN = ConnectionSettings(
    schedule=SyncSchedule(
        mode=SyncMode.SCHEDULED, mode_word="scheduled", interval_minutes=60, history_days=60
    ),
    webhook=Webhook(url="https://acme.example/hook", events=("sync.failed", "odd.event")),
    metadata=(Metadatum("crm", "4711"),),
    note="Ask for Ms Ito",
    read_at=NOW,
)


def knows(store: Store, settings: ConnectionSettings = KNOWN, connection: ConnectionId = ACME) -> None:
    detail = store.detail(connection)
    store.put_detail(connection, msgspec.structs.replace(detail, settings=settings))


def changed(store: Store, **changes: object) -> None:
    knows(store, msgspec.structs.replace(store.detail(ACME).settings, **changes))


@pytest.fixture
def tab(window: MainWindow, store: Store) -> SettingsTab:
    """The tab of Acme, with all settings known."""
    knows(store)
    window.table.select([ACME])
    assert window.detail is not None
    window.detail.panel.tabs.setCurrentIndex(TAB_SETTINGS)
    return window.detail.panel.settings


def test_the_settings_are_read_when_somebody_looks(
    window: MainWindow, commands: FakeCommands, store: Store
) -> None:
    window.table.select([ACME])
    assert window.detail is not None
    panel = window.detail.panel
    assert ("load_settings", ACME) not in commands.orders
    panel.tabs.setCurrentIndex(TAB_SETTINGS)
    assert commands.orders[-1] == ("load_settings", ACME)
    assert panel.settings.reading.isVisible()
    window.table.select([BALTIC])
    assert commands.orders[-1] == ("load_settings", BALTIC)
    knows(store, connection=BALTIC)
    assert panel.settings.reading.isHidden()
    panel.tabs.setCurrentIndex(TAB_OVERVIEW)
    window.table.select([ACME])
    assert commands.orders[-1] == ("load_detail", ACME)


def test_what_is_set_is_shown(tab: SettingsTab) -> None:
    assert tab.sync.mode.currentText() == "on a schedule"
    assert tab.sync.interval.currentText() == "1 hour"
    assert tab.sync.history.currentText() == "60 days"
    assert tab.webhook.url.text() == "https://acme.example/hook"
    assert tab.webhook.secret.text() == ""
    assert tab.webhook.events.chosen() == {"sync.failed", "odd.event"}
    assert tab.metadata.list.entries() == (Metadatum("crm", "4711"),)
    assert tab.note.field.edit.toPlainText() == "Ask for Ms Ito"
    for section in (tab.sync, tab.webhook, tab.metadata, tab.note):
        assert section.save.isHidden() or not section.save.isVisible()


def test_what_is_not_among_the_usual_values_is_shown_too(tab: SettingsTab, store: Store) -> None:
    changed(
        store,
        schedule=SyncSchedule(mode_word="by_moon", interval_minutes=37, history_days=31),
    )
    assert tab.sync.mode.currentText() == "by_moon"
    assert tab.sync.interval.currentText() == "37 minutes"
    assert tab.sync.history.currentText() == "31 days"


def choose(tab: SettingsTab, minutes: int) -> None:
    field = tab.sync.interval
    field.choose(minutes)
    field.activated.emit(field.currentIndex())


def test_only_what_was_changed_is_sent(tab: SettingsTab, commands: FakeCommands) -> None:
    choose(tab, 45)
    tab.sync.save.click()
    assert commands.orders[-1] == ("change_schedule", ACME, ScheduleChange(interval_minutes=45))
    assert tab.sync.save.text() == "Saving…"
    assert not tab.sync.save.isEnabled()


def test_a_section_offers_to_save_only_what_differs(tab: SettingsTab) -> None:
    choose(tab, 45)
    assert tab.sync.save.isVisible()
    assert not tab.note.save.isVisible()
    choose(tab, 60)
    assert not tab.sync.save.isVisible()
    choose(tab, 45)
    tab.sync.undo.click()
    assert tab.sync.interval.number() == 60
    assert not tab.sync.save.isVisible()


def test_a_refresh_loses_nothing_that_was_typed(tab: SettingsTab, store: Store) -> None:
    choose(tab, 45)
    tab.note.field.edit.setPlainText("Ask for Mr Ito")
    tab.webhook.url.setText("https://acme.example/new")
    tab.webhook.edited()
    changed(
        store,
        schedule=msgspec.structs.replace(KNOWN.schedule, interval_minutes=120, history_days=90),
        note="Somebody else's note",
        webhook=Webhook(url="https://acme.example/other"),
    )
    assert tab.sync.interval.number() == 45
    assert tab.sync.history.number() == 90
    assert tab.note.field.edit.toPlainText() == "Ask for Mr Ito"
    assert tab.webhook.url.text() == "https://acme.example/new"
    assert tab.webhook.events.chosen() == frozenset()


def test_a_look_at_another_connection_loses_nothing_either(
    window: MainWindow, tab: SettingsTab, store: Store, commands: FakeCommands
) -> None:
    tab.note.field.edit.setPlainText("Half a sent")
    tab.metadata.list.add.click()
    tab.metadata.list.new[0][0].setText("owner")
    knows(store, ConnectionSettings(read_at=NOW, note="Baltic's", metadata=()), BALTIC)
    window.table.select([BALTIC])
    assert tab.note.field.edit.toPlainText() == "Baltic's"
    assert tab.metadata.list.entries() == ()
    window.table.select([ACME])
    assert tab.note.field.edit.toPlainText() == "Half a sent"
    assert tab.metadata.list.entries() == (Metadatum("crm", "4711"), Metadatum("owner", ""))
    tab.note.save.click()
    assert commands.orders[-1] == ("save_note", ACME, "Half a sent")


def test_once_saved_nothing_is_left_to_save(tab: SettingsTab, store: Store, commands: FakeCommands) -> None:
    tab.webhook.secret.setText("5up3r")
    tab.webhook.edited()
    tab.webhook.save.click()
    assert commands.orders[-1] == ("change_webhook", ACME, WebhookChange(secret=Secret("5up3r")))
    commands.connecting.answers[-1](True)
    assert tab.webhook.secret.text() == ""
    assert not tab.webhook.save.isVisible()


def test_what_could_not_be_saved_is_still_there(tab: SettingsTab, commands: FakeCommands) -> None:
    tab.note.field.edit.setPlainText("New")
    tab.note.save.click()
    commands.connecting.answers[-1](False)
    assert tab.note.field.edit.toPlainText() == "New"
    assert tab.note.save.isEnabled()
    assert tab.note.save.text() == "Save"


def test_an_answer_for_a_connection_that_is_not_shown_any_more_changes_nothing_here(
    window: MainWindow, tab: SettingsTab, store: Store, commands: FakeCommands
) -> None:
    tab.note.field.edit.setPlainText("Acme's new")
    tab.note.save.click()
    knows(store, ConnectionSettings(read_at=NOW, note="Baltic's"), BALTIC)
    window.table.select([BALTIC])
    tab.note.field.edit.setPlainText("Baltic's new")
    commands.connecting.answers[-1](True)
    assert tab.note.field.edit.toPlainText() == "Baltic's new"
    changed(store, note="Acme's new")
    window.table.select([ACME])
    assert tab.note.field.edit.toPlainText() == "Acme's new"
    assert not tab.note.save.isVisible()


@pytest.mark.parametrize(
    ("refused", "problem"),
    [
        ({Setting.INTERVAL: "Too short."}, "sync"),
        ({Setting.WEBHOOK_URL: "No address."}, "webhook"),
        ({Setting.METADATA: "Key too long."}, "metadata"),
    ],
)
def test_what_is_refused_is_said_at_its_field(
    tab: SettingsTab, store: Store, refused: Mapping[Setting, str], problem: str
) -> None:
    changed(store, refused=refused)
    (words,) = refused.values()
    section = getattr(tab, problem)
    shown = [each for each in section.findChildren(type(tab.metadata.list.problem)) if each.isVisible()]
    assert [each.words.text() for each in shown] == [words]


def test_typing_on_takes_the_refusal_away(tab: SettingsTab, store: Store, qtbot: QtBot) -> None:
    changed(store, refused={Setting.WEBHOOK_URL: "No address."})
    assert tab.webhook.url.wrong
    qtbot.keyClicks(tab.webhook.url, "x")
    assert not tab.webhook.url.wrong


def test_what_is_locked_says_why_once(tab: SettingsTab, store: Store) -> None:
    why = "This server does not offer the webhook settings."
    webhook = (Setting.WEBHOOK_URL, Setting.WEBHOOK_EVENTS, Setting.WEBHOOK_SECRET)
    changed(store, webhook=None, locked={**dict.fromkeys(webhook, why), Setting.HISTORY: "Not offered here."})
    assert tab.webhook.locked.text() == why
    assert not tab.webhook.url.isVisible()
    assert tab.sync.locked.text() == "Not offered here."
    assert not tab.sync.history.isEnabled()
    assert tab.sync.interval.isEnabled()


def test_of_an_ended_connection_the_note_stays(tab: SettingsTab, store: Store) -> None:
    ended = "Acme Pumps is disconnected; there is nothing to set."
    knows(store, ConnectionSettings(note="Bye", locked=dict.fromkeys(Setting, ended)))
    assert tab.locked.text() == ended
    for section in (tab.sync, tab.webhook, tab.metadata):
        assert section.isHidden()
    assert tab.note.field.edit.toPlainText() == "Bye"
    assert tab.note.isVisible()


def test_metadata_is_changed_and_added_to(tab: SettingsTab, commands: FakeCommands, qtbot: QtBot) -> None:
    entries = tab.metadata.list
    entries.add.click()
    key, value = entries.new[0]
    qtbot.keyClicks(key, "owner")
    qtbot.keyClicks(value, "Anna")
    qtbot.keyClick(value, Qt.Key.Key_Return)
    assert commands.orders[-1] == (
        "set_metadata",
        ACME,
        (Metadatum("crm", "4711"), Metadatum("owner", "Anna")),
    )


def test_return_saves_and_undo_is_no_save(tab: SettingsTab, commands: FakeCommands, qtbot: QtBot) -> None:
    qtbot.keyClicks(tab.webhook.url, "2")
    tab.webhook.undo.setFocus()
    qtbot.keyClick(tab.webhook.undo, Qt.Key.Key_Return)
    assert tab.webhook.url.text() == "https://acme.example/hook"
    assert "change_webhook" not in [order[0] for order in commands.orders]
    tab.webhook.url.setFocus()
    qtbot.keyClicks(tab.webhook.url, "2")
    qtbot.keyClick(tab.webhook.url, Qt.Key.Key_Return)
    assert commands.orders[-1] == ("change_webhook", ACME, WebhookChange(url="https://acme.example/hook2"))


def test_events_are_chosen_and_kept_in_the_offered_order(tab: SettingsTab, commands: FakeCommands) -> None:
    tab.webhook.events.boxes["sync.completed"].click()
    tab.webhook.save.click()
    assert commands.orders[-1] == (
        "change_webhook",
        ACME,
        WebhookChange(events=("sync.completed", "sync.failed", "odd.event")),
    )


def test_a_connection_or_its_system_is_muted_here(
    tab: SettingsTab, store: Store, commands: FakeCommands
) -> None:
    tab.mutes.connection.click()
    assert commands.orders[-1] == ("mute", ACME)
    tab.mutes.system.click()
    assert commands.orders[-1] == ("mute_system", "SAP S/4HANA")
    store.set_mutes(Mutes(connections=frozenset({ACME})))
    assert tab.mutes.connection.isChecked()
    assert not tab.mutes.system.isChecked()


def test_the_wheel_changes_no_choice(tab: SettingsTab) -> None:
    field = tab.sync.interval
    at = QPointF(field.rect().center())
    turned = QWheelEvent(
        at,
        field.mapToGlobal(at),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, turned)
    assert field.number() == 60
    assert not turned.isAccepted()


def test_every_field_has_a_name(tab: SettingsTab) -> None:
    fields = (
        tab.sync.mode,
        tab.sync.interval,
        tab.sync.history,
        tab.webhook.url,
        tab.webhook.secret,
        tab.note.field.edit,
    )
    assert [field.accessibleName() for field in fields] == [
        "Started",
        "Every",
        "History window",
        "Address",
        "New secret",
        "On this computer only",
    ]


@pytest.mark.parametrize("size", [(1024, 640), (1320, 800)])
def test_longer_texts_fit(
    qapp: QApplication,
    store: Store,
    make_window,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr(text, "_catalogue", PseudoTranslation())
    window = make_window(size=size)
    knows(store)
    window.table.select([ACME])
    window.detail.panel.tabs.setCurrentIndex(TAB_SETTINGS)
    window.detail.panel.settings.note.field.edit.setPlainText("x")
    qapp.processEvents()
    assert cut_texts(window.detail.panel.settings) == []
    assert Detail().settings.read_at is None
