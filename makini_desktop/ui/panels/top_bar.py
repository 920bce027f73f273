"""The top of the window: search, the accounts, the inbox, "Check now" and the menu."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QStyle, QWidget

from makini_desktop.core.text import _
from makini_desktop.ui.controls import Button
from makini_desktop.ui.look import CONTROL_HEIGHT, RADIUS, Look
from makini_desktop.ui.outlines import outline
from makini_desktop.ui.panels.account_button import AccountButton
from makini_desktop.ui.panels.inbox_button import InboxButton

PAUSE_MS = 60
"""A burst of keys is searched for once, this long after the last of them."""


class SearchField(QLineEdit):
    """Searches while it is typed into; Escape clears, Down goes to the list.

    Signals:
        searched: the text to search for.
        left_down: the person goes on to the list.
    """

    searched = Signal(str)
    left_down = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setFrame(False)
        self.setFont(look.body)
        self.setFixedHeight(max(CONTROL_HEIGHT, QFontMetrics(look.body).height() + 14))
        self.setTextMargins(32, 0, 8, 0)
        self.setClearButtonEnabled(False)
        self.setAccessibleName(_("Search customers, systems, tags"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(220)
        self.setMaximumWidth(380)
        palette = self.palette()
        palette.setColor(palette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.setPalette(palette)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self.textChanged.connect(self._typed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the keys that leave or clear the field."""
        match event.key():
            case Qt.Key.Key_Escape:
                self.clear()
            case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._tell()
                self.left_down.emit()
            case _:
                super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame, glyph, text and hint."""
        look = self._look
        painter = QPainter(self)
        painter.setPen(look.colour("accent" if self.hasFocus() else "line"))
        painter.setBrush(look.colour("panel"))
        outline(painter, self.rect(), RADIUS)
        glyph = QRect(11, (self.height() - 16) // 2, 16, 16)
        painter.drawPixmap(self._placed(glyph), look.glyph_pixmap("search", "secondary", 16, self._density()))
        if not self.text():
            painter.setPen(look.colour("secondary"))
            painter.setFont(look.body)
            room = self.rect().adjusted(34, 0, -12, 0)
            metrics = QFontMetrics(look.body)
            keys = "Ctrl+F"
            hint = _("Search customers, systems, tags")
            align = Qt.AlignmentFlag.AlignVCenter
            wanted = metrics.horizontalAdvance(hint) + 24 + metrics.horizontalAdvance(keys)
            if not self.hasFocus() and wanted <= room.width():
                painter.setFont(look.small)
                painter.drawText(self._placed(room), align | Qt.AlignmentFlag.AlignTrailing, keys)
                painter.setFont(look.body)
            hint = metrics.elidedText(hint, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(self._placed(room), align | Qt.AlignmentFlag.AlignLeading, hint)
        painter.end()
        super().paintEvent(event)

    def _density(self) -> float:
        return self.devicePixelRatioF()

    def _placed(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), rect)

    def _typed(self, text: str) -> None:
        if text:
            self._pause.start()
        else:
            self._tell()

    def _tell(self) -> None:
        self._pause.stop()
        self.searched.emit(self.text())


class TopBar(QWidget):
    """Places the search field, the account's button and the others."""

    def __init__(self, look: Look, accounts: QMenu, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField(look)
        self.account = AccountButton(look, accounts)
        self.inbox = InboxButton(look)
        self.check_now = Button(look, _("Check now"))
        self.menu_button = Button(look)
        self.menu_button.glyph = "menu"
        self.menu_button.setAccessibleName(_("Menu"))
        self.menu_button.setToolTip(_("Menu"))
        self.menu_button.setMenu(menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.search, 3)
        layout.addStretch(2)
        layout.addWidget(self.account)
        layout.addWidget(self.inbox)
        layout.addWidget(self.check_now)
        layout.addWidget(self.menu_button)
