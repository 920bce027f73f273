"""The vault of one run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from makini_desktop.adapters.thread import in_daemon_thread
from makini_desktop.adapters.vault.document import Document, DocumentVault
from makini_desktop.adapters.vault.encrypted import refuse_other_kind
from makini_desktop.adapters.vault.file import VaultFile
from makini_desktop.adapters.vault.sealed import Header, MemoryHeader, mark, take_apart
from makini_desktop.services.options import VaultKind


class MemoryVault(DocumentVault):
    """Holds everything in this process only.

    Args:
        file: where it is written down that the profile uses this kind; None leaves the profile's kind
            open, as for a run whose keychain cannot be reached.
    """

    def __init__(self, file: VaultFile | None = None) -> None:
        self._file = file
        self._document = Document()

    async def open(self) -> None:
        """Write down the kind.

        Raises:
            UsageError: the profile's vault is of another kind.
        """
        if self._file is not None:
            await in_daemon_thread(partial(_fix_kind, self._file), "vault")

    async def _read(self) -> Document:
        return self._document

    async def _replace(self, change: Callable[[Document], Document]) -> Document:
        self._document = change(self._document)
        return self._document


def _fix_kind(file: VaultFile) -> None:
    with file.locked():
        content = file.read()
        if content is None:
            file.replace(mark(Header(origin=MemoryHeader())))
        else:
            refuse_other_kind(take_apart(content, file.path).header, VaultKind.MEMORY)
