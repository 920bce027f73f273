"""The last requests, without anything secret, for people and tests to look at."""

from __future__ import annotations

from collections import deque

import msgspec

KEPT = 5_000


class LoggedRequest(msgspec.Struct):
    """One answered request; `path` carries harmless parameters only. Never a token, code or secret."""

    at: str
    method: str
    path: str
    n: int = 0
    status: int = 0
    ms: float = 0.0
    connection: str | None = None
    grant: str | None = None
    idempotency_key: str | None = None
    request_id: str = ""
    api_version: str | None = None
    has_code_verifier: bool = False


class RequestLog:
    """A ring of the last 5,000 requests, numbered from 1 as they are answered."""

    def __init__(self) -> None:
        self._requests: deque[LoggedRequest] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, request: LoggedRequest) -> None:
        """Number and keep a request that has been answered."""
        self._count += 1
        request.n = self._count
        self._requests.append(request)

    def after(self, number: int) -> list[LoggedRequest]:
        """The requests with a higher number, in the order of their answers."""
        return [request for request in self._requests if request.n > number]
