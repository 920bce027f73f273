"""What the program asks of the login window: one JSON line on standard input."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self, get_args
from urllib.parse import urlsplit

from makini_desktop.core.redirect import Redirect, RedirectError, is_loopback, is_protected

Theme = Literal["light", "dark", "system"]


class BadRequestError(ValueError):
    """A request that the login window does not follow; the sentence says why and quotes nothing."""


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """One attempt to sign in.

    Attributes:
        start_url: the login page, with the attempt's state in its query, so never shown or logged.
        redirect: the place that ends the attempt.
        customer: whose sign-in it is, as the person knows them.
        system: the customer's system, may be empty.
        theme: the person's choice.
        language: an IETF tag such as ``de-DE``, empty for the system's own.
        orders: whether further lines may type and click (tour and tests, loopback only).
        folder: where everything the web engine writes goes; made and removed by the caller.
        software: draw without the graphics card.
        drawing: where the graphics driver may keep what it compiles, for later attempts too.
    """

    start_url: str = field(repr=False)
    redirect: Redirect
    customer: str
    system: str
    theme: Theme
    language: str
    orders: bool
    folder: Path
    software: bool = False
    drawing: Path | None = None

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read the request's line.

        Raises:
            BadRequestError: it is not what the login window understands, or it asks for what is
                not allowed.
        """
        try:
            wire = json.loads(line)
        except ValueError:
            raise BadRequestError("the request is no JSON") from None
        if not isinstance(wire, dict):
            raise BadRequestError("the request is no JSON object")
        start_url, theme = _text(wire, "start_url"), wire.get("theme", "system")
        orders, software = wire.get("orders", False), wire.get("software", False)
        try:
            redirect = Redirect.parse(_text(wire, "redirect_uri"))
        except RedirectError as error:
            raise BadRequestError(str(error)) from None
        if not is_protected(start_url):
            raise BadRequestError("the login page is neither https nor on this computer")
        if theme not in get_args(Theme):
            raise BadRequestError("the theme is none of light, dark and system")
        if not isinstance(orders, bool):
            raise BadRequestError("orders is neither true nor false")
        if not isinstance(software, bool):
            raise BadRequestError("software is neither true nor false")
        if orders and not is_loopback(urlsplit(start_url).hostname or ""):
            raise BadRequestError("orders are taken for login pages on this computer only")
        folder = Path(_text(wire, "profile_dir"))
        if not folder.is_absolute() or not folder.is_dir():
            raise BadRequestError("the attempt's folder does not exist")
        drawing = _text(wire, "drawing_dir", may_be_empty=True)
        return cls(
            start_url=start_url,
            redirect=redirect,
            customer=_text(wire, "customer", may_be_empty=True),
            system=_text(wire, "system", may_be_empty=True),
            theme=theme,
            language=_text(wire, "language", may_be_empty=True),
            orders=orders,
            folder=folder,
            software=software,
            drawing=Path(drawing) if drawing else None,
        )


def _text(wire: dict[str, object], name: str, *, may_be_empty: bool = False) -> str:
    value = wire.get(name, "" if may_be_empty else None)
    if not isinstance(value, str) or not (value or may_be_empty):
        raise BadRequestError(f"{name} is missing or no text")
    return value
