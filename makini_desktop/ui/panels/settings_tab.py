"""The detail's tab "Settings": how a connection syncs, where its events go, metadata, note, and mutes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.settings import (
    ConnectionSettings,
    Metadatum,
    ScheduleChange,
    Setting,
    SyncMode,
    SyncSchedule,
    Webhook,
    WebhookChange,
    events_offered,
)
from makini_desktop.domain.token import Secret
from makini_desktop.services.settings_words import mode_words
from makini_desktop.services.store import Row, Store
from makini_desktop.ui.controls import Words
from makini_desktop.ui.fields import CheckBox, ChoiceField, Labelled, LineField, TextField
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.event_list import EventList
from makini_desktop.ui.panels.metadata_list import MetadataList
from makini_desktop.ui.panels.progress import ProgressLine
from makini_desktop.ui.panels.schedule_fields import NumberChoice, history_field, interval_field
from makini_desktop.ui.panels.settings_section import Entry, Section, by_name

if TYPE_CHECKING:
    from makini_desktop.services.connecting import Connecting
    from makini_desktop.services.inbox import Inbox

NOTE = "note"
NOTE_LINES = 4


class SettingsTab(QWidget):
    """The tab; each section is saved by itself."""

    def __init__(
        self,
        look: Look,
        store: Store,
        connecting: Callable[[], Connecting],
        inbox: Callable[[], Inbox],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._connecting = connecting
        self._inbox = inbox
        self.reading = Words(_("Reading the settings…"), look.body, secondary=True)
        self.line = ProgressLine(look, thickness=4, track=True)
        self.line.setAccessibleName(_("Reading the settings"))
        self.locked = Words(font=look.body, secondary=True, wraps=True, selectable=True)
        self.sync = SyncSection(look)
        self.webhook = WebhookSection(look)
        self.metadata = MetadataSection(look)
        self.note = NoteSection(look)
        self.mutes = MuteSection(look, inbox)
        self.sync.saving.connect(self._save_sync)
        self.webhook.saving.connect(self._save_webhook)
        self.metadata.saving.connect(self._save_metadata)
        self.note.saving.connect(self._save_note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.setSpacing(20)
        for widget in (self.sync, self.note, self.mutes, self.webhook, self.metadata):
            layout.addWidget(widget)
        for above in (self.line, self.reading, self.locked):
            layout.insertWidget(0, above)
        layout.addStretch(1)

    def tell(self, row: Row, settings: ConnectionSettings) -> None:
        """Show a connection's settings; what somebody has changed and not saved stays."""
        known = settings.read_at is not None or bool(settings.locked)
        self.reading.setVisible(not known)
        self.line.setVisible(not known)
        self.line.tell(0.0 if known else None)
        why = _locked_altogether(settings)
        self.locked.setText(why)
        self.locked.setVisible(bool(why))
        for section in (self.sync, self.webhook, self.metadata):
            section.setVisible(known and not why)
        self.note.setVisible(known)
        self.mutes.tell(row, self._store)
        if not known:
            return
        locked, refused = by_name(settings.locked), by_name(settings.refused)
        schedule = settings.schedule or SyncSchedule()
        self.sync.offer_modes(schedule)
        self.sync.tell(
            row.id,
            {
                Setting.MODE.value: schedule.mode,
                Setting.INTERVAL.value: schedule.interval_minutes,
                Setting.HISTORY.value: schedule.history_days,
            },
            locked,
            refused,
        )
        webhook = settings.webhook or Webhook()
        self.webhook.events.offer(events_offered(row.connection.scopes))
        self.webhook.tell(
            row.id,
            {
                Setting.WEBHOOK_URL.value: webhook.url or "",
                Setting.WEBHOOK_EVENTS.value: frozenset(webhook.events),
                Setting.WEBHOOK_SECRET.value: "",
            },
            locked,
            refused,
        )
        self.metadata.tell(row.id, {Setting.METADATA.value: settings.metadata or ()}, locked, refused)
        self.note.tell(row.id, {NOTE: settings.note}, {}, {})

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for another height where another width wraps the words otherwise."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """Be as high as all sections are: what is around scrolls."""
        layout = self.layout()
        return QSize(0, layout.totalHeightForWidth(self.width()) if layout is not None else 0)

    def _save_sync(self) -> None:
        changed = self.sync.changed()
        change = ScheduleChange(
            mode=changed.get(Setting.MODE.value),
            interval_minutes=changed.get(Setting.INTERVAL.value),
            history_days=changed.get(Setting.HISTORY.value),
        )
        if self.sync.connection is not None:
            self._connecting().change_schedule(self.sync.connection, change, self.sync.answer())

    def _save_webhook(self) -> None:
        changed = self.webhook.changed()
        secret = changed.get(Setting.WEBHOOK_SECRET.value)
        events = changed.get(Setting.WEBHOOK_EVENTS.value)
        change = WebhookChange(
            url=changed.get(Setting.WEBHOOK_URL.value),
            events=tuple(each for each in self.webhook.events.boxes if each in events)
            if events is not None
            else None,
            secret=Secret(secret) if secret else None,
        )
        if self.webhook.connection is not None:
            self._connecting().change_webhook(self.webhook.connection, change, self.webhook.answer())

    def _save_metadata(self) -> None:
        entries: tuple[Metadatum, ...] = self.metadata.list.entries()
        if self.metadata.connection is not None:
            self._connecting().set_metadata(self.metadata.connection, entries, self.metadata.answer())

    def _save_note(self) -> None:
        if self.note.connection is not None:
            text = self.note.field.edit.toPlainText()
            self._connecting().save_note(self.note.connection, text, self.note.answer())


class SyncSection(Section):
    """What starts syncs, how often, and how far back the first goes."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _("Syncs"))
        self.mode = ChoiceField(look)
        self.interval = interval_field(look)
        self.history = history_field(look)
        self._add(look, Setting.MODE, _("Started"), self.mode, self.mode.choose)
        self._add(look, Setting.INTERVAL, _("Every"), self.interval, self.interval.show_number)
        self._add(look, Setting.HISTORY, _("History window"), self.history, self.history.show_number)

    def offer_modes(self, schedule: SyncSchedule) -> None:
        """Offer the modes, and one that we do not know as the server spells it."""
        known = (SyncMode.SCHEDULED, SyncMode.WEBHOOK)
        modes = known if schedule.mode in known else (*known, schedule.mode)
        words = [
            (mode, mode_words(schedule if mode is schedule.mode else SyncSchedule(mode=mode)))
            for mode in modes
        ]
        if [self.mode.itemText(at) for at in range(self.mode.count())] != [said for _mode, said in words]:
            self.mode.offer(words)

    def _add(
        self, look: Look, setting: Setting, name: str, field: ChoiceField, show: Callable[..., None]
    ) -> None:
        labelled = Labelled(look, name, field)
        self.content.addWidget(labelled)
        field.activated.connect(self.edited)
        read = field.number if isinstance(field, NumberChoice) else field.value
        self.entries[setting.value] = Entry(read, show, labelled.refuse, field.setEnabled)


class WebhookSection(Section):
    """Where a connection's events go."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _("Webhook"))
        self.url = LineField(look)
        self.secret = LineField(look, secret=True)
        self.events = EventList(look)
        url = Labelled(look, _("Address"), self.url, _("Empty turns the webhook off."))
        secret = Labelled(
            look,
            _("New secret"),
            self.secret,
            _("Signs the events. Never shown; empty keeps the one there is."),
        )
        self.url.textEdited.connect(self.edited)
        self.secret.textEdited.connect(self.edited)
        self.events.edited.connect(self.edited)
        for widget in (url, secret, self.events):
            self.content.addWidget(widget)
        self.entries = {
            Setting.WEBHOOK_URL.value: _line(self.url, url),
            Setting.WEBHOOK_SECRET.value: _line(self.secret, secret),
            Setting.WEBHOOK_EVENTS.value: Entry(
                self.events.chosen, self.events.choose, self.events.refuse, self.events.setEnabled
            ),
        }


class MetadataSection(Section):
    """What the account keeps about a connection at Makini."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _("Metadata at Makini"))
        self.list = MetadataList(look)
        self.list.edited.connect(self.edited)
        self.content.addWidget(self.list)
        self.entries[Setting.METADATA.value] = Entry(
            self.list.entries, self._show, self.list.refuse, self.list.setEnabled
        )

    def _show(self, entries: tuple[Metadatum, ...]) -> None:
        self.list.show_entries(entries, self.entries[Setting.METADATA.value].saved)


class NoteSection(Section):
    """The person's own note."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _("Note"))
        self.field = TextField(look, NOTE_LINES, wraps=True)
        self.labelled = Labelled(look, _("On this computer only"), self.field)
        self.field.edit.textChanged.connect(self.edited)
        self.content.addWidget(self.labelled)
        edit = self.field.edit
        self.entries[NOTE] = Entry(
            edit.toPlainText, edit.setPlainText, self.labelled.refuse, self.field.setEnabled
        )


class MuteSection(QWidget):
    """What is watched and never announced; in force as soon as it is chosen."""

    def __init__(self, look: Look, inbox: Callable[[], Inbox]) -> None:
        super().__init__()
        self._inbox = inbox
        self._row: Row | None = None
        self.connection = CheckBox(look, _("This connection"))
        self.system = CheckBox(look, "")
        self.connection.clicked.connect(self._mute_connection)
        self.system.clicked.connect(self._mute_system)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(Words(_("Mute"), look.strong))
        layout.addWidget(self.connection)
        layout.addWidget(self.system)

    def tell(self, row: Row, store: Store) -> None:
        """Show what is muted."""
        self._row = row
        system = row.connection.system
        self.system.setText(_("All of {system}").format(system=system))
        self.system.setVisible(bool(system))
        self.system.setChecked(system in store.mutes.systems)
        self.connection.setChecked(row.id in store.mutes.connections)

    def _mute_connection(self, muted: bool) -> None:
        if self._row is not None:
            self._inbox().mute_connections((self._row.id,), muted)

    def _mute_system(self, muted: bool) -> None:
        if self._row is not None:
            self._inbox().mute_system(self._row.connection.system, muted)


def _locked_altogether(settings: ConnectionSettings) -> str:
    """Return why nothing can be set, if that is one reason for all; else nothing."""
    reasons = {settings.locked.get(setting, "") for setting in Setting}
    return reasons.pop() if len(reasons) == 1 else ""


def _line(field: LineField, labelled: Labelled) -> Entry:
    return Entry(field.text, field.setText, labelled.refuse, field.setEnabled)
