"""One attempt to sign in: its profile, its windows, and the first outcome, which ends it."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QUrl, Signal
from PySide6.QtWebEngineCore import QWebEngineDownloadRequest, QWebEngineNewWindowRequest

from makini_desktop.core.colours import Tokens
from makini_desktop.core.text import _
from makini_desktop.login import notice, trouble
from makini_desktop.login.browser_window import BrowserWindow
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

_MOST_POPUPS = 4  # a sign-on needs one or two; a page that opens more is not signing anybody in


class Attempt(QObject):
    """Shows the login page, lets it open pop-ups, and reports the first outcome.

    Signals:
        load_settled: a page of the attempt was loaded and drawn, or failed; once for each load.
    """

    load_settled = Signal()

    def __init__(self, request: LoginRequest, channel: Channel, look: Tokens) -> None:
        super().__init__()
        self._request = request
        self._channel = channel
        self._look = look
        self._is_ready = False
        self._crashed: set[int] = set()
        self._profile = throwaway_profile(request.language, request.folder, self)
        self._guard = OnlyProtected(self)  # kept here: its parent alone does not keep it alive
        self._profile.setUrlRequestInterceptor(self._guard)
        self._profile.downloadRequested.connect(self._refuse_download)
        self._popups: list[BrowserWindow] = []
        self._main = self._window(QUrl(request.start_url), _("Cancel"))
        self._main.closing.connect(self._on_main_closing)
        self._main.host_changed.connect(lambda host: channel.send({"event": "host", "host": host}))
        self._main.appeared.connect(self._on_appeared)

    def start(self) -> None:
        """Show the window and load the login page."""
        self._main.open_start()
        self._main.show()

    @property
    def window(self) -> BrowserWindow:
        """The window in use: the newest pop-up, else the login page's own."""
        return self._popups[-1] if self._popups else self._main

    @property
    def is_loading(self) -> bool:
        """Whether any page of the attempt is on its way."""
        return any(window.page.isLoading() for window in (self._main, *self._popups))

    def tear_down(self) -> None:
        """Destroy pages before their profile (the engine aborts in the other order)."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # pop-ups closed a moment ago
        for window in (*self._popups, self._main):
            shiboken6.delete(window)
        shiboken6.delete(self._profile)

    def _window(self, first: QUrl, leave: str) -> BrowserWindow:
        page = LoginPage(self._profile, self._request.redirect, self)
        customer, system = self._request.customer, self._request.system
        title = _("Sign in – {customer}").format(customer=customer) if customer else _("Sign in")
        purpose = (
            _("{customer} signs in to {system} here.").format(customer=customer, system=system)
            if customer and system
            else ""
        )
        window = BrowserWindow(page, self._look, title, purpose, leave, first)
        page.redirected.connect(lambda url: self._end(Redirected(url)))
        page.distrusted.connect(lambda found: self._end(found.as_outcome()))
        page.embedding_refused.connect(lambda host: self._end(Browser(Handover.NO_EMBEDDING, host)))
        page.newWindowRequested.connect(self._on_popup)
        window.browser_wanted.connect(lambda why: self._end(Browser(why, window.host)))
        window.load_settled.connect(self.load_settled)
        window.troubled.connect(self._on_trouble)
        window.noticed.connect(lambda words: self._on_notice(words, window.host))
        window.asked.connect(self._on_question)
        window.crashed.connect(lambda process, detail: self._on_crash(window, process, detail))
        return window

    def _on_popup(self, wanted: QWebEngineNewWindowRequest) -> None:
        if len(self._popups) >= _MOST_POPUPS:
            self.window.say(notice.too_many_windows())
            return
        popup = self._window(wanted.requestedUrl(), _("Close"))
        self._popups.append(popup)
        popup.closing.connect(lambda: self._on_popup_closing(popup))
        popup.page.windowCloseRequested.connect(popup.close)
        popup.view.zoom_to(self._main.view.percent)
        wanted.openIn(popup.page)
        size = wanted.requestedGeometry().size()
        if size.isValid() and not size.isEmpty():
            popup.resize(size.expandedTo(popup.minimumSize()))
        popup.show()

    def _on_popup_closing(self, popup: BrowserWindow) -> None:
        if popup in self._popups:
            self._popups.remove(popup)
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
        for window in (*self._popups, self._main):
            window.page.inquiries.close()
        QCoreApplication.exit(0)
