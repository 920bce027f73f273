"""The inbox: every incident that is open or was not long ago, in the list's place."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.incident import Incident, IncidentId
from makini_desktop.services.store import Store
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.delegates.inbox import InboxDelegate
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.incident_actions import IncidentActions, incident_menu
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.inbox import InboxModel
from makini_desktop.ui.panels.empty import EmptyPage
from makini_desktop.ui.panels.list_view import PlainListView

REFRESH_MS = 15_000
"""How often times are said anew, and what is resolved too long ago leaves."""


class InboxList(PlainListView):
    """The list of incidents; keeps the selection whatever comes or goes.

    Signals:
        selected: the selection is another one.
        entered_incident: Return or a double click on an incident.
    """

    selected = Signal()
    entered_incident = Signal()

    def __init__(
        self,
        model: InboxModel,
        look: Look,
        store: Store,
        clock: Clock,
        actions: IncidentActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, parent)
        self._incidents = model
        self._look = look
        self._actions = actions
        self._chosen: list[IncidentId] = []
        self._current: IncidentId | None = None
        self._restoring = False
        self._scroll = 0
        self._delegate = InboxDelegate(model, look, store, clock, self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.setAccessibleName(_("Incidents"))
        self.addActions(actions.all())
        model.rearranging.subscribe(self._remember)
        model.rearranged.subscribe(self._restore)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.doubleClicked.connect(self._entered)
        self.entered.connect(self._hover)
        self.viewportEntered.connect(self._hover)

    def selected_ids(self) -> list[IncidentId]:
        """Return the incidents that are selected, from top to bottom."""
        return self._chosen

    def current(self) -> IncidentId | None:
        """Return the incident whose detail is shown, None without a selection."""
        return self._current

    def select(self, incident: IncidentId | None) -> None:
        """Select an incident and bring it into view; the first one if it is not there."""
        position = self._incidents.position(incident) if incident is not None else None
        if position is None:
            position = self._incidents.first()
        if position is not None:
            index = self._incidents.index(position, 0)
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return enters the selected incident; letters are the actions' keys and search nothing."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._current is not None:
            self.entered_incident.emit()
        elif event.text().isalnum():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done about the selected incidents."""
        if not self._chosen:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        incident_menu(menu, self._actions)
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        below = self.visualRect(self.currentIndex()).center()
        menu.popup(self.viewport().mapToGlobal(below) if by_key else event.globalPos())

    def leaveEvent(self, event: object) -> None:
        """Let go of the line under the mouse."""
        super().leaveEvent(event)  # type: ignore[arg-type]
        self._hover()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the incidents, and where the focus is while none is selected."""
        super().paintEvent(event)
        if self.hasFocus() and not self._chosen:
            painter = QPainter(self.viewport())
            painter.setPen(self._look.colour("accent"))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def _hover(self, index: QModelIndex | None = None) -> None:
        position = index.row() if index is not None and index.isValid() else -1
        if position != self._delegate.hovered:
            self._delegate.hovered = position
            self.viewport().update()

    def _entered(self, _index: QModelIndex) -> None:
        self.entered_incident.emit()

    def _selection_changed(self, _new: QItemSelection, _old: QItemSelection) -> None:
        if not self._restoring:
            self._read()
            self.selected.emit()

    def _read(self) -> None:
        positions = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        found = [self._incidents.incident(position) for position in positions]
        self._chosen = [incident.id for incident in found if incident is not None]
        current = self._incidents.incident(self.currentIndex().row())
        if current is None or current.id not in self._chosen:
            self._current = self._chosen[0] if self._chosen else None
        else:
            self._current = current.id

    def _remember(self, _nothing: None) -> None:
        self._restoring = True
        self._scroll = self.verticalScrollBar().value()
        self._delegate.hovered = -1

    def _restore(self, _nothing: None) -> None:
        model = self.selectionModel()
        for incident in self._chosen:
            position = self._incidents.position(incident)
            if position is not None:
                index = self._incidents.index(position, 0)
                model.select(index, QItemSelectionModel.SelectionFlag.Select)
                if incident == self._current:
                    model.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.verticalScrollBar().setValue(self._scroll)
        self._restoring = False
        self._read()
        self.selected.emit()


class InboxPage(QWidget):
    """The inbox with its heading; follows the store.

    Signals:
        left: the person goes back to the list of connections.
        settings_wanted: the person wants to say what is announced.
    """

    left = Signal()
    settings_wanted = Signal()

    def __init__(
        self,
        look: Look,
        store: Store,
        clock: Clock,
        actions: IncidentActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = InboxModel(store, clock, self)
        self.heading = Words(_("Inbox"), look.heading)
        self.back = LinkButton(look, _("Back to the list"))
        self.settings = LinkButton(look, _("Alert settings"), quiet=True)
        self.list = InboxList(self.model, look, store, clock, actions)
        self.empty = EmptyPage(
            look,
            _("Nothing is open"),
            _(
                "What breaks appears here with its cause, once for all connections that it hits, and stays "
                "for 30 days after it is repaired."
            ),
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        self.back.clicked.connect(self.left)
        self.settings.clicked.connect(self.settings_wanted)
        links = FlowLayout(gap=8)
        for widget in (self.heading, self.back, self.settings):
            links.addWidget(widget)
        self.heading.setMinimumHeight(self.back.sizeHint().height())
        head = QVBoxLayout()
        head.setContentsMargins(16, 10, 16, 6)
        head.addLayout(links)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._time_passed)
        self._refresh.start()
        self.model.updated.subscribe(self._updated)
        self._updated(None)

    def close_down(self) -> None:
        """Stop listening to the store."""
        self.model.close()
        self._refresh.stop()

    def incident(self) -> Incident | None:
        """Return the incident whose detail is shown."""
        current = self.list.current()
        position = self.model.position(current) if current is not None else None
        return self.model.incident(position) if position is not None else None

    def show_incident(self, incident: IncidentId | None) -> None:
        """Select an incident, the newest for None, and let the keys reach it."""
        self.model.take_in()
        if incident is not None or self.list.current() is None:
            self.list.select(incident)
        (self.list if self.model.rowCount() else self.back).setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the list of connections."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _time_passed(self) -> None:
        if self.isVisible():
            self.model.take_in()
            self.list.viewport().update()

    def _updated(self, _nothing: None) -> None:
        self._stack.setCurrentWidget(self.list if self.model.rowCount() else self.empty)
