"""One account's Makini as the world makes it; nothing is kept of what was asked but its number."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import TypeVar

from makini_desktop.domain.connection import Connection, ConnectionId, ConnectionStatus, Integration
from makini_desktop.domain.errors import (
    NotMakini,
    RateLimited,
    ReconnectNeeded,
    ServerFailed,
    TokenRejected,
    Unreachable,
)
from makini_desktop.domain.settings import SyncSchedule
from makini_desktop.domain.sync import Sync, SyncId, SyncProblem, SyncState, SyncStatus, SyncVerdict
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services.ports import Answer, Priority
from tests.simulation.clock import JumpingClock
from tests.simulation.world import Customer, Kind, Weather, World, moment

T = TypeVar("T")

PAGE = 200
LATENCY = 0.2
"""Seconds that a look takes, and each page of the list."""

_WELL = ConnectionStatus(online=True, reauthorization_required=False)
_REFUSED = ConnectionStatus(online=True, reauthorization_required=True, reason="credentials_changed")
_OFFLINE = ConnectionStatus(online=False, reauthorization_required=False, reason="unreachable")
_PROBLEM = SyncProblem(code="ENTITY_ERROR", message="Work orders cannot be read.")


class WorldApi:
    """The calls that watching makes.

    Attributes:
        asked: how many requests of each kind were made.
    """

    def __init__(self, world: World, clock: JumpingClock) -> None:
        self._world = world
        self._clock = clock
        self._customers = world.customers
        self._of: dict[str, Customer] = {}
        self._refresh: dict[str, Customer] = {}
        self._count = 0
        self.asked: Counter[str] = Counter()
        known = tuple(each.connection for each in self._customers.values())
        self._pages = [known[start : start + PAGE] for start in range(0, len(known), PAGE)]

    def pair(self, connection: ConnectionId, age: float = 0.0) -> TokenPair:
        """Return a living pair that was got `age` seconds ago."""
        self._count += 1
        customer = self._customers[connection]
        access, refresh = f"access-{self._count}", f"refresh-{self._count}"
        self._of[access] = self._refresh[refresh] = customer
        at = self._clock.seconds() - age
        return TokenPair(
            access=Secret(access),
            refresh=Secret(refresh),
            obtained_at=moment(at),
            expires_at=moment(at + 30 * 86_400),
        )

    async def connection_pages(self) -> AsyncIterator[Answer[tuple[Connection, ...]]]:
        for page in self._pages:
            await self._enter("list")
            yield self._answer(page)

    async def refresh(self, refresh: Secret) -> TokenPair:
        await self._enter("refresh")
        return self.pair(self._refresh.pop(refresh.value).id)

    async def integration(self, token: Secret, priority: Priority) -> Answer[Integration]:
        whose = await self._whose("integration", token)
        return self._answer(
            Integration(
                id=whose.id, company_name=whose.connection.name, provider=whose.connection.system.casefold()
            )
        )

    async def status(self, token: Secret, priority: Priority) -> Answer[ConnectionStatus]:
        whose = await self._whose("status", token)
        broken = whose.broken(self._clock.seconds())
        if broken is None:
            return self._answer(_WELL)
        if broken.kind is Kind.CREDENTIALS:
            return self._answer(_REFUSED)
        return self._answer(_OFFLINE if broken.kind is Kind.OFFLINE else _WELL)

    async def sync_status(self, token: Secret, priority: Priority) -> Answer[SyncStatus]:
        whose = await self._whose("sync_status", token)
        at = self._clock.seconds()
        broken = whose.broken(at)
        if broken is not None and broken.kind is Kind.CREDENTIALS:
            raise ReconnectNeeded("Sign in.", code="REAUTHORIZATION_REQUIRED", status=401)
        run = whose.run(at)
        if run.end > at:
            current = Sync(
                id=SyncId(f"{run.begin:.0f}"), state=SyncState.IN_PROGRESS, started_at=moment(run.begin)
            )
            return self._answer(
                SyncStatus(
                    verdict=SyncVerdict.IN_PROGRESS, word="in_progress", last_good_at=None, current=current
                )
            )
        last_good = moment(run.end if run.good else whose.last_good(at))
        if run.good:
            return self._answer(
                SyncStatus(verdict=SyncVerdict.COMPLETED, word="completed", last_good_at=last_good)
            )
        return self._answer(
            SyncStatus(verdict=SyncVerdict.FAILED, word="failed", last_good_at=last_good, problem=_PROBLEM)
        )

    async def syncs(self, token: Secret, limit: int, priority: Priority) -> Answer[tuple[Sync, ...]]:
        whose = await self._whose("syncs", token)
        at = self._clock.seconds()
        lasts = whose.lasts
        return self._answer(
            tuple(
                Sync(
                    id=SyncId(f"{number}"),
                    state=SyncState.COMPLETED,
                    started_at=moment(at - number * whose.interval - lasts),
                    finished_at=moment(at - number * whose.interval),
                )
                for number in range(3)
            )
        )

    async def schedule(self, token: Secret, priority: Priority) -> Answer[SyncSchedule]:
        whose = await self._whose("schedule", token)
        return self._answer(SyncSchedule(mode="scheduled", interval_minutes=round(whose.interval / 60)))

    def api_version(self) -> str | None:
        return "v1"

    def belongs(self, token: Secret, connection: ConnectionId) -> None:
        pass

    def open_gates(self) -> None:
        pass

    def requests(self) -> tuple[()]:
        return ()

    async def _whose(self, call: str, token: Secret) -> Customer:
        await self._enter(call)
        whose = self._of.get(token.value)
        if whose is None:
            raise TokenRejected("The token has ended.", code="TOKEN_EXPIRED", status=401)
        return whose

    async def _enter(self, call: str) -> None:
        self.asked[call] += 1
        if call in {"status", "list"}:
            await self._clock.sleep(LATENCY)
        match self._world.weather(self._clock.seconds()):
            case None | Weather.ASLEEP:
                return
            case Weather.NETWORK:
                raise Unreachable("api.makini.example cannot be reached from this computer.")
            case Weather.PORTAL:
                raise NotMakini("A web page answered in the place of api.makini.example (200).", status=200)
            case Weather.MAKINI:
                raise ServerFailed("Makini failed.", status=500)
            case Weather.LIMIT:
                raise RateLimited("Makini asks for fewer requests.", status=429)

    def _answer(self, value: T) -> Answer[T]:
        return Answer(value=value, at=self._clock.now(), request_id="req", detail="200")
