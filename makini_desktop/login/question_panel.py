"""A question over the page: who asks, what, and the buttons that answer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from makini_desktop.core.text import _
from makini_desktop.login.question import (
    Answer,
    CertificateQuestion,
    Credentials,
    Inquiries,
    PasswordQuestion,
    Question,
    Script,
    ScriptQuestion,
)

_LONGEST_TEXT = 800  # characters of a page's own words


class QuestionPanel(QWidget):
    """Dims the page and shows the question in front, if there is one.

    Args:
        inquiries: whose questions are shown and answered.
    """

    def __init__(self, inquiries: Inquiries, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("scrim")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._inquiries = inquiries
        self._card: _QuestionCard | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addStretch(1)
        self.hide()

    def follow(self) -> None:
        """Show the question that is in front now."""
        if self._card is not None:
            self._card.hide()
            self._card.deleteLater()
            self._card = None
        question = self._inquiries.current
        self.setVisible(question is not None)
        if question is not None:
            self._card = _QuestionCard(question, self._inquiries.answer, self)
            self._column.insertWidget(0, self._card)
            self.raise_()
            self._card.take_focus()
            QAccessible.updateAccessibility(QAccessibleEvent(self._card, QAccessible.Event.Alert))


class _QuestionCard(QWidget):
    """One question's words, fields and buttons."""

    def __init__(self, question: Question, answer: Callable[[Answer | None], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._answer = answer
        self._first: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 20, 24, 20)
        self._column.setSpacing(8)
        match question:
            case PasswordQuestion():
                self._ask_password(question)
            case CertificateQuestion():
                self._ask_certificate(question)
            case ScriptQuestion():
                self._ask_for_script(question)
            case _:
                assert_never(question)

    def take_focus(self) -> None:
        """Put the keyboard where answering begins."""
        if self._first is not None:
            self._first.setFocus(Qt.FocusReason.PopupFocusReason)

    def _ask_password(self, question: PasswordQuestion) -> None:
        if question.is_proxy:
            self._add_title(_("The proxy {host} asks who you are").format(host=question.host))
        else:
            self._add_title(_("{host} asks who you are").format(host=question.host))
        if question.realm:
            self._add_words("words", _("It says: “{realm}”").format(realm=_cut(question.realm)))
        user = self._add_field(_("User name"))
        password = self._add_field(_("Password"), is_secret=True)
        self._add_words("secondary", _("Used for this sign-in only, and kept nowhere."))

        def sign_in() -> None:
            self._answer(Credentials(user.text(), password.text()))

        user.returnPressed.connect(password.setFocus)
        password.returnPressed.connect(sign_in)
        self._add_buttons(_("Sign in"), sign_in, _("Do without"))
        self._first = user

    def _ask_certificate(self, question: CertificateQuestion) -> None:
        self._add_title(_("{host} asks for a certificate").format(host=question.host))
        self._add_words("words", _("Choose the one that says who you are."))
        offered = QListWidget(self)
        offered.setAccessibleName(_("Certificates"))
        offered.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for choice in question.choices:
            by = _("{issuer}, valid until {date}").format(issuer=choice.issuer, date=choice.valid_until)
            QListWidgetItem(f"{choice.subject}\n{by}", offered)
        QListWidgetItem(_("None"), offered)
        offered.setCurrentRow(0)
        offered.setFixedHeight(min(44 * len(question.choices) + 40, 220))
        self._column.addWidget(offered)

        def use() -> None:
            self._answer(offered.currentRow())

        offered.itemActivated.connect(lambda _item: use())
        self._add_buttons(_("Continue"), use, None)
        self._first = offered

    def _ask_for_script(self, question: ScriptQuestion) -> None:
        if question.kind is Script.LEAVE:
            self._add_title(_("Leave this page?"))
            self._add_words("words", _("What was entered at {host} may be lost.").format(host=question.host))
        else:
            self._add_title(_("{host} says").format(host=question.host))
            self._add_words("words", _cut(question.text))
        match question.kind:
            case Script.ALERT:
                self._first = self._add_buttons(_("OK"), lambda: self._answer(""), None)
            case Script.CONFIRM:
                self._first = self._add_buttons(_("OK"), lambda: self._answer(""), _("No"))
            case Script.LEAVE:
                self._first = self._add_buttons(_("Leave"), lambda: self._answer(""), _("Stay"))
            case Script.PROMPT:
                field = self._add_field(_("Answer"))
                field.setText(question.default)
                field.selectAll()
                field.returnPressed.connect(lambda: self._answer(field.text()))
                self._add_buttons(_("OK"), lambda: self._answer(field.text()), _("No answer"))
                self._first = field
            case _:
                assert_never(question.kind)

    def _add_title(self, text: str) -> None:
        self._add_words("question-title", text)
        self.setAccessibleName(text)

    def _add_words(self, name: str, text: str) -> None:
        words = QLabel(text, self)
        words.setObjectName(name)
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        self._column.addWidget(words)

    def _add_field(self, name: str, *, is_secret: bool = False) -> QLineEdit:
        field = QLineEdit(self)
        field.setAccessibleName(name)
        field.setPlaceholderText(name)
        if is_secret:
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self._column.addWidget(field)
        return field

    def _add_buttons(self, yes: str, accept: Callable[[], None], no: str | None) -> QPushButton:
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.setSpacing(8)
        row.addStretch(1)
        primary = QPushButton(yes, self)
        primary.setObjectName("primary")
        primary.setAutoDefault(True)
        primary.clicked.connect(accept)
        if no is not None:
            secondary = QPushButton(no, self)
            secondary.setAutoDefault(True)
            secondary.clicked.connect(lambda: self._answer(None))
            row.addWidget(secondary)
        row.addWidget(primary)
        self._column.addLayout(row)
        return primary


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
