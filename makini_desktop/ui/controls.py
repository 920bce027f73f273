"""Our buttons, chips, surfaces and texts: native widgets that paint themselves in the look's colours."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
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

from makini_desktop.core.text import _
from makini_desktop.domain.health import Health
from makini_desktop.ui.look import CONTROL_HEIGHT, RADIUS, Look

CHIP_HEIGHT = 30
CHIP_PADDING = 10
ARROW = 12
ARROW_ROOM = 14
"""What a button that opens a menu is wider."""


def outline(painter: QPainter, rect: QRect, radius: float) -> None:
    """Draw a rounded rectangle with a crisp one-pixel line."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


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
        self._ring = _by_keyboard(event, self._ring)
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
            _focus_ring(painter, self.rect(), look, RADIUS, inside=self.primary)
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
            _focus_ring(painter, self.rect(), self._look, 4)
        font = self.font()
        font.setUnderline(self.underMouse())
        painter.setFont(font)
        painter.setPen(self._look.colour("secondary" if self._quiet else "accent"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Chip(QAbstractButton):
    """A health with its count; chosen chips filter the list.

    Signals:
        chosen: it was pressed; the argument tells whether others stay chosen, too (Ctrl).
        stepped: an arrow key asks for the next chip (1) or the one before (-1).
    """

    chosen = Signal(bool)
    stepped = Signal(int)

    def __init__(self, look: Look, health: Health | None, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.health = health
        self.count = -1
        self._ring = False
        self._look = look
        self.setText(text)
        self.setCheckable(True)
        self.setFont(look.body)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Show how many there are."""
        if count != self.count:
            self.count = count
            self.setAccessibleName(f"{self.text()}: {count:,}")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size that shows word and count."""
        body, strong = QFontMetrics(self._look.body), QFontMetrics(self._look.strong)
        icon = 20 if self.health is not None else 0
        width = icon + body.horizontalAdvance(self.text()) + 8 + strong.horizontalAdvance(f"{self.count:,}")
        return QSize(width + 2 * CHIP_PADDING, max(CHIP_HEIGHT, body.height() + 12))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus to who came by keyboard."""
        self._ring = _by_keyboard(event, self._ring)
        super().focusInEvent(event)

    def nextCheckState(self) -> None:
        """Leave it to the row of chips which are chosen."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose it, alone or (Ctrl) beside the others."""
        inside = self.rect().contains(event.position().toPoint())
        super().mouseReleaseEvent(event)
        if inside and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with Space or Return, step with the arrow keys."""
        match event.key():
            case Qt.Key.Key_Space | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.chosen.emit(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                forward = (event.key() == Qt.Key.Key_Right) != self.isRightToLeft()
                self.stepped.emit(1 if forward else -1)
            case _:
                super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Repaint when the mouse comes or goes."""
        if event.type() in {QEvent.Type.Enter, QEvent.Type.Leave}:
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the chip."""
        look = self._look
        painter = QPainter(self)
        chosen = self.isChecked()
        painter.setPen(look.colour("accent" if chosen else "line"))
        fill = "selection" if chosen else "hover" if self.underMouse() else "panel"
        painter.setBrush(look.colour(fill))
        outline(painter, self.rect(), self.height() / 2)
        if self.hasFocus() and self._ring:
            _focus_ring(painter, self.rect(), look, self.height() / 2)
        body, strong = QFontMetrics(look.body), QFontMetrics(look.strong)
        left = CHIP_PADDING
        painter.setPen(look.colour("text"))
        if self.health is not None:
            icon = QRect(left, (self.height() - 16) // 2, 16, 16)
            pixmap = look.health_pixmap(self.health, 16, self.devicePixelRatioF())
            painter.drawPixmap(self._placed(icon), pixmap)
            left += 20
        for text, font, metrics in ((self.text(), look.body, body), (f"{self.count:,}", look.strong, strong)):
            width = metrics.horizontalAdvance(text) + 1
            painter.setFont(font)
            painter.drawText(
                self._placed(QRect(left, 0, width, self.height())),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute,
                text,
            )
            left += width + 7

    def _placed(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), rect)


class NarrowChip(QAbstractButton):
    """What the list is narrowed to; pressed, it goes away."""

    WIDEST = 420

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setFont(look.body)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def tell(self, words: str) -> None:
        """Show these words."""
        self.setText(words)
        self.setAccessibleName(_("Only {what}. Show all connections").format(what=words))
        self.setToolTip(f"{words}\n" + _("Show all connections"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that shows the words, as far as they are not overlong."""
        metrics = QFontMetrics(self._look.body)
        width = metrics.horizontalAdvance(self.text()) + 20 + 2 * CHIP_PADDING
        return QSize(min(self.WIDEST, width), max(CHIP_HEIGHT, metrics.height() + 12))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the words and the cross."""
        look = self._look
        painter = QPainter(self)
        painter.setPen(look.colour("accent"))
        painter.setBrush(look.colour("selection"))
        outline(painter, self.rect(), self.height() / 2)
        if self.hasFocus():
            _focus_ring(painter, self.rect(), look, self.height() / 2)
        room = QRect(CHIP_PADDING, 0, self.width() - 2 * CHIP_PADDING - 18, self.height())
        words = QFontMetrics(look.body).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(look.colour("text"))
        painter.setFont(look.body)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(self._placed(room), align, words)
        cross = QRect(self.width() - CHIP_PADDING - 12, (self.height() - 12) // 2, 12, 12)
        pixmap = look.glyph_pixmap("close", "secondary", 12, self.devicePixelRatioF())
        painter.drawPixmap(self._placed(cross), pixmap)

    def _placed(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), rect)


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


def _by_keyboard(event: QFocusEvent, before: bool) -> bool:
    """Tell whether the focus came by keyboard; coming back to the window leaves it as it was."""
    if event.reason() in {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}:
        return before
    return event.reason() is not Qt.FocusReason.MouseFocusReason


def _focus_ring(painter: QPainter, rect: QRect, look: Look, radius: float, *, inside: bool = False) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if inside:
        painter.setPen(QPen(look.colour("on_accent"), 1.5))
        painter.drawRoundedRect(QRectF(rect).adjusted(3, 3, -3, -3), radius - 2, radius - 2)
    else:
        painter.setPen(QPen(look.colour("accent"), 2))
        painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), radius - 0.5, radius - 0.5)
    painter.restore()
