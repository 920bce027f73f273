"""A server that answers with the very bytes a test wants, on a loopback socket."""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

TOKEN_ANSWER = {"access_token": "admin-token", "token_type": "Bearer", "expires_in": "2592000"}


@dataclass(frozen=True)
class Asked:
    """One request; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Answer = Callable[[Asked], bytes]


def answer(body: object = b"", status: int = 200, *, length: int | None = None, **headers: str) -> bytes:
    """Return a whole answer; what is no bytes is sent as JSON, `_` in a header's name becomes `-`.

    Args:
        length: the length that is claimed, if it is not the true one.
    """
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode() + content


@dataclass
class RawServer:
    """Answers every request with what `say` returns; admin tokens are given without asking it.

    Attributes:
        asked: the requests in their order, those for admin tokens left out.
        credentials: the requests for admin tokens.
        hold: do not close the line after an answer, and never send more.
    """

    say: Answer = lambda _asked: answer({})
    tls: ssl.SSLContext | None = None
    hold: bool = False
    host: str = "127.0.0.1"
    asked: list[Asked] = field(default_factory=list)
    credentials: list[Asked] = field(default_factory=list)
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def base(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in tuple(self._lines):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                asked = await _read(reader)
                credentials = asked.path.endswith("/link/token") and b"client_credentials" in asked.body
                (self.credentials if credentials else self.asked).append(asked)
                writer.write(answer(TOKEN_ANSWER) if credentials else self.say(asked))
                await writer.drain()
                if self.hold and not credentials:
                    await reader.read()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self._lines.discard(writer)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, target, _ = first.split(" ")
    return Asked(method, target, headers, body)


def rows_page(rows: list[Any], **envelope: Any) -> bytes:
    """Return a page of the connection list."""
    return answer({"data": rows, **envelope})
