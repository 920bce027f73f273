"""Answers kept for conditional requests, for servers that give ETags (RFC 9110 section 13.1.2).

Each is kept under the token it was got with, so that no connection is ever told another's.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from makini_desktop.domain.token import Secret

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Response

LIMIT = 16 * 1024 * 1024
"""Bytes that are kept at most."""

UNUSED_FOR = timedelta(hours=1)
"""After so long what was not asked for again makes room for others, as that of a token that was replaced."""

_OVERHEAD = 400
NOT_MODIFIED = 304

_Key = tuple[str, str]


class KeptAnswer(msgspec.Struct, frozen=True):
    """A good answer's body with the tag that the server gave it."""

    tag: str
    body: bytes
    kind: str

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.body) + len(self.tag) + _OVERHEAD

    def again(self, response: Response) -> Response:
        """Return the answer that a 304 stands for: what was kept, as of now."""
        headers = {**response.headers, **({"content-type": self.kind} if self.kind else {})}
        return msgspec.structs.replace(response, status=200, headers=headers, body=self.body)


class KeptAnswers:
    """The last good answer to each request, within `LIMIT`; what finds no room is simply asked for whole."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[_Key, tuple[KeptAnswer, datetime]] = OrderedDict()

    def get(self, token: Secret, url: str) -> KeptAnswer | None:
        """Return what was answered to this token last."""
        found = self._kept.get((token.value, url))
        return found[0] if found is not None else None

    def take(self, token: Secret, url: str, before: KeptAnswer | None, response: Response) -> Response:
        """Return the answer itself, or for a 304 the one it stands for; keep it for the next time.

        Args:
            before: what the request was made conditional on.
        """
        key = (token.value, url)
        if before is not None and response.status == NOT_MODIFIED:
            response = before.again(response)
            self._keep(key, before, response.at)
        elif response.good:
            tag = response.headers.get("etag", "")
            may_be_kept = "no-store" not in response.headers.get("cache-control", "").casefold()
            if tag and tag.isascii() and tag.isprintable() and may_be_kept:
                kind = response.headers.get("content-type", "")
                self._keep(key, KeptAnswer(tag, response.body, kind), response.at)
            else:
                self._drop(key)
        return response

    def forget(self, token: Secret) -> None:
        """Keep nothing that was answered to a token, nor the token."""
        for key in [each for each in self._kept if each[0] == token.value]:
            self._drop(key)

    def _keep(self, key: _Key, answer: KeptAnswer, at: datetime) -> None:
        self._drop(key)
        while self._size + answer.size > self._limit:
            oldest = next(iter(self._kept), None)
            if oldest is None or at - self._kept[oldest][1] < UNUSED_FOR:
                return
            self._drop(oldest)
        self._size += answer.size
        self._kept[key] = answer, at

    def _drop(self, key: _Key) -> None:
        if (found := self._kept.pop(key, None)) is not None:
            self._size -= found[0].size
