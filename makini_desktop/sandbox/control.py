"""Levers that make things happen, and what tests may look at; for this computer's programs only."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from makini_desktop.sandbox import pages
from makini_desktop.sandbox.connection import Connection, IncidentKind
from makini_desktop.sandbox.demands import DEMANDS
from makini_desktop.sandbox.levers import Levers
from makini_desktop.sandbox.sandbox import Sandbox
from makini_desktop.sandbox.syncs import current_run, last_finished
from makini_desktop.sandbox.wire import ApiError, invalid, json_response, read_object, time_text
from makini_desktop.sandbox.world import NextLogin


class Control:
    """`/sandbox/control`, `/sandbox/log` and `/sandbox/state`."""

    def __init__(self, sandbox: Sandbox, levers: Levers) -> None:
        self._sandbox = sandbox
        self._levers = levers

    def routes(self) -> list[Route]:
        """Where it is reached."""
        return [
            Route("/sandbox/control", self.list_actions, methods=["GET"]),
            Route("/sandbox/control", self.act, methods=["POST"]),
            Route("/sandbox/log", self.log, methods=["GET"]),
            Route("/sandbox/state", self.state, methods=["GET"]),
            Route("/sandbox/migration", self.migration, methods=["GET"]),
        ]

    async def list_actions(self, request: Request) -> Response:
        """All actions with their parameters."""
        require_local(request)
        actions = [
            {"action": lever.action, "description": lever.description, "parameters": lever.parameters}
            for lever in self._levers.all()
        ]
        demands = [{"demand": name, "description": text} for name, text in DEMANDS.items()]
        return json_response({"actions": actions, "demands": demands})

    async def act(self, request: Request) -> Response:
        """Pull one lever."""
        require_local(request)
        body = await read_object(request)
        lever = self._levers.named(str(body.get("action")))
        self._levers.pull(lever, body)
        return json_response({"ok": True, "action": lever.action})

    async def log(self, request: Request) -> Response:
        """The requests after number `after`."""
        require_local(request)
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            raise invalid("after", "after must be a number.")
        return json_response({"requests": self._sandbox.log.after(int(after))})

    async def state(self, request: Request) -> Response:
        """A summary of every connection, and the standing faults."""
        require_local(request)
        world, now = self._sandbox.world, self._sandbox.clock()
        return json_response(
            {
                "now": time_text(now),
                "connections": [
                    _summary(connection, world.next_login(connection), now) for connection in world
                ],
                "faults": self._sandbox.faults,
                "demand_answers": self._sandbox.demand_answers,
            }
        )

    async def migration(self, _request: Request) -> Response:
        """Where the Link header of a deprecated version leads a person."""
        when = time_text(self._sandbox.faults.sunset_at)
        text = f"API v1 ends on {when[:10]}." if when else "API v1 is current; there is nothing to do."
        return HTMLResponse(pages.notice("API versions", text))


def require_local(request: Request) -> None:
    """Refuse a web page: by its Origin, and by a Host that is a name made to point here."""
    own = {"127.0.0.1", "localhost", "::1"}
    origin = request.headers.get("Origin")
    if request.url.hostname not in own or (
        origin is not None and origin != f"{request.url.scheme}://{request.headers.get('Host')}"
    ):
        raise ApiError(403, "PERMISSION_DENIED", "Only programs on this computer may do this.")


def _summary(connection: Connection, next_login: NextLogin | None, now: float) -> dict[str, Any]:
    running, finished = current_run(connection, now), last_finished(connection, now)
    kinds: tuple[IncidentKind, ...] = ("credentials", "offline", "failing", "stalled", "inactive")
    broken = [incident.since for kind in kinds if (incident := connection.open_incident(kind, now))]
    return {
        "id": connection.key,
        "name": connection.name,
        "system": connection.platform.name,
        "credentials_ok": connection.open_incident("credentials", now) is None,
        "online": connection.open_incident("offline", now) is None,
        "running_sync": running.id if running else None,
        "last_sync": {
            "id": finished.id,
            "status": finished.status(now),
            "finished_at": time_text(finished.ends_at),
        }
        if finished
        else None,
        "token_generation": connection.token_generation,
        "next_login": next_login.answer if next_login else "same",
        "broken_since": time_text(min(broken)) if broken else None,
    }
