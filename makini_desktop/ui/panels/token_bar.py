"""The token on the clipboard: whose it is, for how long it is there, and taking it off."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from makini_desktop.core.text import _, ngettext
from makini_desktop.services.hand_over import HandedToken
from makini_desktop.services.settings_words import handed_over
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.banner import Banner, BannerText
from makini_desktop.ui.secret_clipboard import SecretClipboard


class TokenBar(Banner):
    """The bar; there for as long as the token is."""

    def __init__(self, look: Look, clipboard: SecretClipboard, parent: QWidget | None = None) -> None:
        super().__init__(look, clipboard.clear, parent=parent)
        self._matter = ""
        self._validity = ""
        clipboard.left.connect(self._count)

    def about(self, customer: str, handed: HandedToken) -> None:
        """Speak of this token from the next second on."""
        self._matter = _("The token of {customer} is on the clipboard.").format(customer=customer)
        self._validity = handed_over(handed)

    def _count(self, seconds: int) -> None:
        if not seconds:
            self.tell(None)
            return
        left = ngettext("Cleared in {count} s.", "Cleared in {count} s.", seconds).format(count=seconds)
        self.tell(BannerText(matter=self._matter, words=f"{left} {self._validity}", button=_("Clear now")))
