"""What a connection's own token does (contract section 3); much of it a server may lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from makini_desktop.adapters.api import answers, wire, wire_settings
from makini_desktop.adapters.api.call import Call
from makini_desktop.adapters.api.sender import Sender
from makini_desktop.core.text import _
from makini_desktop.domain.capability import ENDPOINTS, Bearer, Capability, Provenance
from makini_desktop.domain.connection import ConnectionStatus, Integration
from makini_desktop.domain.errors import (
    NotOffered,
    ServerFailed,
    SyncUnderWay,
    SystemUnreachable,
)
from makini_desktop.domain.settings import SyncSchedule, Webhook
from makini_desktop.domain.sync import Sync, SyncOrder, SyncStatus
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Answer, Priority


class OwnConnection:
    """The part of the API that a connection token reaches: that connection."""

    _sender: Sender

    async def integration(self, token: Secret, priority: Priority) -> Answer[Integration]:
        """Return whose token this is.

        Raises:
            ConnectionGone: every server has this endpoint, but not for this token.
        """
        return await self._sender.integration(token, priority)

    async def status(self, token: Secret, priority: Priority) -> Answer[ConnectionStatus]:
        """Return the server's own check of the connection."""
        call = Call(capability=Capability.CONNECTION_STATUS)
        response = await self._sender.optional(call, token, priority)
        return answers.answer(
            response, wire.connection_status, call.what, "state", "reauthorization_required"
        )

    async def sync_status(self, token: Secret, priority: Priority) -> Answer[SyncStatus]:
        """Return the state of the syncs, from whichever endpoint the server has."""
        capability: Capability | None = Capability.SYNC_STATUS
        while capability is not None and ENDPOINTS[capability].provenance is not Provenance.PUBLISHED:
            call = Call(capability=capability)
            try:
                response = await self._sender.optional(call, token, priority)
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
            response = await self._sender.optional(call, token, Priority.PERSON)
        except SyncUnderWay as error:
            if error.running is None:
                error.running = (await self.sync_status(token, Priority.PERSON)).value.current
            raise
        return answers.answer(response, lambda document: wire.sync(wire.single(document)), _("sync"))

    async def syncs(self, token: Secret, limit: int, priority: Priority) -> Answer[tuple[Sync, ...]]:
        """Return the newest syncs, the newest first."""
        call = Call(capability=Capability.SYNC_HISTORY, query=urlencode({"limit": limit}))
        response = await self._sender.optional(call, token, priority)
        return answers.answer(
            response,
            lambda document: tuple(wire.sync(row) for row in wire.rows(document) if isinstance(row, Mapping)),
            call.what,
        )

    async def schedule(self, token: Secret, priority: Priority) -> Answer[SyncSchedule]:
        """Return when the connection syncs."""
        call = Call(capability=Capability.SYNC_SETTINGS)
        response = await self._sender.optional(call, token, priority)
        return answers.answer(response, wire.schedule, call.what)

    async def set_schedule(self, token: Secret, schedule: SyncSchedule) -> Answer[SyncSchedule]:
        """Set when the connection syncs, and return what the server made of it; `next_at` is not set.

        Raises:
            InvalidRequest: the server refuses a value; `field` names it.
        """
        call = Call(
            capability=Capability.SYNC_SETTINGS, method="PUT", json=wire_settings.schedule_body(schedule)
        )
        response = await self._sender.optional(call, token, Priority.PERSON)
        return answers.answer_or(response, wire.schedule, call.what, schedule)

    async def webhook(self, token: Secret, priority: Priority) -> Answer[Webhook]:
        """Return where the connection's events go."""
        call = Call(capability=Capability.WEBHOOK_SETTINGS)
        response = await self._sender.optional(call, token, priority)
        return answers.answer(response, wire_settings.webhook, call.what)

    async def set_webhook(self, token: Secret, webhook: Webhook, secret: Secret | None) -> Answer[Webhook]:
        """Set where the connection's events go, and return what the server made of it.

        Raises:
            InvalidRequest: the server refuses a value; `field` names it.
        """
        body: dict[str, Any] = {"url": webhook.url, "events": list(webhook.events)}
        if secret is not None:
            body["secret"] = secret.value
        call = Call(capability=Capability.WEBHOOK_SETTINGS, method="PUT", json=body)
        response = await self._sender.optional(call, token, Priority.PERSON)
        return answers.answer_or(response, wire_settings.webhook, call.what, webhook)

    async def disconnect_self(self, token: Secret) -> Answer[None]:
        """End the connection that a token belongs to; its tokens die at once.

        Raises:
            ConnectionGone: the server does not know it (404).
        """
        call = Call(capability=Capability.DISCONNECT_SELF, method="DELETE")
        try:
            response = await self._sender.send(call, token, Priority.PERSON)
        except NotOffered as error:
            raise answers.gone_or_lacking(error) from error
        return answers.cited(response, None)

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
                await self._sender.attempt(Call(capability=endpoint.capability), token, Priority.PERSON)
            except (NotOffered, ServerFailed, SystemUnreachable):
                continue
