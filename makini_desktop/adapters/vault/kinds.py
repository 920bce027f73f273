"""Which vault a profile has."""

from __future__ import annotations

from typing import assert_never

from makini_desktop.adapters.vault.encrypted import EncryptedVault
from makini_desktop.adapters.vault.file import VaultFile
from makini_desktop.adapters.vault.keychain import KeychainKeys
from makini_desktop.adapters.vault.memory import MemoryVault
from makini_desktop.adapters.vault.passphrase import PassphraseKeys
from makini_desktop.core.paths import Paths
from makini_desktop.core.text import _
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.token import Secret
from makini_desktop.services.options import VaultKind
from makini_desktop.services.ports import Vault


def open_vault(kind: VaultKind, paths: Paths, passphrase: Secret | None = None) -> Vault:
    """Return the profile's vault; nothing is read or asked before its `open`.

    The first `open` that succeeds fixes the kind for the profile: the file's header names it. Later ones
    of another kind raise `UsageError`.

    Args:
        passphrase: opens a vault of kind FILE; other kinds need none.

    Raises:
        UsageError: the passphrase is missing or empty.
    """
    file = VaultFile(paths)
    match kind:
        case VaultKind.KEYCHAIN:
            return EncryptedVault(kind, file, KeychainKeys(file.path))
        case VaultKind.FILE:
            if passphrase is None or not passphrase.value:
                raise UsageError(
                    _("--vault file takes its passphrase from MAKINI_VAULT_PASSPHRASE, which is empty.")
                )
            return EncryptedVault(kind, file, PassphraseKeys(passphrase, file.path))
        case VaultKind.MEMORY:
            return MemoryVault(file)
        case _:
            assert_never(kind)
