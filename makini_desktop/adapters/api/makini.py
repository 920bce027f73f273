"""One account's Makini API: every request of the contract's section 3 that the program makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from makini_desktop.adapters.api import wire
from makini_desktop.adapters.api.administration import Administration
from makini_desktop.adapters.api.caller import Caller
from makini_desktop.adapters.api.own_connection import OwnConnection
from makini_desktop.adapters.api.sender import Sender
from makini_desktop.adapters.api.traffic import Traffic
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import InvalidRequest, ReconnectNeeded, TokenRejected
from makini_desktop.domain.request import RequestSeen
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services.server import Server

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Http


class MakiniApi(Administration, OwnConnection):
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
        self._traffic = traffic
        self._caller = Caller(account, http, client_secret, placed, server)
        self._sender = Sender(self._caller, server)

    def api_version(self) -> str | None:
        """Return the version that the server's last answer carried."""
        return self._caller.version()

    def belongs(self, token: Secret, connection: ConnectionId) -> None:
        """Note whose token this is: requests with it are paced and shown as that connection's."""
        if (older := self._traffic.belongs(token, connection)) is not None:
            self._caller.forget(older)

    def forget(self, connection: ConnectionId) -> None:
        """Keep no token of a connection any longer, nor any answer that one got."""
        if (token := self._traffic.forget(connection)) is not None:
            self._caller.forget(token)

    def requests(self) -> tuple[RequestSeen, ...]:
        """Return the last requests of the account, the newest first."""
        return self._traffic.requests()

    async def place_version(self) -> VersionPlacement:
        """Find out anew where the server wants the version (contract section 1)."""
        return await self._caller.place_version()

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
