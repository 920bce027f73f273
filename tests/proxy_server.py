"""A company's HTTP proxy on a loopback socket; whatever host is asked for, one server is reached."""

import asyncio
import base64
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

REFUSAL = (
    b'HTTP/1.1 %b\r\nProxy-Authenticate: Basic realm="Acme"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
)


@dataclass
class ProxyServer:
    """Passes requests on to `port`, by CONNECT or in their absolute form.

    Attributes:
        login: "user:password" that it wants, if any.
        refuses: lets nobody through.
        asked: the first line of each request.
        logins: what was sent as `Proxy-Authorization`, "" where nothing was.
    """

    port: int
    login: str = ""
    refuses: bool = False
    asked: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").rstrip().split("\r\n")
                headers = {
                    name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)
                }
                self.asked.append(first)
                self.logins.append(headers.get("proxy-authorization", ""))
                if refusal := self._refusal(self.logins[-1]):
                    writer.write(REFUSAL % refusal)
                    await writer.drain()
                    return
                there, onward = await asyncio.open_connection("127.0.0.1", self.port)
                if first.startswith("CONNECT "):
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    onward.write(_passed_on(first, lines))
                try:
                    await asyncio.gather(_pump(reader, onward), _pump(there, writer))
                finally:
                    onward.close()
        finally:
            writer.close()

    def _refusal(self, login: str) -> bytes:
        if self.refuses:
            return b"403 Forbidden"
        wanted = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        return b"407 Proxy Authentication Required" if self.login and login != wanted else b""


def _passed_on(first: str, lines: list[str]) -> bytes:
    """A request as the server gets it: the path alone, the proxy named, its login taken out."""
    method, target, version = first.split(" ")
    path = urlsplit(target)._replace(scheme="", netloc="").geturl() or "/"
    own = ("proxy-authorization:", "proxy-connection:", "connection:")
    kept = [line for line in lines if not line.lower().startswith(own)]
    head = [f"{method} {path} {version}", *kept, "Via: 1.1 company-proxy", "Connection: close", "", ""]
    return "\r\n".join(head).encode("latin-1")


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
        sink.write_eof()
