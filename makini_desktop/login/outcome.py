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
    PASSWORD = "password"
    RENDERER = "renderer"
    BAD_REQUEST = "bad_request"


class Handover(Enum):
    """Why a sign-in goes on in the person's own browser."""

    PERSON = "person"
    NO_EMBEDDING = "no_embedding"
    PASSKEY = "passkey"
    RENDERER = "renderer"


@dataclass(frozen=True, slots=True)
class Redirected:
    """The redirect was reached; `url` carries the answer and is shown to nobody."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Closed:
    """The person closed the window or cancelled."""


@dataclass(frozen=True, slots=True)
class Browser:
    """The sign-in goes on in the person's own browser; `host` is whose page was shown last."""

    reason: Handover
    host: str


@dataclass(frozen=True, slots=True)
class SoftwareWanted:
    """The page keeps crashing: it is worth a fresh process that draws without the graphics card."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot work, or had not worked when the window was closed: `detail` in a few words."""

    reason: Reason
    host: str
    detail: str


Outcome = Redirected | Closed | Browser | SoftwareWanted | Failed


def as_message(outcome: Outcome) -> dict[str, str]:
    """Return `outcome` as it goes over the pipe."""
    match outcome:
        case Redirected(url):
            return {"outcome": "redirected", "url": url}
        case Closed():
            return {"outcome": "closed"}
        case Browser(reason, host):
            return {"outcome": "browser", "reason": reason.value, "host": host}
        case SoftwareWanted():
            return {"outcome": "software"}
        case Failed(reason, host, detail):
            return {"outcome": "failed", "reason": reason.value, "host": host, "detail": detail}
        case _:
            assert_never(outcome)
