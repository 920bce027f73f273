"""What the work on one account's connections is done with, as one value."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.domain.account import Account
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.ports import Api, Locks, Vault
from makini_desktop.services.store import Store
from makini_desktop.services.tokens import Tokens


class AccountParts(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One account's API, its secrets, and where what is learned goes.

    Attributes:
        account: gives the account as it is now.
    """

    account: Callable[[], Account]
    api: Api
    tokens: Tokens
    vault: Vault
    locks: Locks
    store: Store
    ledger: Ledger
    clock: Clock
