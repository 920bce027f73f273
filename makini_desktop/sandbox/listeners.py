"""The sockets that a sandbox listens on: both loopback addresses, with TLS for login pages if wanted."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import msgspec

from makini_desktop.sandbox.sandbox import SandboxStartError

_TRIES = 5


class Secured(msgspec.Struct, frozen=True):
    """A port that speaks TLS."""

    sockets: Sequence[socket.socket]
    context: ssl.SSLContext

    @property
    def port(self) -> int:
        """Its number."""
        return port_of(self.sockets)


def listen(port: int, *, preferred: int = 0) -> Sequence[socket.socket]:
    """Listen on 127.0.0.1 and, where this computer speaks IPv6, at the same port of ::1.

    Args:
        port: which one; 0 for any, then `preferred` if it is free.

    Raises:
        SandboxStartError: the port is taken.
    """
    candidates = [preferred] * bool(preferred) + [0] * _TRIES if port == 0 else [port]
    for candidate in candidates:
        sockets = _pair(candidate)
        if sockets is not None:
            return sockets
    raise SandboxStartError(f"Port {port} on 127.0.0.1 is taken; name another one with --port.")


def port_of(sockets: Sequence[socket.socket]) -> int:
    """The port that the sockets share."""
    return int(sockets[0].getsockname()[1])


def speaks_ipv6(sockets: Sequence[socket.socket]) -> bool:
    """Whether ::1 is listened on, too."""
    return any(listener.family == socket.AF_INET6 for listener in sockets)


def tls_context(certificate: Path, key: Path | None, client_ca: Path | None = None) -> ssl.SSLContext:
    """TLS with a certificate; with `client_ca` browsers are asked for one of theirs, and may have none.

    Raises:
        SandboxStartError: a file cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # No password: OpenSSL would ask for it on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ValueError) as error:
        files = f"{certificate} and {key}" if key else str(certificate)
        raise SandboxStartError(f"{files}: no PEM certificate with its key, without password.") from error
    if client_ca is not None:
        try:
            context.load_verify_locations(client_ca)
        except OSError as error:
            raise SandboxStartError(f"{client_ca}: no PEM certificate of an authority.") from error
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _pair(port: int) -> Sequence[socket.socket] | None:
    """Sockets on both addresses; None where the port is taken on one of them."""
    try:
        first = _bound(socket.AF_INET, "127.0.0.1", port)
    except OSError:
        return None
    try:
        return first, _bound(socket.AF_INET6, "::1", first.getsockname()[1])
    except OSError as error:
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            first.close()
            return None
        return (first,)


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    # asyncio turns Nagle's delay (40 ms an answer) off only where TCP is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
