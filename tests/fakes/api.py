"""One account's Makini API without a server; its tokens live and die as contract section 2 says."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.domain.account import Client, VersionPlacement
from makini_desktop.domain.connection import (
    Connection,
    ConnectionId,
    ConnectionStatus,
    Integration,
    ListStatus,
)
from makini_desktop.domain.errors import (
    ConnectionGone,
    InvalidRequest,
    NotOffered,
    ReconnectNeeded,
    SyncUnderWay,
    TokenRejected,
)
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.request import RequestSeen
from makini_desktop.domain.settings import Metadatum, SyncMode, SyncSchedule, Webhook
from makini_desktop.domain.sync import (
    Sync,
    SyncId,
    SyncOrder,
    SyncProblem,
    SyncState,
    SyncStatus,
    SyncVerdict,
)
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services.ports import Answer, Priority

T = TypeVar("T")


@dataclass
class Customer:
    """One connection as the server knows it; a test changes it as it likes."""

    connection: Connection
    credentials_hold: bool = True
    online: bool = True
    sync_word: str = "done"
    verdict: SyncVerdict = SyncVerdict.COMPLETED
    last_good_at: datetime | None = None
    problem: SyncProblem | None = None
    running: Sync | None = None
    history: list[Sync] = field(default_factory=list)
    interval_minutes: int | None = 60
    history_days: int | None = 60
    mode: SyncMode = SyncMode.SCHEDULED
    webhook: Webhook = field(default_factory=Webhook)
    webhook_secret: str = ""
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> ConnectionId:
        return self.connection.id


def customer(key: str, name: str = "", system: str = "SAP", **facts: object) -> Customer:
    """Return a customer that is well."""
    return Customer(
        Connection(
            id=ConnectionId(key),
            name=name or f"Customer {key}",
            system=system,
            status=ListStatus.ACTIVE,
            status_word="Active",
        ),
        **facts,
    )


class Gate:
    """Holds a call at the door until `open` is called.

    Attributes:
        reached: set once somebody stands there.
    """

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._open = asyncio.Event()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        self.reached.set()
        await self._open.wait()


class FakeApi:
    """Answers from `customers`, as told by `fail`, `lacks` and `gate`.

    Attributes:
        calls: the name of every call, with the connection's id where there is one.
        lacks: names of calls that this server does not offer.
        list_breaks_off: the list ends with a page after which there are more.
        tried: the tokens with which everything that may be lacking was tried.
        token_ends: what tokens themselves say of their end.
        codes: whom a login's code stands for.
        owners: whose tokens were said to be whose.
        platforms_offered: the systems that can be connected.
        forgotten: connections of which no token was to be kept any longer.
        seen: the requests that are shown, the oldest first.
    """

    lifetime = timedelta(days=30)

    def __init__(self, clock: Clock, *customers: Customer) -> None:
        self._clock = clock
        self.customers = {each.id: each for each in customers}
        self.calls: list[str] = []
        self.owners: dict[str, ConnectionId] = {}
        self.platforms_offered = (
            Platform(key="sap", name="SAP", category="ERP"),
            Platform(key="maximo", name="Maximo", category="EAM"),
        )
        self.forgotten: list[ConnectionId] = []
        self.seen: list[RequestSeen] = []
        self.priorities: list[Priority] = []
        self.keys: list[str] = []
        self.lacks: set[str] = set()
        self.list_breaks_off = False
        self.tried: list[ConnectionId] = []
        self.codes: dict[str, ConnectionId] = {}
        self._access: dict[str, ConnectionId] = {}
        self._refresh: dict[str, tuple[ConnectionId, str]] = {}
        self._failures: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self._always: dict[str, Exception] = {}
        self._gates: dict[str, Gate] = {}
        self._count = 0
        self.token_ends: dict[str, datetime] = {}

    def fail(self, call: str, *errors: Exception) -> None:
        """Let the next calls of this name fail, one error each."""
        self._failures[call].extend(errors)

    def fail_always(self, call: str, error: Exception | None) -> None:
        """Let all calls of this name fail; None ends that. ``"*"`` is every call."""
        self._always.pop(call, None)
        if error is not None:
            self._always[call] = error

    def gate(self, call: str) -> Gate:
        """Hold the calls of this name until the gate is opened."""
        self._gates[call] = Gate()
        return self._gates[call]

    def open_gates(self) -> None:
        """Let everybody go on who is held."""
        for gate in self._gates.values():
            gate.open()

    def pair(
        self, connection: str, *, lifetime: timedelta | None = None, renewable: bool = True
    ) -> TokenPair:
        """Return a living pair for a connection."""
        self._count += 1
        access, refresh = f"access-5up3r-{self._count}", f"refresh-5up3r-{self._count}"
        self._access[access] = ConnectionId(connection)
        if renewable:
            self._refresh[refresh] = (ConnectionId(connection), access)
        now = self._clock.now()
        return TokenPair(
            access=Secret(access),
            refresh=Secret(refresh) if renewable else None,
            obtained_at=now,
            expires_at=now + (lifetime or self.lifetime),
        )

    def kill(self, pair: TokenPair, *, refresh: bool = False) -> None:
        """Let an access token die, its refresh token too if asked for."""
        self._access.pop(pair.access.value, None)
        if refresh and pair.refresh is not None:
            self._refresh.pop(pair.refresh.value, None)

    def lives(self, pair: TokenPair) -> bool:
        return pair.access.value in self._access

    async def client(self) -> Answer[Client]:
        await self._enter("client")
        return self._answer(Client(id="client-1", name="Acme"))

    async def connection_pages(self) -> AsyncIterator[Answer[tuple[Connection, ...]]]:
        await self._enter("list")
        known = [each.connection for each in self.customers.values()]
        for start in range(0, max(1, len(known)), 2):
            page = self._answer(tuple(known[start : start + 2]))
            if self.list_breaks_off:
                yield msgspec.structs.replace(page, whole=False)
                return
            yield page

    async def platforms(self) -> Answer[tuple[Platform, ...]]:
        await self._enter("platforms")
        return self._answer(self.platforms_offered)

    async def create_connection(
        self, name: str, email: str, platform: str, credentials: Mapping[str, Secret]
    ) -> TokenPair:
        await self._enter("create_connection")
        self._count += 1
        system = next(each.name for each in self.platforms_offered if each.key == platform)
        created = customer(f"created-{self._count}", name, system)
        self.customers[created.id] = created
        return self.pair(created.id)

    async def disconnect(self, connection: ConnectionId) -> Answer[None]:
        await self._enter("disconnect", connection)
        return self._end(connection)

    async def disconnect_self(self, token: Secret) -> Answer[None]:
        whose = await self._as_connection("disconnect_self", token, Priority.PERSON)
        return self._end(whose.id)

    async def metadata(self, connection: ConnectionId) -> Answer[tuple[Metadatum, ...]]:
        await self._enter("metadata", connection)
        found = self._known(connection).metadata
        return self._answer(tuple(Metadatum(key, value) for key, value in found.items()))

    async def set_metadata(self, connection: ConnectionId, entries: Sequence[Metadatum]) -> Answer[None]:
        await self._enter("set_metadata", connection)
        self._known(connection).metadata.update({each.key: each.value for each in entries})
        return self._answer(None)

    async def issue_token(self, connection: ConnectionId) -> TokenPair:
        await self._enter("issue", connection)
        if connection not in self.customers:
            raise ConnectionGone("Makini no longer knows this connection.", status=404)
        self._access = {access: of for access, of in self._access.items() if of != connection}
        self._refresh = {refresh: of for refresh, of in self._refresh.items() if of[0] != connection}
        return self.pair(connection, renewable=False)

    async def exchange_code(self, code: Secret, redirect_uri: str, verifier: Secret) -> TokenPair:
        await self._enter("exchange")
        if code.value not in self.codes:
            raise InvalidRequest("Makini refused the code.", code="invalid_grant", status=400)
        return self.pair(self.codes.pop(code.value))

    async def refresh(self, refresh: Secret) -> TokenPair:
        await self._enter("refresh")
        if refresh.value not in self._refresh:
            raise ReconnectNeeded("The token can no longer be refreshed.", code="invalid_grant", status=400)
        connection, access = self._refresh.pop(refresh.value)
        self._access.pop(access, None)
        return self.pair(connection)

    def token_end(self, token: Secret) -> datetime | None:
        return self.token_ends.get(token.value)

    async def integration(self, token: Secret, priority: Priority) -> Answer[Integration]:
        whose = await self._as_connection("integration", token, priority)
        return self._answer(
            Integration(
                id=whose.id,
                company_name=whose.connection.name,
                provider=f"{whose.connection.system}-key",  # not the list's spelling
                sync_word=whose.sync_word,
            )
        )

    async def status(self, token: Secret, priority: Priority) -> Answer[ConnectionStatus]:
        whose = await self._as_connection("status", token, priority)
        return self._answer(
            ConnectionStatus(
                online=whose.online,
                reauthorization_required=not whose.credentials_hold,
                reason=None if whose.credentials_hold else "credentials_changed",
            )
        )

    async def sync_status(self, token: Secret, priority: Priority) -> Answer[SyncStatus]:
        whose = await self._as_connection("sync_status", token, priority)
        self._need_credentials(whose)
        return self._answer(
            SyncStatus(
                verdict=whose.verdict,
                word=whose.verdict.value,
                last_good_at=whose.last_good_at,
                problem=whose.problem,
                current=whose.running,
            )
        )

    async def start_sync(self, token: Secret, order: SyncOrder, idempotency_key: str) -> Answer[Sync]:
        self.keys.append(idempotency_key)
        whose = await self._as_connection("start_sync", token, Priority.PERSON)
        self._need_credentials(whose)
        if whose.running is not None:
            error = SyncUnderWay("A sync is running already.", code="SYNC_IN_PROGRESS", status=409)
            error.running = whose.running
            raise error
        self._count += 1
        whose.running = Sync(
            id=SyncId(f"sync-{self._count}"),
            state=SyncState.QUEUED,
            kind="manual",
            action=order.action.value,
            scopes=order.scopes,
            started_at=self._clock.now(),
        )
        return self._answer(whose.running)

    async def syncs(self, token: Secret, limit: int, priority: Priority) -> Answer[tuple[Sync, ...]]:
        whose = await self._as_connection("syncs", token, priority)
        return self._answer(tuple(whose.history[:limit]))

    async def schedule(self, token: Secret, priority: Priority) -> Answer[SyncSchedule]:
        whose = await self._as_connection("schedule", token, priority)
        return self._answer(
            SyncSchedule(
                mode=whose.mode,
                mode_word=whose.mode.value,
                interval_minutes=whose.interval_minutes,
                history_days=whose.history_days,
            )
        )

    async def set_schedule(self, token: Secret, schedule: SyncSchedule) -> Answer[SyncSchedule]:
        whose = await self._as_connection("set_schedule", token, Priority.PERSON)
        whose.mode, whose.interval_minutes = schedule.mode, schedule.interval_minutes
        whose.history_days = schedule.history_days
        return self._answer(schedule)

    async def webhook(self, token: Secret, priority: Priority) -> Answer[Webhook]:
        return self._answer((await self._as_connection("webhook", token, priority)).webhook)

    async def set_webhook(self, token: Secret, webhook: Webhook, secret: Secret | None) -> Answer[Webhook]:
        whose = await self._as_connection("set_webhook", token, Priority.PERSON)
        whose.webhook = webhook
        if secret is not None:
            whose.webhook_secret = secret.value
        return self._answer(webhook)

    async def place_version(self) -> VersionPlacement:
        await self._enter("place_version")
        return VersionPlacement.PATH

    async def try_all(self, token: Secret) -> None:
        self.tried.append((await self._as_connection("try_all", token, Priority.PERSON)).id)

    def api_version(self) -> str | None:
        return "v1"

    def belongs(self, token: Secret, connection: ConnectionId) -> None:
        self.owners[token.value] = connection

    def forget(self, connection: ConnectionId) -> None:
        self.forgotten.append(connection)
        self.owners = {token: of for token, of in self.owners.items() if of != connection}

    def requests(self) -> tuple[RequestSeen, ...]:
        return tuple(reversed(self.seen))

    def end_sync(self, connection: str, state: SyncState, **facts: object) -> Sync:
        """End the running sync of a connection and put it into the history."""
        whose = self.customers[ConnectionId(connection)]
        assert whose.running is not None
        ended = msgspec.structs.replace(whose.running, state=state, finished_at=self._clock.now(), **facts)
        whose.running = None
        whose.history.insert(0, ended)
        whose.verdict = SyncVerdict.COMPLETED if state is SyncState.COMPLETED else SyncVerdict.FAILED
        whose.problem = ended.problem
        return ended

    async def _as_connection(self, call: str, token: Secret, priority: Priority) -> Customer:
        connection = self._access.get(token.value)
        self.priorities.append(priority)
        await self._enter(call, connection)
        connection = self._access.get(token.value)
        if connection is None or connection not in self.customers:
            raise TokenRejected(
                "Makini did not accept the token.", code="TOKEN_EXPIRED", status=401, request_id="req-401"
            )
        return self.customers[connection]

    async def _enter(self, call: str, connection: str | None = None) -> None:
        self.calls.append(f"{call} {connection}" if connection else call)
        for name in (call, f"{call} {connection}"):
            if name in self._gates:
                await self._gates[name].passed()
        await asyncio.sleep(0)
        for name in (call, f"{call} {connection}"):
            if self._failures[name]:
                raise self._failures[name].popleft()
        for name in ("*", call, f"{call} {connection}"):
            if name in self._always:
                raise self._always[name]
        if call in self.lacks:
            raise NotOffered(f"This server does not offer {call}.", status=404)

    def _known(self, connection: ConnectionId) -> Customer:
        if connection not in self.customers:
            raise ConnectionGone("Makini no longer knows this connection.", status=404)
        return self.customers[connection]

    def _end(self, connection: ConnectionId) -> Answer[None]:
        """End a connection with all its tokens."""
        del self.customers[self._known(connection).id]
        self._access = {access: of for access, of in self._access.items() if of != connection}
        self._refresh = {refresh: of for refresh, of in self._refresh.items() if of[0] != connection}
        return self._answer(None)

    def _need_credentials(self, whose: Customer) -> None:
        if not whose.credentials_hold:
            raise ReconnectNeeded(
                "The customer's sign-in is no longer accepted.",
                code="REAUTHORIZATION_REQUIRED",
                status=401,
                request_id="req-reauth",
            )

    def _answer(self, value: T) -> Answer[T]:
        self._count += 1
        return Answer(value=value, at=self._clock.now(), request_id=f"req-{self._count}", detail="200")
