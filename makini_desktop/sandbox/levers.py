"""The actions of `/sandbox/control`: each makes one thing happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from makini_desktop.sandbox.connection import Connection
from makini_desktop.sandbox.demands import DEMANDS
from makini_desktop.sandbox.faults import DAY, LoginDemand, RateLimit
from makini_desktop.sandbox.sandbox import Sandbox
from makini_desktop.sandbox.syncs import current_run, fail_next, finish, new_sync
from makini_desktop.sandbox.wire import Json, invalid
from makini_desktop.sandbox.world import NextLogin

_BACK_AFTER = 3.0
_HOUR = 3_600.0
_GRANTS = ("", "client_credentials", "authorization_code", "refresh_token")
CHOICES: Mapping[str, Sequence[str]] = {
    "demand": ("none", *DEMANDS),
    "form": ("seconds", "date"),
    "grant": _GRANTS,
}
"""Parameters that take certain words only."""

_ONE: Json = {"connection": None}


class Lever(msgspec.Struct, frozen=True):
    """One action: what it does, and its parameters with their defaults (null: needed)."""

    action: str
    description: str
    pull: Callable[[Json], None]
    parameters: Json = {}


class Levers:
    """What can be made to happen in one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._by_name = {lever.action: lever for lever in self._made()}

    def all(self) -> Sequence[Lever]:
        """Every action, in the order in which they are listed; `connection` is a key or a list of keys."""
        return tuple(self._by_name.values())

    def get(self, action: str) -> Lever | None:
        """The action of that name, if there is one."""
        return self._by_name.get(action)

    def named(self, action: str) -> Lever:
        """The action of that name.

        Raises:
            ApiError: 422 where there is none.
        """
        lever = self.get(action)
        if lever is None:
            raise invalid("action", f"action must be one of {', '.join(self._by_name)}.")
        return lever

    def pull(self, lever: Lever, body: Json) -> None:
        """Make it happen; what the body leaves out has its default.

        Raises:
            ApiError: 422 for a parameter that cannot be taken, 404 for an unknown connection.
        """
        parameters: Json = {name: body.get(name, default) for name, default in lever.parameters.items()}
        for name, default in lever.parameters.items():
            if default is not None and type(parameters[name]) is not type(default):
                raise invalid(name, f"{name} must be like {default!r}.")
            if isinstance(parameters[name], int) and parameters[name] < 0:
                raise invalid(name, f"{name} must not be negative.")
            if name in CHOICES and parameters[name] not in CHOICES[name]:
                raise invalid(name, f"{name} must be one of {', '.join(filter(None, CHOICES[name]))}.")
        lever.pull(parameters)
        self._sandbox.touch()

    def _made(self) -> Sequence[Lever]:
        return (
            Lever("change_credentials", "The customer changes the sign-in of their system, or did hours ago.",
                  self._each(self._change_credentials), {**_ONE, "hours": 0}),
            Lever("go_offline", "The customer's system stops answering, or did hours ago.",
                  self._each(self._go_offline), {**_ONE, "hours": 0}),
            Lever("come_back", "The customer's system answers again.", self._each(self._come_back), _ONE),
            Lever("revoke_token", "Every token of the connection is taken back.",
                  self._each(self._revoke_token), _ONE),
            Lever("expire_token", "The access token ends now and can be refreshed; with days, the sign-in "
                  "ends that far ahead, and with it every token that is there or issued until then.",
                  self._each(self._expire_token), {**_ONE, "days": 0}),
            Lever("fail_sync", "The next sync of the connection fails.", self._each(self._fail_sync), _ONE),
            Lever("finish_sync", "The first sync, or one started by hand, is done at once.",
                  self._each(self._finish_sync), _ONE),
            Lever("login_as_other", "The next login for the connection answers as another customer, whose "
                  "older tokens it ends or not.",
                  self._each(self._login_as_other), {**_ONE, "other": "", "ends_theirs": False}),
            Lever("login_as_new", "The next login for the connection answers with a new one beside it.",
                  self._each(self._login_as_new), _ONE),
            Lever("login_demand", "What the sign-on asks of the browser, for one connection or for all; "
                  "so many times, or every time for 0; the demand none ends it.",
                  self._login_demand, {"connection": "", "demand": "none", "times": 0, "seconds": 20}),
            Lever("rate_limit", "For so many seconds only so many requests are answered, of all or of one "
                  "grant of the token endpoint; then it is over.", self._rate_limit,
                  {"requests": 0, "seconds": 30, "form": "seconds", "grant": ""}),
            Lever("slow", "Every API answer takes so much longer; 0 ends it.", self._slow, {"ms": 2_000}),
            Lever("server_errors", "The next requests, of all or of one grant, end in server errors.",
                  self._server_errors, {"count": 3, "grant": ""}),
            Lever("drop", "The next connections, of all or of one grant, are cut without an answer, the "
                  "request carried out or not.", self._drop, {"count": 1, "processed": False, "grant": ""}),
            Lever("deprecate", "The API version is deprecated and ends in so many days.",
                  self._deprecate, {"days": 218}),
            Lever("undeprecate", "The API version is current again.", self._undeprecate),
            Lever("state_not_echoed", "Logins return without the state they came with.",
                  self._state_not_echoed, {"on": True}),
            Lever("reset", "Everything starts over; no token is valid any more.", self._reset),
        )  # fmt: skip

    def _each(self, act: Callable[[Connection, Json], None]) -> Callable[[Json], None]:
        """Do it to every connection that is named, or to none of them where one is unknown."""

        def pull(parameters: Json) -> None:
            named = parameters["connection"]
            keys = named if isinstance(named, list) else [named]
            if not keys or not all(isinstance(key, str) for key in keys):
                raise invalid("connection", "connection must be the key of a connection, or a list of keys.")
            for connection in [self._sandbox.connection(key) for key in keys]:
                act(connection, parameters)
                self._sandbox.world.changed(connection)

        return pull

    def _change_credentials(self, connection: Connection, parameters: Json) -> None:
        connection.begin("credentials", self._sandbox.clock() - parameters["hours"] * _HOUR)

    def _go_offline(self, connection: Connection, parameters: Json) -> None:
        connection.begin("offline", self._sandbox.clock() - parameters["hours"] * _HOUR)

    def _come_back(self, connection: Connection, _parameters: Json) -> None:
        now = self._sandbox.clock()
        if connection.end("offline", now) and current_run(connection, now) is None:
            new_sync(
                connection,
                now,
                kind="scheduled",
                action="incremental",
                scopes=connection.scopes,
                delay=_BACK_AFTER,
            )

    def _revoke_token(self, connection: Connection, _parameters: Json) -> None:
        self._sandbox.tokens.revoke(connection.key)

    def _expire_token(self, connection: Connection, parameters: Json) -> None:
        now = self._sandbox.clock()
        if not parameters["days"]:
            self._sandbox.tokens.expire(connection.key, now)
            return
        connection.tokens_end_by = now + parameters["days"] * DAY
        self._sandbox.tokens.limit(connection.key, connection.tokens_end_by)

    def _fail_sync(self, connection: Connection, _parameters: Json) -> None:
        fail_next(connection, self._sandbox.clock())

    def _finish_sync(self, connection: Connection, _parameters: Json) -> None:
        if not finish(connection, self._sandbox.clock()):
            raise invalid("connection", f"No such sync is under way at {connection.name}.")

    def _login_as_other(self, connection: Connection, parameters: Json) -> None:
        other = self._sandbox.connection(parameters["other"]).key if parameters["other"] else None
        answer = NextLogin("other", other, parameters["ends_theirs"])
        self._sandbox.world.set_next_login(connection, answer)

    def _login_as_new(self, connection: Connection, _parameters: Json) -> None:
        self._sandbox.world.set_next_login(connection, NextLogin("new"))

    def _login_demand(self, parameters: Json) -> None:
        demand, key = parameters["demand"], parameters["connection"]
        if key:
            self._sandbox.connection(key)
        if demand == "client_certificate" and not self._sandbox.hosts.certificate_port:
            raise invalid("demand", "The sandbox needs --link-client-ca for this.")
        standing = self._sandbox.faults.login_demands
        if demand == "none":
            standing.pop(key, None)
        else:
            standing[key] = LoginDemand(demand, parameters["times"], parameters["seconds"])

    def _rate_limit(self, parameters: Json) -> None:
        ends_at = self._sandbox.clock() + parameters["seconds"]
        self._sandbox.faults.rate_limit = RateLimit(
            parameters["requests"], ends_at, parameters["form"], parameters["grant"]
        )

    def _slow(self, parameters: Json) -> None:
        self._sandbox.faults.slow_ms = parameters["ms"]

    def _server_errors(self, parameters: Json) -> None:
        faults = self._sandbox.faults
        faults.server_errors_grant, faults.server_errors = parameters["grant"], parameters["count"]

    def _drop(self, parameters: Json) -> None:
        faults = self._sandbox.faults
        faults.drops_grant, faults.drops = parameters["grant"], parameters["count"]
        faults.drops_processed = parameters["processed"]

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
