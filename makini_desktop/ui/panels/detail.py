"""The detail of one connection: what is the matter, whose move it is, and the one button that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services import wording
from makini_desktop.services.moments import date
from makini_desktop.services.next_action import Action, action_label, primary_action, second_action
from makini_desktop.services.store import Row, Store
from makini_desktop.ui.actions import Actions, can_sync, no_sync_words
from makini_desktop.ui.controls import Button, SlimScrollBar, Words
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.login_actions import LoginMenu
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.timeline import sync_entries
from makini_desktop.ui.panels.activity_tab import ActivityTab
from makini_desktop.ui.panels.api_tab import ApiTab
from makini_desktop.ui.panels.health_line import HealthLine, Running
from makini_desktop.ui.panels.marks import Marks
from makini_desktop.ui.panels.overview import Overview
from makini_desktop.ui.panels.settings_tab import SettingsTab
from makini_desktop.ui.panels.summary import Summary
from makini_desktop.ui.panels.tabs import Tabs
from makini_desktop.ui.panels.timeline import Timeline
from makini_desktop.ui.window_menu import connection_menu

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands

EDGE = 18
PAGE_HEIGHT = 120
TAB_OVERVIEW, TAB_SYNCS, TAB_ACTIVITY, TAB_SETTINGS, TAB_API = range(5)


class DetailPanel(QWidget):
    """The panel for one connection.

    Signals:
        left: the person goes back to the list.
        incident_wanted: an incident to show.
        adoption_wanted: the old connection of the question to put.
    """

    left = Signal()
    incident_wanted = Signal(str)
    adoption_wanted = Signal(str)

    def __init__(
        self,
        look: Look,
        store: Store,
        commands: Commands,
        clock: Clock,
        actions: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._commands = commands
        self._clock = clock
        self._actions = actions
        self._id: ConnectionId | None = None
        self._first = Action.NONE
        self._second = Action.NONE
        self.title = Words(font=look.title, wraps=True, selectable=True)
        self.subtitle = Words(font=look.body, secondary=True, wraps=True)
        self.health = HealthLine(look)
        self.sentence = Words(font=look.body, wraps=True, selectable=True)
        self.evidence = Words(font=look.small, secondary=True, wraps=True, selectable=True)
        self.marks = Marks(look, store, actions.mutes)
        self.marks.incident_wanted.connect(self.incident_wanted)
        self.marks.adoption_wanted.connect(self.adoption_wanted)
        self.running = Running(look)
        self.lacking = Words(font=look.small, secondary=True, wraps=True, selectable=True)
        self.primary = Button(look, primary=True)
        self.paths = Button(look, primary=True)
        self.paths.glyph = "down"
        self.paths.glyph_room = 28
        self.paths.setAccessibleName(_("Other ways to sign in"))
        self.paths.setToolTip(_("Other ways to sign in"))
        self.paths.setMenu(LoginMenu(look, self._shown, commands, self))
        self.second = Button(look)
        self.cancel = Button(look, _("Cancel"))
        self.cancel.clicked.connect(actions.cancel_reconnect.trigger)
        self.more = Button(look)
        self.more.glyph = "more"
        self.more.setAccessibleName(_("More"))
        self.more.setToolTip(_("More"))
        menu = QMenu(self)
        connection_menu(menu, actions, look, commands)
        self.more.setMenu(menu)
        self.tabs = Tabs(look)
        self.overview = Overview(look)
        self.syncs = Timeline(look, _("Syncs"), _("No sync has been seen yet."))
        self.activity = ActivityTab(look, lambda: commands.history)
        self.settings = SettingsTab(look, store, lambda: commands.connecting, lambda: commands.inbox)
        self.api = ApiTab(look, store, actions)
        self._pages = _Pages()
        for words, page in (
            (_("Overview"), scrolled(look, self.overview)),
            (_("Syncs"), self.syncs),
            (_("Activity"), self.activity),
            (_("Settings"), self.settings),
            (_("API"), self.api),
        ):
            self.tabs.addTab(words)
            self._pages.addWidget(page)
        self.tabs.setCurrentIndex(TAB_ACTIVITY)
        self._pages.setCurrentIndex(TAB_ACTIVITY)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self._pages.currentChanged.connect(self._pages.updateGeometry)
        self._pages.currentChanged.connect(self._need_settings)
        self.primary.clicked.connect(self._do_first)
        self.second.clicked.connect(self._do_second)
        self._lay_out()

    def show_connection(self, connection: ConnectionId) -> None:
        """Show another connection."""
        another = connection != self._id
        self._id = connection
        self.refresh()
        if another:
            self._need_settings()

    def refresh(self) -> None:
        """Say it anew."""
        row = self._shown()
        if row is None:
            return
        now = self._clock.now()
        connection = row.connection
        self.title.setText(connection.name)
        self.subtitle.setText(
            _("{system} · connected {date}").format(
                system=connection.system, date=date(connection.connected_at)
            )
            if connection.connected_at is not None
            else connection.system
        )
        self.health.tell(row.health)
        refusal = no_sync_words(self._store, now)
        self.sentence.setText(wording.sentence(row, now, sync_offered=not refusal))
        self.evidence.setText(wording.evidence_line(row.condition.evidence))
        self.marks.tell(row, now)
        self.running.tell(row)
        self._offer(row, refusal)
        detail = self._store.detail(row.id)
        self.overview.tell(row, detail.uptime, now)
        self.syncs.tell(sync_entries(detail.syncs, now))
        self.activity.tell(row, detail, now)
        self.settings.tell(row, detail.settings)
        self.api.tell(row, now)

    def tell_marks(self) -> None:
        """Say anew in which incident the connection is, and what else is to be known of it."""
        row = self._shown()
        if row is not None:
            self.marks.tell(row, self._clock.now())

    def focus_first(self) -> None:
        """Put the focus where Return helps."""
        for widget in (self.cancel, self.primary, self.second, self.more):
            if not widget.isHidden() and widget.isVisible() and widget.isEnabled():
                widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the list; Return presses the button that has the focus."""
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and isinstance(focused, QPushButton):
            focused.click()
        else:
            super().keyPressEvent(event)

    def _shown(self) -> Row | None:
        return self._store.row(self._id) if self._id is not None else None

    def _need_settings(self) -> None:
        """Have the settings read as soon as somebody looks at them."""
        if self._id is not None and self._pages.currentIndex() == TAB_SETTINGS:
            self._commands.connecting.load_settings(self._id)

    def _offer(self, row: Row, refusal: str) -> None:
        idle = row.stage is None
        self._first = primary_action(row.health)
        self._second = second_action(row.health)
        if self._second is Action.SYNC_NOW and not can_sync(row):
            self._second = Action.CHECK_NOW
        self.primary.setText(action_label(self._first, row.health))
        self.second.setText(action_label(self._second, row.health))
        self.primary.setVisible(idle and self._first is not Action.NONE)
        self.paths.setVisible(idle and self._first is Action.RECONNECT)
        self._leading.setVisible(not self.primary.isHidden())
        self.second.setVisible(idle and self._second is not Action.NONE)
        self.cancel.setVisible(not idle)
        for button, action in ((self.primary, self._first), (self.second, self._second)):
            refused = action is Action.SYNC_NOW and bool(refusal)
            button.setEnabled(not refused)
            button.setToolTip(refusal if refused else "")
            button.setAccessibleDescription(refusal if refused else "")
        self.lacking.setText(refusal)
        self.lacking.setVisible(bool(refusal) and Action.SYNC_NOW in {self._first, self._second})
        self.primary.updateGeometry()
        self.second.updateGeometry()

    def _do_first(self) -> None:
        if self._first is Action.SHOW_ERROR:
            self.tabs.setCurrentIndex(TAB_SYNCS)
            self.syncs.show_failure()
        elif self._id is not None:
            self._actions.perform(self._first, self._id)

    def _do_second(self) -> None:
        if self._id is not None:
            self._actions.perform(self._second, self._id)

    def _lay_out(self) -> None:
        buttons = FlowLayout(gap=8)
        self._leading = QWidget()
        split = QHBoxLayout(self._leading)
        split.setContentsMargins(0, 0, 0, 0)
        split.setSpacing(2)
        split.addWidget(self.primary)
        split.addWidget(self.paths)
        for button in (self._leading, self.second, self.cancel, self.more):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(EDGE, 16, EDGE, 8)
        layout.setSpacing(0)
        for widget, gap in (
            (self.title, 4),
            (self.subtitle, 14),
            (self.health, 6),
            (self.sentence, 6),
            (self.evidence, 4),
            (self.marks, 8),
            (self.running, 6),
        ):
            layout.addWidget(widget)
            layout.addSpacing(gap)
        layout.addLayout(buttons)
        layout.addSpacing(4)
        layout.addWidget(self.lacking)
        layout.addSpacing(6)
        layout.addWidget(self.tabs)
        layout.addWidget(self._pages, 1)


class _Pages(QStackedWidget):
    """The tabs' pages: content with what is left, each scrolls for itself; some are as high as they are."""

    def sizeHint(self) -> QSize:
        page = self.currentWidget()
        if isinstance(page, (ApiTab, SettingsTab)):
            return QSize(200, page.minimumSizeHint().height())
        return QSize(200, PAGE_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class DetailPlace(QStackedWidget):
    """The right side of the window: a connection's detail, or the summary while none is selected.

    Signals:
        left: the person goes back to the list.
        wanted: a connection to select.
        incident_wanted: an incident to show.
        adoption_wanted: the old connection of the question to put.
        loading: a connection whose timeline is needed.
    """

    left = Signal()
    wanted = Signal(str)
    incident_wanted = Signal(str)
    adoption_wanted = Signal(str)
    loading = Signal(str)

    def __init__(
        self,
        look: Look,
        store: Store,
        commands: Commands,
        clock: Clock,
        actions: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._id: ConnectionId | None = None
        self.summary = Summary(look, store)
        self.panel = DetailPanel(look, store, commands, clock, actions)
        self._scroll = scrolled(look, self.panel)
        self.addWidget(self.summary)
        self.addWidget(self._scroll)
        self.panel.left.connect(self.left)
        self.panel.incident_wanted.connect(self.incident_wanted)
        self.panel.adoption_wanted.connect(self.adoption_wanted)
        self.summary.wanted.connect(self.wanted)

    def show_connection(self, connection: ConnectionId | None) -> None:
        """Show a connection; the summary for None."""
        if connection is not None and connection != self._id:
            self.loading.emit(connection)
        self._id = connection
        if connection is not None:
            self.panel.show_connection(connection)
            self.setCurrentWidget(self._scroll)
        else:
            self.summary.refresh(self._clock.now())
            self.setCurrentWidget(self.summary)

    def refresh(self) -> None:
        """Say it anew."""
        if self._id is None:
            self.summary.refresh(self._clock.now())
        else:
            self.panel.refresh()

    def tell_marks(self) -> None:
        """Say anew in which incident the connection is, and what else is to be known of it."""
        if self._id is not None:
            self.panel.tell_marks()

    def detail_changed(self, connection: ConnectionId) -> None:
        """Take in a timeline that has arrived."""
        if connection == self._id:
            self.panel.refresh()

    def focus_first(self) -> None:
        """Put the focus where Return helps."""
        if self._id is not None:
            self.panel.focus_first()


def scrolled(look: Look, widget: QWidget) -> QScrollArea:
    """Return a scroll area around what is higher than its place."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setVerticalScrollBar(SlimScrollBar(look, Qt.Orientation.Vertical, area))
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(widget)
    widget.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area
