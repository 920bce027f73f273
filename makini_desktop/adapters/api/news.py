"""What an answer's headers say of the API version and its future (contract section 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from makini_desktop.adapters.api import wire
from makini_desktop.domain.version import VersionNews

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Response

_VERSION_HEADERS = ("x-api-version", "api-version", "makini-version")
_LONGEST_LINKS = 8_000
_LONGEST_URL = 2_000
_LONGEST_VERSION = 40
_YES = frozenset({"true", "?1"})
"""`Deprecation` without a date, as drafts before RFC 9745 had it."""

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^\s=;,<>\"]+(?:\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s;,\"<>]*))?)*)")
_PARAMETER = re.compile(r";\s*([^\s=;,<>\"]+)(?:\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"<>]*)))?")
_IN_PATH = re.compile(r"/(v\d+[\w.-]*)(?=/|$)", re.IGNORECASE)


def version(response: Response) -> str | None:
    """Return the version that the answer carries."""
    for name in _VERSION_HEADERS:
        found = response.headers.get(name, "").strip()
        if found and found.isprintable() and len(found) <= _LONGEST_VERSION:
            return found
    return None


def version_news(response: Response, stated: str, base: str, call: str) -> VersionNews:
    """Return what the answer says of the version's future.

    Args:
        stated: the version for an answer that carries none.
        base: what links are relative to.
        call: whose answer it is; named in the news if it speaks of an end.
    """
    word = response.headers.get("deprecation", "").strip()
    undated = word.casefold() in _YES
    since = response.at if undated else _moment(word)
    ends = _moment(response.headers.get("sunset", "").strip())
    links = _links(response.headers.get("link", ""), base)
    return VersionNews(
        version=version(response) or stated,
        deprecated_since=since,
        undated=undated,
        ends_at=ends,
        guide=links.get("deprecation") or links.get("sunset"),
        successor=links.get("successor-version"),
        calls=(call,),
        seen_at=response.at,
    )


def version_in(url: str) -> str | None:
    """Return the version that a URL's path names, for example "v2"."""
    found = _IN_PATH.findall(urlsplit(url).path)
    return found[-1] if found else None


def _moment(word: str) -> datetime | None:
    """Return a time from a structured date (RFC 9651 section 3.3.7) or an HTTP date."""
    if word.startswith("@"):
        return wire.moment(float(word[1:])) if re.fullmatch(r"@\d{1,15}", word) else None
    try:
        found = parsedate_to_datetime(word)
    except (ValueError, TypeError, OverflowError):
        return None
    return wire.moment(found.isoformat())


def _links(header: str, base: str) -> Mapping[str, str]:
    """Return the first target of each relation (RFC 8288 section 3) that is a web page."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(header[:_LONGEST_LINKS]):
        named = dict(_parameters(parameters))
        if "anchor" in named:  # about another resource than the one that was asked for
            continue
        url = _page(target, base)
        for relation in named.get("rel", "").casefold().split():
            if url is not None:
                found.setdefault(relation, url)
    return found


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    """Yield names and values, the first of a name last so that it stays (RFC 8288 section 3.3)."""
    for name, quoted, token in reversed(_PARAMETER.findall(text)):
        yield name.casefold(), re.sub(r"\\(.)", r"\1", quoted) or token


def _page(target: str, base: str) -> str | None:
    try:
        url = urljoin(f"{base}/", target.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= _LONGEST_URL
    return (
        url
        if plain and parts.scheme in ("https", "http") and parts.netloc and "@" not in parts.netloc
        else None
    )
