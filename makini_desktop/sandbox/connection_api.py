"""Endpoints for a connection's own token (contract section 3)."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from makini_desktop.sandbox.catalog import ENTITIES
from makini_desktop.sandbox.connection import Connection, Schedule
from makini_desktop.sandbox.entities import records, select
from makini_desktop.sandbox.sandbox import Sandbox
from makini_desktop.sandbox.shapes import (
    integration_shape,
    run_shape,
    settings_shape,
    status_shape,
    sync_status_shape,
    webhook_shape,
    withdrawn_sync_status_shape,
)
from makini_desktop.sandbox.syncs import (
    REAUTHORIZATION_REQUIRED,
    current_run,
    new_sync,
    run_of,
    runs,
    widen_first,
)
from makini_desktop.sandbox.wire import ApiError, envelope, invalid, json_response, not_found, read_object

# A sync that has run this long is beyond all hope; starting another one cancels it.
_STUCK_AFTER = 1_200.0
_EVENTS = ("sync.completed", "sync.failed", "connection.auth_required", "connection.online",
           "connection.offline", "system.error")  # fmt: skip


class ConnectionApi:
    """What a connection token reaches; a bare server has only what is marked P."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """Where it is reached."""
        prefix = self._sandbox.options.prefix
        current = f"{prefix}/integrations/current"
        published = [
            Route(current, self.current, methods=["GET"]),
            Route(current, self.disconnect, methods=["DELETE"]),
            *(
                Route(f"{prefix}/{family}/{{entity}}", self.entity_page, methods=["GET"], name=family)
                for family in ENTITIES
            ),
        ]
        if self._sandbox.options.bare:
            return published
        return [
            *published,
            Route(f"{current}/status", self.status, methods=["GET"]),
            Route(f"{prefix}/sync-status", self.sync_status, methods=["GET"]),
            Route(f"{prefix}/integrations/sync/status", self.withdrawn_sync_status, methods=["GET"]),
            Route(f"{prefix}/integrations/sync", self.start_sync, methods=["POST"]),
            Route(f"{prefix}/integrations/syncs", self.history, methods=["GET"]),
            Route(f"{current}/settings", self.settings, methods=["GET"]),
            Route(f"{current}/settings", self.change_settings, methods=["PUT"]),
            Route(f"{current}/webhook", self.webhook, methods=["GET"]),
            Route(f"{current}/webhook", self.change_webhook, methods=["PUT"]),
        ]

    async def current(self, request: Request) -> Response:
        """Whose token this is; answers even when the customer's credentials no longer hold."""
        connection = self._sandbox.require_connection(request)
        return json_response({"data": integration_shape(connection, self._sandbox.clock())})

    async def disconnect(self, request: Request) -> Response:
        """End the token's own connection."""
        connection = self._sandbox.require_connection(request)
        self._sandbox.tokens.revoke(connection.key)
        self._sandbox.world.remove(connection)
        return json_response({"data": {}})

    async def status(self, request: Request) -> Response:
        """Whether the customer's system answers and lets us in."""
        connection = self._sandbox.require_connection(request)
        return json_response({"data": status_shape(connection, self._sandbox.clock())})

    async def sync_status(self, request: Request) -> Response:
        """What the connection's syncs are doing."""
        connection = self._sandbox.require_connection(request)
        self._require_credentials(connection)
        return json_response({"data": sync_status_shape(connection, self._sandbox.clock())})

    async def withdrawn_sync_status(self, request: Request) -> Response:
        """The withdrawn form of the same."""
        connection = self._sandbox.require_connection(request)
        self._require_credentials(connection)
        return json_response(withdrawn_sync_status_shape(connection, self._sandbox.clock()))

    async def entity_page(self, request: Request) -> Response:
        """A page of the customer's records."""
        connection = self._sandbox.require_connection(request)
        self._require_reachable(connection)
        family, entity = connection.platform.family, request.path_params["entity"]
        asked = request.url.path.split("/")[-2]
        if asked != family or entity not in connection.scopes:
            raise not_found(f"{connection.platform.name} offers no {asked}/{entity} here.")
        rows = select(records(connection, entity), request.query_params.multi_items())
        return envelope(request, len(rows), lambda first, count: rows[first : first + count], lambda row: row)

    async def start_sync(self, request: Request) -> Response:
        """Start a manual sync: 202, or 409 with the one under way; one key never starts two."""
        sandbox, now = self._sandbox, self._sandbox.clock()
        connection = sandbox.require_connection(request)
        key = request.headers.get("Idempotency-Key")
        for sync in connection.syncs:
            if key is not None and sync.idempotency_key == key:
                return json_response({"data": run_shape(run_of(connection, sync), now)}, 202)
        self._require_reachable(connection)
        body = await read_object(request)
        if body.get("type", "manual") != "manual":
            raise invalid("type", "type must be manual.")
        action = body.get("action", "incremental")
        if action not in ("incremental", "full"):
            raise invalid("action", "action must be incremental or full.")
        scopes = body.get("scopes", connection.scopes)
        if not isinstance(scopes, list) or not scopes or not set(map(str, scopes)) <= set(connection.scopes):
            raise invalid("scopes", f"scopes must be some of {', '.join(connection.scopes)}.")
        running = current_run(connection, now)
        if running is not None and now - running.started_at < _STUCK_AFTER:
            raise ApiError(
                409,
                "SYNC_IN_PROGRESS",
                "A sync is under way.",
                details={"sync_id": running.id},
                extra={"data": run_shape(running, now)},
            )
        for sync in connection.syncs:
            if running is not None and sync.id == running.id:
                sync.cancelled_at = now
        started = new_sync(connection, now, kind="manual", action=action, scopes=scopes, idempotency_key=key)
        sandbox.world.changed(connection)
        return json_response({"data": run_shape(run_of(connection, started), now)}, 202)

    async def history(self, request: Request) -> Response:
        """The syncs of the last 30 days, the newest first; `cursor` and `limit` page through them."""
        connection, now = self._sandbox.require_connection(request), self._sandbox.clock()
        limit_text, cursor = request.query_params.get("limit", "50"), request.query_params.get("cursor")
        if not limit_text.isdecimal() or not 0 < int(limit_text) <= 200:
            raise invalid("limit", "limit must be 1 to 200.")
        page, seen = [], cursor is None
        for run in runs(connection, now):
            if seen:
                page.append(run)
            if len(page) > int(limit_text):
                break
            seen = seen or run.id == cursor
        if not seen:
            raise invalid("cursor", "cursor is none of ours, or older than 30 days.")
        more = len(page) > int(limit_text)
        page = page[: int(limit_text)]
        shapes = [run_shape(run, now) for run in page]
        return json_response({"data": shapes, "next_cursor": page[-1].id if more else None})

    async def settings(self, request: Request) -> Response:
        """How often the connection syncs."""
        connection = self._sandbox.require_connection(request)
        return json_response({"data": settings_shape(connection, self._sandbox.clock())})

    async def change_settings(self, request: Request) -> Response:
        """Change mode, interval or history window; what is left out stays."""
        connection, now = self._sandbox.require_connection(request), self._sandbox.clock()
        body = {**settings_shape(connection, now), **await read_object(request)}
        mode, minutes, days = body["mode"], body["interval_minutes"], body["history_days"]
        if mode not in ("scheduled", "webhook"):
            raise invalid("mode", "mode must be scheduled or webhook.")
        if type(minutes) is not int or not 15 <= minutes <= 1440:
            raise invalid("interval_minutes", "interval_minutes must be 15 to 1440.")
        if type(days) is not int or not 30 <= days <= 90:
            raise invalid("history_days", "history_days must be 30 to 90.")
        connection.history_days = days
        widen_first(connection, now)
        interval = minutes * 60.0
        for old in connection.schedules[-1:]:
            if (old.mode, old.interval) != (mode, interval):
                connection.schedules.append(Schedule(now, now + interval, interval, mode))
        self._sandbox.world.changed(connection)
        return json_response({"data": settings_shape(connection, now)})

    async def webhook(self, request: Request) -> Response:
        """Where events go."""
        return json_response({"data": webhook_shape(self._sandbox.require_connection(request))})

    async def change_webhook(self, request: Request) -> Response:
        """Change where events go; the secret is checked and not kept, for nothing is sent yet."""
        connection = self._sandbox.require_connection(request)
        body = {**webhook_shape(connection), **await read_object(request)}
        url, events, secret = body["url"], body["events"], body.get("secret")
        if url is not None and not (isinstance(url, str) and _is_web_address(url)):
            raise invalid("url", "url must be an http or https address, or null.")
        if not isinstance(events, list) or not all(_is_event(event, connection) for event in events):
            raise invalid("events", f"events must be some of {', '.join(_EVENTS)} or an entity's.")
        if secret is not None and (not isinstance(secret, str) or len(secret) < 16):
            raise invalid("secret", "secret must have 16 characters or more.")
        connection.webhook_url, connection.webhook_events = url, events
        self._sandbox.world.changed(connection)
        return json_response({"data": webhook_shape(connection)})

    def _require_credentials(self, connection: Connection) -> None:
        if connection.open_incident("credentials", self._sandbox.clock()):
            message = f"{connection.platform.name} no longer accepts this sign-in; sign in again."
            raise ApiError(401, REAUTHORIZATION_REQUIRED, message)

    def _require_reachable(self, connection: Connection) -> None:
        now = self._sandbox.clock()
        if connection.connected_at is None:
            raise ApiError(403, "PERMISSION_DENIED", f"{connection.name} has not finished signing in.")
        if connection.open_incident("inactive", now):
            raise ApiError(403, "PERMISSION_DENIED", "The connection is inactive: no credits are left.")
        self._require_credentials(connection)
        if connection.open_incident("offline", now):
            message = f"{connection.platform.name} at {connection.name} does not answer."
            raise ApiError(503, "SYSTEM_UNREACHABLE", message)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_event(event: object, connection: Connection) -> bool:
    entity, _, change = str(event).rpartition(".")
    return event in _EVENTS or (entity in connection.scopes and change in {"inserted", "updated"})
