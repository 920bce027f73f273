"""What every request passes: log, request id, version, faults, errors turned into bodies."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlencode

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from makini_desktop.sandbox.oauth import grant_of
from makini_desktop.sandbox.request_log import LoggedRequest
from makini_desktop.sandbox.sandbox import API_VERSION, TOKEN_PATH, Peer, Sandbox, logged, peer_of
from makini_desktop.sandbox.wire import ApiError, entity_tag, json_response, time_text

Transports = dict[Peer, asyncio.Transport]
_HARMLESS_PARAMETERS = ("page", "per_page", "limit")


class Gateway:
    """ASGI middleware around the whole application.

    Args:
        app: the application.
        sandbox: what the faults and the log belong to.
        transports: open client sockets, to cut one off; empty without a real socket.
    """

    def __init__(self, app: ASGIApp, sandbox: Sandbox, transports: Transports) -> None:
        self._app = app
        self._sandbox = sandbox
        self._transports = transports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sandbox, request = self._sandbox, Request(scope, receive)
        line = LoggedRequest(
            at=time_text(sandbox.clock()) or "",
            method=request.method,
            path=_harmless_path(request),
            request_id=sandbox.next_request_id(),
            idempotency_key=request.headers.get("Idempotency-Key"),
            api_version=request.headers.get("X-API-Version"),
        )
        scope.setdefault("state", {})["logged"] = line
        send = self._sender(request, line, send)
        if request.url.path.startswith("/sandbox/"):
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        try:
            await self._pass(request, send, receive)
        finally:
            line.ms = round((time.monotonic() - begun) * 1000, 1)
            sandbox.log.add(line)

    async def _pass(self, request: Request, send: Send, receive: Receive) -> None:
        faults = self._sandbox.faults
        api = _is_api(request.url.path)
        await self._sandbox.pause(self._sandbox.options.latency + (faults.slow_ms / 1000 if api else 0.0))
        if api:
            grant = ""
            if request.url.path == TOKEN_PATH:
                body = await request.body()
                grant, receive = grant_of(body), _again(body, receive)
            if faults.take_drop(grant):
                self._sandbox.touch()
                if faults.drops_processed:
                    await self._app(request.scope, receive, _lose)
                await self._cut(request, receive)
                return
            answer = self._refusal(request, grant)
            if answer is not None:
                await answer(request.scope, receive, send)
                return
        await self._app(request.scope, receive, send)

    def _refusal(self, request: Request, grant: str) -> Response | None:
        """The answer that faults and version allow no handler to give; None to go on."""
        sandbox = self._sandbox
        left = sandbox.faults.take_server_error(grant)
        if left:
            sandbox.touch()
            if left % 2:
                message = "Something went wrong on our side."
                return self.error(request, ApiError(500, "INTERNAL_ERROR", message))
            return Response("<html><body><h1>502 Bad Gateway</h1></body></html>", 502, media_type="text/html")
        retry_after = sandbox.faults.take_rate_limit(grant, sandbox.clock())
        if retry_after is not None:
            message = "Too many requests; wait for the time that Retry-After names."
            headers = {"Retry-After": retry_after}
            return self.error(request, ApiError(429, "RATE_LIMIT_EXCEEDED", message, headers=headers))
        asked = request.headers.get("X-API-Version", API_VERSION)
        if asked != API_VERSION:
            message = f"API version {asked[:20]!r} is not known; this server speaks {API_VERSION}."
            return self.error(request, ApiError(400, "INVALID_REQUEST", message))
        return None

    def error(self, request: Request, error: ApiError) -> Response:
        """An error as an answer."""
        body = error.body(logged(request).request_id, bare=self._sandbox.options.bare)
        return json_response(body, error.status, error.headers)

    def on_api_error(self, request: Request, error: Exception) -> Response:
        """Starlette's handler for what our handlers raise."""
        if not isinstance(error, ApiError):
            raise error
        return self.error(request, error)

    def on_http_error(self, request: Request, error: Exception) -> Response:
        """Starlette's handler for its own 404 and 405."""
        if not isinstance(error, HTTPException):
            raise error
        path = request.url.path
        if error.status_code == 405:
            message = f"{request.method} is not offered at {path}."
            return self.error(request, ApiError(405, "METHOD_NOT_ALLOWED", message))
        message = f"There is nothing at {path}."
        if path.startswith("/api/") and not path.startswith(f"{self._sandbox.options.prefix}/"):
            message += f" Paths of this server begin with {self._sandbox.options.prefix}/."
        return self.error(request, ApiError(404, "NOT_FOUND", message))

    def _sender(self, request: Request, line: LoggedRequest, send: Send) -> Send:
        base = str(request.base_url).rstrip("/")
        begun: Message | None = None

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                line.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = line.request_id
                if _is_api(request.url.path):
                    headers["X-API-Version"] = API_VERSION
                    reading = request.method == "GET" and message["status"] == 200
                    headers["Cache-Control"] = "private, no-cache" if reading else "no-store"
                    for name, value in self._sandbox.faults.deprecation_headers(base).items():
                        headers[name] = value
                    if reading:
                        begun = message  # the tag goes before the body that it is made of
                        return
            elif begun is not None:
                start, begun = begun, None
                message = _tagged(request, start, message)
                line.status = start["status"]
                await send(start)
            await send(message)

        return with_headers

    async def _cut(self, request: Request, receive: Receive) -> None:
        peer = peer_of(request)
        transport = self._transports.get(peer) if peer else None
        if transport is None:
            raise ConnectionAbortedError("cut off by order")
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def _again(body: bytes, receive: Receive) -> Receive:
    """Receive a body a second time, then go on."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return left.pop() if left else await receive()

    return receive_again


def _tagged(request: Request, start: Message, body: Message) -> Message:
    """Give an answer its tag; one that the caller has already goes without its body (RFC 9110, 13.1.2)."""
    headers = MutableHeaders(scope=start)
    tag = headers["ETag"] = entity_tag(body["body"])
    if tag not in [each.strip() for each in request.headers.get("If-None-Match", "").split(",")]:
        return body
    start["status"] = 304
    del headers["Content-Length"]
    del headers["Content-Type"]
    return {**body, "body": b""}


async def _lose(_message: Message) -> None:
    """Send an answer nowhere."""


def _is_api(path: str) -> bool:
    """Whether the path belongs to the API, as against login pages and control."""
    return path.startswith("/api/") or path == TOKEN_PATH


def _harmless_path(request: Request) -> str:
    asked = request.query_params
    kept = [(name, asked[name]) for name in _HARMLESS_PARAMETERS if name in asked]
    return request.url.path + (f"?{urlencode(kept)}" if kept else "")
