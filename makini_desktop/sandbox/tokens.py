"""Tokens and authorization codes; only their SHA-256 is kept, in memory as on disk.

Lifetimes after contract section 2: access tokens 30 days, refresh tokens 31, codes ten minutes.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from typing import Literal

import msgspec

DAY = 86_400.0
ACCESS_LIFETIME = 30 * DAY
REFRESH_LIFETIME = 31 * DAY
CODE_LIFETIME = 600.0

TokenKind = Literal["admin", "access", "refresh"]


class Token(msgspec.Struct):
    """What is known of a token: whose it is, when it ends, and the pair it belongs to."""

    digest: str
    kind: TokenKind
    ends_at: float
    connection: str | None = None
    pair: str | None = None


class Code(msgspec.Struct, frozen=True):
    """An authorization code that nobody has exchanged yet.

    `spares_others`: exchanging it leaves the connection's older tokens alone (a login that answered
    as somebody else must not harm that customer).
    """

    digest: str
    connection: str
    redirect_uri: str
    challenge: str | None
    ends_at: float
    spares_others: bool = False


class Pair(msgspec.Struct, frozen=True):
    """A new pair, in clear, for the one answer that hands it out; `ends_at` is the access token's."""

    access: str
    refresh: str
    ends_at: float

    def __repr__(self) -> str:
        return "Pair(…)"


class TokenRecord(msgspec.Struct):
    """What is written down."""

    tokens: list[Token] = []
    codes: list[Code] = []


class Tokens:
    """Every living token and code."""

    def __init__(self, record: TokenRecord) -> None:
        self.revision = 0
        self._tokens: dict[str, Token] = {}
        self._of_connection: dict[str, set[str]] = {}
        self._codes = {code.digest: code for code in record.codes}
        for token in record.tokens:
            self._keep(token)

    def find(self, text: str) -> Token | None:
        """The token with that text, ended or not; None when it never was or has been taken back."""
        return self._tokens.get(_digest(text))

    def issue_admin(self, now: float) -> tuple[str, float]:
        """A new admin token and its end."""
        for token in [t for t in self._tokens.values() if t.kind == "admin" and t.ends_at <= now]:
            del self._tokens[token.digest]
        text, ends_at = secrets.token_urlsafe(32), now + ACCESS_LIFETIME
        self._keep(Token(_digest(text), "admin", ends_at))
        return text, ends_at

    def issue_pair(
        self, connection: str, now: float, *, end_by: float | None, spare_others: bool = False
    ) -> Pair:
        """A new pair; every older token of the connection ends, unless they are to be spared."""
        if not spare_others:
            self.revoke(connection)
        limit = end_by if end_by is not None and end_by > now else float("inf")
        pair = Pair(secrets.token_urlsafe(32), secrets.token_urlsafe(32), min(now + ACCESS_LIFETIME, limit))
        name = secrets.token_hex(8)
        self._keep(Token(_digest(pair.access), "access", pair.ends_at, connection, name))
        refresh_ends_at = min(now + REFRESH_LIFETIME, limit)
        self._keep(Token(_digest(pair.refresh), "refresh", refresh_ends_at, connection, name))
        return pair

    def end_pair(self, token: Token) -> None:
        """Take back a token and the other half of its pair."""
        for digest in self._digests_of(token.connection):
            if self._tokens[digest].pair == token.pair:
                self._forget(digest)

    def revoke(self, connection: str) -> None:
        """Take back every token of a connection."""
        for digest in self._digests_of(connection):
            self._forget(digest)

    def expire(self, connection: str, now: float) -> None:
        """Let the access tokens of a connection end now; the refresh tokens live on."""
        for digest in self._digests_of(connection):
            token = self._tokens[digest]
            if token.kind == "access":
                token.ends_at = min(token.ends_at, now)
        self.revision += 1

    def limit(self, connection: str, ends_at: float) -> None:
        """Let no token of a connection outlive that moment."""
        for digest in self._digests_of(connection):
            token = self._tokens[digest]
            token.ends_at = min(token.ends_at, ends_at)
        self.revision += 1

    def clear(self) -> None:
        """Take back everything."""
        self._tokens.clear()
        self._of_connection.clear()
        self._codes.clear()
        self.revision += 1

    def issue_code(
        self, connection: str, redirect_uri: str, challenge: str | None, now: float, *, spares_others: bool
    ) -> str:
        """A new authorization code."""
        self._codes = {digest: code for digest, code in self._codes.items() if code.ends_at > now}
        text = secrets.token_urlsafe(24)
        code = Code(_digest(text), connection, redirect_uri, challenge, now + CODE_LIFETIME, spares_others)
        self._codes[code.digest] = code
        self.revision += 1
        return text

    def take_code(self, text: str, now: float) -> Code | None:
        """The code with that text, which is used up by asking."""
        code = self._codes.pop(_digest(text), None)
        self.revision += 1
        return code if code is not None and code.ends_at > now else None

    def record(self) -> TokenRecord:
        """What to write down."""
        return TokenRecord(list(self._tokens.values()), list(self._codes.values()))

    def _keep(self, token: Token) -> None:
        self._tokens[token.digest] = token
        if token.connection is not None:
            self._of_connection.setdefault(token.connection, set()).add(token.digest)
        self.revision += 1

    def _forget(self, digest: str) -> None:
        token = self._tokens.pop(digest)
        if token.connection is not None:
            self._of_connection[token.connection].discard(digest)
        self.revision += 1

    def _digests_of(self, connection: str | None) -> Iterable[str]:
        return tuple(self._of_connection.get(connection or "", ()))


def verifier_matches(verifier: str, challenge: str) -> bool:
    """Whether a code verifier belongs to an S256 challenge (RFC 7636 section 4.6)."""
    made = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=")
    return compare_digest(made, challenge.encode())


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
