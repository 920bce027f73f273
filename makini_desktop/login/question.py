"""What the login window asks the person for a page, and the nested loops in which it waits.

The engine's widget interface takes the answers to JavaScript dialogs and to HTTP authentication as
return values only, so that something has to wait inside its call. A `QEventLoop` of our own does, and
the question is part of the window: no dialog is executed, and every way out stays one click away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QEventLoop, QObject, Signal


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the person entered."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordQuestion:
    """A server, or a proxy on the way to it, wants a user name and a password (RFC 9110 section 11).

    Answered by `Credentials`.
    """

    host: str
    realm: str
    is_proxy: bool


@dataclass(frozen=True, slots=True)
class CertificateChoice:
    """One certificate of the person's, in words."""

    subject: str
    issuer: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class CertificateQuestion:
    """A server wants a certificate that says who the person is.

    Answered by the index of the choice; anything else is none.
    """

    host: str
    choices: tuple[CertificateChoice, ...]


class Script(Enum):
    """The kinds of dialog that a page's script can open."""

    ALERT = "alert"
    CONFIRM = "confirm"
    PROMPT = "prompt"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class ScriptQuestion:
    """A page's script says or asks something. Answered by what was entered, empty where nothing can be."""

    kind: Script
    host: str
    text: str = field(repr=False)
    default: str = field(default="", repr=False)


Question = PasswordQuestion | CertificateQuestion | ScriptQuestion
Answer = Credentials | int | str


def kind_of(question: Question) -> str:
    """Return the question's kind, as it goes over the pipe."""
    match question:
        case PasswordQuestion(is_proxy=is_proxy):
            return "proxy_password" if is_proxy else "password"
        case CertificateQuestion():
            return "certificate"
        case ScriptQuestion(kind=kind):
            return kind.value


class Inquiries(QObject):
    """The open questions of one window; the newest is the one in front.

    Signals:
        changed: another question is in front, or none.
        unwound: no call waits for an answer any more.
    """

    changed = Signal()
    unwound = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._open: list[tuple[Question, QEventLoop]] = []
        self._answers: dict[QEventLoop, Answer] = {}
        self._is_closed = False

    @property
    def current(self) -> Question | None:
        """The question in front."""
        return self._open[-1][0] if self._open else None

    def ask(self, question: Question) -> Answer | None:
        """Wait for the person's answer; None when they dismissed the question, or the attempt ended."""
        if self._is_closed:
            return None
        loop = QEventLoop()
        self._open.append((question, loop))
        self.changed.emit()
        loop.exec()
        self._open = [each for each in self._open if each[1] is not loop]
        self.changed.emit()
        if not self._open:
            self.unwound.emit()
        return self._answers.pop(loop, None)

    def answer(self, answer: Answer | None) -> None:
        """Answer the question in front; None dismisses it."""
        if self._open:
            _question, loop = self._open[-1]
            if answer is not None:
                self._answers[loop] = answer
            loop.quit()

    def close(self) -> None:
        """Dismiss all questions, and those to come."""
        self._is_closed = True
        for _question, loop in self._open:
            loop.quit()
