"""One account's HTTP client: paced, without cookies, on the computer's own trust store.

Importing httpx takes longer than the window's first frame, so this module is imported late.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.util import find_spec
from math import ceil
from urllib.parse import urlsplit

import httpx
import msgspec
import truststore

from makini_desktop import __version__
from makini_desktop.adapters.api import certificate
from makini_desktop.adapters.api.budget import Budget
from makini_desktop.adapters.api.echo import Echo
from makini_desktop.adapters.api.network import Network, script_named, shown
from makini_desktop.adapters.api.refusal import request_id
from makini_desktop.adapters.api.retry import RetryPolicy
from makini_desktop.adapters.api.traffic import Traffic, worth_a_word
from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    AnswerUnreadable,
    CertificateRejected,
    MakiniDesktopError,
    ProxyRefuses,
    RateLimited,
    TimedOut,
    TokenRejected,
    Unreachable,
)
from makini_desktop.domain.request import RequestSeen
from makini_desktop.services.ports import Priority

BODY_LIMIT = 16 * 1024 * 1024

SILENCE = 30.0
WHOLE_ANSWER = 120.0
"""Seconds without a byte, and seconds until the last byte, after which a request is given up."""

LONGEST_PAUSE = 3600.0
"""The longest `Retry-After`, in seconds, that is kept to."""

_NO_CLOCK = 100 * 365 * 86_400.0
"""Seconds by which no clock is wrong; a `Date` further away is none."""

_PASSING = frozenset({500, 502, 503, 504})


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer; header names are in lower case.

    Attributes:
        at: when it had arrived, by this computer's clock.
        ahead: seconds by which this computer's clock is ahead of the server's, None where it tells no time.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    ahead: float | None = None

    def retry_after(self) -> float | None:
        """Return the seconds of `Retry-After`, in either form (RFC 9110 section 10.2.3)."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value)
        until = _http_date(value)
        if until is None:
            return None
        theirs = self.at - timedelta(seconds=self.ahead or 0.0)
        return max(0.0, (until - theirs).total_seconds())

    @property
    def skew(self) -> float:
        """Seconds by which this computer's clock is ahead, 0 where the clocks agree."""
        return worth_a_word(self.ahead or 0.0)

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
        return self.status in _PASSING and not (self.status == 503 and b"SYSTEM_UNREACHABLE" in self.body)


class Http:
    """Sends requests under one budget and answers with whole responses.

    Args:
        traffic: told of every request.
        silence: seconds without a byte after which a request is given up.
        whole_answer: seconds until the last byte, however they drip.
    """

    def __init__(
        self,
        clock: Clock,
        budget: Budget,
        traffic: Traffic,
        *,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        silence: float = SILENCE,
        whole_answer: float = WHOLE_ANSWER,
    ) -> None:
        self._clock = clock
        self._whole_answer = whole_answer
        self._budget = budget
        self._traffic = traffic
        self._retry = retry
        self._network = Network(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), at_once=10)
        self._client = httpx.AsyncClient(
            transport=self._network,
            trust_env=False,  # the network knows the proxies, and nothing else of the environment counts
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(silence, connect=min(silence, 10)),
            headers={"User-Agent": f"makini-desktop/{__version__}", "Accept": "application/json"},
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
            ProxyRefuses: the proxy in between wants a login, or lets nothing through.
            RateLimited: the server has asked for a longer silence than anybody waits for.
            AnswerUnreadable: the answer is larger than any the contract knows, or wrongly encoded.
            TokenRejected: the token holds what no header can carry.
        """
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise TokenRejected(_("This is no token: it holds characters that none has."))
        body: dict[str, object] = {"json": json} if json is not None else {"data": form} if form else {}
        owner = self._traffic.owner(headers)
        attempt = 1
        while True:
            try:
                response = await self._once(method, url, priority, headers, body, owner)
            except (CertificateRejected, ProxyRefuses, TimedOut):
                raise
            except Unreachable:
                wait = self._retry.after_loss(attempt, repeatable=retried)
                if wait is None:
                    raise
            else:
                asked = response.retry_after()
                if response.status == 429:
                    wait = self._retry.after_limit(attempt, asked)
                    self._budget.pause(min(asked or wait or 0.0, LONGEST_PAUSE), owner)
                elif response.passing:
                    wait = self._retry.after_failure(attempt, asked, repeatable=retried)
                else:
                    return response
                if wait is None:
                    return response
            attempt += 1
            await self._clock.sleep(wait)

    async def _once(
        self,
        method: str,
        url: str,
        priority: Priority,
        headers: Mapping[str, str],
        body: dict[str, object],
        owner: ConnectionId | None,
    ) -> Response:
        self._refuse_long_pause(owner)
        async with self._budget.turn(priority, owner):
            at, begun = self._clock.now(), self._clock.monotonic()
            response: Response | None = None
            failure = _("ended from here before an answer came")
            try:
                response = await self._exchange(method, url, headers, body)
                failure = ""
            except MakiniDesktopError as error:
                failure = str(error)
                raise
            finally:
                self._traffic.add(
                    RequestSeen(
                        at=at,
                        method=method,
                        path=urlsplit(url).path,
                        status=response.status if response is not None else None,
                        milliseconds=round((self._clock.monotonic() - begun) * 1000),
                        request_id=request_id(response) if response is not None else None,
                        connection=owner,
                        failure=failure,
                    )
                )
            if response.ahead is not None:
                self._traffic.clock_seen(response.ahead)
        return response

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: dict[str, object]
    ) -> Response:
        host = urlsplit(url).hostname or url
        begun = self._clock.now()
        try:
            async with (
                asyncio.timeout(self._whole_answer),
                self._client.stream(method, url, headers=headers, **body) as answer,  # type: ignore[arg-type]
            ):
                ahead = _ahead(answer.headers, begun, self._clock.now())
                received = await _whole(answer, host)
        except (httpx.TimeoutException, TimeoutError) as error:
            self._network.look_again()
            raise TimedOut(_("{host} did not answer in time.").format(host=host)) from error
        except httpx.TransportError as error:
            self._network.look_again()
            raise await self._translated(error, url) from error
        except httpx.DecodingError as error:
            raise AnswerUnreadable(
                _("The answer of {host} is not encoded as it says.").format(host=host)
            ) from error
        if answer.status_code == 407 and self._network.proxy(url):
            raise self._wants_login(url)
        echo = Echo(headers, body)
        return Response(
            status=answer.status_code,
            headers={name.lower(): echo.text(value) for name, value in answer.headers.items()},
            body=echo.body(received, good=answer.is_success),
            at=self._clock.now(),
            ahead=ahead,
        )

    def _refuse_long_pause(self, owner: ConnectionId | None) -> None:
        left = self._budget.paused(owner)
        if left > self._retry.patience:
            error = RateLimited(
                _("Makini has asked for {minutes} more minutes without requests.").format(
                    minutes=ceil(left / 60)
                )
            )
            error.retry_after = left
            raise error

    async def _translated(self, error: httpx.TransportError, url: str) -> Unreachable:
        host = urlsplit(url).hostname or url
        proxy = self._network.proxy(url)
        if (cause := certificate.cause_of(error)) is not None:
            return await certificate.rejected(cause, url, shown(proxy) if proxy else None)
        if proxy and isinstance(error, httpx.ProxyError):
            if str(error).startswith("407"):
                return self._wants_login(url)
            return ProxyRefuses(
                _("The proxy {proxy} does not let requests through to {host}.").format(
                    proxy=shown(proxy), host=host
                )
            )
        if not isinstance(error, httpx.ConnectError):
            return Unreachable(_("The line to {host} broke before the whole answer came.").format(host=host))
        if proxy:
            return Unreachable(
                _("{host} cannot be reached by way of the proxy {proxy}.").format(
                    host=host, proxy=shown(proxy)
                )
            )
        words = _("{host} cannot be reached from this computer.").format(host=host)
        if await asyncio.to_thread(script_named):
            words += " " + _(
                "Its settings leave the choice of a proxy to a script (PAC), which is not supported; "
                "name the proxy in HTTPS_PROXY."
            )
        return Unreachable(words)

    def _wants_login(self, url: str) -> ProxyRefuses:
        return ProxyRefuses(
            _(
                "The proxy {proxy} wants a user name and a password; put them into its address, as in "
                "http://user:password@{proxy}."
            ).format(proxy=shown(self._network.proxy(url) or ""))
        )


async def _whole(answer: httpx.Response, host: str) -> bytes:
    """Return the body, and stop reading as soon as it is known to be too large."""
    claimed = answer.headers.get("content-length", "")
    received = bytearray()
    if not (claimed.isdecimal() and int(claimed[:20]) > BODY_LIMIT):
        async for chunk in answer.aiter_bytes():
            received += chunk
            if len(received) > BODY_LIMIT:
                break
        else:
            return bytes(received)
    raise AnswerUnreadable(
        _("The answer of {host} is larger than 16 MB and was refused.").format(host=host),
        status=answer.status_code,
    )


def _ahead(headers: httpx.Headers, begun: datetime, now: datetime) -> float | None:
    """Return by how many seconds this computer's clock is ahead of the `Date` of an answer.

    That is cut to whole seconds and was written somewhere between `begun` and `now`.
    """
    theirs = _http_date(headers.get("date", ""))
    if theirs is None:
        return None
    ahead = (begun + (now - begun) / 2 - theirs).total_seconds() - 0.5
    return ahead if abs(ahead) <= _NO_CLOCK else None


def _http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _miss_at_once(module: str) -> None:
    """Let the import of a module that is not installed fail without a search of the whole path.

    httpcore tries to import sniffio twice for each request, and does without.
    """
    if find_spec(module) is None:
        sys.modules[module] = None  # type: ignore[assignment] # that is how Python notes a missing one


async def connect(clock: Clock, budget: Budget, traffic: Traffic) -> Http:
    """Return an `Http`, its TLS context made off the caller's thread."""
    _miss_at_once("sniffio")
    return await asyncio.to_thread(Http, clock, budget, traffic)
