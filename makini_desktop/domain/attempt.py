"""One attempt to log in: what is opened, and what only its own redirect can answer (contract section 2)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
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
