"""Takes out of an answer what was secret in its request: some servers say it again in their errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from makini_desktop.core.redact import MARK

_SECRET_FIELDS = frozenset({"client_secret", "refresh_token", "code", "code_verifier", "secret"})
_ALL_SECRET = "credentials"
"""The field of which everything inside is secret."""

_SHORTEST = 6
"""Characters below which a secret is none, and would be found by chance."""


class Echo:
    """The secrets of one request.

    Args:
        headers: of the request.
        body: its JSON or form, as httpx takes it.
    """

    def __init__(self, headers: Mapping[str, str], body: Mapping[str, object]) -> None:
        bearer = headers.get("Authorization", "").partition(" ")[2]
        self._bearer = [bearer] if len(bearer) >= _SHORTEST else []
        self._fields = list(_secret_fields(body))

    def text(self, words: str) -> str:
        """Return a header's value without the secrets."""
        for secret in (*self._bearer, *self._fields):
            words = words.replace(secret, MARK)
        return words

    def body(self, content: bytes, *, good: bool) -> bytes:
        """Return the answer's body without the secrets; a good one may give a refresh token back."""
        for secret in self._bearer if good else (*self._bearer, *self._fields):
            content = content.replace(secret.encode(), MARK.encode())
        return content


def _secret_fields(body: Mapping[str, object]) -> Iterator[str]:
    for fields in body.values():
        if isinstance(fields, Mapping):
            for name in _SECRET_FIELDS & fields.keys():
                if len(value := str(fields[name])) >= _SHORTEST:
                    yield value
            if isinstance(inside := fields.get(_ALL_SECRET), Mapping):
                yield from (value for each in inside.values() if len(value := str(each)) >= _SHORTEST)
