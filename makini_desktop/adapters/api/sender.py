"""Sends a request and takes in whether the server offers what was asked for (contract section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from makini_desktop.adapters.api import answers, wire
from makini_desktop.adapters.api.call import Call
from makini_desktop.adapters.api.caller import Caller
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.connection import Integration
from makini_desktop.domain.errors import NotOffered, SyncUnderWay
from makini_desktop.domain.token import Secret
from makini_desktop.services import capabilities
from makini_desktop.services.ports import Answer, Priority
from makini_desktop.services.server import Server

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Response


class Sender:
    """Requests of one account, with what each says about its server.

    Args:
        caller: sends them.
        server: knows what the server offers, and is told what is met.
    """

    def __init__(self, caller: Caller, server: Server) -> None:
        self._caller = caller
        self._server = server

    @property
    def api_base(self) -> str:
        """Where the account's API is."""
        return self._caller.account.api_base

    async def send(self, call: Call, token: Secret, priority: Priority) -> Response:
        """Send a request that every server has."""
        try:
            response = await self._caller.send(call, token, priority)
        except SyncUnderWay:
            self._server.offered(call.capability)
            raise
        self._server.offered(call.capability)
        return response

    async def as_admin(self, call: Call, priority: Priority = Priority.BACKGROUND) -> Response:
        """Send a request with the admin token."""
        response = await self._caller.as_admin(call, priority)
        self._server.offered(call.capability)
        return response

    async def optional(self, call: Call, token: Secret, priority: Priority) -> Response:
        """Send a request that a server may lack, unless it is known to lack it.

        Raises:
            NotOffered: in words that say what it means.
        """
        if self._server.lacks(call.capability):
            raise NotOffered(capabilities.words(call.capability))
        return await self.attempt(call, token, priority)

    async def attempt(self, call: Call, token: Secret, priority: Priority) -> Response:
        """Send a request that a server may lack, by the rule of contract section 4.

        404, 405 and 501 mean "not offered" only if the token answers for itself elsewhere.
        """
        try:
            return await self.send(call, token, priority)
        except NotOffered as error:
            whose = (await self.integration(token, priority)).value.id
            self._server.missed(call.capability, whose)
            raise NotOffered(
                capabilities.words(call.capability),
                request_id=error.request_id,
                code=error.code,
                status=error.status,
            ) from error

    async def integration(self, token: Secret, priority: Priority) -> Answer[Integration]:
        """Return whose token this is.

        Raises:
            ConnectionGone: every server has this endpoint, but not for this token.
        """
        call = Call(capability=Capability.CURRENT_INTEGRATION)
        try:
            response = await self.send(call, token, priority)
        except NotOffered as error:
            raise answers.gone(error) from error
        return answers.answer(response, wire.integration, call.what, "id", "company_name")
