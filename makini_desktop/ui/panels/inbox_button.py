"""The button that opens the inbox, with the count of what nobody has taken up yet."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QWidget

from makini_desktop.core.text import _, ngettext
from makini_desktop.ui.look import CONTROL_HEIGHT, RADIUS, Look
from makini_desktop.ui.outlines import outline

GLYPH = 16
PADDING = 11
GAP = 7
KEYS = "Ctrl+I"
"""Said in the tooltip; the window gives them to what the button does."""


class InboxButton(QPushButton):
    """Glyph, word and count; checked while the inbox is open."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(_("Inbox"), parent)
        self._look = look
        self.count = 0
        self.setFont(look.body)
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.tell(0)

    def tell(self, count: int) -> None:
        """Show how many incidents are open."""
        self.count = count
        said = (
            ngettext("{count} open incident", "{count} open incidents", count).format(count=f"{count:,}")
            if count
            else _("no open incident")
        )
        self.setAccessibleName(_("Inbox, {count}").format(count=said))
        self.setToolTip(f"{said[:1].upper()}{said[1:]} ({KEYS})")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that shows all."""
        body = QFontMetrics(self._look.body)
        width = 2 * PADDING + GLYPH + GAP + body.horizontalAdvance(self.text())
        if self.count:
            width += GAP + self._badge_width()
        return QSize(width, max(CONTROL_HEIGHT, body.height() + 12))

    def minimumSizeHint(self) -> QSize:
        """Never be smaller than what it says."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the mouse is over it."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint glyph, word and count."""
        look = self._look
        painter = QPainter(self)
        chosen = self.isChecked()
        painter.setPen(look.colour("accent" if chosen else "line"))
        fill = "selection" if chosen or self.isDown() else "hover" if self.underMouse() else "panel"
        painter.setBrush(look.colour(fill))
        outline(painter, self.rect(), RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            outline(painter, self.rect().adjusted(1, 1, -1, -1), RADIUS - 1)
        glyph = QRect(PADDING, (self.height() - GLYPH) // 2, GLYPH, GLYPH)
        painter.drawPixmap(
            self._placed(glyph), look.glyph_pixmap("inbox", "text", GLYPH, self.devicePixelRatioF())
        )
        left = PADDING + GLYPH + GAP
        word = QRect(left, 0, QFontMetrics(look.body).horizontalAdvance(self.text()) + 1, self.height())
        painter.setPen(look.colour("text"))
        painter.setFont(look.body)
        painter.drawText(self._placed(word), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.count:
            self._badge(painter, word.right() + GAP)

    def _badge(self, painter: QPainter, left: int) -> None:
        look = self._look
        height = QFontMetrics(look.small_strong).height() + 2
        badge = QRect(left, (self.height() - height) // 2, self._badge_width(), height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("reconnect"))
        painter.drawRoundedRect(self._placed(badge), height / 2, height / 2)
        painter.setPen(look.colour("panel"))
        painter.setFont(look.small_strong)
        painter.drawText(self._placed(badge), Qt.AlignmentFlag.AlignCenter, f"{self.count:,}")

    def _badge_width(self) -> int:
        metrics = QFontMetrics(self._look.small_strong)
        return max(metrics.height() + 2, metrics.horizontalAdvance(f"{self.count:,}") + 12)

    def _placed(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), rect)
