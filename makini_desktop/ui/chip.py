"""The pills above the list: a health with its count, and what the list is narrowed to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.health import Health
from makini_desktop.ui.look import Look
from makini_desktop.ui.outlines import by_keyboard, focus_ring, outline

CHIP_HEIGHT = 30
CHIP_PADDING = 10


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
        self._ring = by_keyboard(event, self._ring)
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
            focus_ring(painter, self.rect(), look, self.height() / 2)
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
            focus_ring(painter, self.rect(), look, self.height() / 2)
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
