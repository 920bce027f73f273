"""What passes between one account and its server: whose requests, the last of them, the server's clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.request import KEPT, RequestSeen
from makini_desktop.domain.token import Secret
from makini_desktop.services.store import SKEW_WARNED

_SCHEME = "Bearer "


def worth_a_word(ahead: float) -> float:
    """Return by how many seconds clocks differ, 0 where they agree as well as two clocks do."""
    return ahead if abs(ahead) >= SKEW_WARNED else 0.0


class Traffic:
    """Remembers the last requests, without anything secret in them.

    Args:
        ahead: told how many seconds this computer's clock is ahead of the server's.

    Attributes:
        skew: the last of these, 0 while the clocks agree.
    """

    def __init__(self, ahead: Callable[[float], None]) -> None:
        self._tell_ahead = ahead
        self._owners: dict[str, ConnectionId] = {}
        self._tokens: dict[ConnectionId, Secret] = {}
        self._seen: deque[RequestSeen] = deque(maxlen=KEPT)
        self.skew = 0.0

    def belongs(self, token: Secret, connection: ConnectionId) -> Secret | None:
        """Note whose token this is; the connection's older one is forgotten, and returned."""
        if self._tokens.get(connection) == token:
            return None
        before = self.forget(connection)
        self._tokens[connection] = token
        self._owners[token.value] = connection
        return before

    def forget(self, connection: ConnectionId) -> Secret | None:
        """Keep no token of a connection any longer; return the one that was."""
        before = self._tokens.pop(connection, None)
        if before is not None:
            self._owners.pop(before.value, None)
        return before

    def owner(self, headers: Mapping[str, str]) -> ConnectionId | None:
        """Return the connection whose token a request carries, None for the administrator's."""
        return self._owners.get(headers.get("Authorization", "").removeprefix(_SCHEME))

    def add(self, seen: RequestSeen) -> None:
        """Keep a request."""
        self._seen.append(seen)

    def requests(self) -> tuple[RequestSeen, ...]:
        """Return the last requests, the newest first."""
        return tuple(reversed(self._seen))

    def clock_seen(self, ahead: float) -> None:
        """Take in by how many seconds this computer's clock is ahead of the server's."""
        self.skew = worth_a_word(ahead)
        self._tell_ahead(ahead)
