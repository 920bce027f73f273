"""The detail's tab "API": what one can show to support."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.services import moments
from makini_desktop.services.store import Row, Store
from makini_desktop.ui.actions import Actions
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.timeline import request_entries
from makini_desktop.ui.panels.facts import Facts
from makini_desktop.ui.panels.overview import token_words
from makini_desktop.ui.panels.timeline import Timeline

LIST_HEIGHT = 132


def api_facts(row: Row, store: Store, now: datetime) -> list[tuple[str, str]]:
    """Return names and values, those without a value left out."""
    token = row.facts.token
    obtained = token.obtained_at if token is not None else None
    listed = [
        (_("Version"), _version_words(store)),
        (_("Token from"), _age(obtained, now) if obtained is not None else ""),
        (_("Token ends"), token_words(row, now)),
        (_("Renewal"), _renewal_words(row)),
    ]
    return [(name, value) for name, value in listed if value]


class ApiTab(QWidget):
    """Version and token, and below them the last requests with their ids."""

    def __init__(self, look: Look, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.facts = Facts(look)
        self.heading = Words(_("Last requests"), look.strong)
        self.copy = LinkButton(look, _("Copy for support"))
        self.copy.clicked.connect(actions.copy_support.trigger)
        self.requests = Timeline(look, _("Last requests"), _("No request has been seen yet."))
        self.requests.setMinimumHeight(LIST_HEIGHT)
        self.heading.setMinimumHeight(self.copy.sizeHint().height())
        head = FlowLayout(gap=8)
        head.addWidget(self.heading)
        head.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.facts)
        layout.addLayout(head)
        layout.addWidget(self.requests, 1)

    def tell(self, row: Row, now: datetime) -> None:
        """Show a connection's requests."""
        self.facts.show_facts(api_facts(row, self._store, now))
        self.requests.tell(request_entries(self._store.detail(row.id).requests, now))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for another height where another width wraps the facts otherwise."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """Leave the facts whole and a few requests to be seen."""
        layout = self.layout()
        height = layout.totalHeightForWidth(self.width()) if layout is not None else 0
        return QSize(0, max(height, LIST_HEIGHT))


def _version_words(store: Store) -> str:
    news = store.version
    version = news.version if news is not None else store.sweep.api_version
    if not version:
        return ""
    if news is None or not news.deprecated:
        return version
    if news.ends_at is not None:
        return _("{version}, deprecated, ends {date}").format(
            version=version, date=moments.date(news.ends_at)
        )
    return _("{version}, deprecated").format(version=version)


def _age(obtained: datetime, now: datetime) -> str:
    return _("{date}, {ago}").format(date=moments.date(obtained), ago=moments.relative(obtained, now))


def _renewal_words(row: Row) -> str:
    token = row.facts.token
    if token is None or not token.present:
        return ""
    return _("By itself, in good time") if token.renewable else _("Only by a new sign-in")
