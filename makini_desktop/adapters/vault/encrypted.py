"""The vault on disk."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import partial
from typing import Protocol

from makini_desktop.adapters.thread import DaemonWorker, in_daemon_thread
from makini_desktop.adapters.vault.document import Document, DocumentVault
from makini_desktop.adapters.vault.file import VaultFile, Writing
from makini_desktop.adapters.vault.sealed import (
    Header,
    Key,
    Origin,
    Sealed,
    damaged,
    seal,
    take_apart,
    unseal,
)
from makini_desktop.core.text import _
from makini_desktop.domain.errors import MakiniDesktopError, UsageError
from makini_desktop.services.options import VaultKind


class Keys(Protocol):
    """Where the key comes from; calls may block while a person is asked."""

    def create(self) -> tuple[Origin, Key]:
        """Return a new key and what finds it again."""

    def fetch(self, origin: Origin) -> Key:
        """Return the key that belongs to a file's origin."""

    def wrong(self) -> MakiniDesktopError:
        """Return the error for a key that is not the file's."""


class EncryptedVault(DocumentVault):
    """One encrypted file that several processes may use at once.

    Every reading sees what other processes wrote; the decrypted document is kept for as long as the file
    holds the same writing.

    Args:
        kind: what the profile's vault has to be.
        file: where it is.
        keys: its key.
    """

    def __init__(self, kind: VaultKind, file: VaultFile, keys: Keys) -> None:
        self._kind = kind
        self._file = file
        self._keys = keys
        self._key: Key | None = None
        self._newest: tuple[Sealed, Document] | None = None
        self._writing: Writing | None = None
        self._reader = DaemonWorker("vault reader")

    async def open(self) -> None:
        """Fetch the key (creating it at first use) and prove that the file opens with it.

        Raises:
            UsageError: the profile's vault is of another kind.
            KeychainMissing, KeychainLocked, KeychainDenied: the key cannot be had.
            VaultDamaged: the file is not what was written.
        """
        await in_daemon_thread(self._open, "vault")

    async def _read(self) -> Document:
        return await self._reader.run(self._read_file)

    async def _replace(self, change: Callable[[Document], Document]) -> Document:
        return await in_daemon_thread(partial(self._replace_file, change), "vault")

    def _open(self) -> None:
        with self._file.locked():
            content = self._file.read()
            if content is None:
                self._create()
                return
        # Outside the lock, for a prompt may be open for long.
        header = take_apart(content, self._file.path).header
        refuse_other_kind(header, self._kind)
        key = self._keys.fetch(header.origin)
        if not hmac.compare_digest(key.check, header.check):
            raise self._keys.wrong()
        self._key = key
        self._read_file()

    def _create(self) -> None:
        origin, key = self._keys.create()
        self._file.replace(seal(Header(origin=origin, check=key.check), Document(), key))
        self._key = key

    def _read_file(self) -> Document:
        newest, writing = self._newest, self._writing
        if (
            newest is not None
            and writing is not None
            and self._file.writing(_beginning(newest[0])) == writing
        ):
            return newest[1]
        with self._file.locked():
            return self._document()[1]

    def _replace_file(self, change: Callable[[Document], Document]) -> Document:
        with self._file.locked():
            sealed, old = self._document()
            new = change(old)
            if new != old:
                self._file.replace(seal(sealed.header, new, self._opened()))
            return new

    def _document(self) -> tuple[Sealed, Document]:
        """Return the file's content; decrypted only if it is another writing than the last one seen."""
        content = self._file.read()
        if content is None:
            raise damaged(self._file.path)
        sealed = take_apart(content, self._file.path)
        if self._newest is None or self._newest[0] != sealed:
            self._newest = sealed, unseal(sealed, self._opened(), self._file.path)
        self._writing = self._file.writing(_beginning(sealed))
        return self._newest

    def _opened(self) -> Key:
        if self._key is None:
            raise RuntimeError("the vault is not open")
        return self._key


def _beginning(sealed: Sealed) -> int:
    """Return up to where a file tells its writing: its nonce is a new one each time."""
    return len(sealed.opening) + len(sealed.nonce)


def refuse_other_kind(header: Header, kind: VaultKind) -> None:
    """Let only the kind pass that the profile was first used with.

    Raises:
        UsageError: it is another one.
    """
    if header.kind is not kind:
        raise UsageError(
            _(
                "This profile keeps its tokens with --vault {fixed}, not {asked}. Use that, or another "
                "--profile-dir."
            ).format(fixed=header.kind.value, asked=kind.value)
        )
