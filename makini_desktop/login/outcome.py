"""How an attempt ends: exactly one of these, as the last line on standard output."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never


class Reason(Enum):
    """What kept the login page from working, as the program that asked tells them apart."""

    ENGINE_REFUSED_ROOT = "engine_refused_root"
    CERTIFICATE = "certificate"
    NETWORK = "network"
    RENDERER = "renderer"
    BAD_REQUEST = "bad_request"


@dataclass(frozen=True, slots=True)
class Redirected:
    """The redirect was reached; `url` carries the answer and is shown to nobody."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Closed:
    """The person closed the window or cancelled."""


@dataclass(frozen=True, slots=True)
class Browser:
    """The person would rather use their own browser."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot work, or had not worked when the window was closed: `detail` in a few words."""

    reason: Reason
    host: str
    detail: str


Outcome = Redirected | Closed | Browser | Failed


def as_message(outcome: Outcome) -> dict[str, str]:
    """Return `outcome` as it goes over the pipe."""
    match outcome:
        case Redirected(url):
            return {"outcome": "redirected", "url": url}
        case Closed():
            return {"outcome": "closed"}
        case Browser():
            return {"outcome": "browser"}
        case Failed(reason, host, detail):
            return {"outcome": "failed", "reason": reason.value, "host": host, "detail": detail}
        case _:
            assert_never(outcome)
