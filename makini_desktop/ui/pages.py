"""The pages that a person can open in the list's place, each built when it is first opened.

A page takes the place of the list, and may bring what stands beside it instead of a connection's detail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from makini_desktop.ui.panels.list_place import ListPlace


class PageName(Enum):
    """What can be opened."""

    INBOX = "inbox"


class OpenPage(NamedTuple):
    """A page: what stands in the list's place, and what beside it (None: the detail as it is)."""

    main: QWidget
    beside: QWidget | None = None


class Pages(QObject):
    """Opens one page at a time.

    Signals:
        changed: another page is open, or the list again.

    Attributes:
        opened: the page that is open; None while the list is shown.
    """

    changed = Signal()

    def __init__(
        self,
        list_place: ListPlace,
        detail_place: QStackedWidget,
        builders: Mapping[PageName, Callable[[], OpenPage]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.opened: PageName | None = None
        self._list_place = list_place
        self._detail_place = detail_place
        self._builders = builders
        self._built: dict[PageName, OpenPage] = {}

    def open(self, name: PageName) -> OpenPage:
        """Open a page and return it; the focus goes to it."""
        page = self._page(name)
        if self.opened is not name:
            self.opened = name
            self._list_place.open_page(page.main)
            if page.beside is not None:
                self._detail_place.setCurrentWidget(page.beside)
            else:
                self._detail_place.setCurrentIndex(0)
            self.changed.emit()
        return page

    def close(self) -> None:
        """Show the list again."""
        if self.opened is not None:
            self.opened = None
            self._list_place.open_page(None)
            self._detail_place.setCurrentIndex(0)
            self.changed.emit()

    def _page(self, name: PageName) -> OpenPage:
        if name not in self._built:
            page = self._built[name] = self._builders[name]()
            self._list_place.addWidget(page.main)
            if page.beside is not None:
                self._detail_place.addWidget(page.beside)
        return self._built[name]
