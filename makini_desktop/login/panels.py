"""What is shown over or above the page when there is no page to see."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from makini_desktop.core.colours import Tokens
from makini_desktop.core.text import _
from makini_desktop.login import icons
from makini_desktop.login.notice import Notice, Offer
from makini_desktop.login.outcome import Reason
from makini_desktop.login.trouble import Trouble


class _Card(QWidget):
    """A plain sheet with its words a third from the top."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(32, 24, 32, 24)
        self.column.setSpacing(8)

    def add_words(self, name: str) -> QLabel:
        words = QLabel(self)
        words.setObjectName(name)
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        self.column.addWidget(words)
        return words


class OpeningPanel(_Card):
    """The first page is on its way."""

    def __init__(self, purpose: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.column.addStretch(1)
        self._headline = self.add_words("title")
        self.add_words("secondary").setText(purpose)
        self.column.addStretch(2)

    def expect(self, host: str) -> None:
        """Say that a page of `host` is being opened."""
        self._headline.setText(_("Opening {host}…").format(host=host) if host else _("Opening…"))
        self.show()
        self.raise_()


class TroublePanel(_Card):
    """The page failed: what happened, with whom, what to do.

    Signals:
        retry_wanted: the person wants to try again.
        browser_wanted: the person wants to go on in their own browser.
    """

    retry_wanted = Signal()
    browser_wanted = Signal()

    def __init__(self, look: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self.column.addStretch(1)
        picture = QLabel(self)
        picture.setPixmap(icons.pixmap(icons.warning, look.reconnect, 32, self.devicePixelRatioF()))
        self.column.addWidget(picture)
        self._headline = self.add_words("title")
        self._advice = self.add_words("words")
        self._detail = self.add_words("secondary")
        self._browser = QPushButton(_("Open in browser"), self)
        self._browser.setObjectName("primary")
        self._browser.clicked.connect(self.browser_wanted)
        self._retry = QPushButton(_("Try again"), self)
        self._retry.clicked.connect(self.retry_wanted)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._browser)
        row.addWidget(self._retry)
        row.addStretch(1)
        self.column.addSpacing(8)
        self.column.addLayout(row)
        self.column.addStretch(2)

    def explain(self, trouble: Trouble) -> None:
        """Show `trouble` and offer to try again; the browser first where the page cannot be shown here."""
        self._headline.setText(trouble.headline)
        self._advice.setText(trouble.advice)
        self._detail.setText(_("Details: {detail}").format(detail=trouble.detail))
        self.setAccessibleName(f"{trouble.headline} {trouble.advice}")
        is_ours = trouble.reason is Reason.RENDERER
        self._browser.setVisible(is_ours)
        self._retry.setObjectName("" if is_ours else "primary")
        self._retry.style().polish(self._retry)
        self.show()
        self.raise_()
        (self._browser if is_ours else self._retry).setFocus()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))


class NoticeBar(QWidget):
    """A quiet sentence above a page that stays in use.

    Signals:
        hide_wanted: the person has read it.
        taken: the person takes one of its offers (`Offer`).
    """

    hide_wanted = Signal()
    taken = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        hide = QPushButton(_("Hide"), self)
        hide.setObjectName("quiet")
        hide.setAccessibleName(_("Hide this notice"))
        hide.clicked.connect(self.hide_wanted)
        self._offers = {
            Offer.RELOAD: self._add_offer(Offer.RELOAD, _("Reload")),
            Offer.BROWSER: self._add_offer(Offer.BROWSER, _("Open in browser")),
        }
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._words)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        for button in self._offers.values():
            self._row.addWidget(button)
        self._row.addStretch(1)
        column.addLayout(self._row)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(8)
        row.addLayout(column, 1)
        row.addWidget(hide, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, notice: Notice) -> None:
        """Show `notice` until it is hidden or the next page loads."""
        self._words.setText(notice.sentence)
        for offer, button in self._offers.items():
            button.setVisible(offer in notice.offers)
        self.setAccessibleName(notice.sentence)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _add_offer(self, offer: Offer, name: str) -> QPushButton:
        button = QPushButton(name, self)
        button.setObjectName("offer")
        button.clicked.connect(lambda: self.taken.emit(offer))
        return button
