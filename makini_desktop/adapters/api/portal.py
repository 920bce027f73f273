"""Tells an answer of Makini's from one of somebody in between: a network's sign-in page, or a wrong address.

Such an answer says nothing of any connection: it means that Makini is not reached from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from makini_desktop.adapters.api import news
from makini_desktop.core.text import _
from makini_desktop.domain.errors import NotMakini

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Response

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SIGN_IN_FIRST = 511
"""Network Authentication Required (RFC 6585 section 6)."""

_ROOM = 200
"""Bytes within which a page says that it is one."""


def not_makini(response: Response, base: str, *, published: bool = True) -> NotMakini | None:
    """Return the error for an answer that is not Makini's, None for one that may be.

    A server that fails may say so by a page of its own. So may one that lacks what it need not have; whether
    it does is asked of what every server has.

    Args:
        base: where Makini should have answered.
        published: every server has what was asked for.
    """
    host = urlsplit(base).hostname or base
    if response.status in _REDIRECTS:
        other = _host(response.headers.get("location", ""))
        words = _(
            "Requests to {host} are sent elsewhere, to {other} ({status}). This network may want a sign-in "
            "in a browser first; if it does not, look at the account's API base."
        ).format(host=host, other=other, status=response.status)
    elif response.status == _SIGN_IN_FIRST or (
        _is_page(response) and _where_json_belongs(response, published)
    ):
        words = _(
            "A web page answered in the place of {host} ({status}). This network may want a sign-in "
            "in a browser first; if it does not, look at the account's API base."
        ).format(host=host, status=response.status)
    else:
        return None
    return NotMakini(words, status=response.status)


def _is_page(response: Response) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().casefold()
    start = response.body[:_ROOM].lstrip().lower()
    return kind in {"text/html", "application/xhtml+xml"} or start.startswith((b"<!doctype html", b"<html"))


def _where_json_belongs(response: Response, published: bool) -> bool:
    """Tell whether Makini itself would not have answered so with a page."""
    if response.good:
        return True
    if response.status >= 500 or response.status == 429:
        return False
    if response.status in (404, 405) and not published:
        return False
    return news.version(response) is None and "x-request-id" not in response.headers


def _host(location: str) -> str:
    try:
        host = urlsplit(location).hostname or ""
    except ValueError:
        host = ""
    return host if host.isprintable() and host else _("another page")
