"""How it stands, at the head of a detail: shape and word of a health, and what is under way."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.health import Health
from makini_desktop.services import wording
from makini_desktop.services.store import Row
from makini_desktop.services.sync_words import sync_progress
from makini_desktop.ui.controls import Words
from makini_desktop.ui.delegates.drawing import draw_text
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.progress import ProgressLine

ICON = 18
LEFT = ICON + 8


class HealthLine(QWidget):
    """A health's shape and colour with its word, or with words that say more."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.health = Health.UNKNOWN
        self.words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def tell(self, health: Health, words: str = "") -> None:
        """Show a health, with `words` instead of its own word."""
        self.health = health
        self.words = words or wording.health_word(health)
        self.setAccessibleName(self.words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of shape and words."""
        metrics = QFontMetrics(self._look.heading)
        return QSize(LEFT + 2 + metrics.horizontalAdvance(self.words), max(20, metrics.height()))

    def minimumSizeHint(self) -> QSize:
        """Leave the width to others: words that do not fit are smaller, then cut."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        look = self._look
        painter = QPainter(self)
        icon = QRect(0, (self.height() - ICON) // 2, ICON, ICON)
        pixmap = look.health_pixmap(self.health, ICON, self.devicePixelRatioF())
        painter.drawPixmap(QStyle.visualRect(self.layoutDirection(), self.rect(), icon), pixmap)
        room = QStyle.visualRect(self.layoutDirection(), self.rect(), self.rect().adjusted(LEFT, 0, 0, 0))
        fits = QFontMetrics(look.heading).horizontalAdvance(self.words) <= room.width()
        font = look.heading if fits else look.strong
        draw_text(painter, room, self.words, font, look.health(self.health), mirrored=self.isRightToLeft())


class Running(QWidget):
    """What is under way: a reconnect, or a sync with its progress."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = Words(font=look.body, wraps=True)
        self.line = ProgressLine(look, thickness=4, track=True)
        self.line.setAccessibleName(_("Progress"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(6)
        layout.addWidget(self.words)
        layout.addWidget(self.line)

    def tell(self, row: Row) -> None:
        """Show what runs; hidden if nothing does."""
        sync = row.sync
        if row.stage is not None:
            self.words.setText(wording.stage_sentence(row.stage))
            self.line.tell(None)
        elif sync is not None and sync.state.running and row.health is Health.SYNCING:
            self.words.setText(sync_progress(sync))
            known = sync.done is not None and sync.expected
            self.line.tell((sync.done or 0) / (sync.expected or 1) if known else None)
        self.setVisible(row.stage is not None or (can_be_followed(row)))


def can_be_followed(row: Row) -> bool:
    """Tell whether a sync is running."""
    return row.sync is not None and row.sync.state.running and row.health is Health.SYNCING
