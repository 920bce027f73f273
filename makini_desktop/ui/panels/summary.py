"""What the detail shows while nothing is selected: how many need a person, and which first."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QVBoxLayout, QWidget

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import SEVERITY
from makini_desktop.services.next_action import NEEDS_PERSON
from makini_desktop.services.store import Row, Store
from makini_desktop.services.wording import health_word, reason_short
from makini_desktop.ui.controls import Words
from makini_desktop.ui.look import Look

AT_MOST = 8


def needing(store: Store) -> list[Row]:
    """Return the rows that need a person, the worst first, then by name."""
    return sorted(
        store.having(NEEDS_PERSON), key=lambda row: (SEVERITY[row.health], row.connection.name.casefold())
    )


class Shortcut(QAbstractButton):
    """A connection in the summary; a click selects it."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._row: Row | None = None
        self._second = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def connection(self) -> ConnectionId | None:
        """Return whose shortcut it is."""
        return self._row.id if self._row is not None else None

    def tell(self, row: Row, now: datetime) -> None:
        """Show a row."""
        self._row = row
        self._second = reason_short(row, now) or health_word(row.health)
        self.setText(row.connection.name)
        self.setAccessibleName(f"{row.connection.name}, {health_word(row.health)}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of two lines."""
        look = self._look
        return QSize(200, QFontMetrics(look.strong).height() + QFontMetrics(look.small).height() + 14)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint shape, name and reason."""
        if self._row is None:
            return
        look = self._look
        painter = QPainter(self)
        if self.underMouse() or self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(look.colour("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("hover"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
        strong, small = QFontMetrics(look.strong), QFontMetrics(look.small)
        icon = QRect(8, 8, 16, 16)
        pixmap = look.health_pixmap(self._row.health, 16, self.devicePixelRatioF())
        painter.drawPixmap(self._placed(icon), pixmap)
        width = self.width() - 40
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        for text, font, metrics, top, token in (
            (self.text(), look.strong, strong, 7, "text"),
            (self._second, look.small, small, 8 + strong.height(), "secondary"),
        ):
            painter.setFont(font)
            painter.setPen(look.colour(token))
            cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(self._placed(QRect(32, top, width, metrics.height())), align, cut)

    def _placed(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), rect)


class Summary(QWidget):
    """The list of what needs a person.

    Signals:
        wanted: a connection to select.
    """

    wanted = Signal(str)

    def __init__(self, look: Look, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.heading = Words(font=look.title, wraps=True)
        self.words = Words(font=look.body, secondary=True, wraps=True)
        self.more = Words(font=look.small, secondary=True)
        self.more.setContentsMargins(32, 4, 0, 0)
        self.shortcuts = [Shortcut(look) for _each in range(AT_MOST)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(2)
        layout.addWidget(self.heading)
        layout.addWidget(self.words)
        layout.addSpacing(10)
        for shortcut in self.shortcuts:
            layout.addWidget(shortcut)
            shortcut.clicked.connect(partial(self._clicked, shortcut))
        layout.addWidget(self.more)
        layout.addStretch(1)

    def refresh(self, now: datetime) -> None:
        """Say it anew."""
        rows = needing(self._store)
        if rows:
            self.heading.setText(
                ngettext("{count} needs you", "{count} need you", len(rows)).format(count=f"{len(rows):,}")
            )
            self.words.setText(_("Select one to see what happened and what to do."))
        else:
            self.heading.setText(_("Nothing needs you"))
            self.words.setText(_("Select a connection to see its details."))
        for shortcut, row in zip(self.shortcuts, rows, strict=False):
            shortcut.tell(row, now)
        for at, shortcut in enumerate(self.shortcuts):
            shortcut.setVisible(at < len(rows))
        self.more.setText(_("and {count} more").format(count=f"{max(0, len(rows) - AT_MOST):,}"))
        self.more.setVisible(len(rows) > AT_MOST)

    def _clicked(self, shortcut: Shortcut) -> None:
        if (connection := shortcut.connection()) is not None:
            self.wanted.emit(connection)
