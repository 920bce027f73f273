"""A new customer's sign-in across the window: where it stands, and ending it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.login import Stage
from makini_desktop.services.connecting import Connecting
from makini_desktop.services.wording import stage_sentence
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.banner import Banner, BannerText


class ConnectBar(Banner):
    """The bar; hidden while nobody signs in as a new customer."""

    ground = "selection"

    def __init__(self, look: Look, connecting: Connecting, parent: QWidget | None = None) -> None:
        super().__init__(look, connecting.cancel_connect, parent=parent)
        self._unsubscribe = connecting.stage_changed.subscribe(self._stand)
        self._stand(connecting.stage)

    def close_down(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def _stand(self, stage: Stage | None) -> None:
        self.tell(
            None
            if stage is None
            else BannerText(matter=_("New customer."), words=stage_sentence(stage), button=_("Cancel"))
        )
