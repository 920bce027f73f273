"""Logins under way: what each began with, how far it is, and what its sign-on demands."""

from __future__ import annotations

from typing import Literal

import msgspec

from makini_desktop.sandbox.faults import LoginDemand
from makini_desktop.sandbox.world import Clock

LIFETIME = 900.0
_KEPT = 500

Step = Literal["system", "sign_in", "demand", "authorise"]
_ORDER: tuple[Step, ...] = ("system", "sign_in", "demand", "authorise")


class Login(msgspec.Struct):
    """One login under way.

    Attributes:
        origin: scheme, host and port of the page it began on, where it goes on after other hosts.
        nobody_waits: it came without state and challenge, as a link that was sent to the customer.
        proof: a secret of this login's sign-on: what a pop-up, a cookie or a passkey has to bring back.
        proven: the pop-up has been signed in to.
    """

    id: str
    begun_at: float
    origin: str
    redirect_uri: str
    state: str | None
    challenge: str | None
    connection_key: str | None
    proof: str
    nobody_waits: bool = False
    platform_key: str = ""
    company: str = ""
    step: Step = "system"
    demand: LoginDemand | None = None
    proven: bool = False


class Logins:
    """The newest 500 logins, each for a quarter of an hour."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._logins: dict[str, Login] = {}

    def keep(self, login: Login) -> None:
        """Remember a login that has begun."""
        while len(self._logins) >= _KEPT:
            self._logins.pop(next(iter(self._logins)))
        self._logins[login.id] = login

    def find(self, login_id: str, step: Step) -> Login | None:
        """The login with that id; going back a step is fine, skipping one is not."""
        login = self._logins.get(login_id)
        if login is None or self._clock() - login.begun_at > LIFETIME:
            return None
        return login if _ORDER.index(step) <= _ORDER.index(login.step) else None

    def end(self, login: Login) -> None:
        """Forget a login; its forms lead nowhere from now on."""
        self._logins.pop(login.id, None)
