"""One page of an attempt: where it may go, and the redirect it must not load."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineWebAuthUxRequest,
)

from makini_desktop.core.redirect import Reached, Redirect, is_protected
from makini_desktop.login import trouble
from makini_desktop.login.host import host_of


class LoginPage(QWebEnginePage):
    """A page that stops at the redirect, keeps to protected addresses and grants nothing.

    Signals:
        redirected: the whole redirect URL, before anything of it was loaded.
        refused: a navigation that was not followed, as a `Trouble`.
        distrusted: a page whose certificate does not hold, as a `Trouble`.
        passkey_wanted: the page asked for a passkey, which only a browser can offer.
        password_wanted: the server asked for a password outside the page (HTTP, proxy).
    """

    redirected = Signal(str)
    refused = Signal(object)
    distrusted = Signal(object)
    passkey_wanted = Signal()
    password_wanted = Signal()

    def __init__(self, profile: QWebEngineProfile, redirect: Redirect, parent: QObject) -> None:
        super().__init__(profile, parent)
        self._redirect = redirect
        self.certificateError.connect(self._reject_certificate)
        self.permissionRequested.connect(self._deny)
        self.webAuthUxRequested.connect(self._cancel_passkey)
        self.authenticationRequired.connect(lambda _url, _authenticator: self.password_wanted.emit())
        self.proxyAuthenticationRequired.connect(
            lambda _url, _authenticator, _proxy: self.password_wanted.emit()
        )

    def acceptNavigationRequest(
        self, url: QUrl | str, kind: QWebEnginePage.NavigationType, is_main_frame: bool
    ) -> bool:
        """Decide on a navigation before anything is sent (trap: afterwards the code has left)."""
        target = QUrl(url)
        address = target.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        if kind == QWebEnginePage.NavigationType.NavigationTypeRedirect:
            # A redirect inherits the fragment of the page before it (Fetch standard, "location
            # URL"): it is nobody's word, and no part of the answer.
            address = address.partition("#")[0]
        match self._redirect.reached_by(address):
            case Reached.EXACTLY:
                if is_main_frame:
                    self.redirected.emit(address)
                return False
            case Reached.IN_DISGUISE:
                if is_main_frame:
                    self.refused.emit(trouble.of_disguise(host_of(target)))
                return False
            case Reached.NOT:
                if not is_main_frame or address == "about:blank" or is_protected(address):
                    return True
                self.refused.emit(trouble.of_unprotected(host_of(target) or target.scheme()))
                return False

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, line: int, source: str
    ) -> None:
        """Keep quiet: a page's chatter may hold what nobody should read."""

    def chooseFiles(
        self, mode: QWebEnginePage.FileSelectionMode, old: Sequence[str], types: Sequence[str]
    ) -> list[str]:
        """Give a login page no files."""
        return []

    def _reject_certificate(self, error: QWebEngineCertificateError) -> None:
        error.rejectCertificate()
        if error.isMainFrame():
            self.distrusted.emit(trouble.of_certificate(error, host_of(error.url())))

    def _deny(self, permission: QWebEnginePermission) -> None:
        permission.deny()

    def _cancel_passkey(self, request: QWebEngineWebAuthUxRequest) -> None:
        request.cancel()
        self.passkey_wanted.emit()
