"""Sends one account's requests: to its base, in its version, as whom it takes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from makini_desktop.adapters.api import answers, news, portal
from makini_desktop.adapters.api.call import Call
from makini_desktop.adapters.api.kept import KeptAnswers
from makini_desktop.adapters.api.placement import find_placement, prefix
from makini_desktop.adapters.api.refusal import refusal
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.errors import (
    ClientRejected,
    MakiniDesktopError,
    NoClientSecret,
    NotOffered,
    ReconnectNeeded,
    TokenRejected,
    VersionNotSpoken,
)
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services.ports import Priority
from makini_desktop.services.server import Server

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Http, Response

ADMIN_EARLY = 60.0
"""Seconds before its end from which the admin token is fetched anew."""

TOKEN_CALL = "link_token"
"""What the token endpoint (contract section 2) is called in the news of a version."""

_OF_CLIENT = frozenset({"invalid_client", "unauthorized_client"})
"""OAuth's words for a client id or secret that is not accepted (RFC 6749 section 5.2)."""

_MISSING = frozenset({404, 405, 501})
_VERSIONLESS = frozenset({400, 404, 405, 406, 410, 501})
"""With these a server refuses a version that it does not speak."""


class Caller:
    """Sends requests and returns good answers; everything else is an error of the tree.

    Args:
        account: gives where it is, and as whom.
        http: gives the shared HTTP client; called at the first request.
        client_secret: gives the account's client secret.
        placed: told where the version goes, once that was found out.
        server: told what answers say of the version.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        http: Callable[[], Awaitable[Http]],
        client_secret: Callable[[], Awaitable[Secret | None]],
        placed: Callable[[VersionPlacement], Awaitable[None]],
        server: Server,
    ) -> None:
        self._of_account = account
        self._http = http
        self._client_secret = client_secret
        self._placed = placed
        self._server = server
        self._placement: VersionPlacement | None = None
        self._placing = asyncio.Lock()
        self._admin: TokenPair | None = None
        self._admin_lock = asyncio.Lock()
        self._version: str | None = None
        self._good: tuple[str | None, str | None] = (None, None)
        self._last_at: datetime | None = None
        self._kept = KeptAnswers()

    @property
    def account(self) -> Account:
        """The account as it is now."""
        return self._of_account()

    def version(self) -> str | None:
        """Return the version that the last answer carried."""
        return self._version

    async def send(self, call: Call, token: Secret, priority: Priority) -> Response:
        """Send a request with a token.

        Raises:
            VersionNotSpoken: the server refuses what every server has, and names another version.
            MakiniDesktopError: any other refusal, by contract section 4.
        """
        response = await self._ask(call, await self._prefix(token), token, priority)
        if response.good:
            return response
        # Whether something else is missing, or the whole version, is asked of `integrations/current`.
        asked_elsewhere = response.status in _MISSING and not call.published
        other = None if asked_elsewhere else self._other_version(response)
        raise other or refusal(response, call.what)

    async def as_admin(self, call: Call, priority: Priority = Priority.BACKGROUND) -> Response:
        """Send a request with the admin token; one that is no longer accepted is fetched anew, once.

        Reading is about the account alone, so that no refusal of it speaks of a customer's sign-in.

        Raises:
            VersionNotSpoken: the server lacks what every server has.
            ClientRejected: no token that the account is given is accepted.
        """
        refused = (TokenRejected, ReconnectNeeded) if call.method == "GET" else (TokenRejected,)
        try:
            token = await self._admin_token(None)
            try:
                return await self.send(call, token, priority)
            except refused:
                token = await self._admin_token(token)
            try:
                return await self.send(call, token, priority)
            except refused as error:
                raise self._client_rejected(error) from error
        except NotOffered as error:
            raise (self._no_api(call, error) if call.about_the_account else error) from error

    async def grant(self, what: str, form: Mapping[str, str]) -> TokenPair:
        """Ask the token endpoint for a connection's pair; never retried, for codes serve once."""
        secret = await self._secret()
        response = await (await self._http()).send(
            "POST",
            self._token_url(),
            priority=Priority.PERSON,
            headers=self._headers(),
            form={**form, "client_id": self.account.client_id, "client_secret": secret.value},
        )
        self._refuse_impostor(response)
        self._note(TOKEN_CALL, response)
        if not response.good:
            error = refusal(response, what)
            if error.code in _OF_CLIENT:
                raise self._client_rejected(error) from error
            raise error
        return answers.token_pair(response, what)

    def forget(self, token: Secret) -> None:
        """Keep nothing that was answered to a token that is used no more."""
        self._kept.forget(token)

    async def place_version(self) -> VersionPlacement:
        """Find out anew where the version goes, and tell it if it is another place than before."""
        token = await self._admin_token(None)
        async with self._placing:
            found = await self._find_placement(token)
            if found is not self.account.version_in:
                await self._placed(found)
            self._placement = found
        return found

    async def _prefix(self, token: Secret) -> str:
        """Return the path before every endpoint, finding out first where the version goes (section 1)."""
        async with self._placing:
            if self._placement is None:
                self._placement = self.account.version_in
            if self._placement is None:
                self._placement = await self._find_placement(token)
                await self._placed(self._placement)
        return prefix(self.account, self._placement)

    async def _find_placement(self, token: Secret) -> VersionPlacement:
        async def ask(placement: VersionPlacement) -> Response:
            call = Call(capability=Capability.ACCOUNT)
            return await self._ask(call, prefix(self.account, placement), token, Priority.PERSON)

        return await find_placement(self.account, ask, self._other_version)

    async def _ask(self, call: Call, before: str, token: Secret, priority: Priority) -> Response:
        url = f"{self.account.api_base}{before}{call.path}"
        kept = self._kept.get(token, url) if call.method == "GET" else None
        condition = {"If-None-Match": kept.tag} if kept is not None else {}
        response = await (await self._http()).send(
            call.method,
            url,
            priority=priority,
            headers={**self._headers(token), **call.headers, **condition},
            json=call.json,
            retried=call.repeatable,
        )
        self._refuse_impostor(response, published=call.published)
        if call.method == "GET":
            response = self._kept.take(token, url, kept, response)
        said = self._note(call.capability.value, response)
        if response.good:
            self._good = news.version(response), said
        return response

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
                    "client_id": self.account.client_id,
                    "client_secret": secret.value,
                },
                retried=True,
            )
            self._refuse_impostor(response)
            self._note(TOKEN_CALL, response)
            what = _("admin token")
            if not response.good:
                error = refusal(response, what)
                other = None if error.code in _OF_CLIENT else self._other_version(response)
                if other is not None:
                    raise other
                raise self._client_rejected(error) if response.status in (400, 401) else error
            self._admin = answers.token_pair(response, what)
            return self._admin.access

    def _refuse_impostor(self, response: Response, *, published: bool = True) -> None:
        """Raise if somebody else has answered in Makini's place.

        Raises:
            NotMakini: it says nothing of what was asked for.
        """
        impostor = portal.not_makini(response, self.account.api_base, published=published)
        if impostor is not None:
            raise impostor

    def _admin_ends(self, pair: TokenPair) -> bool:
        if pair.expires_at is None or self._last_at is None:
            return False
        early = min(ADMIN_EARLY, (pair.expires_at - pair.obtained_at).total_seconds() / 2)
        return (pair.expires_at - self._last_at).total_seconds() <= early

    def _note(self, call: str, response: Response) -> str | None:
        """Take in what an answer says of the version, and return the successor that it names.

        Only a good answer takes back what was said before: a proxy's error page says nothing of it.
        """
        self._last_at = response.at
        self._version = news.version(response) or self._version
        said = news.version_news(response, self.account.version, self.account.api_base, call)
        if response.good or said.deprecated:
            self._server.said(said)
        return said.successor

    def _other_version(self, response: Response) -> VersionNotSpoken | None:
        """Return the error for a refusal that names another version than ours, None for any other answer.

        A name that good answers carry, too, explains no refusal. Nor does the successor of a version that
        is deprecated and still alive.
        """
        if response.status not in _VERSIONLESS:
            return None
        ours = self.account.version
        good_version, good_successor = self._good
        theirs = news.version(response)
        if theirs is None or theirs == good_version or _major(theirs) == _major(ours):
            said = news.version_news(response, ours, self.account.api_base, "")
            ended = said.ends_at is not None and said.ends_at <= response.at
            if said.successor in (None, good_successor) or (said.deprecated and not ended):
                return None
            theirs = news.version_in(said.successor or "")
            if theirs is None or _major(theirs) == _major(ours):
                return None
        return VersionNotSpoken(
            _("This server speaks {theirs} only; this program speaks {ours}.").format(
                theirs=theirs, ours=ours
            ),
            request_id=answers.request_id(response),
            status=response.status,
        )

    def _no_api(self, call: Call, error: NotOffered) -> VersionNotSpoken:
        return VersionNotSpoken(
            _(
                "{base} does not know the {what} of API {version}. The version may have ended or moved; "
                "test the account."
            ).format(base=self.account.api_base, what=call.what, version=self.account.version),
            request_id=error.request_id,
            code=error.code,
            status=error.status,
        )

    async def _secret(self) -> Secret:
        secret = await self._client_secret()
        if secret is None:
            raise NoClientSecret(
                _("There is no client secret for the account “{name}”. Add it with “accounts add”.").format(
                    name=self.account.name
                )
            )
        return secret

    def _client_rejected(self, error: MakiniDesktopError) -> ClientRejected:
        return ClientRejected(
            _("Makini does not accept the client id or secret of the account “{name}”.").format(
                name=self.account.name
            ),
            request_id=error.request_id,
            code=error.code,
            status=error.status,
        )

    def _token_url(self) -> str:
        return f"{self.account.api_base}/link/token"

    def _headers(self, token: Secret | None = None) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {token.value}"} if token is not None else {}
        return {"X-API-Version": self.account.version, **bearer}


def _major(version: str) -> str:
    """Return what tells versions apart that do not get along: "2" for "v2" and "2.1"."""
    found = re.match(r"v?(\d+)", version.casefold())
    return found[1].lstrip("0") if found else version.casefold()
