"""Endpoints for the admin token: the account, its platforms and its connections (contract section 3)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from makini_desktop.sandbox.catalog import PLATFORM_BY_KEY, PLATFORMS
from makini_desktop.sandbox.connection import Connection
from makini_desktop.sandbox.sandbox import CLIENT_ID, REDIRECT_URIS, WEB_REDIRECT, Sandbox, logged
from makini_desktop.sandbox.shapes import connection_shape
from makini_desktop.sandbox.tokens import Pair
from makini_desktop.sandbox.wire import Json, envelope, invalid, json_response, read_json, read_object


class AdminApi:
    """All of it is published (P), so a bare server has it too."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """Where it is reached."""
        system = f"{self._sandbox.options.prefix}/system"
        one = f"{system}/connections/{{key}}"
        return [
            Route(f"{system}/client", self.client, methods=["GET"]),
            Route(f"{system}/platforms", self.platforms, methods=["GET"]),
            Route(f"{system}/connections", self.list_connections, methods=["GET"]),
            Route(f"{system}/connections", self.create_connection, methods=["POST"]),
            Route(one, self.disconnect, methods=["DELETE"]),
            Route(f"{one}/metadata", self.metadata, methods=["GET"]),
            Route(f"{one}/metadata", self.set_metadata, methods=["POST"]),
            Route(f"{one}/token", self.issue_token, methods=["POST"]),
        ]

    async def client(self, request: Request) -> Response:
        """The account."""
        self._sandbox.require_admin(request)
        account = {
            "id": CLIENT_ID,
            "name": "Sandbox",
            "logo_url": None,
            "email": "integrations@example.com",
            "default_redirect": WEB_REDIRECT,
            "redirects": list(REDIRECT_URIS),
        }
        return json_response({"data": account})

    async def platforms(self, request: Request) -> Response:
        """The systems a customer can connect."""
        self._sandbox.require_admin(request)

        def items(first: int, count: int) -> list[Any]:
            return list(PLATFORMS[first : first + count])

        return envelope(
            request,
            len(PLATFORMS),
            items,
            lambda platform: {"key": platform.key, "name": platform.name, "category": platform.category},
        )

    async def list_connections(self, request: Request) -> Response:
        """A page of the list."""
        self._sandbox.require_admin(request)
        world, now = self._sandbox.world, self._sandbox.clock()
        return envelope(request, len(world), world.page, lambda c: connection_shape(c, now))

    async def create_connection(self, request: Request) -> Response:
        """A connection by credentials, without the login pages; any credentials will do."""
        self._sandbox.require_admin(request)
        body = await read_object(request)
        name, email, provider = (body.get(field) for field in ("name", "email", "provider"))
        if not isinstance(name, str) or not name.strip():
            raise invalid("name", "name is missing.")
        if not isinstance(email, str) or "@" not in email:
            raise invalid("email", "email is not an e-mail address.")
        if not isinstance(provider, str) or provider not in PLATFORM_BY_KEY:
            raise invalid("provider", "provider is none of the platforms.")
        if not isinstance(body.get("credentials"), dict) or not body["credentials"]:
            raise invalid("credentials", "credentials are missing.")
        key = self._sandbox.new_connection_key()
        connection = self._sandbox.world.add(name.strip(), email, provider, key=key)
        logged(request).connection = key
        return json_response({"data": self._pair_shape(connection, self._issue(connection))})

    async def disconnect(self, request: Request) -> Response:
        """End a connection; its tokens die at once."""
        self._sandbox.require_admin(request)
        connection = self._connection(request)
        self._sandbox.tokens.revoke(connection.key)
        self._sandbox.world.remove(connection)
        return json_response({"data": {}})

    async def metadata(self, request: Request) -> Response:
        """The account's own notes on a connection."""
        self._sandbox.require_admin(request)
        notes = list(self._connection(request).metadata.items())
        return envelope(
            request,
            len(notes),
            lambda first, count: notes[first : first + count],
            lambda note: {"key": note[0], "value": note[1]},
        )

    async def set_metadata(self, request: Request) -> Response:
        """Add notes, or replace those of the same key."""
        self._sandbox.require_admin(request)
        connection = self._connection(request)
        body = await read_json(request)
        if not isinstance(body, list):
            raise invalid("body", "The body must be a list of objects with key and value.")
        notes: dict[str, str] = {}
        for entry in body:
            key, value = (entry.get("key"), entry.get("value")) if isinstance(entry, dict) else (None, None)
            if not isinstance(key, str) or not key or not isinstance(value, str):
                raise invalid("key", "Every entry needs a key and a value, both strings.")
            notes[key] = value
        connection.metadata.update(notes)
        self._sandbox.world.changed(connection)
        return json_response({"data": [{"key": key, "value": value} for key, value in notes.items()]})

    async def issue_token(self, request: Request) -> Response:
        """A new token for a connection; every older one of it ends (contract section 2).

        A bare server answers like the published sample: `token` and a number of seconds, no refresh token.
        """
        self._sandbox.require_admin(request)
        connection = self._connection(request)
        pair = self._issue(connection)
        if self._sandbox.options.bare:
            seconds = int(pair.ends_at - self._sandbox.clock())
            return json_response({"data": {"token": pair.access, "expires_in": seconds}})
        return json_response({"data": self._pair_shape(connection, pair)})

    def _connection(self, request: Request) -> Connection:
        connection = self._sandbox.connection(request.path_params["key"])
        logged(request).connection = connection.key
        return connection

    def _issue(self, connection: Connection) -> Pair:
        sandbox = self._sandbox
        pair = sandbox.tokens.issue_pair(connection.key, sandbox.clock(), end_by=connection.tokens_end_by)
        connection.token_generation += 1
        sandbox.world.changed(connection)
        return pair

    def _pair_shape(self, connection: Connection, pair: Pair) -> Json:
        """The pair with `expires_in` as a string, as published; every other connection's is a timestamp."""
        as_duration = connection.quirk % 2
        seconds = pair.ends_at - self._sandbox.clock() if as_duration else pair.ends_at
        return {
            "access_token": pair.access,
            "refresh_token": pair.refresh,
            "token_type": "Bearer",
            "expires_in": str(int(seconds)),
        }
