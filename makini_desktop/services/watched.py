"""One account that is watched: what a face needs of it."""

from __future__ import annotations

from typing import NamedTuple

from makini_desktop.domain.account import AccountName
from makini_desktop.services.commands import Commands
from makini_desktop.services.store import Store


class Watched(NamedTuple):
    """An account with its rows and its orders."""

    account: AccountName
    store: Store
    commands: Commands
