"""Texts that are 40 % longer, as other languages make them, and which of them are cut."""

from PySide6.QtWidgets import QWidget

from makini_desktop.ui.chip import Chip
from makini_desktop.ui.controls import Button, LinkButton, Words
from makini_desktop.ui.fields import CheckBox, RadioButton


class PseudoTranslation:
    """Makes every sentence 40 % longer."""

    def gettext(self, sentence: str) -> str:
        if sentence.startswith("Jan "):
            return sentence
        more = max(1, round(len(sentence) * 0.4))
        return sentence + ("x" * 19 + " ") * (more // 20) + "x" * (more % 20)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return self.gettext(singular if count == 1 else plural)


def cut_texts(window: QWidget) -> list[str]:
    """Return the visible texts that have less room than they need."""
    buttons = [
        widget
        for kind in (Button, LinkButton, Chip, CheckBox, RadioButton)
        for widget in window.findChildren(kind)
        if widget.isVisible() and widget.width() < widget.sizeHint().width()
    ]
    words = [
        each
        for each in window.findChildren(Words)
        if each.isVisible()
        and (
            each.height() < each.heightForWidth(each.width())
            if each.wordWrap()
            else each.width() < each.sizeHint().width()
        )
    ]
    return [each.text() for each in (*buttons, *words)]
