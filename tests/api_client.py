"""One account's API adapter on a clock that a test can hurry."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from makini_desktop.adapters.api.budget import Budget
from makini_desktop.adapters.api.http import Http
from makini_desktop.adapters.api.makini import MakiniApi
from makini_desktop.adapters.api.traffic import Traffic
from makini_desktop.core.clock import Clock
from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.domain.token import Secret
from makini_desktop.services.accounts import new_account
from makini_desktop.services.server import Server
from makini_desktop.services.store import Store
from tests.fakes.database import FakeDatabase
from tests.sandbox_process import CLIENT_SECRET


class HurriedClock:
    """A clock whose sleeps pass at once.

    Attributes:
        slept: how long every sleep would have taken.
        on_sleep: called in the place of each sleep of half a second or more.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.on_sleep: Callable[[], None] = lambda: None
        self._ahead = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self._ahead

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._ahead += seconds
        if seconds >= 0.5:
            self.on_sleep()
        await asyncio.sleep(0)


@dataclass
class Opened:
    """An adapter in use.

    Attributes:
        account: as the adapter sees it; a version's place that was found out is put in.
        placed: the places found out, in order.
        store: where what was found out about the server is seen.
    """

    account: Account
    clock: Clock
    secret: Secret | None = field(default_factory=lambda: Secret(CLIENT_SECRET))
    placed: list[VersionPlacement] = field(default_factory=list)
    store: Store = field(default_factory=Store)
    server: Server = field(init=False)
    api: MakiniApi = field(init=False)
    http: Http = field(init=False)
    budget: Budget = field(init=False)
    traffic: Traffic = field(init=False)

    async def the_http(self) -> Http:
        return self.http

    async def the_secret(self) -> Secret | None:
        return self.secret

    async def place(self, placement: VersionPlacement) -> None:
        self.placed.append(placement)


@asynccontextmanager
async def opened(
    account: Account, clock: Clock, *, secret: str | None = CLIENT_SECRET, silence: float = 10.0
) -> AsyncIterator[Opened]:
    """Open an adapter for an account, and close its sockets at the end."""
    found = Opened(account, clock, Secret(secret) if secret is not None else None)
    found.budget = Budget(clock)
    found.traffic = Traffic(found.store.set_skew)
    found.http = await asyncio.to_thread(
        Http, clock, found.budget, found.traffic, silence=silence, whole_answer=2 * silence
    )
    found.server = Server(lambda: found.account, found.store, FakeDatabase(), clock)
    found.api = MakiniApi(
        lambda: found.account, found.the_http, found.the_secret, found.place, found.server, found.traffic
    )
    try:
        yield found
    finally:
        await found.budget.aclose()
        await found.http.aclose()


def hostile_account(base: str, version_in: VersionPlacement | None = VersionPlacement.PATH) -> Account:
    """Return an account at a server of the test's own."""
    return new_account(
        name="Hostile",
        api_base=base,
        link_base=base,
        client_id="client",
        redirect_uris=("http://127.0.0.1/callback",),
        version_in=version_in,
    )
