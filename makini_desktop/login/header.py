"""The row above the page: where one is, back, reload, and a thin line while something loads."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from makini_desktop.core.colours import Tokens
from makini_desktop.core.text import _
from makini_desktop.login import icons
from makini_desktop.login.host import split_host


class HostLabel(QWidget):
    """The host, read-only, its registered part strong; too long a name loses its beginning."""

    def __init__(self, look: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._host = ""
        self._is_encrypted = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_host(self, host: str, *, is_encrypted: bool) -> None:
        """Show `host`, with a lock where the connection to it is encrypted."""
        self._host, self._is_encrypted = host, is_encrypted
        self.setAccessibleName(
            _("Page from {host}, encrypted").format(host=host)
            if is_encrypted
            else _("Page from {host}").format(host=host)
        )
        self.setToolTip(host)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for one line; the width is whatever is left."""
        return QSize(80, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw shape and name from the side where reading begins; host names always run left to right."""
        painter = QPainter(self)
        area = QRectF(self.rect())
        mirrored = self.isRightToLeft()
        top = (area.height() - 16) / 2
        square = QRectF(area.right() - 16 if mirrored else area.left(), top, 16, 16)
        shape = icons.lock() if self._is_encrypted else icons.globe()
        icons.draw(painter, shape, square, self._look.secondary)
        area.adjust(*((0, 0, -24, 0) if mirrored else (24, 0, 0, 0)))

        light, strong = split_host(self._host)
        plain = self.font()
        plain.setPointSizeF(9.5)
        bold = self.font()
        bold.setPointSizeF(9.5)
        bold.setBold(True)
        strong_metrics, light_metrics = QFontMetricsF(bold), QFontMetricsF(plain)
        strong = strong_metrics.elidedText(strong, Qt.TextElideMode.ElideLeft, area.width())
        room = area.width() - strong_metrics.horizontalAdvance(strong)
        light = light_metrics.elidedText(light, Qt.TextElideMode.ElideLeft, room) if room > 24 else ""
        wide = light_metrics.horizontalAdvance(light)
        begin = area.right() - wide - strong_metrics.horizontalAdvance(strong) if mirrored else area.left()
        base = area.center().y() + (strong_metrics.ascent() - strong_metrics.descent()) / 2
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setFont(plain)
        painter.setPen(QColor(self._look.secondary))
        painter.drawText(QPointF(begin, base), light)
        painter.setFont(bold)
        painter.setPen(QColor(self._look.text))
        painter.drawText(QPointF(begin + wide, base), strong)


class ProgressLine(QWidget):
    """Two pixels that fill while a page loads."""

    def __init__(self, look: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._colour = look.accent
        self._percent = 0
        self.setFixedHeight(2)

    def show_percent(self, percent: int) -> None:
        """Fill to `percent`; 0 and 100 show nothing."""
        self._percent = percent
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill from the side where reading begins."""
        if not 0 < self._percent < 100:
            return
        width = self.width() * self._percent // 100
        left = self.width() - width if self.isRightToLeft() else 0
        QPainter(self).fillRect(left, 0, width, self.height(), QColor(self._colour))


class Header(QWidget):
    """Back, reload and the host, over the progress line.

    Signals:
        back_wanted: the person wants the page before this one.
        reload_wanted: the person wants this page once more.
    """

    back_wanted = Signal()
    reload_wanted = Signal()

    def __init__(self, look: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        ratio = self.devicePixelRatioF()
        self._back = _tool_button(self, _("Back"), "Alt+Left")
        self._back.setIcon(icons.icon(icons.back, look.text, look.line, ratio, mirrored=self.isRightToLeft()))
        self._back.setEnabled(False)
        self._back.clicked.connect(self.back_wanted)
        reload = _tool_button(self, _("Reload"), "Ctrl+R")
        reload.setIcon(icons.icon(icons.reload, look.text, look.line, ratio))
        reload.clicked.connect(self.reload_wanted)
        self._host = HostLabel(look, self)
        self._line = ProgressLine(look, self)

        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 12, 2)
        row.setSpacing(4)
        row.addWidget(self._back)
        row.addWidget(reload)
        row.addSpacing(4)
        row.addWidget(self._host, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 1)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._line)

    def show_host(self, host: str, *, is_encrypted: bool) -> None:
        """Name the page's host."""
        self._host.show_host(host, is_encrypted=is_encrypted)

    def show_progress(self, percent: int) -> None:
        """Move the line."""
        self._line.show_percent(percent)

    def allow_back(self, *, allowed: bool) -> None:
        """Say whether there is a page before this one."""
        self._back.setEnabled(allowed)


def _tool_button(parent: QWidget, name: str, keys: str) -> QToolButton:
    button = QToolButton(parent)
    button.setAccessibleName(name)
    button.setToolTip(f"{name} ({keys})")
    button.setFixedSize(32, 32)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
