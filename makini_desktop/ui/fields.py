"""Fields to type into, each with its name above and, below, a note or what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from makini_desktop.ui.controls import SlimScrollBar, Words, outline
from makini_desktop.ui.look import CONTROL_HEIGHT, RADIUS, Look
from makini_desktop.ui.panels.findings import Finding


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


class TextField(QWidget):
    """A few lines; Tab leaves it."""

    def __init__(self, look: Look, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.wrong = False
        self.edit = QPlainTextEdit()
        self.edit.setFrameShape(QFrame.Shape.NoFrame)
        self.edit.setFont(look.body)
        self.edit.setTabChangesFocus(True)
        self.edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
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


class Labelled(QWidget):
    """A field with its name above it; below it a note, or in its place what is wrong."""

    def __init__(
        self,
        look: Look,
        name: str,
        field: LineField | TextField,
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


def _clear_ground(widget: QWidget) -> None:
    palette = widget.palette()
    palette.setColor(palette.ColorRole.Base, Qt.GlobalColor.transparent)
    widget.setPalette(palette)


def _frame(painter: QPainter, widget: QWidget, look: Look, *, focused: bool, wrong: bool) -> None:
    painter.setPen(look.colour("reconnect" if wrong else "accent" if focused else "line"))
    painter.setBrush(look.colour("panel"))
    outline(painter, widget.rect(), RADIUS)
