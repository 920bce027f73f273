"""One window with one page: the login page itself, or a pop-up that it opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWebEngineCore import QWebEngineLoadingInfo, QWebEnginePage
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from makini_desktop.core.colours import Tokens
from makini_desktop.core.text import _
from makini_desktop.login import embedding, notice, trouble
from makini_desktop.login.header import Header
from makini_desktop.login.host import host_of
from makini_desktop.login.notice import Notice, Offer
from makini_desktop.login.outcome import Handover, Reason
from makini_desktop.login.page import LoginPage
from makini_desktop.login.page_view import PageView
from makini_desktop.login.paint import PaintWatch
from makini_desktop.login.panels import NoticeBar, OpeningPanel, TroublePanel
from makini_desktop.login.question import kind_of
from makini_desktop.login.trouble import Trouble

if TYPE_CHECKING:
    from makini_desktop.login.question_panel import QuestionPanel

SLOW_NOTICE_MS = 15_000
"""How long a page may stay away or blank before the window says that nothing appears."""

_FIRST_PERCENT = 8  # the engine names none before the server has answered
_HTTPS_PORT = 443


class BrowserWindow(QWidget):
    """Header, page, questions, notices and the way out.

    Signals:
        closing: the person closed the window, or pressed Cancel or Escape.
        browser_wanted: the sign-in is to go on in the person's own browser (`Handover`).
        host_changed: a page of another host is shown (host).
        appeared: something of a new page can be seen.
        load_settled: a page was loaded and drawn, or failed; once for each load.
        troubled: the page failed, or led to where it may not go (`Trouble`).
        crashed: the process that draws the page has died (process id, detail).
        noticed: a notice is shown (`Notice`).
        asked: a question is in front (its kind, host).
    """

    closing = Signal()
    browser_wanted = Signal(object)
    host_changed = Signal(str)
    appeared = Signal()
    load_settled = Signal()
    troubled = Signal(object)
    crashed = Signal(int, str)
    noticed = Signal(object)
    asked = Signal(str, str)

    def __init__(
        self, page: LoginPage, look: Tokens, title: str, purpose: str, leave: str, first: QUrl
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(title)
        self.setMinimumSize(QSize(420, 560))
        self.resize(480, 748)
        self._page = page
        self._host = host_of(first)
        self._start = first
        self._trouble: Trouble | None = None
        self._said: Notice | None = None
        self._renderer = 0
        page.setParent(self)

        self._header = Header(look, self)
        self._notice = NoticeBar(self)
        self.view = PageView(self)
        self.view.setPage(page)
        self._opening = OpeningPanel(purpose, self)
        self._failed = TroublePanel(look, self)
        self._failed.hide()
        self._question: QuestionPanel | None = None
        self._sheet = QGridLayout()
        self._sheet.setContentsMargins(0, 0, 0, 0)
        for widget in (self.view, self._opening, self._failed):
            self._sheet.addWidget(widget, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._notice)
        column.addLayout(self._sheet, 1)
        column.addWidget(self._footer(leave))
        self._show_address(first)

        self._slow_timer = QTimer(self, singleShot=True, interval=SLOW_NOTICE_MS)
        self._paint = PaintWatch(self.view)
        self._opening.expect(self._host)
        self.view.setFocus()
        self._connect()

    @property
    def trouble(self) -> Trouble | None:
        """What the window is showing instead of a page, if anything."""
        return self._trouble

    @property
    def host(self) -> str:
        """Whose page is shown, or expected."""
        return self._host

    @property
    def is_loading(self) -> bool:
        """Whether its page is on its way, or not drawn yet."""
        return self._page.isLoading() or self._paint.is_under_way

    @property
    def page(self) -> LoginPage:
        """The page, alive as long as the window."""
        return self._page

    def open_start(self) -> None:
        """Load the first address."""
        if self._page.isLoading():  # or the engine takes it for the load that is under way
            self._page.triggerAction(QWebEnginePage.WebAction.Stop)
        self._page.load(self._start)

    def begin_again(self) -> None:
        """Load the first address after a crash, and say so."""
        self._opening.expect(self._host)
        self.open_start()
        self.say(notice.began_again(self._host))

    def say(self, words: Notice) -> None:
        """Show a quiet notice above the page."""
        self._said = words
        self._notice.say(words)
        self.noticed.emit(words)

    def fail(self, found: Trouble) -> None:
        """Show `found` in place of the page."""
        self._trouble = found
        self._slow_timer.stop()
        self._paint.give_up()
        self._opening.hide()
        self._failed.explain(found)
        self.troubled.emit(found)
        self.load_settled.emit()

    def retire(self) -> None:
        """Go, once no call of the page waits for an answer any more (the engine would return into it)."""
        self.hide()
        inquiries = self._page.inquiries
        if inquiries.current is None:
            self.deleteLater()
        else:
            inquiries.unwound.connect(self.deleteLater)
            inquiries.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the attempt; it decides what the closing means."""
        event.accept()
        self.closing.emit()

    def _footer(self, leave: str) -> QWidget:
        footer = QWidget(self)
        footer.setObjectName("footer")
        footer.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        browser = QPushButton(_("Open in browser instead"), footer)
        browser.setObjectName("quiet")
        browser.clicked.connect(self._hand_over)
        cancel = QPushButton(leave, footer)
        cancel.clicked.connect(self.close)
        row = QHBoxLayout(footer)
        row.setContentsMargins(8, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(browser)
        row.addStretch(1)
        row.addWidget(cancel)
        return footer

    def _connect(self) -> None:
        self._header.back_wanted.connect(self._go_back)
        self._header.reload_wanted.connect(self._retry)
        self._header.about_wanted.connect(self._tell_of_host)
        self._header.zoom_reset_wanted.connect(lambda: self.view.zoom(0))
        self._failed.retry_wanted.connect(self._retry)
        self._failed.browser_wanted.connect(self._hand_over)
        self._notice.hide_wanted.connect(self._hide_notice)
        self._notice.taken.connect(self._on_taken)
        self._slow_timer.timeout.connect(self._notice_slow_page)
        self._paint.appeared.connect(self._on_appeared)
        self._paint.settled.connect(self.load_settled)
        self.view.zoomed.connect(self._header.show_zoom)
        page = self._page
        page.loadStarted.connect(self._on_load_started)
        page.loadProgress.connect(self._on_progress)
        page.loadingChanged.connect(self._on_loading)
        page.contentsSizeChanged.connect(self._paint.lay_out)
        page.urlChanged.connect(self._on_url)
        page.refused.connect(self._on_refused)
        page.unanswered.connect(self.fail)
        page.noticed.connect(self.say)
        page.inquiries.changed.connect(self._on_question)
        page.renderProcessTerminated.connect(self._on_renderer_gone)
        if page.isLoading():
            self._on_load_started()
        for keys, action in (
            ("Esc", self._on_escape),
            ("Ctrl+R", self._retry),
            ("F5", self._retry),
            ("Alt+Left", self._go_back),
            ("Ctrl++", lambda: self.view.zoom(1)),
            ("Ctrl+=", lambda: self.view.zoom(1)),
            ("Ctrl+-", lambda: self.view.zoom(-1)),
            ("Ctrl+0", lambda: self.view.zoom(0)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)

    def _hand_over(self) -> None:
        """Go on in the browser, for the reason that is on the screen."""
        reason = Handover.PERSON
        if self._trouble is not None and self._trouble.reason is Reason.RENDERER:
            reason = Handover.RENDERER
        elif self._said is not None:
            reason = self._said.handover
        self.browser_wanted.emit(reason)

    def _on_escape(self) -> None:
        if self._page.inquiries.current is not None:
            self._page.inquiries.answer(None)
        else:
            self.close()

    def _on_question(self) -> None:
        question = self._page.inquiries.current
        if self._question is None:
            from makini_desktop.login.question_panel import QuestionPanel

            self._question = QuestionPanel(self._page.inquiries, self)
            self._sheet.addWidget(self._question, 0, 0)
        self._question.follow()
        self.view.setEnabled(question is None)
        if question is None:
            self.view.setFocus()
            if self._page.isLoading():
                self._slow_timer.start()
        else:
            self._slow_timer.stop()
            self.asked.emit(kind_of(question), question.host)

    def _on_taken(self, offer: Offer) -> None:
        match offer:
            case Offer.RELOAD:
                self._retry()
            case Offer.BROWSER:
                self._hand_over()

    def _on_load_started(self) -> None:
        self._paint.begin()
        self._slow_timer.start()
        if self._said is not None and self._said.kind != "crashed":
            self._hide_notice()

    def _on_progress(self, percent: int) -> None:
        if self._opening.isVisible():
            return  # it says so itself, and each repaint takes time from the page
        self._header.show_progress(max(percent, _FIRST_PERCENT))

    def _hide_notice(self) -> None:
        self._said = None
        if self._notice.isVisible():
            self._notice.hide()
            self.view.setFocus()

    def _on_url(self, url: QUrl) -> None:
        self._note_renderer()
        self._paint.lay_out()
        self.view.keep_zoom()
        host = host_of(url)
        self._header.allow_back(allowed=self._page.history().canGoBack())
        if host and host != self._host:
            self._host = host
            self.host_changed.emit(host)
        self._show_address(url)

    def _show_address(self, url: QUrl) -> None:
        path = url.path(QUrl.ComponentFormattingOption.FullyEncoded) if host_of(url) else ""
        self._header.show_address(self._host, path, is_encrypted=url.scheme() == "https")

    def _on_loading(self, info: QWebEngineLoadingInfo) -> None:
        match info.status():
            case QWebEngineLoadingInfo.LoadStatus.LoadSucceededStatus:
                self._show_page()
                self._page.toPlainText(self._look_for_refusal)
            case QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus if _may_have_a_page(info):
                # A wrong password is often answered with an error number and a page in words.
                found = trouble.of_load(info, host_of(info.url()))
                self._page.toPlainText(lambda text: self._on_error_page(text, found))
            case QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus:
                found = trouble.of_load(info, host_of(info.url()))
                if found is not None and self._trouble is None:
                    self.fail(found)
                else:
                    self.load_settled.emit()
            case QWebEngineLoadingInfo.LoadStatus.LoadStoppedStatus:
                self._slow_timer.stop()
                self._paint.give_up()
                self.load_settled.emit()
            case _:
                pass
        self._header.show_progress(0)

    def _on_error_page(self, text: str, found: Trouble | None) -> None:
        if text.strip() or found is None:
            self._show_page()
            self._look_for_refusal(text)
        else:
            self.fail(found)

    def _look_for_refusal(self, text: str) -> None:
        if embedding.says_so(self._page.url().query(), text):
            self.browser_wanted.emit(Handover.NO_EMBEDDING)

    def _show_page(self) -> None:
        self._note_renderer()
        self._trouble = None
        self._failed.hide()
        self.view.keep_zoom()
        self._paint.finish()

    def _on_refused(self, found: Trouble) -> None:
        if self._opening.isVisible():
            self.fail(found)
        else:
            self.say(notice.not_followed(found))
            self.troubled.emit(found)

    def _note_renderer(self) -> None:
        # The engine's own signal does not come for the process that follows a dead one.
        self._renderer = self._page.renderProcessPid() or self._renderer

    def _on_renderer_gone(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        if status != QWebEnginePage.RenderProcessTerminationStatus.NormalTerminationStatus:
            self.crashed.emit(self._renderer, f"{status.name}, {code}")

    def _on_appeared(self) -> None:
        if self._opening.isVisible():
            self._opening.hide()
            if self._page.inquiries.current is None:
                self.view.setFocus()
        self.appeared.emit()

    def _retry(self) -> None:
        crashed = self._trouble is not None and self._trouble.reason is Reason.RENDERER
        self._leave_trouble()
        if crashed or self._page.history().count() == 0 or self._page.url().toString() == "about:blank":
            self.open_start()
        else:
            self._page.triggerAction(QWebEnginePage.WebAction.Reload)

    def _go_back(self) -> None:
        self._leave_trouble()
        self._page.triggerAction(QWebEnginePage.WebAction.Back)

    def _leave_trouble(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            self._failed.hide()
            self._opening.expect(self._host)
            self.view.setFocus()

    def _notice_slow_page(self) -> None:
        if self._opening.isVisible() or self._page.isLoading() or self._paint.is_blank():
            self.say(notice.nothing_appears(host_of(self._page.requestedUrl()) or self._host))

    def _tell_of_host(self) -> None:
        url = self._page.url()
        if url.scheme() == "https":
            from makini_desktop.login.site_certificate import SiteCertificateSearch

            search = SiteCertificateSearch(self)
            search.told.connect(lambda words: self.say(notice.about_certificate(words)))
            search.start(self._host, url.host(), url.port(_HTTPS_PORT))
        else:
            self.say(notice.about_certificate(_("This page comes from this computer, unencrypted.")))


def _may_have_a_page(info: QWebEngineLoadingInfo) -> bool:
    return info.errorDomain() == QWebEngineLoadingInfo.ErrorDomain.HttpStatusCodeDomain
