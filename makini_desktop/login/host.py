"""The name of the other side, and which part of it one can trust a registry for."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtNetwork import QNetworkCookie, QNetworkCookieJar

from makini_desktop.core.redirect import is_loopback


def host_of(url: QUrl) -> str:
    """Return the host of `url` in ASCII (so that no letter can look like another), port if unusual."""
    host = url.host(QUrl.ComponentFormattingOption.FullyEncoded)
    if ":" in host:
        host = f"[{host}]"
    return host if url.port() == -1 or not host else f"{host}:{url.port()}"


def split_host(host: str) -> tuple[str, str]:
    """Split ``login.shop.example.co.uk`` into ``login.shop.`` and ``example.co.uk``.

    The second part is what somebody registered, by the list of public suffixes that Qt keeps for
    its cookie jar. An address, a loopback name or a name without a registry is not split.
    """
    name = host.partition(":")[0]
    labels = name.split(".")
    if is_loopback(name) or labels[-1].isdigit() or host.startswith("["):
        return "", host
    for start in range(len(labels) - 2, -1, -1):
        if _takes_cookies(".".join(labels[start:]), name):
            kept = ".".join(labels[:start])
            return (f"{kept}." if kept else ""), host[len(kept) + bool(kept) :]
    return "", host


def _takes_cookies(domain: str, host: str) -> bool:
    cookie = QNetworkCookie(b"a", b"b")
    cookie.setDomain(f".{domain}")
    return QNetworkCookieJar().setCookiesFromUrl([cookie], QUrl(f"https://{host}/"))
