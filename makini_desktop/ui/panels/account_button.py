"""The account's name at the top of the window: a quiet button with the accounts to choose from."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QStyle, QWidget

from makini_desktop.core.text import _
from makini_desktop.ui.look import CONTROL_HEIGHT, RADIUS, Look

GLYPH = 12
PADDING = 10
NARROWEST = 72


class AccountButton(QPushButton):
    """The button; a name that does not fit is cut, the tooltip shows all of it."""

    def __init__(self, look: Look, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setFont(look.body)
        self.setMenu(menu)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def tell(self, account: str) -> None:
        """Show an account's name."""
        self.setText(account)
        self.setAccessibleName(_("Account: {account}").format(account=account))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size that shows the whole name."""
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(self.text()) + 2 * PADDING + GLYPH + 10
        return QSize(width, max(CONTROL_HEIGHT, metrics.height() + 12))

    def minimumSizeHint(self) -> QSize:
        """Leave room to others where there is little."""
        return QSize(min(NARROWEST, self.sizeHint().width()), self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the mouse is over it."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the name and what says that there is more."""
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        open_ = self.isDown() or self.menu().isVisible()
        if open_ or self.underMouse():
            painter.setPen(look.colour("line"))
            painter.setBrush(look.colour("selection" if open_ else "panel"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS - 0.5, RADIUS - 0.5)
        room = QRect(PADDING, 0, self.width() - 2 * PADDING - GLYPH - 6, self.height())
        words = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        self.setToolTip(self.text() if words != self.text() else "")
        painter.setPen(look.colour("text" if open_ or self.underMouse() else "secondary"))
        painter.drawText(
            self._placed(room), Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter, words
        )
        glyph = QRect(self.width() - PADDING - GLYPH, (self.height() - GLYPH) // 2 + 1, GLYPH, GLYPH)
        pixmap = look.glyph_pixmap("down", "secondary", GLYPH, self.devicePixelRatioF())
        painter.drawPixmap(self._placed(glyph), pixmap)

    def _placed(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), rect)
