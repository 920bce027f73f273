"""What our dialogs share: one place for content that scrolls, and a line of buttons that stays."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from makini_desktop.ui.controls import Button, SlimScrollBar
from makini_desktop.ui.look import Look

EDGE = 20
SCREEN_SHARE = 0.9
"""A dialog is never higher than this share of the screen."""

SETTLED_MS = 200
"""How long a layout may take to find its new height."""


class Dialog(QDialog):
    """A dialog whose content scrolls; opened, never executed.

    Attributes:
        content: the layout of what scrolls.
        buttons: the layout of the line below it, from the leading edge; a stretch is in its middle.
    """

    def __init__(self, parent: QWidget | None, look: Look, title: str) -> None:
        super().__init__(parent)
        self.look = look
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        inside = QWidget()
        self.content = QVBoxLayout(inside)
        self.content.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        self.content.setSpacing(14)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setVerticalScrollBar(SlimScrollBar(look, Qt.Orientation.Vertical, self.area))
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        inside.setAutoFillBackground(False)
        self.area.viewport().setAutoFillBackground(False)
        self.area.verticalScrollBar().rangeChanged.connect(self._seek)
        self._sought: QWidget | None = None
        self._foot = _Foot(look)
        self.buttons = QHBoxLayout(self._foot)
        self.buttons.setContentsMargins(EDGE, 12, EDGE, 12)
        self.buttons.setSpacing(8)
        self.buttons.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.area, 1)
        whole.addWidget(self._foot)

    def add_button(self, text: str, *, primary: bool = False, leading: bool = False) -> Button:
        """Return a new button on the line below; beside the others, or alone at the leading edge."""
        button = Button(self.look, text, primary=primary)
        if leading:
            self.buttons.insertWidget(0, button)
        else:
            self.buttons.addWidget(button)
        if primary:
            button.setDefault(True)
        return button

    def fit(self, width: int) -> None:
        """Take this width, and the height that the content wants, as far as the screen has it."""
        wanted = self.content.totalHeightForWidth(width) + self._foot.sizeHint().height()
        self.resize(width, min(wanted, int(self.screen().availableGeometry().height() * SCREEN_SHARE)))

    def show_whole(self, widget: QWidget) -> None:
        """Grow until `widget`, which has just changed, is to be seen, or scroll to it."""
        self.content.activate()
        before = self.height()
        self.fit(self.width())
        if self.height() < before:
            self.resize(self.width(), before)
        self._sought = widget
        self._seek()
        QTimer.singleShot(SETTLED_MS, self, self._settled)

    def _seek(self) -> None:
        if self._sought is not None:
            self.area.ensureWidgetVisible(self._sought, 0, EDGE)

    def _settled(self) -> None:
        self._sought = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground."""
        QPainter(self).fillRect(self.rect(), self.look.colour("panel"))


class _Foot(QWidget):
    """The buttons' ground, parted from the content by a line."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._look.colour("background")))
        painter.fillRect(0, 0, self.width(), 1, self._look.colour("line"))
