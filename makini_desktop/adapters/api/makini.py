"""One account's Makini API: every request of the contract's section 3 that the program makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from makini_desktop.adapters.api import wire
from makini_desktop.adapters.api.refusal import refusal
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, Client, VersionPlacement
from makini_desktop.domain.connection import Connection, ConnectionId, ConnectionStatus, Integration
from makini_desktop.domain.errors import (
    AnswerUnreadable,
    ClientRejected,
    ConnectionGone,
    InvalidRequest,
    MakiniDesktopError,
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

PAGE_SIZE = 200
PAGE_LIMIT = 2_000
"""Pages after which a list that never ends is ended."""

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
        return _answer(response, wire.client, _("account"), "id", "name")

    async def connection_pages(self) -> AsyncIterator[Answer[tuple[Connection, ...]]]:
        """Yield all pages of the connection list; a bad row is an unreadable `Connection`."""
        what = _("connection list")
        path = f"/system/connections?page=1&per_page={PAGE_SIZE}"
        read: set[str] = set()
        while path and path not in read and len(read) < PAGE_LIMIT:
            read.add(path)
            response = await self._as_admin("GET", path, what)
            document = _document(response, what)
            rows = wire.rows(document)
            if not rows and not (isinstance(document, Mapping) and isinstance(document.get("data"), list)):
                raise _unreadable(response, what)
            yield Answer(
                value=tuple(
                    wire.connection(row, f"{len(read)}.{index}") for index, row in enumerate(rows, start=1)
                ),
                at=response.at,
                request_id=_request_id(response),
                detail=f"{response.status}",
            )
            path = self._next_page(document, len(read))

    async def issue_token(self, connection: ConnectionId) -> TokenPair:
        """Issue a new token by the administrator's right; it may end every older one."""
        what = _("new token")
        path = f"/system/connections/{quote(connection, safe='')}/token"
        try:
            response = await self._as_admin("POST", path, what, json={})
        except NotOffered as error:
            raise _gone(error) from error
        pair = wire.token_pair(_document(response, what), response.at)
        if pair is None:
            raise _unreadable(response, what)
        return pair

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

    async def integration(self, token: Secret, priority: Priority) -> Answer[Integration]:
        """Return whose token this is.

        Raises:
            ConnectionGone: every server has this endpoint, but not for this token.
        """
        what = _("current integration")
        try:
            response = await self._send("GET", "/integrations/current", what, token, priority)
        except NotOffered as error:
            raise _gone(error) from error
        return _answer(response, wire.integration, what, "id", "company_name")

    async def status(self, token: Secret, priority: Priority) -> Answer[ConnectionStatus]:
        """Return the server's own check of the connection."""
        what = _("connection status")
        path = "/integrations/current/status"
        response = await self._capability("status", path, what, token, priority)
        return _answer(response, wire.connection_status, what, "state", "reauthorization_required")

    async def sync_status(self, token: Secret, priority: Priority) -> Answer[SyncStatus]:
        """Return the state of the syncs, from whichever endpoint the server has."""
        what = _("sync status")
        for name, path in (("sync_status", "/sync-status"), ("sync_status_w", "/integrations/sync/status")):
            try:
                response = await self._capability(name, path, what, token, priority)
            except NotOffered:
                continue
            return _answer(response, wire.sync_status, what)
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
        return _answer(response, lambda document: wire.sync(wire.single(document)), what)

    async def syncs(self, token: Secret, limit: int, priority: Priority) -> Answer[tuple[Sync, ...]]:
        """Return the newest syncs, the newest first."""
        what = _("sync history")
        response = await self._capability(
            "syncs", f"/integrations/syncs?limit={limit}", what, token, priority
        )
        return _answer(
            response,
            lambda document: tuple(wire.sync(row) for row in wire.rows(document) if isinstance(row, Mapping)),
            what,
        )

    async def schedule(self, token: Secret, priority: Priority) -> Answer[SyncSchedule]:
        """Return when the connection syncs."""
        what = _("sync settings")
        path = "/integrations/current/settings"
        response = await self._capability("schedule", path, what, token, priority)
        return _answer(response, wire.schedule, what)

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
        pair = wire.token_pair(_document(response, what), response.at)
        if pair is None:
            raise _unreadable(response, what)
        return pair

    async def _as_admin(self, method: str, path: str, what: str, *, json: object = None) -> Response:
        """Send a request with the admin token; one that is no longer accepted is fetched anew, once."""
        token = await self._admin_token(None)
        try:
            return await self._send(method, path, what, token, Priority.BACKGROUND, json=json)
        except TokenRejected:
            token = await self._admin_token(token)
        try:
            return await self._send(method, path, what, token, Priority.BACKGROUND, json=json)
        except TokenRejected as error:
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
            pair = wire.token_pair(_document(response, what), response.at)
            if pair is None:
                raise _unreadable(response, what)
            self._admin = pair
            return pair.access

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
        prefix = await self._prefix(token)
        response = await (await self._http()).send(
            method,
            f"{self._account.api_base.rstrip('/')}{prefix}{path}",
            priority=priority,
            headers={**self._headers(), **(headers or {}), "Authorization": f"Bearer {token.value}"},
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
                self._placement = await self._find_placement(token)
                await self._placed(self._placement)
        return f"/api/{self._account.version}" if self._placement is VersionPlacement.PATH else "/api"

    async def _find_placement(self, token: Secret) -> VersionPlacement:
        """Try both places: a server that has the path answers for itself there, be it to refuse.

        Raises:
            NotOffered: neither place is known to the server.
            MakiniDesktopError: the answer says nothing about the place, and none may be remembered.
        """
        what = _("account")
        http = await self._http()
        headers = {**self._headers(), "Authorization": f"Bearer {token.value}"}
        base = self._account.api_base.rstrip("/")
        for placement, prefix in (
            (VersionPlacement.PATH, f"/api/{self._account.version}"),
            (VersionPlacement.HEADER, "/api"),
        ):
            response = await http.send(
                "GET",
                f"{base}{prefix}/system/client",
                priority=Priority.PERSON,
                headers=headers,
                retried=True,
            )
            if response.good or response.status in (400, 401, 403, 422):
                self._note(response)
                return placement
            if response.status not in (404, 405, 501):
                raise refusal(response, what)
        raise NotOffered(
            _("{base} does not speak Makini's API {version}, neither by path nor by header.").format(
                base=base, version=self._account.version
            ),
            status=404,
        )

    def _note(self, response: Response) -> None:
        self._last_at = response.at
        for name in _VERSION_HEADERS:
            if value := response.headers.get(name):
                self._version = value
                return

    def _next_page(self, document: Any, page: int) -> str:  # noqa: ANN401 - JSON is anything
        """Return the next page's path, empty at the end; a token never leaves for another host."""
        links = document.get("links") if isinstance(document, Mapping) else None
        link = links.get("next") if isinstance(links, Mapping) else None
        if link:
            base = urlsplit(self._account.api_base)
            try:
                found = urlsplit(wire.text(link))
            except ValueError:
                return ""
            if found.netloc and (found.scheme, found.netloc) != (base.scheme, base.netloc):
                return ""
            mark = "/system/connections"
            return f"{mark}?{found.query}" if found.path.endswith(mark) and found.query else ""
        meta = document.get("meta") if isinstance(document, Mapping) else None
        meta = meta if isinstance(meta, Mapping) else {}
        if page < (wire.number(meta.get("last_page")) or 0):
            size = wire.number(meta.get("per_page")) or PAGE_SIZE
            return f"/system/connections?{urlencode({'page': page + 1, 'per_page': size})}"
        return ""

    async def _secret(self) -> Secret:
        secret = await self._client_secret()
        if secret is None:
            raise ClientRejected(
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
        return f"{self._account.api_base.rstrip('/')}/link/token"

    def _headers(self) -> dict[str, str]:
        return {"X-API-Version": self._account.version}


def _document(response: Response, what: str) -> Any:  # noqa: ANN401 - JSON is anything
    try:
        return wire.decode(response.body)
    except ValueError as error:
        raise _unreadable(response, what) from error


def _answer(response: Response, read: Callable[[Any], T], what: str, *telling: str) -> Answer[T]:
    """Return what was read; of an object, one of the fields `telling` has to be there.

    An object without any would otherwise be taken for one that is in order.
    """
    document = _document(response, what)
    if not isinstance(document, (Mapping, list)):
        raise _unreadable(response, what)
    if telling and all(wire.single(document).get(name) is None for name in telling):
        raise _unreadable(response, what)
    return Answer(
        value=read(document),
        at=response.at,
        request_id=_request_id(response),
        detail=f"{response.status}",
    )


def _gone(error: NotOffered) -> ConnectionGone:
    return ConnectionGone(
        _("Makini no longer knows this connection."),
        request_id=error.request_id,
        code=error.code,
        status=error.status,
    )


def _request_id(response: Response) -> str | None:
    return response.headers.get("x-request-id")


def _unreadable(response: Response, what: str) -> AnswerUnreadable:
    return AnswerUnreadable(
        _("Makini's answer to the {what} cannot be read.").format(what=what),
        request_id=_request_id(response),
        status=response.status,
    )
