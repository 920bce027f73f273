"""The detail of one incident: what broke, whose move it is, whom it hits, and what can be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import Cause, Incident
from makini_desktop.services import inbox_words as words
from makini_desktop.services.incident_words import cause_word
from makini_desktop.services.moments import moment_exact
from makini_desktop.services.store import Store
from makini_desktop.services.wording import evidence_line
from makini_desktop.ui.controls import Button, Words
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.incident_actions import IncidentActions, mute_menu, snooze_menu
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.inbox import incident_health, is_muted
from makini_desktop.ui.panels.health_line import HealthLine
from makini_desktop.ui.panels.members import MemberList

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands

EDGE = 18
LIST_HEIGHT = 96


class IncidentPanel(QWidget):
    """The panel for one incident; empty words while none is selected.

    Signals:
        left: the person goes back to the inbox.
        connection_wanted: a connection to show.
        repair_wanted: the connections that are to be repaired one after the other.
    """

    left = Signal()
    repair_wanted = Signal(object)
    connection_wanted = Signal(str)

    def __init__(
        self,
        look: Look,
        store: Store,
        commands: Commands,
        clock: Clock,
        actions: IncidentActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._commands = commands
        self._clock = clock
        self._actions = actions
        self._incident: Incident | None = None
        self.title = Words(font=look.title, wraps=True, selectable=True)
        self.subtitle = Words(font=look.body, secondary=True, wraps=True)
        self.standing = HealthLine(look)
        self.sentence = Words(font=look.body, wraps=True, selectable=True)
        self.evidence = Words(font=look.small, secondary=True, wraps=True, selectable=True)
        self.state = Words(font=look.small_strong, wraps=True)
        self.primary = Button(look, primary=True)
        self.primary.clicked.connect(self._repair)
        self.show_connections = Button(look, _("Show connections"))
        self.show_connections.clicked.connect(actions.show_connections.trigger)
        self.acknowledge = Button(look, _("Acknowledge"))
        self.acknowledge.clicked.connect(actions.acknowledge.trigger)
        self.snooze = self._menu_button(look, _("Snooze"), partial(snooze_menu, actions=actions))
        self.mute = self._menu_button(look, _("Mute"), partial(mute_menu, actions=actions))
        self.heading = Words(font=look.strong)
        self.members = MemberList(look, store, clock)
        self.members.setMinimumHeight(LIST_HEIGHT)
        self.members.wanted.connect(self.connection_wanted)
        self.nothing = Words(
            _("Select an incident to see what happened."), look.body, secondary=True, wraps=True
        )
        self.addActions(actions.all())
        self._lay_out()
        self.tell(None)

    def tell(self, incident: Incident | None, *, choosable: bool = False) -> None:
        """Show an incident; for None that one can be chosen, where there are any."""
        self._incident = incident
        for widget in self._about_one:
            widget.setVisible(incident is not None)
        self.nothing.setVisible(incident is None and choosable)
        if incident is None:
            return
        now = self._clock.now()
        self.title.setText(words.headline(incident, self._store))
        self.subtitle.setText(f"{words.where(incident, self._store)} · {words.duration_words(incident, now)}")
        self.subtitle.setToolTip(moment_exact(incident.opened_at))
        self.standing.tell(incident_health(incident), self._standing(incident))
        self.sentence.setText(words.advice(incident))
        self.evidence.setText(evidence_line(incident.evidence))
        muted = _("Muted: nothing is announced") if is_muted(incident, self._store.mutes) else ""
        state = words.state_words(incident, now)
        self.state.setText(" · ".join(word for word in (state, muted) if word))
        self.state.setVisible(bool(self.state.text()))
        self._offer(incident)
        self.heading.setText(_members_words(incident))
        self.heading.setVisible(bool(incident.members))
        self.members.setVisible(bool(incident.members))
        self.members.show_members(incident.members)

    def refresh(self) -> None:
        """Say it anew; the rows behind it may have changed."""
        self.members.viewport().update()

    def focus_first(self) -> None:
        """Put the focus where Return helps."""
        for widget in (self.primary, self.acknowledge, self.show_connections, self.members):
            if widget.isVisible() and widget.isEnabled():
                widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the inbox; Return presses the button that has the focus."""
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and isinstance(focused, Button):
            focused.click()
        else:
            super().keyPressEvent(event)

    def _standing(self, incident: Incident) -> str:
        if not incident.is_open:
            return words.since_words(incident, self._clock.now()).capitalize()
        return cause_word(incident.cause)

    def _offer(self, incident: Incident) -> None:
        label = _repair_label(incident)
        self.primary.setText(label)
        self.primary.setVisible(bool(label))
        self.primary.updateGeometry()
        mutes = self._actions.mutes
        self.show_connections.setVisible(bool(incident.members))
        self.acknowledge.setVisible(incident.is_open and incident.acknowledged_at is None)
        self.snooze.setVisible(incident.is_open)
        self.mute.setVisible(mutes.connections.isEnabled() or mutes.system.isEnabled())

    def _repair(self) -> None:
        incident = self._incident
        if incident is None:
            return
        broken = incident.broken
        match incident.cause:
            case Cause.CREDENTIALS | Cause.TOKEN:
                if len(broken) == 1:
                    self._commands.reconnect(broken[0])
                else:
                    self.repair_wanted.emit(self._chosen_first(broken))
            case Cause.SYNCS:
                self._commands.sync_now(broken)
            case Cause.MAKINI if broken:
                self._commands.open_dashboard()
            case _:
                self._commands.check_now(broken)

    def _chosen_first(self, broken: tuple[ConnectionId, ...]) -> tuple[ConnectionId, ...]:
        chosen = self.members.chosen()
        return tuple(sorted(broken, key=lambda each: each != chosen))

    def _menu_button(self, look: Look, text: str, fill: partial[None]) -> Button:
        button = Button(look, text)
        menu = QMenu(self)
        fill(menu)
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        buttons = FlowLayout(gap=8)
        offered = (self.primary, self.acknowledge, self.snooze, self.mute, self.show_connections)
        for button in offered:
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(EDGE, 16, EDGE, 8)
        layout.setSpacing(0)
        layout.addWidget(self.nothing)
        for widget, gap in (
            (self.title, 4),
            (self.subtitle, 14),
            (self.standing, 6),
            (self.sentence, 6),
            (self.evidence, 8),
            (self.state, 10),
        ):
            layout.addWidget(widget)
            layout.addSpacing(gap)
        layout.addLayout(buttons)
        layout.addSpacing(16)
        layout.addWidget(self.heading)
        layout.addSpacing(4)
        layout.addWidget(self.members, 1)
        layout.addStretch(0)
        self._about_one: tuple[QWidget, ...] = (
            self.title,
            self.subtitle,
            self.standing,
            self.sentence,
            self.evidence,
            self.state,
            *offered,
            self.heading,
            self.members,
        )


def _members_words(incident: Incident) -> str:
    total = len(incident.members)
    counted = ngettext("{count} connection", "{count} connections", total).format(count=f"{total:,}")
    return words.progress_words(incident) or counted


def _repair_label(incident: Incident) -> str:
    """Return what the first button does; empty where nothing is left to do."""
    if not incident.is_open:
        return ""
    count = len(incident.broken)
    match incident.cause:
        case Cause.CREDENTIALS | Cause.TOKEN:
            if count == 1:
                return _("Reconnect")
            return ngettext("Repair {count}", "Repair {count}", count).format(count=f"{count:,}")
        case Cause.SYNCS:
            return ngettext("Sync again", "Sync {count} again", count).format(count=f"{count:,}")
        case Cause.MAKINI if count:
            return _("Open dashboard")
        case Cause.SYSTEM | Cause.RATE_LIMIT | Cause.MAKINI | Cause.NETWORK:
            return _("Check now")
