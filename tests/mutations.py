"""Answers spoilt in the ways in which servers, proxies and cables spoil them; the same again for a seed."""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

ODD: list[Any] = [
    None, "", " ", "null", "0", 0, -1, 1, 1.5, 1e308, -1e308, 10**30, 2**63, True, False, [], {}, [[]],
    [None], {"id": None}, "x" * 5_000, "\ud800", "\x00", "\x1b[2J", "٣", "²", "1e400", "nan", "-inf",
    "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2025-02-30", "99999999999", "a.b.c",
    "e30.e30.e30", "//evil.invalid/x?page=2", "http://[", float("inf"), "In Progress", "ACTIVE",
    {"data": {"data": {}}}, [{"id": 1}] * 30,
]  # fmt: skip
STATUSES = [
    100, 200, 201, 202, 204, 206, 300, 302, 400, 401, 403, 404, 405, 407, 409, 410, 418, 422, 429, 500, 501,
    502, 503, 504, 599, 999,
]  # fmt: skip
WORDS = [
    "", "0", "-1", "²", "9" * 400, "1e9", "soon", "@1", "@" + "9" * 30, "true", "?1", "<", "<>;rel=", "v2",
    "v" * 300, "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", ",", "\x7f", "é", "req_1",
    "Mon, 99 Feb 2025 99:99:99 -99", '<http://[>; rel="deprecation"', '</x>; rel="sunset successor-version"',
]  # fmt: skip
NAMES = [
    "retry-after", "date", "sunset", "deprecation", "link", "x-request-id", "x-api-version", "location",
    "content-type",
]  # fmt: skip


def places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a document as its container and key."""
    pairs = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in pairs:
        yield document, key
        yield from places(value)


class Mutations:
    """A source of spoilt answers.

    Args:
        seed: gives the same answers again.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def answer(self, recorded: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of a spoilt answer."""
        draw = self._random
        status = recorded["status"] if draw.random() < 0.7 else draw.choice(STATUSES)
        headers = dict(recorded["headers"])
        for _ in range(draw.choice([0, 0, 1, 2])):
            headers[draw.choice(NAMES)] = draw.choice(WORDS)
        document = recorded["body"]
        for _ in range(draw.choice([0, 1, 1, 2, 5])):
            document = self.document(document)
        body = json.dumps(document).encode()
        for _ in range(draw.choice([0, 0, 0, 1, 3])):
            body = draw.choice(
                [self._cut, self._flip, self._drop, self._insert, self._double, self._replace]
            )(body)
        return status, headers, body

    def document(self, document: Any) -> Any:
        """Return a copy with one thing in it changed, gone, renamed or doubled."""
        draw = self._random
        document = copy.deepcopy(document)
        found = list(places(document))
        if not found:
            return copy.deepcopy(draw.choice(ODD))
        container, key = draw.choice(found)
        what = draw.random()
        if what < 0.6:
            container[key] = copy.deepcopy(draw.choice(ODD))
        elif what < 0.75:
            del container[key]
        elif what < 0.85 and isinstance(container, dict):
            container[f"{key}_"] = container.pop(key)
        elif what < 0.95:
            container[key] = copy.deepcopy(draw.choice(found)[0])
        else:
            document = copy.deepcopy(draw.choice(ODD))
        return document

    def _cut(self, body: bytes) -> bytes:
        return body[: self._random.randrange(len(body) + 1)]

    def _flip(self, body: bytes) -> bytes:
        if not body:
            return b"\xff"
        at = self._random.randrange(len(body))
        return body[:at] + bytes([self._random.randrange(256)]) + body[at + 1 :]

    def _drop(self, body: bytes) -> bytes:
        start = self._random.randrange(len(body) + 1)
        return body[:start] + body[start + self._random.randrange(1, 40) :]

    def _insert(self, body: bytes) -> bytes:
        at = self._random.randrange(len(body) + 1)
        junk = [
            b"\x00",
            b"\xff\xfe",
            b"{",
            b"[" * 2_000,
            b'"',
            b"\\u12",
            b"1e999",
            b"\xef\xbb\xbf",
            b"<p>",
            b",",
        ]
        return body[:at] + self._random.choice(junk) + body[at:]

    def _double(self, body: bytes) -> bytes:
        return body + body

    def _replace(self, _body: bytes) -> bytes:
        return self._random.choice([b"", b"OK", b"<h1>502</h1>", b"null", b"[]", b"{}", b"\x00" * 50])
