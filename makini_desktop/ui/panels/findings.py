"""One thing that was looked at: a glyph for how it stands, its name, and words."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from makini_desktop.ui.controls import Words
from makini_desktop.ui.look import Look

GLYPH = 16


class Glyph(QWidget):
    """A glyph in a token's colour."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.name = ""
        self._token = "text"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def tell(self, name: str, token: str) -> None:
        """Show a glyph."""
        self.name, self._token = name, token
        self.update()

    def sizeHint(self) -> QSize:
        """Return the glyph's size."""
        return QSize(GLYPH, GLYPH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the glyph."""
        if self.name:
            pixmap = self._look.glyph_pixmap(self.name, self._token, GLYPH, self.devicePixelRatioF())
            QPainter(self).drawPixmap(self.rect(), pixmap)


class Finding(QWidget):
    """A glyph, a name in bold, and words below it; without a name the words alone."""

    def __init__(self, look: Look, font: QFont | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.glyph = Glyph(look)
        self.title = Words(font=look.strong, wraps=True)
        self.words = Words(font=font or look.body, wraps=True, selectable=True)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(self.title)
        texts.addWidget(self.words)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.glyph, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(texts, 1)

    def tell(self, glyph: str, token: str, title: str, words: str) -> None:
        """Show how something stands."""
        self.glyph.tell(glyph, token)
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.setAccessibleName(": ".join(part for part in (title, words) if part))
