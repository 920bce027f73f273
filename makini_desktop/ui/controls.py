"""Buttons, surfaces, texts and scroll bars: native widgets that paint themselves in the look's colours."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QScrollBar,
    QSizePolicy,
    QSplitter,
    QSplitterHandle,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from makini_desktop.ui.look import CONTROL_HEIGHT, RADIUS, Look
from makini_desktop.ui.outlines import by_keyboard, focus_ring, outline

ARROW = 12
ARROW_ROOM = 14
"""What a button that opens a menu is wider."""


class Surface(QWidget):
    """A panel with a line around it."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the surface."""
        painter = QPainter(self)
        painter.setPen(self._look.colour("line"))
        painter.setBrush(self._look.colour("panel"))
        outline(painter, self.rect(), RADIUS)


class Words(QLabel):
    """A text in one of the look's fonts and colours; selectable texts are reached by keyboard, too."""

    def __init__(
        self,
        text: str = "",
        font: QFont | None = None,
        *,
        secondary: bool = False,
        wraps: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if font is not None:
            self.setFont(font)
        if secondary:
            self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        if wraps:
            self.setWordWrap(True)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.setCursor(Qt.CursorShape.IBeamCursor)
        if self.isRightToLeft():
            self.setAlignment(
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
            )


class Button(QPushButton):
    """A push button; `primary` is the one that the accent belongs to.

    Attributes:
        glyph: shown instead of the text.
        glyph_room: the button's width then.
    """

    def __init__(
        self, look: Look, text: str = "", *, primary: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.primary = primary
        self.glyph: str | None = None
        self.glyph_room = CONTROL_HEIGHT + 4
        self._ring = False
        self._look = look
        self.setFont(look.strong if primary else look.body)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size that shows the whole label."""
        if self.glyph is not None:
            return QSize(self.glyph_room, CONTROL_HEIGHT)
        metrics = QFontMetrics(self.font())
        height = max(CONTROL_HEIGHT, metrics.height() + 12)
        width = metrics.size(Qt.TextFlag.TextShowMnemonic, self.text()).width() + 32
        return QSize(width + (ARROW_ROOM if self.menu() is not None else 0), height)

    def minimumSizeHint(self) -> QSize:
        """Never be smaller than the label."""
        return self.sizeHint()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus to who came by keyboard."""
        self._ring = by_keyboard(event, self._ring)
        super().focusInEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the mouse is over it."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the button."""
        look = self._look
        painter = QPainter(self)
        if self.primary and self.isEnabled():
            fill, ink = look.colour("accent"), look.colour("on_accent")
            if self.isDown():
                fill = look.tinted("accent", 0.8)
            elif self.underMouse():
                fill = look.tinted("accent", 0.9)
            painter.setPen(fill)
        else:
            ink = look.colour("text" if self.isEnabled() else "secondary")
            fill = look.colour("panel")
            if self.isEnabled() and (self.isDown() or (self.menu() and self.menu().isVisible())):
                fill = look.colour("selection")
            elif self.isEnabled() and self.underMouse():
                fill = look.colour("hover")
            painter.setPen(look.colour("line"))
        painter.setBrush(fill)
        outline(painter, self.rect(), RADIUS)
        if self.hasFocus() and self._ring:
            focus_ring(painter, self.rect(), look, RADIUS, inside=self.primary)
        if self.glyph is not None:
            token = "on_accent" if self.primary else "text"
            pixmap = look.glyph_pixmap(self.glyph, token, 16, self.devicePixelRatioF())
            painter.drawPixmap((self.width() - 16) // 2, (self.height() - 16) // 2, pixmap)
            return
        painter.setPen(ink)
        painter.setFont(self.font())
        room = self.rect()
        if self.menu() is not None:
            arrow = QRect(self.width() - 12 - ARROW, (self.height() - ARROW) // 2 + 1, ARROW, ARROW)
            pixmap = look.glyph_pixmap("down", "secondary", ARROW, self.devicePixelRatioF())
            painter.drawPixmap(QStyle.visualRect(self.layoutDirection(), room, arrow), pixmap)
            left = room.adjusted(0, 0, -ARROW_ROOM, 0)
            room = QStyle.visualRect(self.layoutDirection(), room, left)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic, self.text())


class LinkButton(QPushButton):
    """A button that looks like a link.

    Args:
        quiet: for what is offered beside something else.
        flush: begins where a text above it begins.
    """

    def __init__(
        self,
        look: Look,
        text: str = "",
        *,
        quiet: bool = False,
        flush: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._look = look
        self._quiet = quiet
        self._edge = 1 if flush else 6
        self.setFont(look.body)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size that shows the whole label."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self.text()) + 2 * self._edge, metrics.height() + 8)

    def minimumSizeHint(self) -> QSize:
        """Never be smaller than the label."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the link."""
        painter = QPainter(self)
        if self.hasFocus():
            focus_ring(painter, self.rect(), self._look, 4)
        font = self.font()
        font.setUnderline(self.underMouse())
        painter.setFont(font)
        painter.setPen(self._look.colour("secondary" if self._quiet else "accent"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class PlainSplitter(QSplitter):
    """A splitter whose handle is the gap between two panels."""

    def createHandle(self) -> QSplitterHandle:
        """Return a handle that paints nothing."""
        return _PlainHandle(self.orientation(), self)


class _PlainHandle(QSplitterHandle):
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Leave the ground as it is."""


class SlimScrollBar(QScrollBar):
    """A scroll bar that is a quiet handle and nothing else."""

    WIDTH = 12

    def __init__(self, look: Look, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self._look = look

    def sizeHint(self) -> QSize:
        """Return a slim size."""
        if self.orientation() is Qt.Orientation.Vertical:
            return QSize(self.WIDTH, 4 * self.WIDTH)
        return QSize(4 * self.WIDTH, self.WIDTH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the handle."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colour("panel"))
        handle = self._handle()
        if handle is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        active = self.underMouse() or self.isSliderDown()
        painter.setBrush(self._look.tinted("secondary", 0.6 if active else 0.32))
        painter.drawRoundedRect(handle, 3, 3)

    def _handle(self) -> QRectF | None:
        """Return where the style lets the handle be dragged, made slim."""
        if self.maximum() <= self.minimum():
            return None
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        slider = QRectF(
            self.style().subControlRect(
                QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, self
            )
        )
        if self.orientation() is Qt.Orientation.Vertical:
            return slider.adjusted(3, 0, 3 - self.width() + 6, 0)
        return slider.adjusted(0, 3, 0, 3 - self.height() + 6)
