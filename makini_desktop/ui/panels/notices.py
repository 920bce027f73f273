"""Notices: what just happened, said once inside the window; good news leave by themselves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.store import Notice, Tone
from makini_desktop.ui.controls import Button, LinkButton, Words
from makini_desktop.ui.look import RADIUS, Look
from makini_desktop.ui.outlines import outline

GOOD_NEWS_MS = 8_000
AT_MOST = 3
"""The oldest makes room for a fourth."""

_TONES: dict[Tone, tuple[str, Health | None]] = {
    Tone.GOOD: ("good", Health.HEALTHY),
    Tone.PLAIN: ("accent", None),
    Tone.BAD: ("failing", Health.FAILING),
}


class NoticeCard(QWidget):
    """One notice with its buttons."""

    def __init__(
        self,
        look: Look,
        notice: Notice,
        dismissed: Callable[[NoticeCard], None],
        show: Callable[[ConnectionId], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.notice = notice
        self._look = look
        self._dismissed = dismissed
        self._show = show
        self.words = Words(notice.words, look.body, wraps=True)
        self.details = Words(notice.details, look.small, secondary=True, wraps=True, selectable=True)
        self.details.hide()
        self.close_button = Button(look)
        self.close_button.glyph = "close"
        self.close_button.setAccessibleName(_("Dismiss"))
        self.close_button.setToolTip(_("Dismiss"))
        self.close_button.clicked.connect(self._close)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(self.words)
        texts.addWidget(self.details)
        layout = QHBoxLayout(self)
        mirrored = self.isRightToLeft()
        layout.setContentsMargins(8 if mirrored else 44, 8, 44 if mirrored else 8, 8)
        layout.setSpacing(8)
        layout.addLayout(texts, 1)
        if notice.connection is not None:
            self.show_button = LinkButton(look, _("Show"))
            self.show_button.clicked.connect(self._go)
            layout.addWidget(self.show_button, 0, Qt.AlignmentFlag.AlignTop)
        if notice.details:
            self.details_button = LinkButton(look, _("Details"))
            self.details_button.setCheckable(True)
            self.details_button.toggled.connect(self.details.setVisible)
            layout.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        for link in self.findChildren(LinkButton):
            link.setMinimumHeight(self.close_button.sizeHint().height())
        self.words.setMinimumHeight(self.close_button.sizeHint().height())
        self.setAccessibleName(notice.words)
        if notice.tone is not Tone.BAD:
            QTimer.singleShot(GOOD_NEWS_MS, self, self._close)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground, edge and glyph."""
        look = self._look
        token, health = _TONES[self.notice.tone]
        painter = QPainter(self)
        painter.setPen(look.tinted(token, 0.5))
        painter.setBrush(look.tinted(token, 0.06))
        outline(painter, self.rect(), RADIUS)
        if health is not None:
            left = self.width() - 16 - 16 if self.isRightToLeft() else 16
            pixmap = look.health_pixmap(health, 16, self.devicePixelRatioF())
            painter.drawPixmap(QRect(left, 16, 16, 16), pixmap)

    def _close(self) -> None:
        self._dismissed(self)

    def _go(self) -> None:
        if self.notice.connection is not None:
            self._show(self.notice.connection)


class Notices(QWidget):
    """The notices not yet dismissed, the newest last."""

    def __init__(
        self, look: Look, show: Callable[[ConnectionId], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.cards: list[NoticeCard] = []
        self._look = look
        self._show = show
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 8, 0, 0)
        self._layout.setSpacing(8)
        self.hide()

    def tell(self, notice: Notice) -> None:
        """Show a notice; one about the same connection that said the same is replaced."""
        for card in [card for card in self.cards if card.notice == notice]:
            self.dismiss(card)
        if len(self.cards) >= AT_MOST:
            self.dismiss(self.cards[0])
        card = NoticeCard(self._look, notice, self.dismiss, self._show, self)
        self.cards.append(card)
        self._layout.addWidget(card)
        self.show()

    def dismiss(self, card: NoticeCard) -> None:
        """Take a notice away."""
        if card in self.cards:
            self.cards.remove(card)
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.setVisible(bool(self.cards))
