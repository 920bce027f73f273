"""What can go wrong with a login page, in words: what happened, with whom, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWebEngineCore import QWebEngineCertificateError, QWebEngineLoadingInfo

from makini_desktop.core.text import _
from makini_desktop.login.outcome import Failed, Reason

# Chromium's net error numbers that deserve their own words; the rest share one sentence.
_REFUSED, _RESET, _CLOSED = -102, -101, -100
_NAME_NOT_RESOLVED, _OFFLINE = -105, -106
_TIMED_OUT, _CONNECTION_TIMED_OUT = -7, -118
_PROXY_FAILED, _TUNNEL_FAILED = -130, -111
_BLOCKED_BY_CLIENT, _ABORTED = -20, -3


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure of a page.

    Attributes:
        reason: for the program.
        host: whom it concerns.
        headline: what happened, one short sentence.
        advice: what to do.
        detail: the web engine's own short words.
    """

    reason: Reason
    host: str
    headline: str
    advice: str
    detail: str

    def as_outcome(self) -> Failed:
        """Return what is reported when the window is closed on this trouble."""
        return Failed(self.reason, self.host, self.detail)


def of_load(info: QWebEngineLoadingInfo, host: str) -> Trouble | None:
    """Explain why a load failed; None when it was only broken off."""
    code, detail = info.errorCode(), info.errorString() or "the page did not load"
    match code:
        case 0 if info.errorDomain() == QWebEngineLoadingInfo.ErrorDomain.NoErrorDomain:
            return None
        case _ if code == _ABORTED:
            return None
        case _ if info.errorDomain() == QWebEngineLoadingInfo.ErrorDomain.HttpStatusCodeDomain:
            headline = _("{host} answered with error {code} and no page.").format(host=host, code=code)
            advice = _("Try again in a moment. If it stays, the people who run {host} need to know.")
            detail = f"HTTP {code}"
        case _ if code in {_REFUSED, _RESET, _CLOSED}:
            headline = _("{host} does not accept connections.").format(host=host)
            advice = _("Try again in a moment. If it stays, the people who run {host} need to know.")
        case _ if code == _NAME_NOT_RESOLVED:
            headline = _("{host} could not be found.").format(host=host)
            advice = _("Check that this computer is online and that the address is right, then try again.")
        case _ if code == _OFFLINE:
            headline = _("This computer is offline.")
            advice = _("Check the network connection, then try again.")
        case _ if code in {_TIMED_OUT, _CONNECTION_TIMED_OUT}:
            headline = _("{host} did not answer in time.").format(host=host)
            advice = _("Check the network connection, then try again.")
        case _ if code in {_PROXY_FAILED, _TUNNEL_FAILED}:
            headline = _("The proxy did not let us through to {host}.").format(host=host)
            advice = _("Check the proxy settings of this computer, or sign in with your browser.")
        case _:
            headline = _("The page at {host} could not be opened.").format(host=host)
            advice = _("Try again, or sign in with your browser.")
    return Trouble(Reason.NETWORK, host, headline, advice.format(host=host), detail)


def of_certificate(error: QWebEngineCertificateError, host: str) -> Trouble:
    """Explain a certificate that does not prove who is at the other end. It is never let through."""
    kinds = QWebEngineCertificateError.Type
    match error.type():
        case kinds.CertificateAuthorityInvalid:
            what = _("It was issued by somebody this computer does not trust.")
        case kinds.CertificateCommonNameInvalid:
            what = _("It belongs to another address.")
        case kinds.CertificateDateInvalid | kinds.CertificateValidityTooLong:
            what = _("It is not valid today.")
        case kinds.CertificateRevoked | kinds.CertificateUnableToCheckRevocation:
            what = _("It has been withdrawn, or nobody can say whether it has.")
        case kinds.CertificateWeakSignatureAlgorithm | kinds.CertificateWeakKey:
            what = _("Its signature is too weak to be trusted.")
        case _:
            what = _("It does not hold.")
    return Trouble(
        Reason.CERTIFICATE,
        host,
        _("{host} could not prove its identity.").format(host=host),
        _("{what} Do not enter a password there. The people who run {host} need to know.").format(
            what=what, host=host
        ),
        _certificate_detail(error.type()),
    )


def _certificate_detail(kind: QWebEngineCertificateError.Type) -> str:
    words = kind.name.removeprefix("Certificate")
    return "certificate:" + "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in words)


def of_renderer(host: str, detail: str) -> Trouble:
    """Explain that the process showing the page has died."""
    return Trouble(
        Reason.RENDERER,
        host,
        _("The page from {host} keeps crashing.").format(host=host),
        _("Your browser may well show it. Nothing that was entered is kept."),
        detail,
    )


def of_unprotected(host: str) -> Trouble:
    """Explain that the page led to an address where others could read along."""
    return Trouble(
        Reason.NETWORK,
        host,
        _("The page led to {host} without encryption.").format(host=host),
        _("That was refused, since others could read what is entered there."),
        "not encrypted",
    )


def of_disguise(host: str) -> Trouble:
    """Explain that the redirect came with a fragment or user name, so that it was not followed."""
    return Trouble(
        Reason.NETWORK,
        host,
        _("{host} came back in a way that cannot be trusted.").format(host=host),
        _("The answer was thrown away. Try again, or sign in with your browser."),
        "redirect with a fragment or a user name",
    )


def of_no_password(host: str, *, is_proxy: bool) -> Trouble:
    """Explain that there is nothing to see without the password that was asked for."""
    headline = (
        _("The proxy {host} lets nobody through without a password.")
        if is_proxy
        else _("{host} shows nothing without a password.")
    )
    return Trouble(
        Reason.PASSWORD,
        host,
        headline.format(host=host),
        _("Try again to enter it, or sign in with your browser."),
        "no password given",
    )
