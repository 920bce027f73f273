"""One page of an attempt: where it may go, what it gets, and the redirect it must not load."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, QTimer, QUrl, Signal
from PySide6.QtNetwork import QAuthenticator, QSslCertificate
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineClientCertificateSelection,
    QWebEngineFileSystemAccessRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineRegisterProtocolHandlerRequest,
    QWebEngineWebAuthUxRequest,
)

from makini_desktop.core.redirect import Reached, Redirect, is_protected
from makini_desktop.login import notice, trouble, way_out
from makini_desktop.login.embedding import refuses_embedding
from makini_desktop.login.host import host_of
from makini_desktop.login.question import (
    Answer,
    CertificateChoice,
    CertificateQuestion,
    Credentials,
    Inquiries,
    PasswordQuestion,
    Script,
    ScriptQuestion,
)


class LoginPage(QWebEnginePage):
    """A page that stops at the redirect, keeps to protected addresses and is granted nothing.

    Attributes:
        inquiries: what it asks the person.

    Signals:
        redirected: the whole redirect URL, before anything of it was loaded.
        refused: a navigation that was not followed, as a `Trouble`.
        distrusted: a page whose certificate does not hold, as a `Trouble`.
        embedding_refused: it leads to a host whose pages are known to refuse embedded windows (host).
        unanswered: a password that it needs was not given, as a `Trouble`; its load is no use any more.
        noticed: something that it wanted and did not get, as a `Notice`.
    """

    redirected = Signal(str)
    refused = Signal(object)
    distrusted = Signal(object)
    embedding_refused = Signal(str)
    unanswered = Signal(object)
    noticed = Signal(object)

    def __init__(self, profile: QWebEngineProfile, redirect: Redirect, parent: QObject) -> None:
        super().__init__(profile, parent)
        self._redirect = redirect
        self._proxies_tried: set[str] = set()
        self.inquiries = Inquiries(self)
        self.certificateError.connect(self._reject_certificate)
        self.permissionRequested.connect(self._deny)
        self.fileSystemAccessRequested.connect(self._refuse_files)
        self.registerProtocolHandlerRequested.connect(self._refuse_protocol)
        self.webAuthUxRequested.connect(self._hand_over_passkey)
        self.authenticationRequired.connect(self._authenticate)
        self.proxyAuthenticationRequired.connect(self._authenticate_at_proxy)
        self.selectClientCertificate.connect(self._on_certificate_wanted)

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
                return not is_main_frame or self._may_go_to(target, address)

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, line: int, source: str
    ) -> None:
        """Keep quiet: a page's chatter may hold what nobody should read."""

    def javaScriptAlert(self, origin: QUrl | str, message: str) -> None:
        """Show what the page's script says, until the person has read it."""
        self._ask_for_script(Script.ALERT, origin, message)

    def javaScriptConfirm(self, origin: QUrl | str, message: str) -> bool:
        """Ask what the page's script asks; the engine asks here too before a page is left."""
        leaves = message == QCoreApplication.translate(
            "QWebEnginePage",
            "Are you sure you want to leave this page? Changes that you made may not be saved.",
        )
        kind = Script.LEAVE if leaves else Script.CONFIRM
        return self._ask_for_script(kind, origin, message) is not None

    def javaScriptPrompt(self, origin: QUrl | str, message: str, default: str) -> tuple[bool, str]:
        """Ask for what the page's script wants to know."""
        answer = self._ask_for_script(Script.PROMPT, origin, message, default)
        return (True, answer) if isinstance(answer, str) else (False, "")

    def chooseFiles(
        self, mode: QWebEnginePage.FileSelectionMode, old: Sequence[str], types: Sequence[str]
    ) -> list[str]:
        """Give a login page no files."""
        self.noticed.emit(notice.refused_files(host_of(self.url())))
        return []

    def _may_go_to(self, target: QUrl, address: str) -> bool:
        if address != "about:blank" and not is_protected(address):
            self.refused.emit(trouble.of_unprotected(host_of(target) or target.scheme()))
            return False
        if refuses_embedding(target.host()):
            self.embedding_refused.emit(target.host())
            return False
        return True

    def _ask_for_script(
        self, kind: Script, origin: QUrl | str, text: str, default: str = ""
    ) -> Answer | None:
        return self.inquiries.ask(ScriptQuestion(kind, host_of(QUrl(origin)), text, default))

    def _reject_certificate(self, error: QWebEngineCertificateError) -> None:
        error.rejectCertificate()
        host = host_of(error.url())
        if error.isMainFrame():
            self.distrusted.emit(trouble.of_certificate(error, host))
        else:
            self.noticed.emit(notice.refused_part(host))

    def _deny(self, permission: QWebEnginePermission) -> None:
        permission.deny()
        self.noticed.emit(
            notice.refused_permission(host_of(permission.origin()), permission.permissionType())
        )

    def _refuse_files(self, request: QWebEngineFileSystemAccessRequest) -> None:
        request.reject()
        self.noticed.emit(notice.refused_files(host_of(request.origin())))

    def _refuse_protocol(self, request: QWebEngineRegisterProtocolHandlerRequest) -> None:
        request.reject()

    def _hand_over_passkey(self, request: QWebEngineWebAuthUxRequest) -> None:
        request.cancel()
        self.noticed.emit(notice.passkey(request.relyingPartyId() or host_of(self.url())))

    def _authenticate(self, url: QUrl, authenticator: QAuthenticator) -> None:
        question = PasswordQuestion(host_of(url), authenticator.realm(), is_proxy=False)
        self._fill_in(authenticator, self.inquiries.ask(question), question)

    def _authenticate_at_proxy(self, _url: QUrl, authenticator: QAuthenticator, proxy: str) -> None:
        known = None if proxy in self._proxies_tried else way_out.login_for(proxy)
        self._proxies_tried.add(proxy)
        question = PasswordQuestion(proxy, authenticator.realm(), is_proxy=True)
        self._fill_in(authenticator, known or self.inquiries.ask(question), question)

    def _fill_in(
        self, authenticator: QAuthenticator, answer: Answer | None, question: PasswordQuestion
    ) -> None:
        """Give the engine the answer.

        No answer would be an authenticator that is null again, which Python cannot make of it: the
        engine would ask until the end of days, so the load is stopped instead.
        """
        if isinstance(answer, Credentials):
            authenticator.setUser(answer.user)
            authenticator.setPassword(answer.password)
        else:
            QTimer.singleShot(0, self, lambda: self.triggerAction(QWebEnginePage.WebAction.Stop))
            self.unanswered.emit(trouble.of_no_password(question.host, is_proxy=question.is_proxy))

    def _on_certificate_wanted(self, selection: QWebEngineClientCertificateSelection) -> None:
        # The engine waits for the selection by itself, so nothing has to wait inside its call.
        QTimer.singleShot(0, self, lambda: self._choose_certificate(selection))

    def _choose_certificate(self, selection: QWebEngineClientCertificateSelection) -> None:
        offered = selection.certificates()
        choices = tuple(map(_in_words, offered))
        chosen = self.inquiries.ask(CertificateQuestion(host_of(selection.host()), choices))
        if isinstance(chosen, int) and 0 <= chosen < len(offered):
            selection.select(offered[chosen])
        else:
            selection.selectNone()


def _in_words(certificate: QSslCertificate) -> CertificateChoice:
    from PySide6.QtCore import QLocale

    return CertificateChoice(
        certificate.subjectDisplayName(),
        certificate.issuerDisplayName(),
        QLocale().toString(certificate.expiryDate().date(), "d MMM yyyy"),
    )
