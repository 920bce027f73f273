"""The file's format: a readable header, and a document that only the key opens.

    "MAKINI-VAULT" | version, 1 byte | length of the header, 2 bytes | header, JSON
    | nonce, 12 bytes | AES-256-GCM of the document

All before the nonce is authenticated with the document, so that a header cannot be exchanged. Each
writing has a fresh nonce: 96 random bits are safe for some 2^32 of them (NIST SP 800-38D section 8.3).
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from typing import NamedTuple

import msgspec

from makini_desktop.adapters.vault.document import Document
from makini_desktop.core.text import _
from makini_desktop.domain.errors import StoreTooNew, VaultDamaged
from makini_desktop.services.options import VaultKind

MAGIC = b"MAKINI-VAULT"
VERSION = 1
NONCE_LENGTH = 12


class KeychainHeader(msgspec.Struct, frozen=True, tag="keychain"):
    """The key lies in the keychain under this random id, so that no two profiles share one."""

    id: str


class PassphraseHeader(msgspec.Struct, frozen=True, tag="file"):
    """The key is made from a passphrase by scrypt (RFC 7914) with these parameters."""

    salt: bytes
    n: int
    r: int
    p: int


class MemoryHeader(msgspec.Struct, frozen=True, tag="memory"):
    """Nothing is kept on disk, only that this was chosen; no document follows."""


Origin = KeychainHeader | PassphraseHeader | MemoryHeader


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What can be read without the key.

    Attributes:
        origin: where the key comes from.
        check: tells a wrong key from a damaged file, without telling the key.
    """

    origin: Origin
    check: bytes = b""

    @property
    def kind(self) -> VaultKind:
        """The vault's kind."""
        match self.origin:
            case KeychainHeader():
                return VaultKind.KEYCHAIN
            case PassphraseHeader():
                return VaultKind.FILE
            case MemoryHeader():
                return VaultKind.MEMORY


class Key:
    """A vault's key; it shows itself in no text.

    Args:
        root: 32 secret bytes, from which the cipher's key and the header's check are derived apart.
    """

    def __init__(self, root: bytes) -> None:
        self.cipher = hmac.digest(root, b"makini vault cipher", "sha256")
        self.check = hmac.digest(root, b"makini vault check", "sha256")[:16]


class Sealed(NamedTuple):
    """A file's content, taken apart.

    Attributes:
        opening: all that is authenticated in the clear.
    """

    header: Header
    opening: bytes
    nonce: bytes
    ciphertext: bytes


def take_apart(content: bytes, path: Path) -> Sealed:
    """Read the header and find the rest.

    Raises:
        VaultDamaged: it is no vault file, or was cut.
        StoreTooNew: a newer program wrote it.
    """
    start = len(MAGIC) + 3
    if content[: len(MAGIC)] != MAGIC or len(content) < start:
        raise damaged(path)
    if content[len(MAGIC)] != VERSION:
        raise StoreTooNew(
            _("The vault {path} was written by a newer Makini Desktop. Install that one.").format(path=path)
        )
    end = start + int.from_bytes(content[start - 2 : start])
    try:
        header = msgspec.json.decode(content[start:end], type=Header)
    except msgspec.MsgspecError as error:
        raise damaged(path) from error
    return Sealed(header, content[:end], content[end : end + NONCE_LENGTH], content[end + NONCE_LENGTH :])


def mark(header: Header) -> bytes:
    """Return a content without a document."""
    encoded = msgspec.json.encode(header)
    return MAGIC + bytes([VERSION]) + len(encoded).to_bytes(2) + encoded


def seal(header: Header, document: Document, key: Key) -> bytes:
    """Return the content of a file with this document."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    opening = mark(header)
    nonce = secrets.token_bytes(NONCE_LENGTH)
    return opening + nonce + AESGCM(key.cipher).encrypt(nonce, msgspec.json.encode(document), opening)


def unseal(sealed: Sealed, key: Key, path: Path) -> Document:
    """Return the document.

    Raises:
        VaultDamaged: the content is not what was written with this key.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        plain = AESGCM(key.cipher).decrypt(sealed.nonce, sealed.ciphertext, sealed.opening)
        return msgspec.json.decode(plain, type=Document)
    except (InvalidTag, ValueError) as error:  # ValueError: a nonce cut short; it is msgspec's root as well
        raise damaged(path) from error


def damaged(path: Path) -> VaultDamaged:
    """Return the error for a content that cannot be trusted."""
    return VaultDamaged(
        _(
            "The vault {path} is damaged or was altered; it is left as it is. Put a copy of it back, or move "
            "it away and sign in again."
        ).format(path=path)
    )
