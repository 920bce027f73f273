"""The API page in a window of its own, beside the main window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.account import Account
from makini_desktop.services.store import Store
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.api_page import ApiPage

SIZE = 600, 680


class ApiDialog(Dialog):
    """The page; follows the store while it is open."""

    def __init__(
        self,
        parent: QWidget | None,
        look: Look,
        store: Store,
        account: Callable[[], Account | None],
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(parent, look, _("API"))
        self._store = store
        self._account = account
        self._now = now
        self.page = ApiPage(look)
        self.content.addWidget(self.page)
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.close_button = self.add_button(_("Close"), primary=True)
        self.close_button.clicked.connect(self.accept)
        self._connections = -1
        self._unsubscribe = [
            store.version_changed.subscribe(self._changed),
            store.capabilities_changed.subscribe(self._changed),
            store.changed.subscribe(self._rows_changed),
        ]
        self.finished.connect(self._end)
        self._changed(None)
        self.resize(*SIZE)
        self.close_button.setFocus()

    def _rows_changed(self, _ids: object) -> None:
        if len(self._store.rows) != self._connections:
            self._changed(None)

    def _changed(self, _what: object) -> None:
        self._connections = len(self._store.rows)
        self.page.refresh(self._store, self._account(), self._now())

    def _end(self, _result: int) -> None:
        for unsubscribe in self._unsubscribe:
            unsubscribe()
