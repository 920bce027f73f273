"""One attempt to sign in: its profile, its windows, and the first outcome, which ends it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QUrl, Signal
from PySide6.QtWebEngineCore import QWebEngineDownloadRequest, QWebEngineNewWindowRequest

from makini_desktop.core.colours import Tokens
from makini_desktop.core.text import _
from makini_desktop.login import notice, trouble
from makini_desktop.login.channel import Channel
from makini_desktop.login.host import host_of
from makini_desktop.login.notice import Notice
from makini_desktop.login.outcome import (
    Browser,
    Closed,
    Handover,
    Outcome,
    Redirected,
    SoftwareWanted,
    as_message,
)
from makini_desktop.login.page import LoginPage
from makini_desktop.login.profile import OnlyProtected, throwaway_profile
from makini_desktop.login.request import LoginRequest
from makini_desktop.login.trouble import Trouble

if TYPE_CHECKING:
    from makini_desktop.login.browser_window import BrowserWindow

_MOST_POPUPS = 4  # a sign-on needs one or two; a page that opens more is not signing anybody in


class Attempt(QObject):
    """Shows the login page, lets it open pop-ups, and reports the first outcome.

    Signals:
        load_settled: a page of the attempt was loaded and drawn, or failed; once for each load.
    """

    load_settled = Signal()
    _is_over = Signal()

    def __init__(self, request: LoginRequest, channel: Channel) -> None:
        super().__init__()
        self._request = request
        self._channel = channel
        self._look: Tokens
        self._is_ready = False
        self._crashed: set[int] = set()
        self._profile = throwaway_profile(request.language, request.folder, self)
        self._guard = OnlyProtected(self)  # kept here: its parent alone does not keep it alive
        self._profile.setUrlRequestInterceptor(self._guard)
        self._profile.downloadRequested.connect(self._refuse_download)
        self._windows: list[BrowserWindow] = []  # the login page's own, then its pop-ups

    def start(self, dress: Callable[[], Tokens]) -> None:
        """Load the login page and show the window.

        The page comes first: the engine works on it in processes of its own while ours builds the window.

        Args:
            dress: gives the application its looks, and tells them.
        """
        start = QUrl(self._request.start_url)
        page = self._new_page()
        page.load(start)
        self._look = dress()
        window = self._new_window(page, start, _("Cancel"))
        window.closing.connect(self._on_main_closing)
        window.host_changed.connect(lambda host: self._channel.send({"event": "host", "host": host}))
        window.appeared.connect(self._on_appeared)
        window.show()
        gc.enable()

    @property
    def window(self) -> BrowserWindow:
        """The window in use: the newest pop-up, else the login page's own."""
        return self._windows[-1]

    @property
    def is_loading(self) -> bool:
        """Whether any page of the attempt is on its way."""
        return any(window.is_loading for window in self._windows)

    def tear_down(self) -> None:
        """Destroy pages before their profile (the engine aborts in the other order)."""
        from PySide6.QtCore import QEvent

        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # pop-ups closed a moment ago
        for window in reversed(self._windows):
            shiboken6.delete(window)
        shiboken6.delete(self._profile)

    @property
    def _main(self) -> BrowserWindow:
        return self._windows[0]

    def _new_page(self) -> LoginPage:
        page = LoginPage(self._profile, self._request.redirect, self)
        page.redirected.connect(lambda url: self._end(Redirected(url)))
        page.distrusted.connect(lambda found: self._end(found.as_outcome()))
        page.embedding_refused.connect(lambda host: self._end(Browser(Handover.NO_EMBEDDING, host)))
        page.newWindowRequested.connect(self._on_popup)
        self._is_over.connect(page.inquiries.close)
        return page

    def _new_window(self, page: LoginPage, first: QUrl, leave: str) -> BrowserWindow:
        from makini_desktop.login.browser_window import BrowserWindow

        customer, system = self._request.customer, self._request.system
        title = _("Sign in – {customer}").format(customer=customer) if customer else _("Sign in")
        purpose = (
            _("{customer} signs in to {system} here.").format(customer=customer, system=system)
            if customer and system
            else ""
        )
        window = BrowserWindow(page, self._look, title, purpose, leave, first)
        window.browser_wanted.connect(lambda why: self._end(Browser(why, window.host)))
        window.load_settled.connect(self.load_settled)
        window.troubled.connect(self._on_trouble)
        window.noticed.connect(lambda words: self._on_notice(words, window.host))
        window.asked.connect(self._on_question)
        window.crashed.connect(lambda process, detail: self._on_crash(window, process, detail))
        self._windows.append(window)
        return window

    def _on_popup(self, wanted: QWebEngineNewWindowRequest) -> None:
        if len(self._windows) > _MOST_POPUPS:
            self.window.say(notice.too_many_windows())
            return
        popup = self._new_window(self._new_page(), wanted.requestedUrl(), _("Close"))
        popup.closing.connect(lambda: self._on_popup_closing(popup))
        popup.page.windowCloseRequested.connect(popup.close)
        popup.view.zoom_to(self._main.view.percent)
        wanted.openIn(popup.page)
        size = wanted.requestedGeometry().size()
        if size.isValid() and not size.isEmpty():
            popup.resize(size.expandedTo(popup.minimumSize()))
        popup.show()

    def _on_popup_closing(self, popup: BrowserWindow) -> None:
        if popup in self._windows:
            self._windows.remove(popup)
            self.window.activateWindow()
            popup.retire()

    def _on_main_closing(self) -> None:
        found = self._main.trouble
        self._end(found.as_outcome() if found is not None else Closed())

    def _on_appeared(self) -> None:
        if not self._is_ready:
            self._is_ready = True
            self._channel.send({"event": "ready"})

    def _on_trouble(self, found: Trouble) -> None:
        self._channel.send(
            {"event": "trouble", "reason": found.reason.value, "host": found.host, "detail": found.detail}
        )

    def _on_notice(self, words: Notice, host: str) -> None:
        self._channel.send({"event": "notice", "kind": words.kind, "host": host, "sentence": words.sentence})

    def _on_question(self, kind: str, host: str) -> None:
        self._channel.send({"event": "question", "kind": kind, "host": host})

    def _refuse_download(self, download: QWebEngineDownloadRequest) -> None:
        download.cancel()
        self.window.say(notice.refused_download(host_of(download.url())))

    def _on_crash(self, window: BrowserWindow, process: int, detail: str) -> None:
        """Begin again once, then without the graphics card, and then name the browser.

        A pop-up often shares its opener's process, which then is one crash with two voices.
        """
        is_known = process in self._crashed
        self._crashed.add(process)
        if window is not self._main:
            window.close()
        elif is_known and len(self._crashed) > 1:
            return
        if len(self._crashed) == 1:
            if window is self._main:
                window.begin_again()
        elif not self._request.software:
            self._end(SoftwareWanted())
        else:
            self._main.fail(trouble.of_renderer(self._main.host, detail))

    def _end(self, outcome: Outcome) -> None:
        """Report `outcome`; whatever comes after it is not reported any more."""
        self._channel.finish(as_message(outcome))
        self._is_over.emit()
        QCoreApplication.exit(0)
