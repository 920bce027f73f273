"""One account's Makini API: every request of the contract's section 3 that the program makes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from makini_desktop.adapters.api import answers, pages, wire
from makini_desktop.adapters.api.call import Call
from makini_desktop.adapters.api.caller import Caller
from makini_desktop.adapters.api.traffic import Traffic
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, Client, VersionPlacement
from makini_desktop.domain.capability import ENDPOINTS, Bearer, Capability, Provenance
from makini_desktop.domain.connection import Connection, ConnectionId, ConnectionStatus, Integration
from makini_desktop.domain.errors import (
    InvalidRequest,
    NotOffered,
    ReconnectNeeded,
    ServerFailed,
    SyncUnderWay,
    SystemUnreachable,
    TokenRejected,
)
from makini_desktop.domain.request import RequestSeen
from makini_desktop.domain.sync import Sync, SyncOrder, SyncStatus
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services import capabilities
from makini_desktop.services.ports import Answer, Priority, SyncSchedule
from makini_desktop.services.server import Server

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Http, Response


class MakiniApi:
    """Speaks for one account; implements `makini_desktop.services.ports.Api`.

    Args:
        account: gives where it is, and as whom.
        http: gives the shared HTTP client; called at the first request.
        client_secret: gives the account's client secret.
        placed: told where the version goes, once that was found out.
        server: knows what the server offers, and is told what is met.
        traffic: knows whose tokens are whose, and the last requests.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        http: Callable[[], Awaitable[Http]],
        client_secret: Callable[[], Awaitable[Secret | None]],
        placed: Callable[[VersionPlacement], Awaitable[None]],
        server: Server,
        traffic: Traffic,
    ) -> None:
        self._server = server
        self._traffic = traffic
        self._caller = Caller(account, http, client_secret, placed, server)

    def api_version(self) -> str | None:
        """Return the version that the server's last answer carried."""
        return self._caller.version()

    def belongs(self, token: Secret, connection: ConnectionId) -> None:
        """Note whose token this is: requests with it are paced and shown as that connection's."""
        self._traffic.belongs(token, connection)

    def requests(self) -> tuple[RequestSeen, ...]:
        """Return the last requests of the account, the newest first."""
        return self._traffic.requests()

    async def place_version(self) -> VersionPlacement:
        """Find out anew where the server wants the version (contract section 1)."""
        return await self._caller.place_version()

    async def client(self) -> Answer[Client]:
        """Return what Makini says about the account."""
        call = Call(capability=Capability.ACCOUNT)
        return answers.answer(await self._as_admin(call), wire.client, call.what, "id", "name")

    async def connection_pages(self) -> AsyncIterator[Answer[tuple[Connection, ...]]]:
        """Yield all pages of the connection list; a bad row is an unreadable `Connection`."""
        query = pages.FIRST
        read: set[str] = set()
        while query:
            read.add(query)
            call = Call(capability=Capability.LIST_CONNECTIONS, query=query)
            response = await self._as_admin(call)
            document = answers.document(response, call.what)
            rows = wire.rows(document)
            if not rows and not (isinstance(document, Mapping) and isinstance(document.get("data"), list)):
                raise answers.unreadable(response, call.what)
            following = pages.next_page(document, len(read), self._caller.account.api_base)
            if following in read or (following and len(read) == pages.PAGE_LIMIT):
                following = None
            yield Answer(
                value=tuple(
                    wire.connection(row, f"{len(read)}.{index}") for index, row in enumerate(rows, start=1)
                ),
                at=response.at,
                request_id=answers.request_id(response),
                detail=f"{response.status}",
                whole=following is not None,
            )
            query = following or ""

    async def issue_token(self, connection: ConnectionId) -> TokenPair:
        """Issue a new token by the administrator's right; it may end every older one."""
        call = Call(capability=Capability.ISSUE_TOKEN, method="POST", parts={"id": connection}, json={})
        try:
            response = await self._as_admin(call)
        except NotOffered as error:
            raise answers.gone(error) from error
        return answers.token_pair(response, call.what)

    async def exchange_code(self, code: Secret, redirect_uri: str, verifier: Secret) -> TokenPair:
        """Exchange a login's code, once, for a pair (contract section 2, step 4)."""
        return await self._caller.grant(
            _("exchange of the login code"),
            {
                "grant_type": "authorization_code",
                "code": code.value,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier.value,
            },
        )

    async def refresh(self, refresh: Secret) -> TokenPair:
        """Return a new pair; the old one dies with the answer.

        Raises:
            ReconnectNeeded: the refresh token was dead already.
        """
        try:
            return await self._caller.grant(
                _("token refresh"), {"grant_type": "refresh_token", "refresh_token": refresh.value}
            )
        except (InvalidRequest, TokenRejected) as error:
            raise ReconnectNeeded(
                _("The token can no longer be refreshed."),
                request_id=error.request_id,
                code=error.code,
                status=error.status,
            ) from error

    def token_end(self, token: Secret) -> datetime | None:
        """Return when a token ends by its own claim, None where it makes none."""
        return wire.jwt_end(token.value, self._traffic.skew)

    async def integration(self, token: Secret, priority: Priority) -> Answer[Integration]:
        """Return whose token this is.

        Raises:
            ConnectionGone: every server has this endpoint, but not for this token.
        """
        call = Call(capability=Capability.CURRENT_INTEGRATION)
        try:
            response = await self._send(call, token, priority)
        except NotOffered as error:
            raise answers.gone(error) from error
        return answers.answer(response, wire.integration, call.what, "id", "company_name")

    async def status(self, token: Secret, priority: Priority) -> Answer[ConnectionStatus]:
        """Return the server's own check of the connection."""
        call = Call(capability=Capability.CONNECTION_STATUS)
        response = await self._optional(call, token, priority)
        return answers.answer(
            response, wire.connection_status, call.what, "state", "reauthorization_required"
        )

    async def sync_status(self, token: Secret, priority: Priority) -> Answer[SyncStatus]:
        """Return the state of the syncs, from whichever endpoint the server has."""
        capability: Capability | None = Capability.SYNC_STATUS
        while capability is not None and ENDPOINTS[capability].provenance is not Provenance.PUBLISHED:
            call = Call(capability=capability)
            try:
                response = await self._optional(call, token, priority)
            except NotOffered:
                capability = ENDPOINTS[capability].instead
                continue
            return answers.answer(response, wire.sync_status, call.what)
        current = await self.integration(token, priority)
        return Answer(
            value=wire.sync_status_of(current.value),
            at=current.at,
            request_id=current.request_id,
            detail=current.detail,
        )

    async def start_sync(self, token: Secret, order: SyncOrder, idempotency_key: str) -> Answer[Sync]:
        """Start a sync; a retry under one key never starts a second.

        Raises:
            SyncUnderWay: one is running; the error carries it.
        """
        body: dict[str, Any] = {"type": "manual", "action": order.action.value}
        if order.scopes:
            body["scopes"] = list(order.scopes)
        call = Call(
            capability=Capability.START_SYNC, method="POST", json=body, idempotency_key=idempotency_key
        )
        try:
            response = await self._optional(call, token, Priority.PERSON)
        except SyncUnderWay as error:
            if error.running is None:
                error.running = (await self.sync_status(token, Priority.PERSON)).value.current
            raise
        return answers.answer(response, lambda document: wire.sync(wire.single(document)), _("sync"))

    async def syncs(self, token: Secret, limit: int, priority: Priority) -> Answer[tuple[Sync, ...]]:
        """Return the newest syncs, the newest first."""
        call = Call(capability=Capability.SYNC_HISTORY, query=urlencode({"limit": limit}))
        response = await self._optional(call, token, priority)
        return answers.answer(
            response,
            lambda document: tuple(wire.sync(row) for row in wire.rows(document) if isinstance(row, Mapping)),
            call.what,
        )

    async def schedule(self, token: Secret, priority: Priority) -> Answer[SyncSchedule]:
        """Return when the connection syncs."""
        call = Call(capability=Capability.SYNC_SETTINGS)
        response = await self._optional(call, token, priority)
        return answers.answer(response, wire.schedule, call.what)

    async def try_all(self, token: Secret) -> None:
        """Ask for all that a server may lack and that can be read, whatever was found out before.

        Raises:
            ConnectionGone: the token is of no connection, so that nothing can be found out with it.
        """
        for endpoint in ENDPOINTS.values():
            if (
                endpoint.provenance is Provenance.PUBLISHED
                or endpoint.bearer is not Bearer.CONNECTION
                or "GET" not in endpoint.methods
            ):
                continue
            try:
                await self._try(Call(capability=endpoint.capability), token, Priority.PERSON)
            except (NotOffered, ServerFailed, SystemUnreachable):
                continue

    async def _optional(self, call: Call, token: Secret, priority: Priority) -> Response:
        """Send a request that a server may lack, unless it is known to lack it.

        Raises:
            NotOffered: in words that say what it means.
        """
        if self._server.lacks(call.capability):
            raise NotOffered(capabilities.words(call.capability))
        return await self._try(call, token, priority)

    async def _try(self, call: Call, token: Secret, priority: Priority) -> Response:
        """Send a request that a server may lack, by the rule of contract section 4.

        404, 405 and 501 mean "not offered" only if the token answers for itself elsewhere.
        """
        try:
            return await self._send(call, token, priority)
        except NotOffered as error:
            whose = (await self.integration(token, priority)).value.id
            self._server.missed(call.capability, whose)
            raise NotOffered(
                capabilities.words(call.capability),
                request_id=error.request_id,
                code=error.code,
                status=error.status,
            ) from error

    async def _send(self, call: Call, token: Secret, priority: Priority) -> Response:
        try:
            response = await self._caller.send(call, token, priority)
        except SyncUnderWay:
            self._server.offered(call.capability)
            raise
        self._server.offered(call.capability)
        return response

    async def _as_admin(self, call: Call) -> Response:
        response = await self._caller.as_admin(call)
        self._server.offered(call.capability)
        return response
