"""The place of the list: the table, a page that a person opened, or why there is nothing to list."""

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
        connect: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._table = table
        self._clear_search = clear_search
        self._add_account = add_account
        self._connect = connect
        self._pages: dict[Page, QWidget] = {}
        self._opened: QWidget | None = None
        self._listed: QWidget = table
        self.addWidget(table)

    def show_page(self, page: Page | None) -> None:
        """Say why there is nothing to list, or show the table for None, unless something else is opened."""
        if page is not None and page not in self._pages:
            self._pages[page] = self._built(page)
            self.addWidget(self._pages[page])
        self._listed = self._table if page is None else self._pages[page]
        self.setCurrentWidget(self._opened or self._listed)

    def open_page(self, page: QWidget | None) -> None:
        """Show one of the widgets added to this place instead of the list; the list again for None."""
        self._opened = page
        self.setCurrentWidget(self._opened or self._listed)

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
                return empty.no_connections(self._look, self._connect)
            case _:
                assert_never(page)
