"""The key in the operating system's keychain; no other keyring is good enough.

Calls block while the keychain asks the person: run them in a thread. Nothing is written to a keychain
that has not answered a question first.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from makini_desktop.adapters.vault.sealed import Key, KeychainHeader, Origin
from makini_desktop.core.text import _
from makini_desktop.domain.errors import (
    KeychainDenied,
    KeychainLocked,
    KeychainMissing,
    MakiniDesktopError,
    VaultDamaged,
)

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "Makini Desktop"


class KeychainKeys:
    """Keeps one key for each profile, under the profile's random id.

    Args:
        path: the vault's file, for sentences.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self) -> tuple[Origin, Key]:
        """Store a new key, read it back, and return it with its origin.

        Raises:
            KeychainMissing, KeychainLocked, KeychainDenied: no key was stored.
        """
        origin = KeychainHeader(id=secrets.token_hex(16))
        text = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
        with _named_states():
            keychain = _keychain()
            keychain.get_password(SERVICE, origin.id)  # unlocks, or says why not, before anything is written
            keychain.set_password(SERVICE, origin.id, text)
            if keychain.get_password(SERVICE, origin.id) != text:
                raise KeychainDenied(
                    _("The keychain did not keep the key for the tokens. Nothing was stored.")
                )
        return origin, _key(text)

    def fetch(self, origin: Origin) -> Key:
        """Return the key that belongs to a file's origin.

        Raises:
            KeychainMissing, KeychainLocked, KeychainDenied: see `makini_desktop.domain.errors`; the last
                also where the keychain answers and has no such key.
        """
        if not isinstance(origin, KeychainHeader):
            raise TypeError("not a vault under a keychain")
        with _named_states():
            text = _keychain().get_password(SERVICE, origin.id)
        if text is None:
            raise KeychainDenied(
                _(
                    "The key to the stored tokens is not in the keychain. Bring that keychain back, or move "
                    "{path} away and sign in again."
                ).format(path=self._path)
            )
        try:
            return _key(text)
        except binascii.Error as error:
            raise self.wrong() from error

    def wrong(self) -> MakiniDesktopError:
        """Return the error for a key that is not the file's."""
        return VaultDamaged(
            _("The key in the keychain does not fit the vault {path}; both are left as they are.").format(
                path=self._path
            )
        )


def _key(text: str) -> Key:
    return Key(base64.b64decode(text, validate=True))


def _keychain() -> KeyringBackend:
    """Return the operating system's keychain.

    keyring's own choice is not asked: it remembers for the whole process that there was none, and may
    fall back to one that writes plain text.

    Raises:
        KeychainMissing: there is none, or keyring is configured not to use it.
    """
    from keyring import core
    from keyring.backends import SecretService, Windows, chainer, kwallet, macOS

    ours = (SecretService.Keyring, kwallet.DBusKeyring, macOS.Keyring, Windows.WinVaultKeyring)
    configured = core.load_env() or core.load_config()
    if configured is not None and not isinstance(configured, chainer.ChainerBackend):
        if isinstance(configured, ours):
            return configured
        raise KeychainMissing(
            _(
                "keyring is configured not to use the system's keychain, and the tokens go nowhere else. "
                "Change that, or use --vault file with a passphrase."
            )
        )
    usable = [keychain for keychain in ours if keychain.viable]
    if not usable:
        raise _missing()
    return max(usable, key=lambda keychain: keychain.priority)()


@contextmanager
def _named_states() -> Iterator[None]:
    """Turn what keychains raise into the three states."""
    from keyring import errors

    try:
        yield
    except MakiniDesktopError:
        raise
    except errors.NoKeyringError as error:
        raise _missing() from error
    except errors.KeyringLocked as error:
        raise _locked() from error
    except Exception as error:  # keyring lets through what the libraries below it raise
        match type(error).__name__:
            case "LockedException":
                raise _locked() from error
            case "SecretServiceNotAvailableException":
                raise _missing() from error
            case _:
                raise _denied() from error


def _missing() -> KeychainMissing:
    return KeychainMissing(
        _("There is no keychain to keep the tokens in. Start one, or use --vault file with a passphrase.")
    )


def _locked() -> KeychainLocked:
    return KeychainLocked(_("The keychain is locked. Unlock it and try again."))


def _denied() -> KeychainDenied:
    return KeychainDenied(_("The keychain refused to hand out the key. Allow Makini Desktop to use it."))
