"""The banner: the few things that concern the whole account, each with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.services.moments import moment_short, span
from makini_desktop.services.store import SKEW_WARNED, KeychainTrouble, Line, Offline, Online, Refusing
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.look import Look

EDGE = 16
GAP = 8
LINK_EDGE = 6
"""What a link has beside its words."""


class BannerText(msgspec.Struct, frozen=True, kw_only=True):
    """One banner: what is the matter, more words, and the button's label."""

    matter: str
    words: str
    button: str


def line_banner(line: Line, now: datetime) -> BannerText | None:
    """Return what is to be said of the line to Makini, None if all is well."""
    match line:
        case Online():
            return None
        case Offline(since=since, words=words):
            return BannerText(
                matter=_("Makini has not been reachable since {time}.").format(time=moment_short(since, now)),
                words=_("{words} The list shows what was known last.").format(words=words),
                button=_("Try again"),
            )
        case Refusing(since=since, words=words):
            return BannerText(
                matter=_("Makini has refused this account since {time}.").format(
                    time=moment_short(since, now)
                ),
                words=words,
                button=_("Try again"),
            )
        case _:
            assert_never(line)


def keychain_banner(trouble: KeychainTrouble | None) -> BannerText | None:
    """Return what is to be said of the keychain, None if it is open."""
    if trouble is None:
        return None
    matters = {
        "missing": _("There is no keychain on this computer."),
        "locked": _("The keychain is locked."),
        "denied": _("The keychain refused this program."),
        "damaged": _("The vault file is damaged."),
    }
    return BannerText(
        matter=matters.get(trouble.state, _("The keychain cannot be used.")),
        words=trouble.words,
        button=_("Try again"),
    )


def clock_banner(skew: float | None) -> BannerText | None:
    """Return what is to be said of this computer's clock, `skew` seconds ahead; None if it is right."""
    if skew is None or abs(skew) < SKEW_WARNED:
        return None
    off = span(timedelta(seconds=abs(skew)))
    return BannerText(
        matter=(
            _("This computer’s clock is {span} ahead of Makini’s.")
            if skew > 0
            else _("This computer’s clock is {span} behind Makini’s.")
        ).format(span=off),
        words=_("Times shown here are off by as much, and tokens may be taken for ended. Set it right."),
        button=_("Check again"),
    )


class Banner(QWidget):
    """One banner across the window; with `put_off` it can be told to come again later."""

    ground = "banner"

    def __init__(
        self,
        look: Look,
        pressed: Callable[[], None],
        put_off: Callable[[], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._pressed = pressed
        self._put_off = put_off
        self._built = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def tell(self, text: BannerText | None) -> None:
        """Show `text`; hide for None."""
        if text is not None:
            if not self._built:
                self._build()
            self.matter.setText(text.matter)
            self.words.setText(text.words)
            self.button.setText(text.button)
            self.button.updateGeometry()
            self.setAccessibleName(text.matter)
            self._arrange()
        self.setVisible(text is not None)

    def _build(self) -> None:
        """Make what is inside, at the first occasion: most windows never show a banner."""
        look = self._look
        self._built = True
        self.matter = Words(font=look.strong)
        self.words = Words(font=look.body, wraps=True)
        self.button = LinkButton(look)
        self.button.clicked.connect(partial(self._pressed))
        self.later = LinkButton(look, _("Later"), quiet=True)
        self.later.setVisible(self._put_off is not None)
        if self._put_off is not None:
            self.later.clicked.connect(partial(self._put_off))
        layout = QHBoxLayout(self)
        sides = (EDGE - LINK_EDGE, EDGE) if self.isRightToLeft() else (EDGE, EDGE - LINK_EDGE)
        layout.setContentsMargins(sides[0], 4, sides[1], 4)
        layout.setSpacing(GAP)
        self._texts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._texts.setSpacing(GAP)
        self._texts.addWidget(self.matter)
        self._texts.addWidget(self.words, 1)
        layout.addLayout(self._texts, 1)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.later, 0, Qt.AlignmentFlag.AlignTop)
        self.matter.setMinimumHeight(self.button.sizeHint().height())
        self.words.setMinimumHeight(self.button.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the words below the matter where both do not fit one line."""
        super().resizeEvent(event)
        if self._built:
            self._arrange()

    def _arrange(self) -> None:
        matter = QFontMetrics(self.matter.font()).horizontalAdvance(self.matter.text())
        words = QFontMetrics(self.words.font()).horizontalAdvance(self.words.text())
        links = sum(
            link.sizeHint().width() + GAP for link in (self.button, self.later) if not link.isHidden()
        )
        fits = matter + GAP + words + links + 2 * EDGE <= self.width()
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._texts.setDirection(beside if fits else below)
        self.matter.setWordWrap(not fits)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground."""
        QPainter(self).fillRect(self.rect(), self._look.colour(self.ground))


class Banners(QWidget):
    """All banners, one below the other."""

    def __init__(
        self,
        look: Look,
        check_now: Callable[[], None],
        retry_keychain: Callable[[], None],
        follow_version: Callable[[], None],
        put_off_version: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.keychain = Banner(look, retry_keychain)
        self.line = Banner(look, check_now)
        self.clock = Banner(look, check_now)
        self.version = Banner(look, follow_version, put_off_version)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.keychain)
        layout.addWidget(self.line)
        layout.addWidget(self.clock)
        layout.addWidget(self.version)
        self._layout = layout

    def add(self, widget: QWidget) -> None:
        """Place one more below the others."""
        self._layout.addWidget(widget)
