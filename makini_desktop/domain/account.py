"""An account: what the person manages at Makini, and where it is reached."""

from __future__ import annotations

from enum import Enum
from typing import NewType

import msgspec

AccountName = NewType("AccountName", str)


class VersionPlacement(Enum):
    """Where a server wants the API version (contract section 1)."""

    PATH = "path"
    HEADER = "header"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One Makini account; its client secret lies in the vault.

    Attributes:
        redirect_uris: registered with Makini, the first is used for the embedded login.
        version_in: None until "Test account" or the first request has found out.
        issue_tokens: whether the administrator may issue connection tokens; None while nobody was asked.
        state_echoed: whether `state` comes back with a login redirect; None until the first one.
        sandbox: the account belongs to the embedded sandbox of this profile.
    """

    name: AccountName
    api_base: str
    link_base: str
    client_id: str
    redirect_uris: tuple[str, ...]
    version: str = "v1"
    version_in: VersionPlacement | None = None
    issue_tokens: bool | None = None
    state_echoed: bool | None = None
    sandbox: bool = False


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """What Makini says about the account (contract section 3, `GET {P}/system/client`)."""

    id: str
    name: str
    email: str = ""
    default_redirect: str = ""
    redirects: tuple[str, ...] = ()
