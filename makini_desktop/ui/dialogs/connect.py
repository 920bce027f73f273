"""The dialog that connects a new customer: which system, by a sign-in or by credentials, how it syncs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.errors import InvalidRequest, MakiniDesktopError, UsageError
from makini_desktop.domain.login import LoginPath
from makini_desktop.domain.platform import Platform
from makini_desktop.services.capabilities import lacking
from makini_desktop.services.new_connections import Applicant
from makini_desktop.services.store import Store
from makini_desktop.ui.alive import while_alive
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.fields import Labelled, RadioButton
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.login_actions import path_label
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.credential_fields import CredentialFields
from makini_desktop.ui.panels.findings import Finding
from makini_desktop.ui.panels.platform_list import PlatformList
from makini_desktop.ui.panels.schedule_fields import history_field, interval_field

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands

WIDTH = 600
INDENT = 24


class ConnectDialog(Dialog):
    """The dialog; it closes once the sign-in has begun, or the connection is there.

    Signals:
        connections_wanted: connections to be shown in the list, which the new one may be a second one of.
    """

    connections_wanted = Signal(object)

    def __init__(
        self,
        parent: QWidget | None,
        look: Look,
        store: Store,
        commands: Commands,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(parent, look, _("Connect a customer"))
        self._store = store
        self._commands = commands
        self._now = now
        self.platforms = PlatformList(look)
        self.warning = Finding(look)
        self.show_existing = LinkButton(look, _("Show in the list"), flush=True)
        self.by_login = RadioButton(look, _("The customer signs in"))
        self.by_credentials = RadioButton(look, _("With their credentials"))
        self.paths = {
            path: RadioButton(look, path_label(path)) for path in (LoginPath.EMBEDDED, LoginPath.BROWSER)
        }
        self.path_refusal = Words(font=look.small, secondary=True, wraps=True)
        self.signing_in = self._signing_in()
        self.credentials = CredentialFields(look)
        self.interval = interval_field(look, usual=True)
        self.history = history_field(look, usual=True)
        self.schedule_refusal = Words(font=look.small, secondary=True, wraps=True)
        self.problem = Finding(look)
        self._lay_out()
        self.cancel_button = self.add_button(_("Cancel"))
        self.connect_button = self.add_button(_("Connect"), primary=True)
        self._listen()
        self._offer_schedule()
        self._tell()
        self._load()
        self.platforms.setFocus()
        self.fit(WIDTH)

    def path(self) -> LoginPath:
        """Return where the customer signs in."""
        return next(path for path, button in self.paths.items() if button.isChecked())

    def _load(self) -> None:
        self.platforms.wait()
        self.platforms.show_platforms(self._store.platforms)
        self._commands.connecting.load_platforms(while_alive(self, self.platforms.arrived))

    def _listen(self) -> None:
        unsubscribe = self._store.platforms_changed.subscribe(self.platforms.show_platforms)
        self.finished.connect(lambda _result: unsubscribe())
        self.platforms.chosen.connect(self._chosen)
        for button in (self.by_login, self.by_credentials):
            button.toggled.connect(lambda _checked: self._tell())
        self.credentials.edited.connect(self._tell_warning)
        self.credentials.grew.connect(lambda: self.show_whole(self.credentials.add))
        self.show_existing.clicked.connect(self._show_existing)
        self.connect_button.clicked.connect(self._connect)
        self.cancel_button.clicked.connect(self.reject)

    def _chosen(self) -> None:
        """Take the path that was chosen for this system before."""
        platform = self.platforms.platform()
        taken = self._commands.login_paths.choice(platform.name if platform is not None else "")
        self.paths[taken if taken in self.paths else LoginPath.EMBEDDED].setChecked(True)
        self._tell_warning()
        self.problem.hide()

    def _tell(self) -> None:
        """Show what belongs to the way that is chosen."""
        login = self.by_login.isChecked()
        self.signing_in.setVisible(login)
        self.credentials.setVisible(not login)
        refusal = self._commands.login_paths.refusal(LoginPath.BROWSER)
        self.paths[LoginPath.BROWSER].setEnabled(not refusal)
        self.path_refusal.setText(refusal)
        self.path_refusal.setVisible(bool(refusal))
        self.problem.hide()
        self._tell_warning()
        if self.isVisible():
            self.show_whole(self.signing_in if login else self.credentials)

    def _tell_warning(self) -> None:
        """Say it if this may be a second connection of somebody."""
        platform = self.platforms.platform()
        company = self.credentials.name.text().strip() if self.by_credentials.isChecked() else ""
        warning = (
            self._commands.duplicates.before_connect(platform.name, company) if platform is not None else None
        )
        self._existing = warning.existing if warning is not None else ()
        shown = self.warning.isHidden()
        self.warning.tell("warning", "waiting", "", warning.words if warning is not None else "")
        for widget in (self.warning, self.show_existing):
            widget.setVisible(warning is not None)
        if warning is not None and shown and self.isVisible():
            self.show_whole(self.show_existing)

    def _show_existing(self) -> None:
        self.connections_wanted.emit(list(self._existing))
        self.reject()

    def _offer_schedule(self) -> None:
        refusal = lacking(self._store.capabilities, Capability.SYNC_SETTINGS, self._now())
        self.schedule_refusal.setText(
            refusal
            or _("How far back the first sync goes, and how often it is repeated. Both can be changed later.")
        )
        for field in (self.interval, self.history):
            field.setEnabled(not refusal)

    def _connect(self) -> None:
        platform = self.platforms.platform()
        if self.by_login.isChecked():
            self._commands.connecting.connect(
                platform, self.interval.number(), self.history.number(), self.path()
            )
            self.accept()
        elif platform is None:
            self._refuse(_("Choose the system first."))
            self.platforms.setFocus()
        else:
            self._create(platform)

    def _create(self, platform: Platform) -> None:
        self.credentials.forget_refusals()
        self.problem.hide()
        self.connect_button.setEnabled(False)
        self.connect_button.setText(_("Connecting…"))
        self._commands.connecting.connect_by_credentials(
            Applicant(
                name=self.credentials.name.text().strip(),
                email=self.credentials.email.text().strip(),
                platform=platform,
                credentials=self.credentials.given(),
            ),
            self.interval.number(),
            self.history.number(),
            refused=while_alive(self, self._refused),
            created=while_alive(self, self.accept),
        )

    def _refused(self, error: MakiniDesktopError) -> None:
        self.connect_button.setEnabled(True)
        self.connect_button.setText(_("Connect"))
        field = error.field if isinstance(error, (UsageError, InvalidRequest)) else ""
        if field.partition(".")[0] in {"name", "email", "credentials"}:
            self.show_whole(self.credentials.refuse(field.partition(".")[0], str(error)))
        else:
            self._refuse(str(error))

    def _refuse(self, words: str) -> None:
        self.problem.tell("cross", "reconnect", "", words)
        self.problem.show()
        self.show_whole(self.problem)

    def _signing_in(self) -> QWidget:
        place = QWidget()
        layout = QVBoxLayout(place)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        choice = FlowLayout(gap=16)
        group = QButtonGroup(self)
        for path, button in self.paths.items():
            button.setChecked(path is LoginPath.EMBEDDED)
            group.addButton(button)
            choice.addWidget(button)
        layout.addLayout(choice)
        layout.addWidget(self.path_refusal)
        layout.addWidget(
            Words(
                _("The login page asks for the system once more; what is chosen there counts."),
                self.look.small,
                secondary=True,
                wraps=True,
            )
        )
        return place

    def _lay_out(self) -> None:
        look = self.look
        ways = FlowLayout(gap=16)
        group = QButtonGroup(self)
        for button in (self.by_login, self.by_credentials):
            group.addButton(button)
            ways.addWidget(button)
        self.by_login.setChecked(True)
        schedule = QGridLayout()
        schedule.setHorizontalSpacing(16)
        schedule.setVerticalSpacing(6)
        schedule.addWidget(Labelled(look, _("History window"), self.history), 0, 0, Qt.AlignmentFlag.AlignTop)
        schedule.addWidget(Labelled(look, _("Sync every"), self.interval), 0, 1, Qt.AlignmentFlag.AlignTop)
        schedule.addWidget(self.schedule_refusal, 1, 0, 1, 2)
        schedule.setColumnStretch(0, 1)
        schedule.setColumnStretch(1, 1)
        self.content.addWidget(Words(_("System"), look.heading))
        self.content.addWidget(self.platforms)
        warned = QVBoxLayout()
        warned.setSpacing(2)
        warned.addWidget(self.warning)
        warned.addLayout(_indented(self.show_existing))
        self.content.addLayout(warned)
        self.content.addWidget(Words(_("How they are connected"), look.heading))
        self.content.addLayout(ways)
        self.content.addLayout(_indented(self.signing_in))
        self.content.addWidget(self.credentials)
        self.content.addLayout(schedule)
        self.content.addWidget(self.problem)
        self.content.addStretch(1)
        self.problem.hide()


def _indented(widget: QWidget) -> QHBoxLayout:
    """Return a layout in which `widget` begins where the words of a mark do."""
    layout = QHBoxLayout()
    layout.setSpacing(0)
    layout.addSpacing(INDENT)
    layout.addWidget(widget, 0 if isinstance(widget, LinkButton) else 1)
    layout.addStretch(0)
    return layout
