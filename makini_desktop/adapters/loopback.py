"""A login in the system's browser: opens it, and listens where it comes back to (RFC 8252 section 7.3).

Any page in that browser, and any program on this computer, can knock there. So only the attempt's own
redirect ends the waiting: everything else is turned away, and changes nothing.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from urllib.parse import urlsplit

import h11

from makini_desktop.adapters.loopback_page import Page, left_page, refused_page, welcome_page
from makini_desktop.core.clock import Clock
from makini_desktop.core.redirect import LoginRefused
from makini_desktop.core.text import _
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.errors import BrowserUnavailable
from makini_desktop.domain.token import Secret
from makini_desktop.services.login_answer import answer_to
from makini_desktop.services.login_ports import Browser, LoginListener, LoginRedirected

_log = logging.getLogger(__name__)

REQUEST_WITHIN = 5.0
"""Seconds that a browser has for its request, and for taking the page."""

_LONGEST_REQUEST = 16_384
_ADDRESSES = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class LoopbackLogin:
    """Implements `makini_desktop.services.login_ports.LoginBrowser`."""

    def __init__(self, browser: Browser, clock: Clock) -> None:
        self._browser = browser
        self._clock = clock

    def refusal(self) -> str:
        """Return why no login is possible in the browser of this computer; empty if one is."""
        return self._browser.refusal()

    def listen(self, redirect_uri: str) -> AbstractAsyncContextManager[LoginListener]:
        """Listen at a loopback redirect while inside.

        One that names no port is given a free one, as RFC 8252 section 7.3 has it.

        Raises:
            BrowserUnavailable: the port is taken, or not to be had.
        """
        return self._listen(redirect_uri)

    @asynccontextmanager
    async def _listen(self, redirect_uri: str) -> AsyncIterator[LoginListener]:
        sockets = _bound(urlsplit(redirect_uri).port or 0)
        port = sockets[0].getsockname()[1]
        listener = _Listener(_with_port(redirect_uri, port), self._browser, self._clock)
        servers = []
        try:
            for each in sockets:
                server = await asyncio.start_server(listener.serve, sock=each, limit=_LONGEST_REQUEST)
                servers.append(server)
            yield listener
        finally:
            for server in servers:
                server.close()
            for each in sockets[len(servers) :]:
                each.close()
            await listener.aclose()


class _Listener:
    """Waits for one redirect."""

    def __init__(self, redirect_uri: str, browser: Browser, clock: Clock) -> None:
        self.redirect_uri = redirect_uri
        self._browser = browser
        self._clock = clock
        self._attempt: Attempt | None = None
        self._found: asyncio.Future[Secret] = asyncio.get_running_loop().create_future()
        self._serving: set[asyncio.Task[None]] = set()
        self._thanking: asyncio.Task[None] | None = None

    async def answered(self, attempt: Attempt, page: str) -> LoginRedirected:
        """Show the login page and return the attempt's own redirect."""
        self._attempt = attempt
        await self._browser.open(page)
        return LoginRedirected(await self._found)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close the connection."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the server calls this in a task
        self._serving.add(task)
        try:
            async with asyncio.timeout(REQUEST_WITHIN):
                await self._serve(reader, writer, task)
        except (TimeoutError, OSError, h11.ProtocolError) as error:
            _log.info("a request to the login's redirect failed: %s", type(error).__name__)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            self._serving.discard(task)

    async def aclose(self) -> None:
        """Let the page of the redirect reach the browser; turn away who is still there."""
        for task in self._serving - {self._thanking}:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, task: asyncio.Task[None]
    ) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_REQUEST)
        while (event := connection.next_event()) is h11.NEED_DATA:
            connection.receive_data(await reader.read(_LONGEST_REQUEST))
        if not isinstance(event, h11.Request):
            return
        url = self._taken(event)
        page = self._page(url)
        if url is not None:
            self._thanking = task
            self._found.set_result(url)
        for part in (
            h11.Response(status_code=page.status, headers=list(page.headers)),
            h11.Data(data=page.body),
            h11.EndOfMessage(),
        ):
            writer.write(connection.send(part) or b"")
        await writer.drain()

    def _taken(self, request: h11.Request) -> Secret | None:
        """Return the address asked for if it is the redirect that the attempt waits for."""
        hosts = [value for name, value in request.headers if name == b"host"]
        if request.method != b"GET" or len(hosts) != 1 or not request.target.startswith(b"/"):
            return None
        if self._attempt is None or self._found.done():
            return None
        url = Secret(f"http://{hosts[0].decode('latin-1')}{request.target.decode('latin-1')}")
        answer = answer_to(self._attempt, url, self._clock.now(), stateless=False)
        return None if answer is None else url

    def _page(self, url: Secret | None) -> Page:
        if url is None or self._attempt is None:
            return left_page()
        answer = answer_to(self._attempt, url, self._clock.now(), stateless=False)
        return refused_page() if isinstance(answer, LoginRefused) else welcome_page()


def _bound(port: int) -> list[socket.socket]:
    """Return sockets on this computer's own addresses, all on one port.

    Raises:
        BrowserUnavailable: the port is taken, or not to be had.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in _ADDRESSES:
            bound = _socket(family, address, sockets[0].getsockname()[1] if sockets else port)
            if bound is not None:
                sockets.append(bound)
    except OSError as error:
        for each in sockets:
            each.close()
        raise BrowserUnavailable(_why_not(error, port)) from error
    if not sockets:
        raise BrowserUnavailable(_("This computer has no address of its own to listen at (127.0.0.1, ::1)."))
    return sockets


def _socket(family: socket.AddressFamily, address: str, port: int) -> socket.socket | None:
    """Return a socket that listens; None where the computer lacks such addresses."""
    try:
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError:
        return None
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows would let another program share the port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # the port of an attempt that has just ended is free
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address, port))
        bound.listen(8)
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        if error.errno in _NOT_HERE:
            return None
        raise
    return bound


def _why_not(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return _(
            "Port {port}, to which the browser comes back, is taken: by another sign-in in a browser, or by "
            "another program. Finish that, or sign in in the program’s own window."
        ).format(port=port)
    if error.errno == errno.EACCES:
        return _(
            "Port {port}, to which the browser comes back, is kept for the administrator. Register a "
            "redirect with a port above 1023 for the account, or sign in in the program’s own window."
        ).format(port=port)
    return _("Nobody can listen at port {port} for the browser to come back: {why}.").format(
        port=port, why=error.strerror
    )


def _with_port(redirect_uri: str, port: int) -> str:
    parts = urlsplit(redirect_uri)
    if parts.port is not None:
        return redirect_uri
    host = parts.netloc.removesuffix(":")
    return parts._replace(netloc=f"{host}:{port}").geturl()
