"""The web view, with what a login page needs of it: editing, and a size that suits the eyes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QMenu, QWidget

_ZOOMS = (50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300)


class PageView(QWebEngineView):
    """A web view whose context menu holds editing only.

    Signals:
        zoomed: the page is shown in another size (percent).
    """

    zoomed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._percent = 100

    @property
    def percent(self) -> int:
        """How large pages are shown."""
        return self._percent

    def zoom(self, steps: int) -> None:
        """Show pages `steps` sizes larger, or smaller; 0 is their own size."""
        place = min(max(_ZOOMS.index(self._percent) + steps, 0), len(_ZOOMS) - 1)
        self.zoom_to(_ZOOMS[place] if steps else 100)

    def zoom_to(self, percent: int) -> None:
        """Show pages in one of the sizes."""
        self._percent = percent
        self.keep_zoom()
        self.zoomed.emit(percent)

    def keep_zoom(self) -> None:
        """Show the page as large as those before it; the engine has a size for each host."""
        if self.page().zoomFactor() != self._percent / 100:
            self.page().setZoomFactor(self._percent / 100)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer cut, copy and paste: no saving, no source, no new windows."""
        menu = QMenu(self)
        for action in (
            QWebEnginePage.WebAction.Cut,
            QWebEnginePage.WebAction.Copy,
            QWebEnginePage.WebAction.Paste,
            QWebEnginePage.WebAction.SelectAll,
        ):
            menu.addAction(self.page().action(action))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())
