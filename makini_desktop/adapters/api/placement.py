"""Where a server wants the API version: in the path or in the header only (contract section 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from makini_desktop.adapters.api.refusal import refusal
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.domain.errors import NotOffered
from makini_desktop.services.ports import Priority

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Http

_REFUSING = frozenset({400, 401, 403, 422})
_MISSING = frozenset({404, 405, 501})


def prefix(account: Account, placement: VersionPlacement) -> str:
    """Return what stands before every endpoint's path."""
    return f"/api/{account.version}" if placement is VersionPlacement.PATH else "/api"


async def find_placement(account: Account, http: Http, headers: Mapping[str, str]) -> VersionPlacement:
    """Try both places: a server that has the path answers for itself there, be it to refuse.

    Raises:
        NotOffered: neither place is known to the server.
        MakiniDesktopError: the answer says nothing about the place, and none may be remembered.
    """
    for placement in (VersionPlacement.PATH, VersionPlacement.HEADER):
        response = await http.send(
            "GET",
            f"{account.api_base}{prefix(account, placement)}/system/client",
            priority=Priority.PERSON,
            headers=headers,
            retried=True,
        )
        if response.good or response.status in _REFUSING:
            return placement
        if response.status not in _MISSING:
            raise refusal(response, _("account"))
    raise NotOffered(
        _("{base} does not speak Makini's API {version}, neither by path nor by header.").format(
            base=account.api_base, version=account.version
        ),
        status=404,
    )
