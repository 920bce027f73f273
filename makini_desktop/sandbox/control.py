"""Levers that make things happen, and what tests may look at; for this computer's programs only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from makini_desktop.sandbox import pages
from makini_desktop.sandbox.connection import Connection, IncidentKind
from makini_desktop.sandbox.demands import DEMANDS
from makini_desktop.sandbox.faults import DAY, LoginDemand, RateLimit
from makini_desktop.sandbox.sandbox import Sandbox
from makini_desktop.sandbox.syncs import current_run, fail_next, last_finished, new_sync
from makini_desktop.sandbox.wire import ApiError, Json, invalid, json_response, read_object, time_text
from makini_desktop.sandbox.world import NextLogin

_BACK_AFTER = 3.0


class Lever(msgspec.Struct, frozen=True):
    """One action: what it does, and its parameters with their defaults (null: needed)."""

    action: str
    description: str
    pull: Callable[[Json], None]
    parameters: Json = {}
    for_connection: bool = False


class Control:
    """`/sandbox/control`, `/sandbox/log` and `/sandbox/state`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        one = {"connection": None}
        levers = (
            Lever("change_credentials", "The customer changes the sign-in of their system.",
                  self._change_credentials, one, True),
            Lever("go_offline", "The customer's system stops answering.", self._go_offline, one, True),
            Lever("come_back", "The customer's system answers again.", self._come_back, one, True),
            Lever("revoke_token", "Every token of the connection is taken back.",
                  self._revoke_token, one, True),
            Lever("expire_token", "The access token ends now; it can be refreshed.",
                  self._expire_token, one, True),
            Lever("fail_sync", "The next sync of the connection fails.", self._fail_sync, one, True),
            Lever("login_as_other", "The next login for the connection answers as another customer.",
                  self._login_as_other, {**one, "other": ""}, True),
            Lever("login_as_new", "The next login for the connection answers with a new one beside it.",
                  self._login_as_new, one, True),
            Lever("login_demand", "What the sign-on asks of the browser, for one connection or for all; "
                  "so many times, 0 every time; `none` ends it.",
                  self._login_demand, {"connection": "", "demand": "none", "times": 0, "seconds": 20}),
            Lever("rate_limit", "For so many seconds only so many requests are answered; then it is over.",
                  self._rate_limit, {"requests": 0, "seconds": 30, "form": "seconds"}),
            Lever("slow", "Every API answer takes so much longer; 0 ends it.", self._slow, {"ms": 2_000}),
            Lever("server_errors", "The next requests end in server errors.",
                  self._server_errors, {"count": 3}),
            Lever("drop", "The next connections are cut without an answer, the request carried out or not.",
                  self._drop, {"count": 1, "processed": False}),
            Lever("deprecate", "The API version is deprecated and ends in so many days.",
                  self._deprecate, {"days": 218}),
            Lever("undeprecate", "The API version is current again.", self._undeprecate),
            Lever("state_not_echoed", "Logins return without the state they came with.",
                  self._state_not_echoed, {"on": True}),
            Lever("reset", "Everything starts over; no token is valid any more.", self._reset),
        )  # fmt: skip
        self._levers = {lever.action: lever for lever in levers}

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
        self._require_local(request)
        actions = [
            {"action": lever.action, "description": lever.description, "parameters": lever.parameters}
            for lever in self._levers.values()
        ]
        demands = [{"demand": name, "description": text} for name, text in DEMANDS.items()]
        return json_response({"actions": actions, "demands": demands})

    async def act(self, request: Request) -> Response:
        """Pull one lever."""
        self._require_local(request)
        body = await read_object(request)
        lever = self._levers.get(str(body.get("action")))
        if lever is None:
            raise invalid("action", f"action must be one of {', '.join(self._levers)}.")
        parameters: Json = {name: body.get(name, default) for name, default in lever.parameters.items()}
        for name, default in lever.parameters.items():
            if default is not None and type(parameters[name]) is not type(default):
                raise invalid(name, f"{name} must be like {default!r}.")
            if isinstance(parameters[name], int) and parameters[name] < 0:
                raise invalid(name, f"{name} must not be negative.")
        lever.pull(parameters)
        self._sandbox.touch()
        return json_response({"ok": True, "action": lever.action})

    async def log(self, request: Request) -> Response:
        """The requests after number `after`."""
        self._require_local(request)
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            raise invalid("after", "after must be a number.")
        return json_response({"requests": self._sandbox.log.after(int(after))})

    async def state(self, request: Request) -> Response:
        """A summary of every connection, and the standing faults."""
        self._require_local(request)
        now = self._sandbox.clock()
        return json_response(
            {
                "now": time_text(now),
                "connections": [_summary(connection, now) for connection in self._sandbox.world],
                "faults": self._sandbox.faults,
                "demand_answers": self._sandbox.demand_answers,
            }
        )

    async def migration(self, _request: Request) -> Response:
        """Where the Link header of a deprecated version leads a person."""
        when = time_text(self._sandbox.faults.sunset_at)
        text = f"API v1 ends on {when[:10]}." if when else "API v1 is current; there is nothing to do."
        return HTMLResponse(pages.notice("API versions", text))

    def _require_local(self, request: Request) -> None:
        """Refuse a web page: by its Origin, and by a Host that is a name made to point here."""
        own = {"127.0.0.1", "localhost", "::1"}
        origin = request.headers.get("Origin")
        if request.url.hostname not in own or (
            origin is not None and origin != f"{request.url.scheme}://{request.headers.get('Host')}"
        ):
            raise ApiError(403, "PERMISSION_DENIED", "Only programs on this computer may do this.")

    def _target(self, parameters: Json) -> Connection:
        key = parameters["connection"]
        if not isinstance(key, str):
            raise invalid("connection", "connection must be the key of a connection.")
        connection = self._sandbox.connection(key)
        self._sandbox.world.changed(connection)
        return connection

    def _change_credentials(self, parameters: Json) -> None:
        self._target(parameters).begin("credentials", self._sandbox.clock())

    def _go_offline(self, parameters: Json) -> None:
        self._target(parameters).begin("offline", self._sandbox.clock())

    def _come_back(self, parameters: Json) -> None:
        connection, now = self._target(parameters), self._sandbox.clock()
        if connection.end("offline", now) and current_run(connection, now) is None:
            new_sync(
                connection,
                now,
                kind="scheduled",
                action="incremental",
                scopes=connection.scopes,
                delay=_BACK_AFTER,
            )

    def _revoke_token(self, parameters: Json) -> None:
        self._sandbox.tokens.revoke(self._target(parameters).key)

    def _expire_token(self, parameters: Json) -> None:
        self._sandbox.tokens.expire(self._target(parameters).key, self._sandbox.clock())

    def _fail_sync(self, parameters: Json) -> None:
        fail_next(self._target(parameters), self._sandbox.clock())

    def _login_as_other(self, parameters: Json) -> None:
        other = self._sandbox.connection(parameters["other"]).key if parameters["other"] else None
        self._sandbox.world.set_next_login(self._target(parameters), NextLogin("other", other))

    def _login_as_new(self, parameters: Json) -> None:
        self._sandbox.world.set_next_login(self._target(parameters), NextLogin("new"))

    def _login_demand(self, parameters: Json) -> None:
        demand, key = parameters["demand"], parameters["connection"]
        if key:
            self._target(parameters)
        if demand == "none":
            self._sandbox.faults.login_demands.pop(key, None)
            return
        if demand not in DEMANDS:
            raise invalid("demand", f"demand must be none or one of {', '.join(DEMANDS)}.")
        if demand == "client_certificate" and not self._sandbox.hosts.certificate_port:
            raise invalid("demand", "The sandbox needs --link-client-ca for this.")
        self._sandbox.faults.login_demands[key] = LoginDemand(
            demand, parameters["times"], parameters["seconds"]
        )

    def _rate_limit(self, parameters: Json) -> None:
        if parameters["form"] not in {"seconds", "date"}:
            raise invalid("form", "form must be seconds or date.")
        ends_at = self._sandbox.clock() + parameters["seconds"]
        self._sandbox.faults.rate_limit = RateLimit(parameters["requests"], ends_at, parameters["form"])

    def _slow(self, parameters: Json) -> None:
        self._sandbox.faults.slow_ms = parameters["ms"]

    def _server_errors(self, parameters: Json) -> None:
        self._sandbox.faults.server_errors = parameters["count"]

    def _drop(self, parameters: Json) -> None:
        self._sandbox.faults.drops = parameters["count"]
        self._sandbox.faults.drops_processed = parameters["processed"]

    def _deprecate(self, parameters: Json) -> None:
        now = self._sandbox.clock()
        self._sandbox.faults.deprecated_at = now
        self._sandbox.faults.sunset_at = now + parameters["days"] * DAY

    def _undeprecate(self, _parameters: Json) -> None:
        self._sandbox.faults.deprecated_at = self._sandbox.faults.sunset_at = None

    def _state_not_echoed(self, parameters: Json) -> None:
        self._sandbox.faults.state_not_echoed = parameters["on"]

    def _reset(self, _parameters: Json) -> None:
        self._sandbox.reset()


def _summary(connection: Connection, now: float) -> dict[str, Any]:
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
        "broken_since": time_text(min(broken)) if broken else None,
    }
