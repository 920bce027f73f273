"""What is announced and when, what is muted, and how the program stays around."""

from __future__ import annotations

from datetime import time
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt, QTime
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.alerting import AlertSettings, Mutes, QuietHours
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import Cause
from makini_desktop.services.incident_words import cause_word
from makini_desktop.services.store import Store
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.fields import CheckBox, RadioButton, TimeField
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.findings import Finding
from makini_desktop.ui.surroundings import Closing, Surroundings

if TYPE_CHECKING:
    from makini_desktop.services.inbox import Inbox

WIDTH = 560
INDENT = 24
USUAL_NIGHT = QuietHours(time(20), time(7))
"""Offered to who switches quiet hours on."""


class AlertDialog(Dialog):
    """The settings; each is in force as soon as it is changed.

    Args:
        surroundings: None where nobody can tell of tray and start, as in a test.
    """

    def __init__(
        self,
        parent: QWidget | None,
        look: Look,
        store: Store,
        inbox: Inbox,
        surroundings: Surroundings | None,
    ) -> None:
        super().__init__(parent, look, _("Alert settings"))
        self._store = store
        self._inbox = inbox
        settings = inbox.settings
        self.service = Finding(look)
        self.enabled = CheckBox(look, _("Show notifications"))
        # Our network being down is never announced, whatever is chosen.
        announced = [cause for cause in Cause if cause is not Cause.NETWORK]
        self.causes = {cause: CheckBox(look, cause_word(cause)) for cause in announced}
        self.quiet = CheckBox(look, _("Keep quiet at night"))
        night = settings.quiet or USUAL_NIGHT
        self.quiet_from = TimeField(look, _("Quiet from"), QTime(night.start.hour, night.start.minute))
        self.quiet_until = TimeField(look, _("Quiet until"), QTime(night.until.hour, night.until.minute))
        self.mutes = _MuteList(look, store, inbox)
        self._show(settings)
        self._lay_out()
        if surroundings is not None:
            self.staying = _Staying(look, surroundings)
            self.content.addWidget(self.staying)
        self.content.addStretch(1)
        self.close_button = self.add_button(_("Close"), primary=True)
        self.close_button.clicked.connect(self.accept)
        self._connect()
        self.enabled.setFocus()
        self.fit(WIDTH)

    def _show(self, settings: AlertSettings) -> None:
        """Show what is in force."""
        self.enabled.setChecked(settings.enabled)
        for cause, box in self.causes.items():
            box.setChecked(cause not in settings.silenced)
            box.setEnabled(settings.enabled)
        self.quiet.setChecked(settings.quiet is not None)
        self.quiet.setEnabled(settings.enabled)
        for field in (self.quiet_from, self.quiet_until):
            field.setEnabled(settings.enabled and settings.quiet is not None)
        if self._inbox.notifications_available:
            self.service.tell("tick", "good", "", _("This desktop shows notifications."))
        else:
            self.service.tell(
                "warning",
                "waiting",
                _("This desktop has no notification service."),
                _("The inbox and the tray, where there is one, go on without it."),
            )

    def _lay_out(self) -> None:
        look = self.look
        self.content.addWidget(Words(_("Notifications"), look.heading))
        self.content.addWidget(self.service)
        self.content.addWidget(self.enabled)
        causes = QVBoxLayout()
        causes.setSpacing(6)
        _indent(causes, self)
        causes.addWidget(Words(_("Tell me about"), look.small, secondary=True))
        for box in self.causes.values():
            causes.addWidget(box)
        self.content.addLayout(causes)
        self.content.addWidget(self.quiet)
        hours = FlowLayout(gap=8)
        for widget in (
            Words(_("From"), look.body, secondary=True),
            self.quiet_from,
            Words(_("until"), look.body, secondary=True),
            self.quiet_until,
        ):
            widget.setMinimumHeight(self.quiet_from.sizeHint().height())
            hours.addWidget(widget)
        indented = QVBoxLayout()
        _indent(indented, self)
        indented.addLayout(hours)
        indented.addWidget(
            Words(
                _("What happens meanwhile is in the inbox, and is told in the morning if it is still open."),
                look.small,
                secondary=True,
                wraps=True,
            )
        )
        self.content.addLayout(indented)
        self.content.addSpacing(6)
        self.content.addWidget(Words(_("Muted"), look.heading))
        self.content.addWidget(self.mutes)
        self.content.addSpacing(6)

    def _connect(self) -> None:
        for box in (self.enabled, self.quiet, *self.causes.values()):
            box.clicked.connect(self._change)
        for field in (self.quiet_from, self.quiet_until):
            field.timeChanged.connect(self._change)
        self._unsubscribe = [
            self._store.mutes_changed.subscribe(self.mutes.show_mutes),
            self._inbox.settings_changed.subscribe(self._show),
        ]
        self.finished.connect(self._end)

    def _change(self) -> None:
        quiet = None
        if self.quiet.isChecked():
            quiet = QuietHours(_time(self.quiet_from.time()), _time(self.quiet_until.time()))
        self._inbox.change(
            msgspec.structs.replace(
                self._inbox.settings,
                enabled=self.enabled.isChecked(),
                quiet=quiet,
                silenced=frozenset(cause for cause, box in self.causes.items() if not box.isChecked()),
            )
        )

    def _end(self, _result: int) -> None:
        for unsubscribe in self._unsubscribe:
            unsubscribe()


class _MuteList(QWidget):
    """What is muted, each with a way to end that."""

    def __init__(self, look: Look, store: Store, inbox: Inbox) -> None:
        super().__init__()
        self._look = look
        self._store = store
        self._inbox = inbox
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self.show_mutes(store.mutes)

    def show_mutes(self, mutes: Mutes) -> None:
        """List these."""
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for system in sorted(mutes.systems):
            self._add(_("All of {system}").format(system=system), partial(self._unmute_system, system))
        for name, connection in sorted((self._name(each), each) for each in mutes.connections):
            self._add(name, partial(self._unmute_connection, connection))
        if not self._layout.count():
            words = _("Nothing. A connection or a system is muted by its menu in the list or in the inbox.")
            self._layout.addWidget(Words(words, self._look.body, secondary=True, wraps=True))

    def _name(self, connection: ConnectionId) -> str:
        row = self._store.row(connection)
        return connection if row is None else row.connection.name

    def _add(self, name: str, unmute: partial[None]) -> None:
        line = QWidget()
        words = Words(name, self._look.body, wraps=True)
        link = LinkButton(self._look, _("Unmute"))
        link.setAccessibleName(_("Unmute {name}").format(name=name))
        link.clicked.connect(unmute)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(words, 1)
        layout.addWidget(link, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(line)

    def _unmute_system(self, system: str) -> None:
        self._inbox.mute_system(system, False)

    def _unmute_connection(self, connection: ConnectionId) -> None:
        self._inbox.mute_connections((connection,), False)


class _Staying(QWidget):
    """Tray, closing, and the start at login."""

    def __init__(self, look: Look, surroundings: Surroundings) -> None:
        super().__init__()
        self.tray = Finding(look)
        if surroundings.tray:
            self.tray.tell("tick", "good", "", _("The tray shows how it stands while the window is closed."))
        else:
            self.tray.tell(
                "dash",
                "away",
                _("This desktop has no tray."),
                _("Nothing is missing without it: starting the program again brings the window back."),
            )
        self.choices = {
            Closing.KEEP: RadioButton(look, _("Keep watching")),
            Closing.QUIT: RadioButton(look, _("Quit")),
        }
        group = QButtonGroup(self)
        for closing, button in self.choices.items():
            group.addButton(button)
            button.setChecked(closing is surroundings.closing)
            button.clicked.connect(partial(surroundings.change_closing, closing))
        self.at_login = CheckBox(look, _("Start when I log in, without a window"))
        self.at_login.setChecked(bool(surroundings.starts_at_login))
        self.at_login.setVisible(surroundings.starts_at_login is not None)
        self.at_login.clicked.connect(surroundings.change_start_at_login)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(Words(_("When the window is closed"), look.heading))
        layout.addWidget(self.tray)
        for button in self.choices.values():
            layout.addWidget(button)
        layout.addWidget(self.at_login)


def _indent(layout: QVBoxLayout, widget: QWidget) -> None:
    mirrored = widget.isRightToLeft()
    layout.setContentsMargins(0 if mirrored else INDENT, 0, INDENT if mirrored else 0, 0)


def _time(chosen: QTime) -> time:
    return time(chosen.hour(), chosen.minute())
