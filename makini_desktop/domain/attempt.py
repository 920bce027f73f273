"""One attempt to log in: what is opened, and what only its own redirect can answer (contract section 2)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret

LIFETIME = timedelta(minutes=10)
"""How long an attempt can be answered; a code lives no longer either."""

_NEW = "new "
"""What no connection's id begins with."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One login: its `state` and PKCE verifier (RFC 7636) serve once and only here.

    Attributes:
        connection: whose login it is; None for whichever connection comes of it.
    """

    id: str
    connection: ConnectionId | None
    redirect_uri: str
    state: Secret
    verifier: Secret
    started_at: datetime

    @classmethod
    def begin(cls, connection: ConnectionId | None, redirect_uri: str, now: datetime) -> Attempt:
        """Return a new attempt with fresh random state and verifier."""
        return cls(
            id=secrets.token_hex(8),
            connection=connection,
            redirect_uri=redirect_uri,
            state=Secret(secrets.token_urlsafe(32)),
            verifier=Secret(secrets.token_urlsafe(48)),
            started_at=now,
        )

    @property
    def kept_under(self) -> ConnectionId:
        """Under which id its pair is kept in the vault until it is known whose it is."""
        return self.connection or ConnectionId(f"{_NEW}{self.id}")

    def is_over(self, now: datetime) -> bool:
        """Tell whether no redirect can answer it any more."""
        return not timedelta() <= now - self.started_at < LIFETIME

    def challenge(self) -> str:
        """Return the S256 code challenge of the verifier (RFC 7636 section 4.2)."""
        digest = hashlib.sha256(self.verifier.value.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def authorize_url(self, account: Account) -> str:
        """Return the page where the customer signs in (contract section 2, step 1)."""
        return authorize_url(
            account,
            self.redirect_uri,
            self.connection,
            state=self.state.value,
            code_challenge=self.challenge(),
            code_challenge_method="S256",
        )


def authorize_url(account: Account, redirect_uri: str, connection: ConnectionId | None, **proof: str) -> str:
    """Return a login page's address; without `proof` it is a link for a customer (contract section 2)."""
    query = {
        "response_type": "code",
        "client_id": account.client_id,
        "redirect_uri": redirect_uri,
        **proof,
        **({"connection_id": connection} if connection is not None else {}),
    }
    return f"{account.link_base.rstrip('/')}/oauth/authorize?{urlencode(query)}"


def belongs_to_none(kept_under: ConnectionId) -> bool:
    """Tell whether an id in the vault is that of an attempt whose connection is not known yet."""
    return kept_under.startswith(_NEW)
