"""Who vouches for a host: its certificate, looked up when the person asks for it.

The engine does not show the certificate of a page that it trusts, so the host is asked once more, over
the same proxy and with the system's trust.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from PySide6.QtCore import QDate, QLocale, QObject, Signal

from makini_desktop.core.redirect import is_loopback
from makini_desktop.core.text import _

_PATIENCE = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class SiteCertificate:
    """Whom a certificate is from, and until when it holds."""

    issuer: str
    valid_until: datetime


class SiteCertificateSearch(QObject):
    """Looks up one host's certificate without holding up the window.

    Signals:
        told: what was found, in words.
    """

    told = Signal(str)

    def start(self, shown: str, host: str, port: int) -> None:
        """Begin; `told` follows within ten seconds or a little more.

        Args:
            shown: the host as the person sees it.
        """
        arguments = (shown, host, port)
        threading.Thread(target=self._run, args=arguments, name="certificate", daemon=True).start()

    def _run(self, shown: str, host: str, port: int) -> None:
        from http.client import HTTPException

        try:
            words = _in_words(shown, _look_up(host, port))
        except (OSError, HTTPException, ValueError):
            words = _("The certificate of {host} could not be looked up just now.").format(host=shown)
        self.told.emit(words)


def _in_words(host: str, found: SiteCertificate) -> str:
    end = found.valid_until
    date = QLocale().toString(QDate(end.year, end.month, end.day), "d MMM yyyy")
    sentence = _("{host} is vouched for by {issuer}, until {date}.")
    return sentence.format(host=host, issuer=found.issuer, date=date)


def _look_up(host: str, port: int) -> SiteCertificate:
    import ssl
    from http.client import HTTPSConnection
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    context = ssl.create_default_context()
    connection = HTTPSConnection(host, port, timeout=_PATIENCE, context=context)
    proxy = None if is_loopback(host) or proxy_bypass(host) else getproxies().get("https")
    if proxy:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        connection = HTTPSConnection(
            parts.hostname or "", parts.port or 80, timeout=_PATIENCE, context=context
        )
        connection.set_tunnel(host, port, _proxy_login(parts.username, parts.password))
    try:
        connection.connect()
        assert isinstance(connection.sock, ssl.SSLSocket)  # noqa: S101 - what connect() makes
        certificate = connection.sock.getpeercert() or {}
    finally:
        connection.close()
    named = cast("Iterable[Iterable[tuple[str, str]]]", certificate.get("issuer", ()))
    issuer = {name: value for part in named for name, value in part}
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate.get("notAfter"))), UTC)
    return SiteCertificate(issuer.get("organizationName") or issuer.get("commonName") or "", end)


def _proxy_login(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    from base64 import b64encode
    from urllib.parse import unquote

    login = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(login).decode()}"}
