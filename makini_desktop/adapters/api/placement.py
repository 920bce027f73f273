"""Where a server wants the API version: in the path or in the header only (contract section 1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from makini_desktop.adapters.api.refusal import refusal
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.errors import VersionNotSpoken
from makini_desktop.services.capabilities import name

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Response

_REFUSING = frozenset({400, 401, 403, 422})
_MISSING = frozenset({404, 405, 410, 501})


def prefix(account: Account, placement: VersionPlacement) -> str:
    """Return what stands before every endpoint's path."""
    return f"/api/{account.version}" if placement is VersionPlacement.PATH else "/api"


async def find_placement(
    account: Account,
    ask: Callable[[VersionPlacement], Awaitable[Response]],
    other_version: Callable[[Response], VersionNotSpoken | None],
) -> VersionPlacement:
    """Try both places: a server that has the path answers for itself there, be it to refuse.

    Args:
        ask: asks for the account with the version in a place.
        other_version: returns the error for a refusal that names another version.

    Raises:
        VersionNotSpoken: neither place is known to the server.
        MakiniDesktopError: the answer says nothing about the place, and none may be remembered.
    """
    named: VersionNotSpoken | None = None
    for placement in (VersionPlacement.PATH, VersionPlacement.HEADER):
        response = await ask(placement)
        other = other_version(response)
        named = named or other
        if response.good or (response.status in _REFUSING and other is None):
            return placement
        if response.status not in _MISSING and other is None:
            raise refusal(response, name(Capability.ACCOUNT))
    raise named or VersionNotSpoken(
        _("{base} does not speak Makini's API {version}, neither by path nor by header.").format(
            base=account.api_base, version=account.version
        ),
        status=404,
    )
