"""The command that runs a sandbox on a loopback port until it is told to end."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import msgspec
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from makini_desktop.sandbox.app import build_app
from makini_desktop.sandbox.gateway import Transports
from makini_desktop.sandbox.listeners import Secured, listen, port_of, speaks_ipv6, tls_context
from makini_desktop.sandbox.sandbox import (
    CLIENT_ID,
    CLIENT_SECRET,
    LOOPBACK_REDIRECT,
    PASSWORD,
    REDIRECT_URIS,
    USER_NAME,
    Hosts,
    Options,
    Sandbox,
    SandboxRecord,
    SandboxStartError,
)
from makini_desktop.sandbox.world import WorldRecord

if TYPE_CHECKING:
    from makini_desktop.sandbox.state_folder import StateFolder

DEFAULT_PORT = 8765
DEFAULT_CONNECTIONS = 24
DEFAULT_SEED = 1
_SAVE_EVERY = 0.5


def main(argv: Sequence[str]) -> int:
    """Run a sandbox until Ctrl-C, SIGTERM or, as a child, the end of stdin.

    Returns:
        The exit code: 0 ended as asked, 1 it could not start (said on stderr), 2 wrong usage.
    """
    options = _parser().parse_args(argv)
    try:
        return _serve(options)
    except SandboxStartError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="makini-desktop sandbox",
        description="A stand-in for Makini on this computer, to explore and train.",
    )
    parser.add_argument(
        "--port", type=_port, help=f"port on 127.0.0.1; 0 means any free one (default {DEFAULT_PORT})"
    )
    parser.add_argument(
        "--connections", type=_count, help=f"how many customers there are (default {DEFAULT_CONNECTIONS})"
    )
    parser.add_argument("--seed", type=int, help=f"which world it is (default {DEFAULT_SEED})")
    parser.add_argument(
        "--broken", type=_count, metavar="N", help="how many of them have lost their sign-in (default: a few)"
    )
    parser.add_argument(
        "--expiring",
        type=_count,
        metavar="N",
        help="how many of their sign-ins end within 30 days, spread evenly (default: a few, soon)",
    )
    parser.add_argument(
        "--systems", type=_some, metavar="N", help="how many different systems they have (default: all)"
    )
    parser.add_argument(
        "--latency", type=_count, default=0, metavar="MS", help="milliseconds added to every answer"
    )
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="keep everything in this folder and go on where it was"
    )
    parser.add_argument("--unversioned", action="store_true", help="paths are /api/…, without the version")
    parser.add_argument("--bare", action="store_true", help="offer only what Makini has published")
    link = parser.add_argument_group("login pages over https")
    link.add_argument(
        "--link-certificate", type=Path, metavar="PEM", help="serve the login pages over https with this one"
    )
    link.add_argument("--link-key", type=Path, metavar="PEM", help="its key, if that is in another file")
    link.add_argument(
        "--link-host", default="127.0.0.1", metavar="NAME", help="the host it is for (default 127.0.0.1)"
    )
    link.add_argument(
        "--link-client-ca",
        type=Path,
        metavar="PEM",
        help="who signs the certificates that browsers show, where a login demands one",
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return port


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= 100_000:
        raise argparse.ArgumentTypeError("must be 0 to 100000")
    return count


def _some(text: str) -> int:
    count = _count(text)
    if not count:
        raise argparse.ArgumentTypeError("must be 1 to 100000")
    return count


def _serve(options: argparse.Namespace) -> int:
    folder = _open_folder(options.state) if options.state else None
    try:
        record = _record(options, folder)
        port = options.port if options.port is not None else 0 if options.child else DEFAULT_PORT
        sockets = listen(port, preferred=record.port)
        record.port = port_of(sockets)
        link = _link(options, record)
        sandbox = Sandbox(
            record,
            Options(versioned=not options.unversioned, bare=options.bare, latency=options.latency / 1000),
            time.time,
        )
        transports: Transports = {}
        sandbox.hosts = Hosts(
            third="[::1]" if speaks_ipv6(sockets) else "127.0.0.1",
            link=f"https://{options.link_host}:{link[0].port}" if link else f"http://127.0.0.1:{record.port}",
            certificate_port=link[1].port if len(link) > 1 else 0,
            peer_certificate=lambda peer: transports[peer].get_extra_info("peercert"),
        )
        server = _Server(_config(sandbox, transports), sandbox, folder, link, child=options.child)
        with suppress(KeyboardInterrupt):
            server.run(sockets=list(sockets))
    finally:
        if folder is not None:
            folder.close()
    return 0


def _open_folder(path: Path) -> StateFolder:
    # Late: most sandboxes have no folder, and the lock library takes a while to import.
    from makini_desktop.sandbox.state_folder import StateFolder

    return StateFolder(path)


def _record(options: argparse.Namespace, folder: StateFolder | None) -> SandboxRecord:
    saved = folder.load() if folder else None
    if saved is None:
        return SandboxRecord(
            world=WorldRecord(
                DEFAULT_SEED if options.seed is None else options.seed,
                DEFAULT_CONNECTIONS if options.connections is None else options.connections,
                time.time(),
                broken=options.broken,
                expiring=options.expiring,
                systems=options.systems,
            )
        )
    world = saved.world
    kept = {
        "--seed": (options.seed, world.seed),
        "--connections": (options.connections, world.count),
        "--broken": (options.broken, world.broken),
        "--expiring": (options.expiring, world.expiring),
        "--systems": (options.systems, world.systems),
    }
    if any(asked not in {None, held} for asked, held in kept.values()):
        held = " ".join(f"{name} {held}" for name, (_, held) in kept.items() if held is not None)
        raise SandboxStartError(
            f"{options.state} holds a sandbox with {held}; leave these out, or name another folder."
        )
    return saved


def _link(options: argparse.Namespace, record: SandboxRecord) -> tuple[Secured, ...]:
    """The ports of the login pages with TLS, and the one where browsers show a certificate; or none."""
    certificate, key, client_ca = options.link_certificate, options.link_key, options.link_client_ca
    if certificate is None:
        if key or client_ca:
            raise SandboxStartError("--link-key and --link-client-ca need --link-certificate.")
        return ()
    context = tls_context(certificate, key)
    made = [Secured(listen(0, preferred=record.link_port), context)]
    record.link_port = made[0].port
    if client_ca is not None:
        made.append(Secured(listen(0), tls_context(certificate, key, client_ca)))
    return tuple(made)


def _config(sandbox: Sandbox, transports: Transports) -> uvicorn.Config:
    class Protocol(H11Protocol):
        """Keeps the client's transport at hand, so that it can be cut off."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client and self.server and self.server[1] is not None:
                transports[*self.client, self.server[1]] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client and self.server and self.server[1] is not None:
                transports.pop((*self.client, self.server[1]), None)
            super().connection_lost(exc)

    return uvicorn.Config(
        build_app(sandbox, transports),
        http=Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    """uvicorn, ending the way a command should, saving as it goes, saying when it listens."""

    def __init__(
        self,
        config: uvicorn.Config,
        sandbox: Sandbox,
        folder: StateFolder | None,
        secured: Sequence[Secured],
        *,
        child: bool,
    ) -> None:
        super().__init__(config)
        self._secured = secured
        self._sandbox = sandbox
        self._folder = folder
        self._child = child
        self._saving: asyncio.Task[None] | None = None

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """End on SIGINT and SIGTERM, and leave it at that: being asked to end is no failure."""

        def end(_signal: int, _frame: FrameType | None) -> None:
            self.should_exit = True

        before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets)
        for each in self._secured:
            for listener in each.sockets:
                await self._serve_tls(listener, each.context)
        if self._child:
            threading.Thread(target=self._end_with_stdin, name="stdin", daemon=True).start()
        self._announce()
        if self._folder is not None:
            self._saving = asyncio.create_task(self._keep_saving(self._folder), name="save")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the requests under way finish, then save."""
        self._sandbox.stopping.set()
        await super().shutdown(sockets)
        if self._saving is not None and self._folder is not None:
            await self._saving
            self._folder.save(msgspec.json.encode(self._sandbox.record()))

    async def _serve_tls(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        """Listen as uvicorn does by itself, which knows one certificate for all sockets or none."""

        def make() -> asyncio.Protocol:
            return self.config.http_protocol_class(  # type: ignore[call-arg]
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state
            )

        loop = asyncio.get_running_loop()
        self.servers.append(await loop.create_server(make, sock=listener, ssl=context))

    async def _keep_saving(self, folder: StateFolder) -> None:
        saved, stopping = -1, self._sandbox.stopping
        while not stopping.is_set():
            if saved != self._sandbox.revision:
                saved = self._sandbox.revision
                await asyncio.to_thread(folder.save, msgspec.json.encode(self._sandbox.record()))
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _SAVE_EVERY)

    def _end_with_stdin(self) -> None:
        # Not sys.stdin: a thread that waits inside its buffer aborts the interpreter's shutdown.
        with suppress(OSError):
            while os.read(0, 4_096):
                pass
        self.should_exit = True

    def _announce(self) -> None:
        base, prefix = f"http://127.0.0.1:{self._sandbox.port}", self._sandbox.options.prefix
        link = self._sandbox.hosts.link
        version_in = "path" if self._sandbox.options.versioned else "header"
        if self._child:
            news = {
                "api_base": base,
                "link_base": link,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "redirect_uris": list(REDIRECT_URIS),
                "version_in": version_in,
                "pid": os.getpid(),
            }
            print(json.dumps(news), flush=True)  # noqa: T201
            return
        print(  # noqa: T201
            f"The sandbox is listening with {len(self._sandbox.world)} connections. Ctrl-C ends it.\n"
            f"  API           {base}{prefix}/\n"
            f"  Login pages   {link}/oauth/authorize  (user name {USER_NAME}, password {PASSWORD})\n"
            f"  Client        {CLIENT_ID}, its secret is {CLIENT_SECRET} (known to everybody)\n"
            f"  Control       {base}/sandbox/control\n"
            "Add it as an account:\n"
            f"  echo {CLIENT_SECRET} | makini-desktop accounts add sandbox --api-base {base} "
            f"--link-base {link} \\\n    --client-id {CLIENT_ID} --redirect-uri {LOOPBACK_REDIRECT} "
            f"--version-in {version_in} --issue-tokens --client-secret-stdin",
            flush=True,
        )
