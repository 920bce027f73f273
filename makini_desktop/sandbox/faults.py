"""What a person has switched on to go wrong for the whole account (contract sections 1, 4)."""

from __future__ import annotations

from email.utils import formatdate
from typing import Literal

import msgspec

from makini_desktop.sandbox.demands import Demand

DAY = 86_400.0


class RateLimit(msgspec.Struct):
    """Until `ends_at` at most `left` further requests are answered, of one grant only if it names one."""

    left: int
    ends_at: float
    form: Literal["seconds", "date"] = "seconds"
    grant: str = ""


class LoginDemand(msgspec.Struct):
    """What sign-ons ask for; `times` says how often still, 0 every time; `seconds` is for slow ones."""

    demand: Demand
    times: int = 0
    seconds: int = 20


class Faults(msgspec.Struct):
    """The account's standing faults; a number counts requests still to come.

    `…_grant`: only requests of that grant to the token endpoint, "" all requests.
    `drops_processed`: a dropped request is carried out all the same, only its answer is lost.
    `login_demands`: by connection, "" for every login without one of its own.
    """

    slow_ms: int = 0
    server_errors: int = 0
    server_errors_grant: str = ""
    drops: int = 0
    drops_grant: str = ""
    drops_processed: bool = False
    rate_limit: RateLimit | None = None
    deprecated_at: float | None = None
    sunset_at: float | None = None
    state_not_echoed: bool = False
    login_demands: dict[str, LoginDemand] = {}

    def take_login_demand(self, connection: str | None) -> LoginDemand | None:
        """What this login's sign-on demands; one time less is left then."""
        key = connection if connection in self.login_demands else ""
        standing = self.login_demands.get(key or "")
        if standing is not None and standing.times:
            standing.times -= 1
            if not standing.times:
                del self.login_demands[key or ""]
        return standing

    def take_drop(self, grant: str) -> bool:
        """Whether the connection of this request, of that grant or "", is to be cut."""
        if not self.drops or self.drops_grant not in {"", grant}:
            return False
        self.drops -= 1
        return True

    def take_server_error(self, grant: str) -> int:
        """Which server error this request gets: 0 for none, else how many were left."""
        if self.server_errors_grant not in {"", grant}:
            return 0
        left = self.server_errors
        self.server_errors = max(0, left - 1)
        return left

    def take_rate_limit(self, grant: str, now: float) -> str | None:
        """The Retry-After for this request; None when it may pass."""
        limit = self.rate_limit
        if limit is None or limit.grant not in {"", grant}:
            return None
        if now >= limit.ends_at:
            self.rate_limit = None
            return None
        if limit.left > 0:
            limit.left -= 1
            return None
        if limit.form == "date":
            return formatdate(int(limit.ends_at) + 1, usegmt=True)
        return str(max(1, int(limit.ends_at - now + 0.999)))

    def deprecation_headers(self, base: str) -> dict[str, str]:
        """The headers of a deprecated API version (RFC 9745, RFC 8594)."""
        if self.deprecated_at is None or self.sunset_at is None:
            return {}
        successor = f'<{base}/api/v2>; rel="successor-version"'
        return {
            "Deprecation": f"@{int(self.deprecated_at)}",
            "Sunset": formatdate(int(self.sunset_at), usegmt=True),
            "Link": f'<{base}/sandbox/migration>; rel="deprecation", {successor}',
        }
