"""One account's Makini API: every request of the contract's section 3 that the program makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from makini_desktop.adapters.api import answers, pages, wire
from makini_desktop.adapters.api.placement import find_placement, prefix
from makini_desktop.adapters.api.refusal import refusal
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, Client, VersionPlacement
from makini_desktop.domain.connection import Connection, ConnectionId, ConnectionStatus, Integration
from makini_desktop.domain.errors import (
    ClientRejected,
    InvalidRequest,
    MakiniDesktopError,
    NoClientSecret,
    NotOffered,
    ReconnectNeeded,
    SyncUnderWay,
    TokenRejected,
)
from makini_desktop.domain.sync import Sync, SyncOrder, SyncStatus
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services.ports import Answer, Priority, SyncSchedule

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Http, Response

T = TypeVar("T")

AGREEING = 2
"""Connections that must find an endpoint missing before it counts as not offered (section 4)."""

ADMIN_EARLY = 60.0
"""Seconds before its end from which the admin token is fetched anew."""

_VERSION_HEADERS = ("x-api-version", "api-version", "makini-version")


class MakiniApi:
    """Speaks for one account; implements `makini_desktop.services.ports.Api`.

    Args:
        account: gives where it is, and as whom.
        http: gives the shared HTTP client; called at the first request.
        client_secret: gives the account's client secret.
        placed: told where the version goes, once that was found out.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        http: Callable[[], Awaitable[Http]],
        client_secret: Callable[[], Awaitable[Secret | None]],
        placed: Callable[[VersionPlacement], Awaitable[None]],
    ) -> None:
        self._of_account = account
        self._http = http
        self._client_secret = client_secret
        self._placed = placed
        self._placement: VersionPlacement | None = None
        self._placing = asyncio.Lock()
        self._admin: TokenPair | None = None
        self._admin_lock = asyncio.Lock()
        self._absent: dict[str, set[str]] = {}
        self._version: str | None = None
        self._last_at: datetime | None = None

    @property
    def _account(self) -> Account:
        return self._of_account()

    def api_version(self) -> str | None:
        """Return the version that the server's last answer carried."""
        return self._version

    async def client(self) -> Answer[Client]:
        """Return what Makini says about the account."""
        response = await self._as_admin("GET", "/system/client", _("account"))
        return answers.answer(response, wire.client, _("account"), "id", "name")

    async def connection_pages(self) -> AsyncIterator[Answer[tuple[Connection, ...]]]:
        """Yield all pages of the connection list; a bad row is an unreadable `Connection`."""
        what = _("connection list")
        path = f"{pages.LIST}?page=1&per_page={pages.PAGE_SIZE}"
        read: set[str] = set()
        while path and path not in read and len(read) < pages.PAGE_LIMIT:
            read.add(path)
            response = await self._as_admin("GET", path, what)
            document = answers.document(response, what)
            rows = wire.rows(document)
            if not rows and not (isinstance(document, Mapping) and isinstance(document.get("data"), list)):
                raise answers.unreadable(response, what)
            yield Answer(
                value=tuple(
                    wire.connection(row, f"{len(read)}.{index}") for index, row in enumerate(rows, start=1)
                ),
                at=response.at,
                request_id=answers.request_id(response),
                detail=f"{response.status}",
            )
            path = pages.next_page(document, len(read), self._account.api_base)

    async def issue_token(self, connection: ConnectionId) -> TokenPair:
        """Issue a new token by the administrator's right; it may end every older one."""
        what = _("new token")
        path = f"/system/connections/{quote(connection, safe='')}/token"
        try:
            response = await self._as_admin("POST", path, what, json={})
        except NotOffered as error:
            raise answers.gone(error) from error
        return answers.token_pair(response, what)

    async def exchange_code(self, code: Secret, redirect_uri: str, verifier: Secret) -> TokenPair:
        """Exchange a login's code, once, for a pair (contract section 2, step 4)."""
        return await self._grant(
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
            return await self._grant(
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
        return wire.jwt_end(token.value)

    async def integration(self, token: Secret, priority: Priority) -> Answer[Integration]:
        """Return whose token this is.

        Raises:
            ConnectionGone: every server has this endpoint, but not for this token.
        """
        what = _("current integration")
        try:
            response = await self._send("GET", "/integrations/current", what, token, priority)
        except NotOffered as error:
            raise answers.gone(error) from error
        return answers.answer(response, wire.integration, what, "id", "company_name")

    async def status(self, token: Secret, priority: Priority) -> Answer[ConnectionStatus]:
        """Return the server's own check of the connection."""
        what = _("connection status")
        path = "/integrations/current/status"
        response = await self._capability("status", path, what, token, priority)
        return answers.answer(response, wire.connection_status, what, "state", "reauthorization_required")

    async def sync_status(self, token: Secret, priority: Priority) -> Answer[SyncStatus]:
        """Return the state of the syncs, from whichever endpoint the server has."""
        what = _("sync status")
        for name, path in (("sync_status", "/sync-status"), ("sync_status_w", "/integrations/sync/status")):
            try:
                response = await self._capability(name, path, what, token, priority)
            except NotOffered:
                continue
            return answers.answer(response, wire.sync_status, what)
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
        what = _("sync")
        body: dict[str, Any] = {"type": "manual", "action": order.action.value}
        if order.scopes:
            body["scopes"] = list(order.scopes)
        try:
            response = await self._capability(
                "start_sync",
                "/integrations/sync",
                _("starting of syncs"),
                token,
                Priority.PERSON,
                method="POST",
                json=body,
                headers={"Idempotency-Key": idempotency_key},
            )
        except SyncUnderWay as error:
            if error.running is None:
                error.running = (await self.sync_status(token, Priority.PERSON)).value.current
            raise
        return answers.answer(response, lambda document: wire.sync(wire.single(document)), what)

    async def syncs(self, token: Secret, limit: int, priority: Priority) -> Answer[tuple[Sync, ...]]:
        """Return the newest syncs, the newest first."""
        what = _("sync history")
        response = await self._capability(
            "syncs", f"/integrations/syncs?limit={limit}", what, token, priority
        )
        return answers.answer(
            response,
            lambda document: tuple(wire.sync(row) for row in wire.rows(document) if isinstance(row, Mapping)),
            what,
        )

    async def schedule(self, token: Secret, priority: Priority) -> Answer[SyncSchedule]:
        """Return when the connection syncs."""
        what = _("sync settings")
        path = "/integrations/current/settings"
        response = await self._capability("schedule", path, what, token, priority)
        return answers.answer(response, wire.schedule, what)

    async def _capability(
        self,
        name: str,
        path: str,
        what: str,
        token: Secret,
        priority: Priority,
        *,
        method: str = "GET",
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request that a server may lack, by the rule of contract section 4.

        404, 405 and 501 mean "not offered" only if the token answers for itself elsewhere; once two
        connections agree the endpoint is not asked for again.
        """
        absent = self._absent.setdefault(name, set())
        if len(absent) >= AGREEING:
            raise NotOffered(_("This server does not offer the {what}.").format(what=what))
        try:
            return await self._send(method, path, what, token, priority, json=json, headers=headers)
        except NotOffered:
            absent.add((await self.integration(token, priority)).value.id)
            raise

    async def _grant(self, what: str, form: Mapping[str, str]) -> TokenPair:
        """Ask the token endpoint for a connection's pair; never retried, for codes serve once."""
        secret = await self._secret()
        response = await (await self._http()).send(
            "POST",
            self._token_url(),
            priority=Priority.PERSON,
            headers=self._headers(),
            form={**form, "client_id": self._account.client_id, "client_secret": secret.value},
        )
        if not response.good:
            error = refusal(response, what)
            if error.code in ("invalid_client", "unauthorized_client"):
                raise self._client_rejected(error) from error
            raise error
        return answers.token_pair(response, what)

    async def _as_admin(self, method: str, path: str, what: str, *, json: object = None) -> Response:
        """Send a request with the admin token; one that is no longer accepted is fetched anew, once.

        Reading is about the account alone, so that no refusal of it speaks of a customer's sign-in.
        """
        refused = (TokenRejected, ReconnectNeeded) if method == "GET" else (TokenRejected,)
        token = await self._admin_token(None)
        try:
            return await self._send(method, path, what, token, Priority.BACKGROUND, json=json)
        except refused:
            token = await self._admin_token(token)
        try:
            return await self._send(method, path, what, token, Priority.BACKGROUND, json=json)
        except refused as error:
            raise self._client_rejected(error) from error

    async def _admin_token(self, dead: Secret | None) -> Secret:
        async with self._admin_lock:
            http = await self._http()
            held = self._admin
            if held is not None and held.access != dead and not self._admin_ends(held):
                return held.access
            secret = await self._secret()
            response = await http.send(
                "POST",
                self._token_url(),
                priority=Priority.PERSON,
                headers=self._headers(),
                json={
                    "grant_type": "client_credentials",
                    "client_id": self._account.client_id,
                    "client_secret": secret.value,
                },
                retried=True,
            )
            what = _("admin token")
            if not response.good:
                error = refusal(response, what)
                raise self._client_rejected(error) if response.status in (400, 401) else error
            self._admin = answers.token_pair(response, what)
            return self._admin.access

    def _admin_ends(self, pair: TokenPair) -> bool:
        if pair.expires_at is None or self._last_at is None:
            return False
        early = min(ADMIN_EARLY, (pair.expires_at - pair.obtained_at).total_seconds() / 2)
        return (pair.expires_at - self._last_at).total_seconds() <= early

    async def _send(
        self,
        method: str,
        path: str,
        what: str,
        token: Secret,
        priority: Priority,
        *,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        response = await (await self._http()).send(
            method,
            f"{self._account.api_base}{await self._prefix(token)}{path}",
            priority=priority,
            headers={**self._headers(token), **(headers or {})},
            json=json,
            retried=method == "GET" or (headers is not None and "Idempotency-Key" in headers),
        )
        self._note(response)
        if not response.good:
            raise refusal(response, what)
        return response

    async def _prefix(self, token: Secret) -> str:
        """Return the path before every endpoint, finding out first where the version goes (section 1)."""
        async with self._placing:
            if self._placement is None:
                self._placement = self._account.version_in
            if self._placement is None:
                self._placement = await find_placement(
                    self._account, await self._http(), self._headers(token)
                )
                await self._placed(self._placement)
        return prefix(self._account, self._placement)

    def _note(self, response: Response) -> None:
        self._last_at = response.at
        for name in _VERSION_HEADERS:
            if value := response.headers.get(name):
                self._version = value
                return

    async def _secret(self) -> Secret:
        secret = await self._client_secret()
        if secret is None:
            raise NoClientSecret(
                _("There is no client secret for the account “{name}”. Add it with “accounts add”.").format(
                    name=self._account.name
                )
            )
        return secret

    def _client_rejected(self, error: MakiniDesktopError) -> ClientRejected:
        return ClientRejected(
            _("Makini does not accept the client id or secret of the account “{name}”.").format(
                name=self._account.name
            ),
            request_id=error.request_id,
            code=error.code,
            status=error.status,
        )

    def _token_url(self) -> str:
        return f"{self._account.api_base}/link/token"

    def _headers(self, token: Secret | None = None) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {token.value}"} if token is not None else {}
        return {"X-API-Version": self._account.version, **bearer}
