"""One sandbox: its options, its world, its tokens, its faults and its request log."""

from __future__ import annotations

import asyncio
import secrets
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request

from makini_desktop.sandbox.connection import Connection
from makini_desktop.sandbox.faults import Faults
from makini_desktop.sandbox.request_log import LoggedRequest, RequestLog
from makini_desktop.sandbox.tokens import Token, TokenRecord, Tokens
from makini_desktop.sandbox.wire import ApiError, not_found
from makini_desktop.sandbox.world import Clock, World, WorldRecord

CLIENT_ID = "sandbox"
CLIENT_SECRET = "sandbox-secret"  # a public training credential
LOOPBACK_REDIRECT = "http://127.0.0.1/makini/callback"
WEB_REDIRECT = "https://integrations.example.com/makini/callback"
REDIRECT_URIS = (LOOPBACK_REDIRECT, WEB_REDIRECT)
USER_NAME = "admin"
PASSWORD = "correct-horse"  # a public training credential
API_VERSION = "v1"
TOKEN_PATH = "/link/token"

Peer = tuple[str, int, int]
"""A client's socket: its address and port, and the port it has come to."""


class SandboxStartError(Exception):
    """Why a sandbox cannot start, in one sentence for the person who started it."""


class Options(msgspec.Struct, frozen=True):
    """How this sandbox differs from the standard one.

    Attributes:
        versioned: paths carry the version (`/api/v1/…`), else only the header does.
        bare: nothing that is not marked P in contract section 3.
        latency: seconds added to every answer.
    """

    versioned: bool = True
    bare: bool = False
    latency: float = 0.0

    @property
    def prefix(self) -> str:
        """The `{P}` of the contract."""
        return f"/api/{API_VERSION}" if self.versioned else "/api"


class Hosts(msgspec.Struct):
    """By which names this computer's browsers reach the sandbox.

    Attributes:
        other: another name than that of the login pages, at the same port.
        third: a third one; the first again where this computer speaks no IPv6.
        link: where the login pages are.
        certificate_port: where a browser has to show a certificate; 0 for nowhere.
        peer_certificate: the certificate that the client of that socket has shown, if any.
    """

    other: str = "localhost"
    third: str = "[::1]"
    link: str = ""
    certificate_port: int = 0
    peer_certificate: Callable[[Peer], Mapping[str, Any] | None] = lambda _peer: None


class SandboxRecord(msgspec.Struct):
    """All that is written down of a sandbox."""

    world: WorldRecord
    tokens: TokenRecord = msgspec.field(default_factory=TokenRecord)
    faults: Faults = msgspec.field(default_factory=Faults)
    requests: int = 0
    port: int = 0
    link_port: int = 0
    format: int = 1


class Sandbox:
    """What every part of the sandbox works on."""

    def __init__(self, record: SandboxRecord, options: Options, clock: Clock) -> None:
        self.options = options
        self.clock = clock
        self.world = World(record.world, clock)
        self.tokens = Tokens(record.tokens)
        self.faults = record.faults
        self.log = RequestLog()
        self.port = record.port
        self._link_port = record.link_port
        self.stopping = asyncio.Event()
        self.hosts = Hosts()
        self.demand_answers: dict[str, str] = {}
        self._requests = record.requests
        self._touched = 0

    @property
    def revision(self) -> int:
        """Grows with every change worth writing down."""
        return self.world.revision + self.tokens.revision + self._touched

    def record(self) -> SandboxRecord:
        """What to write down, complete."""
        return SandboxRecord(
            world=self.world.record(),
            tokens=self.tokens.record(),
            faults=self.faults,
            requests=self._requests,
            port=self.port,
            link_port=self._link_port,
        )

    async def pause(self, seconds: float) -> None:
        """Wait that long; not at all once the sandbox is ending."""
        if seconds > 0:
            try:
                await asyncio.wait_for(self.stopping.wait(), seconds)
            except TimeoutError:
                return

    def touch(self) -> None:
        """Note a change of the faults."""
        self._touched += 1

    def reset(self) -> None:
        """Start over in the world of the seed, with no token valid and nothing going wrong."""
        old = self.world.record()
        revision = self.world.revision
        fresh = WorldRecord(
            old.seed,
            old.count,
            self.clock(),
            broken=old.broken,
            expiring=old.expiring,
            systems=old.systems,
        )
        self.world = World(fresh, self.clock)
        self.world.revision = revision + 1
        self.tokens.clear()
        self.faults = Faults()
        self.demand_answers = {}

    def next_request_id(self) -> str:
        """A new request id; one for one with a count that outlives restarts."""
        self._requests += 1
        return f"req_{zlib.crc32(self._requests.to_bytes(8, 'big')):08x}"

    def connection(self, key: str) -> Connection:
        """The connection with that key.

        Raises:
            ApiError: 404 where there is none.
        """
        connection = self.world.get(key)
        if connection is None:
            raise not_found(f"There is no connection {key}.")
        return connection

    def new_connection_key(self) -> str:
        """A key that no connection has."""
        while True:
            key = f"{secrets.randbelow(10**10):014d}"
            if self.world.get(key) is None:
                return key

    def require_admin(self, request: Request) -> None:
        """Let only the holder of an admin token pass.

        Raises:
            ApiError: 401.
        """
        if self._bearer(request).kind != "admin":
            raise ApiError(401, "INVALID_TOKEN", "This call needs the admin token, not a connection's.")

    def require_connection(self, request: Request) -> Connection:
        """The connection whose token the request carries.

        Raises:
            ApiError: 401.
        """
        token = self._bearer(request)
        connection = self.world.get(token.connection) if token.kind == "access" and token.connection else None
        if connection is None:
            raise ApiError(401, "INVALID_TOKEN", "This call needs the token of a connection.")
        logged(request).connection = connection.key
        return connection

    def _bearer(self, request: Request) -> Token:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        token = self.tokens.find(text.strip()) if scheme.lower() == "bearer" else None
        if token is None or token.kind == "refresh":
            raise ApiError(401, "INVALID_TOKEN", "The access token is not valid (any more).")
        if token.ends_at <= self.clock():
            logged(request).connection = token.connection
            raise ApiError(401, "TOKEN_EXPIRED", "The access token has expired.")
        return token


def peer_of(request: Request) -> Peer | None:
    """The socket that the request came in by; None without a real one."""
    client, server = request.client, request.scope.get("server")
    return (client.host, client.port, server[1]) if client and server else None


def logged(request: Request) -> LoggedRequest:
    """The log's line for a request under way, to be filled in by who answers it."""
    line: LoggedRequest = request.scope["state"]["logged"]
    return line
