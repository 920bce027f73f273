"""The login flow's values: where it stands, and how an attempt can end (contract section 2)."""

from __future__ import annotations

from enum import Enum

import msgspec

from makini_desktop.domain.connection import ConnectionId, Identity


class Stage(Enum):
    """Where a reconnect stands while it runs."""

    CHECKING = "checking"
    WAITING_FOR_LOGIN = "waiting_for_login"
    IN_BROWSER = "in_browser"
    EXCHANGING = "exchanging"
    TESTING = "testing"
    PROMOTING = "promoting"


class LoginPath(Enum):
    """Where the customer signs in; the three are equal (contract section 2)."""

    EMBEDDED = "embedded"
    BROWSER = "browser"
    LINK = "link"


class Repaired(msgspec.Struct, frozen=True, tag="repaired"):
    """The new token is in use; the old pair was let go."""

    connection: ConnectionId


class AlreadyHealthy(msgspec.Struct, frozen=True, tag="already_healthy"):
    """The first re-check found nothing to repair."""

    connection: ConnectionId


class NewConnection(msgspec.Struct, frozen=True, tag="new_connection"):
    """The login came back as a new connection of the same customer, kept beside the old one."""

    old: ConnectionId
    new: ConnectionId


class Connected(msgspec.Struct, frozen=True, tag="connected"):
    """A login for no connection in particular brought one; its token is in use.

    Attributes:
        known: it was in the list before, so nothing new came of it but a token.
    """

    connection: ConnectionId
    known: bool = False


class WrongCustomer(msgspec.Struct, frozen=True, tag="wrong_customer"):
    """Somebody else signed in; the old pair stays.

    Attributes:
        moved: the login had ended the stored token of the one found, who got the new pair; else that was
            thrown away.
    """

    expected: Identity
    found: Identity
    moved: bool = False


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The customer, or their system, refused; `words` are the server's."""

    words: str


class Cancelled(msgspec.Struct, frozen=True, tag="cancelled"):
    """The person closed the login window."""


class WrongState(msgspec.Struct, frozen=True, tag="wrong_state"):
    """The redirect did not belong to this attempt and was refused."""


class LoginFailed(msgspec.Struct, frozen=True, tag="failed"):
    """The login could not be carried through; `words` say what happened and what to do."""

    words: str
    request_id: str | None = None


LoginOutcome = (
    Repaired
    | AlreadyHealthy
    | NewConnection
    | Connected
    | WrongCustomer
    | Refused
    | Cancelled
    | WrongState
    | LoginFailed
)
