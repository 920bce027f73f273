"""The place of the list: the table, or the page that says why there is nothing to list."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import assert_never

from PySide6.QtWidgets import QStackedWidget, QWidget

from makini_desktop.ui.look import Look


class Page(Enum):
    """Why there is nothing to list."""

    NO_ACCOUNT = "no account"
    NO_MATCH = "no match"
    READING = "reading"
    NO_CONNECTIONS = "no connections"


class ListPlace(QStackedWidget):
    """Pages are built when they are first shown."""

    def __init__(
        self,
        look: Look,
        table: QWidget,
        clear_search: Callable[[], None],
        add_account: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._table = table
        self._clear_search = clear_search
        self._add_account = add_account
        self._pages: dict[Page, QWidget] = {}
        self.addWidget(table)

    def show_page(self, page: Page | None) -> None:
        """Show a page; the table for None."""
        if page is None:
            self.setCurrentWidget(self._table)
            return
        if page not in self._pages:
            self._pages[page] = self._built(page)
            self.addWidget(self._pages[page])
        self.setCurrentWidget(self._pages[page])

    def _built(self, page: Page) -> QWidget:
        from makini_desktop.ui.panels import empty  # most windows begin with rows

        match page:
            case Page.NO_ACCOUNT:
                return empty.no_account(self._look, self._add_account)
            case Page.NO_MATCH:
                return empty.no_match(self._look, self._clear_search)
            case Page.READING:
                return empty.reading(self._look)
            case Page.NO_CONNECTIONS:
                return empty.no_connections(self._look)
            case _:
                assert_never(page)
