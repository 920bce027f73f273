"""A login window whose person does what a test says."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlencode

from makini_desktop.core.clock import Clock
from makini_desktop.domain.account import Account
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.token import Secret
from makini_desktop.services.login_ports import LoginRedirected, LoginResult

Person = Callable[[Attempt], LoginResult]

SIGNING_IN = 30.0
"""Seconds that a person takes."""


class FakeLoginWindow:
    """Ends as `person` does with it; without one it stays open until it is cancelled.

    Attributes:
        opened: the attempts it was opened for.
        cancelled: how often it was closed from outside.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.person: Person | None = None
        self.opened: list[Attempt] = []
        self.cancelled = 0

    async def run(self, account: Account, attempt: Attempt, customer: str, system: str) -> LoginResult:
        self.opened.append(attempt)
        try:
            if self.person is None:
                await asyncio.Event().wait()
            await self._clock.sleep(SIGNING_IN)
            return self.person(attempt)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def back_with(**answer: str) -> Person:
    """Return a person who comes back to the redirect with `answer`, and with `state` unless it is named."""

    def person(attempt: Attempt) -> LoginResult:
        query = urlencode({"state": attempt.state.value, **answer})
        return LoginRedirected(Secret(f"{attempt.redirect_uri}?{query}"))

    return person


def back_without_state(**answer: str) -> Person:
    """Return a person whom the server sends back without `state`."""
    return lambda attempt: LoginRedirected(Secret(f"{attempt.redirect_uri}?{urlencode(answer)}"))
