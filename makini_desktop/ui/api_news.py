"""What is said of the API in the window: the banner before a version's end, and the page behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from makini_desktop.core.clock import Clock
from makini_desktop.domain.account import Account
from makini_desktop.services.store import Store
from makini_desktop.ui import links
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.banner import Banner

if TYPE_CHECKING:  # the page is imported when it is asked for
    from makini_desktop.services.commands import Commands
    from makini_desktop.ui.dialogs.api import ApiDialog

LATER = timedelta(days=7)
LATER_SETTING = "ui.later.api"


class ApiNews(QObject):
    """Tells the banner and opens the page."""

    def __init__(
        self,
        window: QWidget,
        look: Look,
        store: Store,
        commands: Commands,
        clock: Clock,
        account: Callable[[], Account | None],
        settings: Mapping[str, str],
    ) -> None:
        super().__init__(window)
        self.page: ApiDialog | None = None
        self._window = window
        self._look = look
        self._store = store
        self._commands = commands
        self._clock = clock
        self._account = account
        self._later = _moment(settings.get(LATER_SETTING))

    def tell(self, banner: Banner) -> None:
        """Show the banner, or hide it."""
        now = self._clock.now()
        news = self._store.version
        if news is None or not news.warned(now) or (self._later is not None and now < self._later):
            banner.tell(None)
            return
        from makini_desktop.ui.panels.version_banner import version_banner

        banner.tell(version_banner(news, len(self._store.rows), now))

    def follow(self) -> None:
        """Do what the banner's first button says: open the migration guide, or our page without one."""
        news = self._store.version
        if news is not None and links.is_web_page(news.guide):
            links.open_web_page(news.guide or "")
        else:
            self.open_page()

    def put_off(self) -> None:
        """Leave the person alone with it for a week."""
        self._later = self._clock.now() + LATER
        self._commands.save_setting(LATER_SETTING, self._later.isoformat())

    def open_page(self) -> None:
        """Open the page beside the window, or bring it forward."""
        if self.page is None:
            from makini_desktop.ui.dialogs.api import ApiDialog

            self.page = ApiDialog(self._window, self._look, self._store, self._account, self._clock.now)
            self.page.finished.connect(self._closed)
        self.page.show()
        self.page.raise_()
        self.page.activateWindow()

    def close_page(self) -> None:
        """Close the page with the window."""
        if self.page is not None:
            self.page.reject()

    def _closed(self, _result: int) -> None:
        self.page = None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
