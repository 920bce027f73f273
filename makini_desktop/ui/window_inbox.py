"""The inbox in the window: its button, its page with a detail beside it, the list narrowed to an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.incident import IncidentId
from makini_desktop.services.store import Store
from makini_desktop.ui.pages import OpenPage, PageName
from makini_desktop.ui.panels.inbox_button import KEYS

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands
    from makini_desktop.ui.main_window import MainWindow
    from makini_desktop.ui.panels.inbox import InboxPage
    from makini_desktop.ui.panels.incident import IncidentPanel


class WindowInbox(QObject):
    """Opens the inbox, which is built when it is first asked for."""

    def __init__(self, window: MainWindow, store: Store, commands: Commands, clock: Clock) -> None:
        super().__init__(window)
        self.page: InboxPage | None = None
        self.panel: IncidentPanel | None = None
        self._window = window
        self._store = store
        self._commands = commands
        self._clock = clock
        self._narrowed: IncidentId | None = None
        self._unsubscribe = [
            store.incidents_changed.subscribe(self._incidents_changed),
            window.chips.widened.subscribe(self._widened),
        ]
        window.top.inbox.clicked.connect(self._toggle)
        QShortcut(QKeySequence(KEYS), window).activated.connect(self._toggle)
        if store.incidents:
            self._tell_count()

    def close(self) -> None:
        """Stop listening to the store."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        if self.page is not None:
            self.page.close_down()

    def show_incident(self, incident: IncidentId | None) -> None:
        """Open the inbox with this incident selected, the newest for None."""
        self._window.pages.open(PageName.INBOX)
        if self.page is not None:
            self.page.show_incident(incident)

    def build(self) -> OpenPage:
        """Build the page and what stands beside it."""
        from makini_desktop.ui.incident_actions import IncidentActions
        from makini_desktop.ui.panels.detail import scrolled
        from makini_desktop.ui.panels.inbox import InboxPage
        from makini_desktop.ui.panels.incident import IncidentPanel

        window, look = self._window, self._window.look
        self._actions = IncidentActions(self._store, self._commands, self._clock, self)
        self._actions.connections_wanted.connect(self._narrow)
        page = self.page = InboxPage(look, self._store, self._clock, self._actions)
        panel = self.panel = IncidentPanel(look, self._store, self._commands, self._clock, self._actions)
        page.left.connect(window.to_list)
        page.settings_wanted.connect(window.dialogs.alerts)
        page.list.selected.connect(self._tell)
        page.list.entered_incident.connect(panel.focus_first)
        page.model.updated.subscribe(self._updated)
        panel.left.connect(page.list.setFocus)
        panel.connection_wanted.connect(window.show_connection)
        panel.repair_wanted.connect(window.connecting.repair)
        return OpenPage(page, scrolled(look, panel))

    def rows_changed(self) -> None:
        """Say anew what the rows behind the incidents are."""
        if self.panel is not None and self.panel.isVisible():
            self.panel.refresh()

    def _toggle(self) -> None:
        if self._window.pages.opened is PageName.INBOX:
            self._window.to_list()
        else:
            self.show_incident(None)

    def page_changed(self) -> None:
        """Let the button show whether the inbox is open."""
        self._window.top.inbox.setChecked(self._window.pages.opened is PageName.INBOX)

    def _incidents_changed(self, changed: frozenset[IncidentId]) -> None:
        self._tell_count()
        if self._narrowed in changed:
            self._narrow(self._narrowed)

    def _tell_count(self) -> None:
        from makini_desktop.services.inbox_words import open_count  # late: no incident is known at first

        self._window.top.inbox.tell(open_count(self._store))

    def _updated(self, _nothing: None) -> None:
        self._tell()

    def _tell(self) -> None:
        if self.page is not None and self.panel is not None:
            self._actions.about(self.page.list.selected_ids())
            self.panel.tell(self.page.incident(), choosable=self.page.model.rowCount() > 0)

    def _narrow(self, wanted: IncidentId) -> None:
        """List the connections of an incident, and those that join it while it is listed."""
        from makini_desktop.services import inbox_words as words

        incident = self._store.incidents.get(wanted)
        if incident is None:
            return
        first = self._narrowed != wanted
        self._narrowed = wanted
        window = self._window
        window.model.within(frozenset(member.connection for member in incident.members))
        window.chips.narrow(
            _("{what}, {where}").format(
                what=words.headline(incident, self._store), where=words.where(incident, self._store)
            )
        )
        if first or window.pages.opened is not None:
            window.to_list()

    def _widened(self, _nothing: None) -> None:
        self._narrowed = None
        self._window.model.within(None)
