"""What sign-ons demand of a browser, and where in the login each demand stands."""

from __future__ import annotations

from typing import Literal, get_args

Demand = Literal[
    "popup", "redirects", "http_auth", "proxy_auth", "client_certificate", "passkey", "download",
    "permissions", "dialogs", "slow", "blank", "crash", "no_embedding",
]  # fmt: skip

DEMANDS: dict[Demand, str] = {
    "popup": "The sign-in opens in a window of its own, on another host, and answers its opener.",
    "redirects": "The sign-in goes through three hosts, with a cookie and a form that sends itself.",
    "http_auth": "The browser itself asks for user name and password (HTTP Basic).",
    "proxy_auth": "The sign-in is reached through a proxy only; the proxy, with its password, is yours.",
    "client_certificate": "The browser has to show a certificate; needs --link-client-ca.",
    "passkey": "The sign-in takes a passkey only, at the host name localhost.",
    "download": "After the sign-in a file is sent to be saved; the login goes on without it.",
    "permissions": "After the sign-in the page asks for camera, microphone, location and notifications.",
    "dialogs": "After the sign-in the page uses alert, confirm and prompt, and asks before it is left.",
    "slow": "The sign-in page takes so many seconds to come.",
    "blank": "The sign-in page stays white.",
    "crash": "In place of the sign-in comes a page that waits for its process to be ended.",
    "no_embedding": "The sign-in refuses embedded browsers, at another host, and says so.",
}  # fmt: skip
assert tuple(DEMANDS) == get_args(Demand)  # noqa: S101

INSTEAD_OF_SIGN_IN: frozenset[Demand] = frozenset({"popup", "http_auth", "client_certificate", "passkey"})
