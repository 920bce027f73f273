"""One window with one page: the login page itself, or a pop-up that it opened."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtWebEngineCore import QWebEngineLoadingInfo, QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from makini_desktop.core.colours import Tokens
from makini_desktop.core.text import _
from makini_desktop.login import trouble
from makini_desktop.login.header import Header
from makini_desktop.login.host import host_of
from makini_desktop.login.page import LoginPage
from makini_desktop.login.paint import PaintWatch
from makini_desktop.login.panels import NoticeBar, OpeningPanel, TroublePanel
from makini_desktop.login.trouble import Trouble

BLANK_NOTICE_MS = 15_000
"""How long a page may stay blank before the window says that nothing appears."""

_FIRST_PERCENT = 8  # the engine names none before the server has answered


class PageView(QWebEngineView):
    """A web view whose context menu holds editing only."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer cut, copy and paste: no saving, no source, no new windows."""
        menu = QMenu(self)
        for action in (
            QWebEnginePage.WebAction.Cut,
            QWebEnginePage.WebAction.Copy,
            QWebEnginePage.WebAction.Paste,
            QWebEnginePage.WebAction.SelectAll,
        ):
            menu.addAction(self.page().action(action))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())


class BrowserWindow(QWidget):
    """Header, page, notices and the way out.

    Signals:
        closing: the person closed the window, or pressed Cancel or Escape.
        browser_wanted: the person would rather use their own browser.
        host_changed: a page of another host is shown (host).
        appeared: something of a new page can be seen.
        load_settled: a page was loaded and drawn, or failed; once for each load.
        troubled: the page failed, or led to where it may not go (`Trouble`).
    """

    closing = Signal()
    browser_wanted = Signal()
    host_changed = Signal(str)
    appeared = Signal()
    load_settled = Signal()
    troubled = Signal(object)

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
        page.setParent(self)

        self._header = Header(look, self)
        self._notice = NoticeBar(self)
        self.view = PageView(self)
        self.view.setPage(page)
        self._opening = OpeningPanel(purpose, self)
        self._failed = TroublePanel(look, self)
        self._failed.hide()
        sheet = QGridLayout()
        sheet.setContentsMargins(0, 0, 0, 0)
        for widget in (self.view, self._opening, self._failed):
            sheet.addWidget(widget, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._notice)
        column.addLayout(sheet, 1)
        column.addWidget(self._footer(leave))
        self._header.show_host(self._host, is_encrypted=first.scheme() == "https")

        self._blank_timer = QTimer(self, singleShot=True, interval=BLANK_NOTICE_MS)
        self._paint = PaintWatch(self.view)
        self._opening.expect(self._host)
        self.view.setFocus()
        self._connect()

    @property
    def trouble(self) -> Trouble | None:
        """What the window is showing instead of a page, if anything."""
        return self._trouble

    @property
    def page(self) -> LoginPage:
        """The page, alive as long as the window."""
        return self._page

    def open_start(self) -> None:
        """Load the first address."""
        self._page.load(self._start)

    def say(self, sentence: str) -> None:
        """Show a quiet notice above the page."""
        self._notice.say(sentence)

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
        browser.clicked.connect(self.browser_wanted)
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
        self._failed.retry_wanted.connect(self._retry)
        self._notice.hide_wanted.connect(self._hide_notice)
        self._blank_timer.timeout.connect(self._notice_blank_page)
        self._paint.appeared.connect(self._on_appeared)
        self._paint.settled.connect(self.load_settled)
        self._page.loadStarted.connect(self._on_load_started)
        self._page.loadProgress.connect(self._on_progress)
        self._page.loadingChanged.connect(self._on_loading)
        self._page.contentsSizeChanged.connect(self._paint.lay_out)
        self._page.urlChanged.connect(self._on_url)
        self._page.refused.connect(self._on_refused)
        self._page.distrusted.connect(self._fail)
        self._page.renderProcessTerminated.connect(self._on_renderer_gone)
        self._page.passkey_wanted.connect(
            lambda: self.say(_("This page asks for a passkey. Passkeys work in your browser only."))
        )
        self._page.password_wanted.connect(
            lambda: self.say(_("This page asks for a password outside the page. Your browser can give it."))
        )
        for keys, action in (
            ("Esc", self.close),
            ("Ctrl+R", self._retry),
            ("Alt+Left", self._go_back),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)

    def _on_load_started(self) -> None:
        self._paint.begin()
        self._blank_timer.start()
        self._hide_notice()

    def _on_progress(self, percent: int) -> None:
        self._header.show_progress(max(percent, _FIRST_PERCENT))

    def _hide_notice(self) -> None:
        if self._notice.isVisible():
            self._notice.hide()
            self.view.setFocus()

    def _on_url(self, url: QUrl) -> None:
        self._paint.lay_out()
        host = host_of(url)
        self._header.allow_back(allowed=self._page.history().canGoBack())
        if host and host != self._host:
            self._host = host
            self.host_changed.emit(host)
        self._header.show_host(self._host, is_encrypted=url.scheme() == "https")

    def _on_loading(self, info: QWebEngineLoadingInfo) -> None:
        match info.status():
            case QWebEngineLoadingInfo.LoadStatus.LoadSucceededStatus:
                self._show_page()
            case QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus if _may_have_a_page(info):
                # A wrong password is often answered with an error number and a page in words.
                found = trouble.of_load(info, host_of(info.url()))
                self._page.toPlainText(lambda text: self._on_error_page(text, found))
            case QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus:
                found = trouble.of_load(info, host_of(info.url()))
                if found is not None and self._trouble is None:
                    self._fail(found)
                self.load_settled.emit()
            case QWebEngineLoadingInfo.LoadStatus.LoadStoppedStatus:
                self._blank_timer.stop()
                self._paint.give_up()
                self.load_settled.emit()
            case _:
                pass
        self._header.show_progress(0)

    def _on_error_page(self, text: str, found: Trouble | None) -> None:
        if text.strip() or found is None:
            self._show_page()
        else:
            self._fail(found)
            self.load_settled.emit()

    def _show_page(self) -> None:
        self._trouble = None
        self._failed.hide()
        self._paint.finish()

    def _on_refused(self, found: Trouble) -> None:
        if self._opening.isVisible():
            self._fail(found)
        else:
            self.say(f"{found.headline} {found.advice}")
            self.troubled.emit(found)

    def _on_renderer_gone(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        if status != QWebEnginePage.RenderProcessTerminationStatus.NormalTerminationStatus:
            self._fail(trouble.of_renderer(self._host, f"{status.name}, {code}"))
            self.load_settled.emit()

    def _fail(self, found: Trouble) -> None:
        self._trouble = found
        self._blank_timer.stop()
        self._paint.give_up()
        self._opening.hide()
        self._failed.explain(found)
        self.troubled.emit(found)

    def _on_appeared(self) -> None:
        if self._opening.isVisible():
            self._opening.hide()
            self.view.setFocus()
        self.appeared.emit()

    def _retry(self) -> None:
        self._leave_trouble()
        if self._page.url().isEmpty() or self._page.url().toString() == "about:blank":
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

    def _notice_blank_page(self) -> None:
        if self._opening.isVisible() or self._paint.is_blank():
            self.say(
                _("Nothing has appeared from {host} so far. Wait, reload, or use your browser.").format(
                    host=self._host
                )
            )


def _may_have_a_page(info: QWebEngineLoadingInfo) -> bool:
    return info.errorDomain() == QWebEngineLoadingInfo.ErrorDomain.HttpStatusCodeDomain
