"""Where a login has to come back to, and what it brings along.

A redirect is recognised by exact comparison of scheme, host, port and path (RFC 6749 section 3.1.2,
RFC 9700 section 4.1); its query carries the answer (contract section 2, RFC 6749 section 4.1.2).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Self
from urllib.parse import SplitResult, parse_qsl, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PLAIN_URL = re.compile(r"[!-\[\]^-~]+")  # printable ASCII without blank and backslash
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_.])?")
_MOST_PARAMETERS = 50


class RedirectError(ValueError):
    """A redirect URI that an account cannot use; the sentence says why."""


class AnswerError(ValueError):
    """A redirect that brought no usable answer; the sentence never quotes one."""


class Reached(Enum):
    """How a URL stands to the redirect that a login waits for."""

    EXACTLY = "exactly"
    """It is the redirect: read its answer."""
    IN_DISGUISE = "in disguise"
    """It leads to the redirect's place, but with a user name or a fragment: refuse, never load."""
    NOT = "not"
    """It leads elsewhere."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirect URI of an account, taken apart for comparison."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Take `uri` apart.

        Raises:
            RedirectError: it is no absolute http(s) URL in ASCII, names a user or a fragment, or
                would send the code over the network without encryption.
        """
        place = _place(uri)
        if place is None:
            raise RedirectError("a redirect URI is a whole http or https address in plain ASCII")
        if _is_dressed_up(uri):
            raise RedirectError("a redirect URI has no user name and no fragment")
        if not is_protected(uri):
            raise RedirectError("a redirect URI is https, or http to this computer (loopback)")
        return cls(*place)

    def reached_by(self, url: str) -> Reached:
        """Say whether `url`, with whatever query, is this redirect."""
        if _place(url) != (self.scheme, self.host, self.port, self.path):
            return Reached.NOT
        return Reached.IN_DISGUISE if _is_dressed_up(url) else Reached.EXACTLY


@dataclass(frozen=True, slots=True)
class CodeGranted:
    """The customer agreed: a code to exchange. Its repr shows neither code nor state."""

    code: str = field(repr=False)
    state: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """The customer or the server said no, in the server's words."""

    error: str
    description: str
    state: str | None = field(repr=False)


def read_answer(url: str) -> CodeGranted | LoginRefused:
    """Read what the redirect `url` brings.

    `state` is None where the server sent none; whether that is allowed is for the caller to judge.

    Raises:
        AnswerError: a parameter came twice, code and error came together, neither came, or the
            query cannot be read.
    """
    try:
        pairs = parse_qsl(
            urlsplit(url).query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:
        raise AnswerError("the login page's answer cannot be read") from None
    answer: dict[str, str] = {}
    for name, value in pairs:
        if name not in {"code", "state", "error", "error_description"}:
            continue
        if name in answer:
            raise AnswerError(f"the login page's answer names {name} twice")
        answer[name] = value
    code, error, state = answer.get("code"), answer.get("error"), answer.get("state")
    if code and error is None:
        return CodeGranted(code, state)
    if error and code is None:
        return LoginRefused(error, answer.get("error_description", ""), state)
    if code is not None and error is not None:
        raise AnswerError("the login page's answer says both yes and no")
    raise AnswerError("the login page's answer holds neither a code nor a reason")


def is_loopback(host: str) -> bool:
    """Say whether `host` (a name or an address, without port) can only be this computer."""
    name = host.lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def is_protected(url: str) -> bool:
    """Say whether nobody on the network can read along at `url`: https, or http to loopback."""
    place = _place(url)
    return place is not None and (place[0] == "https" or is_loopback(place[1]))


def _place(url: str) -> tuple[str, str, int, str] | None:
    """Return scheme, host, port and path of `url` in their normal form, None if it has none.

    Host names are compared in lower case, addresses by value, a missing port as the scheme's own
    and an empty path as ``/`` (RFC 3986 section 6.2). Anything that two parsers might read
    differently (blanks, control characters, backslashes, letters beyond ASCII) has no place.
    """
    if not _PLAIN_URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = _normal_host(parts)
    if parts.scheme not in _DEFAULT_PORTS or host is None:
        return None
    return parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port, parts.path or "/"


def _normal_host(parts: SplitResult) -> str | None:
    host = parts.hostname or ""
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host).compressed
        except ValueError:
            return None
    return host if _HOST_NAME.fullmatch(host) else None


def _is_dressed_up(url: str) -> bool:
    return "#" in url or "@" in urlsplit(url).netloc
