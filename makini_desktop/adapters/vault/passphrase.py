"""The key from a passphrase (RFC 7914, scrypt)."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from makini_desktop.adapters.vault.sealed import Key, Origin, PassphraseHeader, damaged
from makini_desktop.core.text import _
from makini_desktop.domain.errors import KeychainDenied, MakiniDesktopError
from makini_desktop.domain.token import Secret

N, R, P = 2**15, 8, 3
"""32 MiB and a quarter of a second for every guess."""

_MOST_MEMORY = 2**28


class PassphraseKeys:
    """Makes the key anew each time; nothing is stored.

    Args:
        passphrase: what the person chose.
        path: the vault's file, for sentences.
    """

    def __init__(self, passphrase: Secret, path: Path) -> None:
        self._passphrase = passphrase
        self._path = path

    def create(self) -> tuple[Origin, Key]:
        """Return a new origin and its key."""
        origin = PassphraseHeader(salt=secrets.token_bytes(16), n=N, r=R, p=P)
        return origin, self.fetch(origin)

    def fetch(self, origin: Origin) -> Key:
        """Return the key that belongs to a file's origin.

        Raises:
            VaultDamaged: no program wrote these parameters.
        """
        if not isinstance(origin, PassphraseHeader):
            raise TypeError("not a vault under a passphrase")
        try:
            return Key(
                hashlib.scrypt(
                    self._passphrase.value.encode("utf-8", "surrogateescape"),
                    salt=origin.salt,
                    n=origin.n,
                    r=origin.r,
                    p=origin.p,
                    maxmem=_MOST_MEMORY,
                    dklen=32,
                )
            )
        except ValueError as error:
            raise damaged(self._path) from error

    def wrong(self) -> MakiniDesktopError:
        """Return the error for a key that is not the file's."""
        return KeychainDenied(
            _("The passphrase in MAKINI_VAULT_PASSPHRASE does not open the vault {path}.").format(
                path=self._path
            )
        )
