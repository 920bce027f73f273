"""The system's browser, whose person does what a test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from makini_desktop.core.clock import Clock
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.services.login_ports import LoginRedirected
from tests.fakes.login_window import SIGNING_IN, Person


class FakeLoginBrowser:
    """Comes back as `person` does; without one it never does.

    Attributes:
        refused: why no browser can be opened here.
        taken: raised instead of listening.
        listening: how many logins are waited for.
        opened: the attempts whose page it was shown.
        asked: set once there is one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.person: Person | None = None
        self.refused = ""
        self.taken: MakiniDesktopError | None = None
        self.listening = 0
        self.opened: list[Attempt] = []
        self.asked = asyncio.Event()

    def refusal(self) -> str:
        return self.refused

    @asynccontextmanager
    async def listen(self, redirect_uri: str) -> AsyncIterator["_Listener"]:
        if self.taken is not None:
            raise self.taken
        self.listening += 1
        try:
            yield _Listener(self, redirect_uri, self._clock)
        finally:
            self.listening -= 1


class _Listener:
    def __init__(self, browser: FakeLoginBrowser, redirect_uri: str, clock: Clock) -> None:
        self._browser = browser
        self._clock = clock
        self.redirect_uri = redirect_uri

    async def answered(self, attempt: Attempt, page: str) -> LoginRedirected:
        assert page.startswith("https://link.makini.example/oauth/authorize?")
        self._browser.opened.append(attempt)
        self._browser.asked.set()
        if self._browser.person is None:
            await asyncio.Event().wait()
        await self._clock.sleep(SIGNING_IN)
        result = self._browser.person(attempt)
        assert isinstance(result, LoginRedirected)
        return result
