"""Links that a server named: opened in the person's browser, and only where they are web pages."""

from __future__ import annotations


def is_web_page(url: str | None) -> bool:
    """Tell whether `url` leads to a web page; nothing else that a server names is ever opened."""
    if not url:
        return False
    from urllib.parse import urlsplit  # late: the first frame does not wait for it

    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)


def open_web_page(url: str) -> None:
    """Open `url` in the system's browser; nothing happens if it is no web page."""
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    if is_web_page(url):
        QDesktopServices.openUrl(QUrl(url))
