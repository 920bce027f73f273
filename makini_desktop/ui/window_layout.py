"""Where the window's parts stand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from makini_desktop.ui.controls import PlainSplitter, Surface
from makini_desktop.ui.look import Look

EDGE = 16
DETAIL_WIDTH = 364
LEAST_DETAIL_WIDTH = 312
HANDLE_WIDTH = 12


class WindowLayout(QWidget):
    """Head, banners, list and detail beside each other, notices, foot.

    Args:
        look: colours and measures.
        head: from top to bottom.
        banners: what concerns the whole account.
        listed: list and what belongs to it, from top to bottom.
        detail: what stands beside the list.
        notices: below both.
        foot: the last line.

    Attributes:
        splitter: parts list and detail.
    """

    def __init__(
        self,
        look: Look,
        *,
        head: Sequence[QWidget],
        banners: QWidget,
        listed: Sequence[QWidget],
        detail: QWidget,
        notices: QWidget,
        foot: QWidget,
    ) -> None:
        super().__init__()
        self._detail = Surface(look)
        self._detail.setMinimumWidth(LEAST_DETAIL_WIDTH)
        list_surface = Surface(look)
        _column(list_surface, *listed, margins=(1, 1, 1, 5))
        _column(self._detail, detail, margins=(1, 1, 1, 1))
        self.splitter = PlainSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(HANDLE_WIDTH)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(list_surface)
        self.splitter.addWidget(self._detail)
        self.splitter.setStretchFactor(0, 5)
        self.splitter.setStretchFactor(1, 1)
        above, middle, below = QWidget(), QWidget(), QWidget()
        _column(above, *head, margins=(EDGE, 12, EDGE, 10), gap=9)
        _column(middle, self.splitter, notices, margins=(EDGE, 8, EDGE, 0)).setStretch(0, 1)
        _column(below, foot, margins=(EDGE, 8, EDGE, 10))
        _column(self, above, banners, middle, below).setStretch(2, 1)

    def divide(self, width: int) -> None:
        """Give the detail its usual width in a window that is `width` wide."""
        self.splitter.setSizes([width - 2 * EDGE - HANDLE_WIDTH - DETAIL_WIDTH, DETAIL_WIDTH])

    def show_detail(self, shown: bool) -> None:
        """Show or hide what stands beside the list."""
        self._detail.setVisible(shown)


def _column(
    parent: QWidget, *widgets: QWidget, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 0
) -> QVBoxLayout:
    layout = QVBoxLayout(parent)
    layout.setContentsMargins(*margins)
    layout.setSpacing(gap)
    for widget in widgets:
        layout.addWidget(widget)
    return layout
