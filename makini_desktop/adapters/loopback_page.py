"""The pages that the browser shows when it has come back; one with a code forgets its address at once."""

from __future__ import annotations

import base64
import hashlib
import html
from dataclasses import dataclass

from makini_desktop.core.text import _

_FORGET = "history.replaceState(null, '', location.pathname)"
"""Takes code and state out of the address bar and the browser's history."""

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;"
    "font:16px/1.5 system-ui,sans-serif;background:#f6f7f9;color:#1b2430}"
    "main{max-width:26rem;margin:1.5rem;padding:2rem;border:1px solid #e1e5ea;border-radius:8px;"
    "background:#fff}"
    "h1{margin:0 0 .5rem;font-size:1.25rem}p{margin:0;color:#5b6675}"
    "@media(prefers-color-scheme:dark){body{background:#14181e;color:#e7ecf2}"
    "main{background:#1b2128;border-color:#2c343f}p{color:#97a3b2}}"
)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to the browser."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def welcome_page() -> Page:
    """Return what is shown after a sign-in; the program tests it meanwhile."""
    return _page(
        200,
        _("Signed in"),
        _("Makini Desktop takes it from here and shows how it goes. You can close this page."),
    )


def refused_page() -> Page:
    """Return what is shown after a refusal."""
    return _page(
        200,
        _("Not signed in"),
        _("The sign-in was refused, and nothing was changed. You can close this page."),
    )


def left_page() -> Page:
    """Return what everybody else is shown."""
    return _page(
        404,
        _("Nothing here"),
        _("This address belongs to a sign-in of Makini Desktop. If yours led here, start it again there."),
    )


def _page(status: int, title: str, text: str) -> Page:
    body = (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<script>{_FORGET}</script>"
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p></main></body></html>"
    ).encode()
    policy = (
        f"default-src 'none'; script-src {_hash(_FORGET)}; style-src {_hash(_STYLE)}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    return Page(
        status,
        (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", policy),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
        ),
        body,
    )


def _hash(text: str) -> str:
    """Return how a content security policy names an inline text that it allows."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
