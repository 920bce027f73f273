"""The row above the page: back, reload, where one is, and a thin line while something loads."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from makini_desktop.core.colours import Tokens
from makini_desktop.core.text import _
from makini_desktop.login import icons
from makini_desktop.login.host import split_host


class AddressLabel(QAbstractButton):
    """The address, read-only: its host in bold, the registered part strongest, then the path.

    Too long an address loses the end of its path first, then the beginning of its host. Query and
    fragment are never shown: they may hold what nobody should read. Pressed, it tells more of the host.
    """

    def __init__(self, look: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._host = self._path = ""
        self._is_encrypted = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_address(self, host: str, path: str, *, is_encrypted: bool) -> None:
        """Show `host` and `path`, with a lock where the connection is encrypted."""
        self._host, self._path, self._is_encrypted = host, path.rstrip("/"), is_encrypted
        self.setAccessibleName(
            _("Page from {host}, encrypted").format(host=host)
            if is_encrypted
            else _("Page from {host}").format(host=host)
        )
        self.setToolTip(f"{host}{self._path}")
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for one line; the width is whatever is left."""
        return QSize(80, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw shape and address from the side where reading begins; addresses run left to right."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QColor(self._look.accent if self.hasFocus() else self._look.selection))
            painter.setBrush(QColor(self._look.panel if self.hasFocus() else self._look.selection))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        area = QRectF(self.rect()).adjusted(4, 0, -4, 0)
        mirrored = self.isRightToLeft()
        top = (area.height() - 16) / 2
        square = QRectF(area.right() - 16 if mirrored else area.left(), top, 16, 16)
        shape = icons.lock() if self._is_encrypted else icons.globe()
        icons.draw(painter, shape, square, self._look.secondary)
        area.adjust(*((0, 0, -24, 0) if mirrored else (24, 0, 0, 0)))

        parts = self._parts(area.width())
        wide = sum(QFontMetricsF(font).horizontalAdvance(text) for text, font, _colour in parts)
        begin = area.right() - wide if mirrored else area.left()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        for text, font, colour in parts:
            metrics = QFontMetricsF(font)
            base = area.center().y() + (metrics.ascent() - metrics.descent()) / 2
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(QPointF(begin, base), text)
            begin += metrics.horizontalAdvance(text)

    def _parts(self, room: float) -> list[tuple[str, QFont, str]]:
        """Return the pieces of the address that fit, with font and colour."""
        plain, bold = self.font(), self.font()
        bold.setBold(True)
        for font in (plain, bold):
            font.setPointSizeF(9.5)
        strong, plainly = QFontMetricsF(bold), QFontMetricsF(plain)
        below, registered = split_host(self._host)
        registered = strong.elidedText(registered, Qt.TextElideMode.ElideLeft, room)
        room -= strong.horizontalAdvance(registered)
        below = strong.elidedText(below, Qt.TextElideMode.ElideLeft, room) if room > 24 else ""
        room -= strong.horizontalAdvance(below)
        path = plainly.elidedText(self._path, Qt.TextElideMode.ElideRight, room) if room > 24 else ""
        return [
            (below, bold, self._look.secondary),
            (registered, bold, self._look.text),
            (path, plain, self._look.secondary),
        ]


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
    """Back, reload, address and zoom, over the progress line.

    Signals:
        back_wanted: the person wants the page before this one.
        reload_wanted: the person wants this page once more.
        about_wanted: the person wants to know more of the page's host.
        zoom_reset_wanted: the person wants the page in its own size.
    """

    back_wanted = Signal()
    reload_wanted = Signal()
    about_wanted = Signal()
    zoom_reset_wanted = Signal()

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
        self._address = AddressLabel(look, self)
        self._address.clicked.connect(self.about_wanted)
        self._zoom = QPushButton(self)
        self._zoom.setObjectName("quiet")
        self._zoom.setToolTip(_("Show in its own size (Ctrl+0)"))
        self._zoom.clicked.connect(self.zoom_reset_wanted)
        self._zoom.hide()
        self._line = ProgressLine(look, self)

        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 12, 2)
        row.setSpacing(4)
        row.addWidget(self._back)
        row.addWidget(reload)
        row.addSpacing(4)
        row.addWidget(self._address, 1)
        row.addWidget(self._zoom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 1)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._line)

    def show_address(self, host: str, path: str, *, is_encrypted: bool) -> None:
        """Say where the page is from."""
        self._address.show_address(host, path, is_encrypted=is_encrypted)

    def show_zoom(self, percent: int) -> None:
        """Say how large the page is shown; 100 says nothing."""
        self._zoom.setText(f"{percent} %")
        self._zoom.setVisible(percent != 100)

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
