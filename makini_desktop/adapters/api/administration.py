"""What the admin token does: the account, its platforms, its connections (contract section 3)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from makini_desktop.adapters.api import answers, pages, wire, wire_settings
from makini_desktop.adapters.api.call import Call
from makini_desktop.adapters.api.sender import Sender
from makini_desktop.domain.account import Client
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.connection import Connection, ConnectionId
from makini_desktop.domain.errors import NotOffered
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.settings import Metadatum
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services.ports import Answer, Priority

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Response


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list.

    Attributes:
        number: counted from 1.
        whole: False if the list breaks off here.
    """

    response: Response
    document: Any
    rows: list[Any]
    number: int
    whole: bool


class Administration:
    """The part of the API that is the administrator's; all of it is published."""

    _sender: Sender

    async def client(self) -> Answer[Client]:
        """Return what Makini says about the account."""
        call = Call(capability=Capability.ACCOUNT)
        return answers.answer(await self._sender.as_admin(call), wire.client, call.what, "id", "name")

    async def connection_pages(self) -> AsyncIterator[Answer[tuple[Connection, ...]]]:
        """Yield all pages of the connection list; a bad row is an unreadable `Connection`."""
        async for page in self._pages(Call(capability=Capability.LIST_CONNECTIONS), Priority.BACKGROUND):
            yield answers.cited(
                page.response,
                tuple(
                    wire.connection(row, f"{page.number}.{index}")
                    for index, row in enumerate(page.rows, start=1)
                ),
                whole=page.whole,
            )

    async def platforms(self) -> Answer[tuple[Platform, ...]]:
        """Return the systems that a customer can connect; a row without a key is left out."""
        found: dict[str, Platform] = {}
        async for page in self._pages(Call(capability=Capability.PLATFORMS), Priority.PERSON):
            found |= {each.key: each for each in wire_settings.platforms(page.rows)}
        return answers.cited(page.response, tuple(found.values()), whole=page.whole)

    async def create_connection(
        self, name: str, email: str, platform: str, credentials: Mapping[str, Secret]
    ) -> TokenPair:
        """Create a connection by the credentials of the customer's system, without a login."""
        call = Call(
            capability=Capability.CREATE_CONNECTION,
            method="POST",
            json={
                "name": name,
                "email": email,
                "provider": platform,
                "credentials": {field: secret.value for field, secret in credentials.items()},
            },
        )
        return answers.token_pair(await self._sender.as_admin(call, Priority.PERSON), call.what)

    async def disconnect(self, connection: ConnectionId) -> Answer[None]:
        """End a connection by the administrator's right; its tokens die at once.

        Raises:
            ConnectionGone: the server does not know it (404).
        """
        call = Call(capability=Capability.DISCONNECT, method="DELETE", parts={"id": connection})
        return answers.cited(await self._of_one(call), None)

    async def metadata(self, connection: ConnectionId) -> Answer[tuple[Metadatum, ...]]:
        """Return what the account keeps at Makini about a connection."""
        found: dict[str, Metadatum] = {}
        call = Call(capability=Capability.METADATA, parts={"id": connection})
        try:
            async for page in self._pages(call, Priority.PERSON):
                found |= {each.key: each for each in wire_settings.metadata(page.document)}
        except NotOffered as error:
            raise answers.gone_or_lacking(error) from error
        return answers.cited(page.response, tuple(found.values()), whole=page.whole)

    async def set_metadata(self, connection: ConnectionId, entries: Sequence[Metadatum]) -> Answer[None]:
        """Add entries, or replace those of the same key; none can be removed."""
        body = [{"key": each.key, "value": each.value} for each in entries]
        call = Call(capability=Capability.METADATA, method="POST", parts={"id": connection}, json=body)
        return answers.cited(await self._of_one(call), None)

    async def issue_token(self, connection: ConnectionId) -> TokenPair:
        """Issue a new token by the administrator's right; it may end every older one."""
        call = Call(capability=Capability.ISSUE_TOKEN, method="POST", parts={"id": connection}, json={})
        try:
            response = await self._sender.as_admin(call)
        except NotOffered as error:
            raise answers.gone(error) from error
        return answers.token_pair(response, call.what)

    async def _of_one(self, call: Call) -> Response:
        """Send what a person ordered for one connection."""
        try:
            return await self._sender.as_admin(call, Priority.PERSON)
        except NotOffered as error:
            raise answers.gone_or_lacking(error) from error

    async def _pages(self, call: Call, priority: Priority) -> AsyncIterator[_Page]:
        """Yield the pages of a list; a next page that leads elsewhere or back ends it (contract section 3).

        Raises:
            AnswerUnreadable: an answer holds no list.
        """
        query = pages.FIRST
        read: set[str] = set()
        while query:
            read.add(query)
            response = await self._sender.as_admin(msgspec.structs.replace(call, query=query), priority)
            document = answers.document(response, call.what)
            if not _holds_list(document, call.capability):
                raise answers.unreadable(response, call.what)
            following = pages.next_page(document, len(read), self._sender.api_base, call.path)
            if following in read or (following and len(read) == pages.PAGE_LIMIT):
                following = None
            yield _Page(
                response=response,
                document=document,
                rows=wire.rows(document),
                number=len(read),
                whole=following is not None,
            )
            query = following or ""


def _holds_list(document: Any, capability: Capability) -> bool:  # noqa: ANN401 - JSON is anything
    """Tell whether an answer is a list, be it an empty one; metadata is published in other forms, too."""
    inner = document.get("data") if isinstance(document, Mapping) else document
    return isinstance(inner, list) or (
        capability is Capability.METADATA and isinstance(inner, (Mapping, str))
    )
