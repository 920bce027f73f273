"""One HTTP client for all accounts: paced, without cookies, on the computer's own trust store.

Importing httpx takes longer than the window's first frame, so this module is imported late.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from random import random
from urllib.parse import urlsplit

import httpx
import msgspec
import truststore

from makini_desktop import __version__
from makini_desktop.adapters.api.budget import Budget
from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.errors import AnswerUnreadable, CertificateRejected, Unreachable
from makini_desktop.services.ports import Priority

BODY_LIMIT = 16 * 1024 * 1024
TRIES = 3
BACKOFF_BASE = 0.5
BACKOFF_CAP = 8.0
WAIT_CAP = 60.0
"""The longest `Retry-After`, in seconds, that is waited for; a longer one is told instead."""

SILENCE = 30.0
WHOLE_ANSWER = 120.0
"""Seconds without a byte, and seconds until the last byte, after which a request is given up."""

_RETRIED = frozenset({429, 500, 502, 503, 504})


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    def retry_after(self) -> float | None:
        """Return the seconds of `Retry-After`, in either form (RFC 9110 section 10.2.3)."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value)
        try:
            return max(0.0, (parsedate_to_datetime(value) - self.at).total_seconds())
        except (ValueError, TypeError):
            return None

    @property
    def good(self) -> bool:
        """Tell whether the request succeeded."""
        return 200 <= self.status < 300

    @property
    def passing(self) -> bool:
        """Tell whether the same request may well succeed a little later.

        503 with `SYSTEM_UNREACHABLE` is about the customer's system, for which no back-off of seconds
        helps (contract section 4).
        """
        return self.status in _RETRIED and not (self.status == 503 and b"SYSTEM_UNREACHABLE" in self.body)


class Http:
    """Sends requests under one budget and answers with whole responses.

    Args:
        silence: seconds without a byte after which a request is given up.
        whole_answer: seconds until the last byte, however they drip.
    """

    def __init__(
        self, clock: Clock, budget: Budget, *, silence: float = SILENCE, whole_answer: float = WHOLE_ANSWER
    ) -> None:
        self._clock = clock
        self._whole_answer = whole_answer
        self._budget = budget
        self._client = httpx.AsyncClient(
            verify=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_connections=10, max_keepalive_connections=10),
            timeout=httpx.Timeout(silence, connect=min(silence, 10)),
            headers={"User-Agent": f"makini-desktop/{__version__}", "Accept": "application/json"},
            mounts={f"all://{host}": None for host in ("localhost", "127.0.0.1", "[::1]")},
        )

    async def aclose(self) -> None:
        """Close all sockets."""
        await self._client.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        priority: Priority,
        headers: Mapping[str, str],
        json: object = None,
        form: Mapping[str, str] | None = None,
        retried: bool = False,
    ) -> Response:
        """Send a request within the budget.

        Args:
            retried: it may be sent again by itself after a lost connection or a failing server: true
                for safe requests and those that carry an idempotency key. After a 429 every request
                is sent again, for it was not carried out (contract section 4).

        Raises:
            Unreachable: no whole answer came.
            CertificateRejected: the server's certificate is not trusted on this computer.
            AnswerUnreadable: the answer is larger than any the contract knows, or wrongly encoded.
        """
        body: dict[str, object] = {"json": json} if json is not None else {"data": form} if form else {}
        attempt = 1
        while True:
            last = attempt == TRIES
            try:
                response = await self._once(method, url, priority, headers, body)
            except CertificateRejected:
                raise
            except Unreachable:
                if last or not retried:
                    raise
                wait = random() * min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt)  # noqa: S311 - jitter
            else:
                asked = response.retry_after() if response.status in (429, 503) else None
                if response.status == 429 and asked is not None:
                    self._budget.pause(min(asked, WAIT_CAP))
                again = response.passing and (retried or response.status == 429)
                if last or not again or (asked or 0) > WAIT_CAP:
                    return response
                wait = (asked or 0) + random() * min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt)  # noqa: S311
            attempt += 1
            await self._clock.sleep(wait)

    async def _once(
        self,
        method: str,
        url: str,
        priority: Priority,
        headers: Mapping[str, str],
        body: dict[str, object],
    ) -> Response:
        host = urlsplit(url).hostname or url
        async with self._budget.turn(priority):
            try:
                async with (
                    asyncio.timeout(self._whole_answer),
                    self._client.stream(method, url, headers=headers, **body) as answer,  # type: ignore[arg-type]
                ):
                    received = bytearray()
                    async for chunk in answer.aiter_bytes():
                        received += chunk
                        if len(received) > BODY_LIMIT:
                            raise AnswerUnreadable(
                                _("The answer of {host} is larger than 16 MB and was refused.").format(
                                    host=host
                                )
                            )
            except (httpx.TimeoutException, TimeoutError) as error:
                raise Unreachable(_("{host} did not answer in time.").format(host=host)) from error
            except httpx.TransportError as error:
                raise _translated(error, host) from error
            except httpx.DecodingError as error:
                raise AnswerUnreadable(
                    _("The answer of {host} is not encoded as it says.").format(host=host)
                ) from error
        return Response(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=bytes(received),
            at=self._clock.now().astimezone(UTC),
        )


def _translated(error: httpx.TransportError, host: str) -> Unreachable:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateRejected(
                _("The certificate of {host} is not trusted on this computer: {why}.").format(
                    host=host, why=cause.verify_message
                )
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return Unreachable(_("{host} cannot be reached from this computer.").format(host=host))
    return Unreachable(_("The line to {host} broke before the whole answer came.").format(host=host))


async def connect(clock: Clock, budget: Budget) -> Http:
    """Return an `Http`, its TLS context made off the caller's thread."""
    return await asyncio.to_thread(Http, clock, budget)
