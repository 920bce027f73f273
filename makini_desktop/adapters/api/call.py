"""One request of the contract's section 3, ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from makini_desktop.domain.capability import ENDPOINTS, Capability, Provenance
from makini_desktop.services import capabilities


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request; its path comes from the one table of endpoints.

    Attributes:
        parts: what goes into the path, by name.
        idempotency_key: makes a request that changes something safe to repeat.
    """

    capability: Capability
    method: str = "GET"
    parts: Mapping[str, str] = {}
    query: str = ""
    json: object = None
    idempotency_key: str | None = None

    @property
    def what(self) -> str:
        """The request in the person's words."""
        return capabilities.name(self.capability)

    @property
    def path(self) -> str:
        """Path and query after the version prefix."""
        parts = {name: quote(value, safe="") for name, value in self.parts.items()}
        path = ENDPOINTS[self.capability].path.format(**parts)
        return f"{path}?{self.query}" if self.query else path

    @property
    def published(self) -> bool:
        """True if every server has it."""
        return ENDPOINTS[self.capability].provenance is Provenance.PUBLISHED

    @property
    def about_the_account(self) -> bool:
        """True if it names no connection, so that a server that lacks it lacks the API."""
        return not self.parts

    @property
    def repeatable(self) -> bool:
        """True if sending it twice does no more than sending it once."""
        return self.method == "GET" or self.idempotency_key is not None

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of its own."""
        return {"Idempotency-Key": self.idempotency_key} if self.idempotency_key is not None else {}
