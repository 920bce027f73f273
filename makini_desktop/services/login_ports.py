"""What a login in the system's browser asks of the world outside (RFC 8252)."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from makini_desktop.domain.attempt import Attempt
from makini_desktop.services.ports import LoginRedirected


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
