"""How the login pages answer: never kept, without script unless it is one of our own."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from makini_desktop.sandbox import pages
from makini_desktop.sandbox.logins import Login

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Content-Security-Policy": _POLICY}


def page(html: str, status: int = 200) -> Response:
    """A page without script."""
    return HTMLResponse(html, status, HEADERS)


def scripted(html: str, script: str, status: int = 200) -> Response:
    """A page that needs `script`; no other script runs on it."""
    nonce = secrets.token_urlsafe(12)
    policy = f"{_POLICY}; script-src 'nonce-{nonce}'"
    tag = f'<script nonce="{nonce}">{script}</script></body>'
    body = html.replace("</body>", tag, 1)
    return HTMLResponse(body, status, {**HEADERS, "Content-Security-Policy": policy})


def go_to(url: str) -> Response:
    """On to another page, with GET."""
    return RedirectResponse(url, 303, HEADERS)


def address(login: Login, path: str, origin: str = "") -> str:
    """A page of this login, on the host it began on or another one of ours."""
    return f"{origin or login.origin}/oauth/authorize/{path}?{urlencode({'login': login.id})}"


def origin_of(request: Request) -> str:
    """Scheme, host and port that the request came to."""
    return f"{request.url.scheme}://{request.url.netloc}"


def ended() -> Response:
    """There is no such login (any more)."""
    return not_possible("This login has ended. Start it again from the program that opened it.")


def not_possible(reason: str) -> Response:
    """A page that leads nowhere, and never a redirect to an address nobody registered."""
    return page(pages.notice("Login not possible", reason), 400)
