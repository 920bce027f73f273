"""The command that runs a sandbox on a loopback port until it is told to end."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
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
from makini_desktop.sandbox.sandbox import (
    CLIENT_ID,
    CLIENT_SECRET,
    LOOPBACK_REDIRECT,
    PASSWORD,
    REDIRECT_URIS,
    USER_NAME,
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
        "--latency", type=_count, default=0, metavar="MS", help="milliseconds added to every answer"
    )
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="keep everything in this folder and go on where it was"
    )
    parser.add_argument("--unversioned", action="store_true", help="paths are /api/…, without the version")
    parser.add_argument("--bare", action="store_true", help="offer only what Makini has published")
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


def _serve(options: argparse.Namespace) -> int:
    folder = _open_folder(options.state) if options.state else None
    try:
        record = _record(options, folder)
        port = options.port if options.port is not None else 0 if options.child else DEFAULT_PORT
        listener = _listen(port, preferred=record.port)
        record.port = listener.getsockname()[1]
        sandbox = Sandbox(
            record,
            Options(versioned=not options.unversioned, bare=options.bare, latency=options.latency / 1000),
            time.time,
        )
        transports: dict[tuple[str, int], asyncio.Transport] = {}
        server = _Server(_config(sandbox, transports), sandbox, folder, child=options.child)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
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
        seed = DEFAULT_SEED if options.seed is None else options.seed
        count = DEFAULT_CONNECTIONS if options.connections is None else options.connections
        return SandboxRecord(world=WorldRecord(seed, count, time.time()))
    world = saved.world
    if options.seed not in {None, world.seed} or options.connections not in {None, world.count}:
        raise SandboxStartError(
            f"{options.state} holds a sandbox with --seed {world.seed} and --connections {world.count}; "
            "leave these two out, or name another folder."
        )
    return saved


def _listen(port: int, *, preferred: int) -> socket.socket:
    """A listening socket; where any port will do, the one of last time if it is free."""
    for candidate in [preferred, 0] if port == 0 and preferred else [port]:
        # asyncio turns Nagle's delay (40 ms an answer) off only where TCP is named.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        return listener
    raise SandboxStartError(f"Port {port} on 127.0.0.1 is taken; name another one with --port.")


def _config(sandbox: Sandbox, transports: dict[tuple[str, int], asyncio.Transport]) -> uvicorn.Config:
    class Protocol(H11Protocol):
        """Keeps the client's transport at hand, so that it can be cut off."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client is not None:
                transports[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                transports.pop(self.client, None)
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
        self, config: uvicorn.Config, sandbox: Sandbox, folder: StateFolder | None, *, child: bool
    ) -> None:
        super().__init__(config)
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
        version_in = "path" if self._sandbox.options.versioned else "header"
        if self._child:
            news = {
                "api_base": base,
                "link_base": base,
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
            f"  Login pages   {base}/oauth/authorize  (user name {USER_NAME}, password {PASSWORD})\n"
            f"  Client        {CLIENT_ID}, its secret is {CLIENT_SECRET} (known to everybody)\n"
            f"  Control       {base}/sandbox/control\n"
            "Add it as an account:\n"
            f"  echo {CLIENT_SECRET} | makini-desktop accounts add sandbox --api-base {base} "
            f"--link-base {base} \\\n    --client-id {CLIENT_ID} --redirect-uri {LOOPBACK_REDIRECT} "
            f"--version-in {version_in} --issue-tokens --client-secret-stdin",
            flush=True,
        )
