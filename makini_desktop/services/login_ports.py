"""What a login asks of the world outside: the program's own window, or the system's browser (RFC 8252)."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from makini_desktop.domain.account import Account
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.token import Secret


class LoginRedirected(msgspec.Struct, frozen=True, tag="redirected"):
    """The login page came to the redirect; `url` holds the code and is as secret as it."""

    url: Secret


class LoginClosed(msgspec.Struct, frozen=True, tag="closed"):
    """The person closed the window."""


class LoginToBrowser(msgspec.Struct, frozen=True, tag="browser"):
    """It goes on in the system's browser.

    Attributes:
        reason: a "person" asked for it, the page wants a "passkey" or "no_embedding", the "renderer" fails.
    """

    reason: str = "person"


class LoginBroken(msgspec.Struct, frozen=True, tag="failed"):
    """The window could not do it; `reason` is a key, `detail` short words."""

    reason: str
    detail: str = ""
    host: str = ""


LoginResult = LoginRedirected | LoginClosed | LoginToBrowser | LoginBroken


class LoginWindow(Protocol):
    """The embedded login window."""

    async def run(self, account: Account, attempt: Attempt, customer: str, system: str) -> LoginResult:
        """Show the login page and return how it ended; cancelling closes the window."""


class Browser(Protocol):
    """The browser that the person uses anyway."""

    def refusal(self) -> str:
        """Return why none can be opened here; empty if one can."""

    async def open(self, url: str) -> None:
        """Show a page in it.

        Raises:
            BrowserUnavailable: it could not be opened.
        """


class LoginListener(Protocol):
    """Waits where the browser comes back to.

    Attributes:
        redirect_uri: the address, with the port that is listened on.
    """

    redirect_uri: str

    async def answered(self, attempt: Attempt, page: str) -> LoginRedirected:
        """Show the login page and return the attempt's own redirect; whatever else comes is turned away.

        Raises:
            BrowserUnavailable: the page could not be shown.
        """


class LoginBrowser(Protocol):
    """Logins in the system's browser."""

    def refusal(self) -> str:
        """Return why none is possible on this computer; empty if one is."""

    def listen(self, redirect_uri: str) -> AbstractAsyncContextManager[LoginListener]:
        """Listen at a loopback redirect while inside.

        Raises:
            BrowserUnavailable: nobody can listen there; the sentence says why.
        """
