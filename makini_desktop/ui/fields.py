"""Fields to type into and to choose in; each says below it what is wrong with its content."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTime
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QSizePolicy,
    QStyle,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from makini_desktop.ui.controls import ARROW, SlimScrollBar, Words
from makini_desktop.ui.look import CONTROL_HEIGHT, RADIUS, Look
from makini_desktop.ui.outlines import outline
from makini_desktop.ui.panels.findings import Finding

MARK = 16
MARK_GAP = 8


class LineField(QLineEdit):
    """One line; `secret` shows dots and keeps the text from input methods and the clipboard's history."""

    def __init__(
        self, look: Look, text: str = "", *, secret: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._look = look
        self.wrong = False
        self.setFrame(False)
        self.setFont(look.body)
        self.setTextMargins(8, 0, 8, 0)
        self.setFixedHeight(max(CONTROL_HEIGHT, QFontMetrics(look.body).height() + 14))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        _clear_ground(self)
        if secret:
            self.setEchoMode(QLineEdit.EchoMode.Password)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame and the text."""
        painter = QPainter(self)
        _frame(painter, self, self._look, focused=self.hasFocus(), wrong=self.wrong)
        painter.end()
        super().paintEvent(event)


class TimeField(QTimeEdit):
    """A time of day."""

    def __init__(self, look: Look, name: str, chosen: QTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName(name)
        self.setTime(chosen)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # hours stand before minutes everywhere
        self.setDisplayFormat("HH:mm")
        self.setFont(look.body)
        self.setFrame(False)
        self.setButtonSymbols(QTimeEdit.ButtonSymbols.NoButtons)
        self.setWrapping(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        metrics = QFontMetrics(look.body)
        self._size = QSize(
            metrics.horizontalAdvance("00:00") + 32, max(CONTROL_HEIGHT, metrics.height() + 14)
        )
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        _clear_ground(self)
        _clear_ground(self.lineEdit())

    def sizeHint(self) -> QSize:
        """Return the size that shows the time."""
        return self._size

    def minimumSizeHint(self) -> QSize:
        """Never be smaller."""
        return self._size

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the frame; the text is the line edit's."""
        _frame(QPainter(self), self, self._look, focused=self.hasFocus(), wrong=False)


class TextField(QWidget):
    """A few lines; Tab leaves it.

    Args:
        wraps: long lines go on in the next.
    """

    def __init__(self, look: Look, lines: int, *, wraps: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.wrong = False
        self.edit = QPlainTextEdit()
        self.edit.setFrameShape(QFrame.Shape.NoFrame)
        self.edit.setFont(look.body)
        self.edit.setTabChangesFocus(True)
        mode = QPlainTextEdit.LineWrapMode
        self.edit.setLineWrapMode(mode.WidgetWidth if wraps else mode.NoWrap)
        self.edit.setVerticalScrollBar(SlimScrollBar(look, Qt.Orientation.Vertical, self.edit))
        self.edit.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.edit.document().setDocumentMargin(2)
        _clear_ground(self.edit)
        self.edit.viewport().setAutoFillBackground(False)
        self.edit.installEventFilter(self)
        self.setFocusProxy(self.edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(7, 5, 2, 5)
        layout.addWidget(self.edit)
        self.setFixedHeight(lines * QFontMetrics(look.body).lineSpacing() + 16)

    def lines(self) -> tuple[str, ...]:
        """Return the lines that hold something, without the space around them."""
        return tuple(line.strip() for line in self.edit.toPlainText().splitlines() if line.strip())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Repaint the frame as the focus comes and goes."""
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self.update()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the frame."""
        _frame(QPainter(self), self, self._look, focused=self.edit.hasFocus(), wrong=self.wrong)


class CheckBox(QCheckBox):
    """A check box in the look's colours, which a style's own are not in the dark.

    Where there is little room its words are cut, and the tooltip says them.
    """

    LEAST = 160

    def __init__(self, look: Look, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._look = look
        self.setFont(look.body)

    def sizeHint(self) -> QSize:
        """Return the size of mark and words."""
        return _choice_size(self)

    def minimumSizeHint(self) -> QSize:
        """Be cut rather than make others wider."""
        size = self.sizeHint()
        return size.boundedTo(QSize(self.LEAST, size.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say in the tooltip what does not fit."""
        super().resizeEvent(event)
        self.setToolTip(self.text() if self.width() < self.sizeHint().width() else "")

    def hitButton(self, at: QPoint) -> bool:
        """Take a click on the words, too."""
        return self.rect().contains(at)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint mark and words."""
        painter, mark = _choice(self, self._look, 4)
        if self.isChecked():
            painter.setPen(QPen(self._look.colour("on_accent"), 2))
            painter.drawPolyline([mark.topLeft() + QPoint(*at) for at in ((4, 8), (7, 11), (12, 5))])


class RadioButton(QRadioButton):
    """A radio button in the look's colours."""

    def __init__(self, look: Look, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._look = look
        self.setFont(look.body)

    def sizeHint(self) -> QSize:
        """Return the size of mark and words."""
        return _choice_size(self)

    def hitButton(self, at: QPoint) -> bool:
        """Take a click on the words, too."""
        return self.rect().contains(at)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint mark and words."""
        painter, mark = _choice(self, self._look, MARK // 2)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._look.colour("on_accent"))
            painter.drawEllipse(QRectF(mark).adjusted(5, 5, -5, -5))


class ChoiceField(QComboBox):
    """One of several values, each with words; the wheel scrolls what is around it and changes nothing."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.wrong = False
        self.setFont(look.body)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(max(CONTROL_HEIGHT, QFontMetrics(look.body).height() + 14))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def offer(self, choices: Sequence[tuple[object, str]]) -> None:
        """Offer these values, with their words; what was chosen stays so if it is among them."""
        chosen = self.value()
        self.clear()
        for value, words in choices:
            self.addItem(words, value)
        self.choose(chosen)

    def value(self) -> object:
        """Return the value that is chosen, None without."""
        return self.currentData()

    def choose(self, value: object) -> None:
        """Choose a value; without it nothing is chosen."""
        values = [self.itemData(at) for at in range(self.count())]
        self.setCurrentIndex(values.index(value) if value in values else -1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what scrolls."""
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the frame, the words, and the arrow."""
        look = self._look
        painter = QPainter(self)
        _frame(painter, self, look, focused=self.hasFocus(), wrong=self.wrong)
        painter.setPen(look.colour("text" if self.isEnabled() else "secondary"))
        painter.setFont(self.font())
        whole = self.rect()
        arrow = QRect(whole.width() - 10 - ARROW, (whole.height() - ARROW) // 2 + 1, ARROW, ARROW)
        pixmap = look.glyph_pixmap("down", "secondary", ARROW, self.devicePixelRatioF())
        painter.drawPixmap(QStyle.visualRect(self.layoutDirection(), whole, arrow), pixmap)
        room = QStyle.visualRect(self.layoutDirection(), whole, whole.adjusted(10, 0, -14 - ARROW, 0))
        words = QFontMetrics(self.font()).elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter, words)


class Labelled(QWidget):
    """A field with its name above it; below it a note, or in its place what is wrong."""

    def __init__(
        self,
        look: Look,
        name: str,
        field: LineField | TextField | ChoiceField,
        note: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.field = field
        self.name = Words(name, look.body)
        self.name.setBuddy(field)
        self.note = Words(note, look.small, secondary=True, wraps=True)
        self.note.setVisible(bool(note))
        self.problem = Finding(look, look.small)
        self.problem.hide()
        (field.edit if isinstance(field, TextField) else field).setAccessibleName(name)
        self._describe(note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.name, field, self.note, self.problem):
            layout.addWidget(widget)
        layout.addStretch(1)

    def refuse(self, words: str) -> None:
        """Say what is wrong with the field's content; nothing if `words` is empty."""
        self.field.wrong = bool(words)
        self.field.update()
        self.problem.tell("cross", "reconnect", "", words)
        self.problem.setVisible(bool(words))
        self.note.setVisible(bool(self.note.text()) and not words)
        self._describe(words or self.note.text())

    def _describe(self, words: str) -> None:
        field = self.field
        (field.edit if isinstance(field, TextField) else field).setAccessibleDescription(words)


def _choice_size(button: QAbstractButton) -> QSize:
    metrics = QFontMetrics(button.font())
    width = MARK + MARK_GAP + metrics.horizontalAdvance(button.text()) + 6
    return QSize(width, max(MARK + 4, metrics.height() + 6))


def _choice(button: QAbstractButton, look: Look, radius: int) -> tuple[QPainter, QRect]:
    """Paint the words and the mark's ground; return the painter and where the mark is."""
    painter = QPainter(button)
    whole = button.rect()
    at = QRect(1, (whole.height() - MARK) // 2, MARK, MARK)
    words = QRect(MARK + MARK_GAP, 0, whole.width() - MARK - MARK_GAP, whole.height())
    direction = button.layoutDirection()
    mark, room = QStyle.visualRect(direction, whole, at), QStyle.visualRect(direction, whole, words)
    painter.setPen(look.colour("text"))
    align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
    metrics = QFontMetrics(button.font())
    painter.drawText(
        room, align, metrics.elidedText(button.text(), Qt.TextElideMode.ElideRight, room.width())
    )
    chosen = button.isChecked()
    painter.setPen(look.colour("accent" if chosen or button.hasFocus() else "secondary"))
    painter.setBrush(look.colour("accent" if chosen else "panel"))
    outline(painter, mark, radius)
    if button.hasFocus():
        painter.setPen(look.colour("accent"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        outline(painter, whole, 4)
    return painter, mark


def _clear_ground(widget: QWidget) -> None:
    palette = widget.palette()
    palette.setColor(palette.ColorRole.Base, Qt.GlobalColor.transparent)
    widget.setPalette(palette)


def _frame(painter: QPainter, widget: QWidget, look: Look, *, focused: bool, wrong: bool) -> None:
    painter.setPen(look.colour("reconnect" if wrong else "accent" if focused else "line"))
    painter.setBrush(look.colour("panel"))
    outline(painter, widget.rect(), RADIUS)
