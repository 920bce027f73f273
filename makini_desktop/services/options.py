"""What the person asked for when the program was started."""

from __future__ import annotations

from enum import Enum

import msgspec

from makini_desktop.core.paths import Paths
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret


class VaultKind(Enum):
    """What keeps the vault's key; fixed for a profile at its first use."""

    KEYCHAIN = "keychain"
    MEMORY = "memory"
    FILE = "file"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asked for on the command line.

    Attributes:
        sandbox_arguments: handed to the embedded sandbox, for example ``("--connections", "100")``.
        minimised: begin without a window: in the tray, or minimised where there is none.
        connection: show this one once the window is there.
    """

    paths: Paths
    account: str | None = None
    minimised: bool = False
    connection: ConnectionId | None = None
    sandbox: bool = False
    sandbox_arguments: tuple[str, ...] = ()
    vault: VaultKind = VaultKind.KEYCHAIN
    passphrase: Secret | None = None
