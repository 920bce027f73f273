"""Where a list goes on (contract section 3, envelope of lists marked P)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from makini_desktop.adapters.api import wire

PAGE_SIZE = 200
PAGE_LIMIT = 2_000
"""Pages after which a list that never ends is ended."""

FIRST = urlencode({"page": 1, "per_page": PAGE_SIZE})


def next_page(document: Any, page: int, api_base: str, path: str) -> str | None:  # noqa: ANN401 - JSON
    """Return the query of the page after the one in `document`.

    A link that is none of ours ends the list: a token never leaves for another host.

    Args:
        page: the number of pages read so far.
        path: of the list, after the version prefix.

    Returns:
        An empty one at the list's end, None where the server names a page that we do not go to.
    """
    links = document.get("links") if isinstance(document, Mapping) else None
    link = links.get("next") if isinstance(links, Mapping) else None
    if link:
        return _own_query(wire.text(link), urlsplit(api_base), path)
    meta = document.get("meta") if isinstance(document, Mapping) else None
    meta = meta if isinstance(meta, Mapping) else {}
    if page < (wire.number(meta.get("last_page")) or 0):
        size = wire.number(meta.get("per_page")) or PAGE_SIZE
        return urlencode({"page": page + 1, "per_page": size})
    return ""


def _own_query(link: str, base: SplitResult, path: str) -> str | None:
    try:
        found = urlsplit(link)
    except ValueError:
        return None
    if found.netloc and (found.scheme, found.netloc) != (base.scheme, base.netloc):
        return None
    return found.query if found.path.endswith(path) and found.query else None
