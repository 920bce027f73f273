"""The login flow's values: what is opened, and how an attempt can end (contract section 2)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from enum import Enum
from urllib.parse import urlencode

import msgspec

from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId, Identity
from makini_desktop.domain.token import Secret


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One login: its `state` and PKCE verifier (RFC 7636) serve once and only here."""

    id: str
    connection: ConnectionId
    redirect_uri: str
    state: Secret
    verifier: Secret
    started_at: datetime

    @classmethod
    def begin(cls, connection: ConnectionId, redirect_uri: str, now: datetime) -> Attempt:
        """Return a new attempt with fresh random state and verifier."""
        return cls(
            id=secrets.token_hex(8),
            connection=connection,
            redirect_uri=redirect_uri,
            state=Secret(secrets.token_urlsafe(32)),
            verifier=Secret(secrets.token_urlsafe(48)),
            started_at=now,
        )

    def challenge(self) -> str:
        """Return the S256 code challenge of the verifier (RFC 7636 section 4.2)."""
        digest = hashlib.sha256(self.verifier.value.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def authorize_url(self, account: Account) -> str:
        """Return the page where the customer signs in (contract section 2, step 1)."""
        query = urlencode(
            {
                "response_type": "code",
                "client_id": account.client_id,
                "redirect_uri": self.redirect_uri,
                "state": self.state.value,
                "code_challenge": self.challenge(),
                "code_challenge_method": "S256",
                "connection_id": self.connection,
            }
        )
        return f"{account.link_base.rstrip('/')}/oauth/authorize?{query}"


class Stage(Enum):
    """Where a reconnect stands while it runs."""

    CHECKING = "checking"
    WAITING_FOR_LOGIN = "waiting_for_login"
    EXCHANGING = "exchanging"
    TESTING = "testing"
    PROMOTING = "promoting"


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


class WrongCustomer(msgspec.Struct, frozen=True, tag="wrong_customer"):
    """Somebody else signed in; their token was thrown away, the old pair stays."""

    expected: Identity
    found: Identity


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
    Repaired | AlreadyHealthy | NewConnection | WrongCustomer | Refused | Cancelled | WrongState | LoginFailed
)
