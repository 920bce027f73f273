"""Tabs as words with a line below the one that is open."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar, QWidget

from makini_desktop.ui.look import Look

GAP = 18
LEAST_GAP = 6


class Tabs(QTabBar):
    """A tab bar that paints itself; Left and Right switch, as in any."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setFont(look.body)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def tabInserted(self, index: int) -> None:
        """Say the whole words to who points at words that are cut."""
        super().tabInserted(index)
        self.setTabToolTip(index, self.tabText(index))

    def tabSizeHint(self, index: int) -> QSize:
        """Return the size of a tab: its words in bold."""
        strong, _body = self._fonts()
        words = self._widths(strong)
        spare = (self.width() - sum(words)) // max(1, self.count())
        gap = max(LEAST_GAP, min(GAP, spare))
        return QSize(words[index] + gap, QFontMetrics(self._look.strong).height() + 16)

    def minimumSizeHint(self) -> QSize:
        """Take what width there is."""
        return QSize(0, self.sizeHint().height())

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Never cut a tab's words."""
        return self.tabSizeHint(index)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the words and the lines."""
        look = self._look
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.colour("line"))
        strong, body = self._fonts()
        for index in range(self.count()):
            rect = self.tabRect(index)
            open_ = index == self.currentIndex()
            words = QRect(rect)
            painter.setFont(strong if open_ else body)
            painter.setPen(look.colour("accent" if open_ else "secondary"))
            side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
            align = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
            width = self._widths(strong)[index]
            said, metrics = self.tabText(index), QFontMetrics(painter.font())
            if metrics.horizontalAdvance(said) > width:
                said = metrics.elidedText(said, Qt.TextElideMode.ElideRight, width)
            painter.drawText(words, align, said)
            if open_:
                left = rect.right() - width if self.isRightToLeft() else rect.left()
                painter.fillRect(left, self.height() - 2, width, 2, look.colour("accent"))
                if self.hasFocus():
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRoundedRect(rect.adjusted(-1, 4, -1, -6), 4, 4)

    def _fonts(self) -> tuple[QFont, QFont]:
        """Return the fonts of the open tab and the others: the small ones where the usual do not fit."""
        look = self._look
        needed = sum(self._widths(look.strong)) + LEAST_GAP * self.count()
        return (look.strong, look.body) if needed <= self.width() else (look.small_strong, look.small)

    def _widths(self, font: QFont) -> list[int]:
        """Return how wide each tab's words are; where even the small ones do not fit, the longest are cut."""
        metrics = QFontMetrics(font)
        whole = [metrics.horizontalAdvance(self.tabText(each)) for each in range(self.count())]
        room = self.width() - LEAST_GAP * self.count()
        if font.pointSizeF() > self._look.small.pointSizeF() or sum(whole) <= room:
            return whole
        longest = max(whole)
        while longest > metrics.averageCharWidth() and sum(min(each, longest) for each in whole) > room:
            longest -= 1
        return [min(each, longest) for each in whole]
