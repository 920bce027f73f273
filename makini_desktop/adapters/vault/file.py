"""Replacing the file as a whole, one process at a time, so that a crash leaves the old or the new."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from makini_desktop.adapters.vault.sealed import damaged
from makini_desktop.core.paths import Paths
from makini_desktop.core.text import _
from makini_desktop.domain.errors import ProfileInUse, ProfileUnwritable

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.01


class Writing(NamedTuple):
    """What tells one writing of the file from the next, and an altered file from the one that was written."""

    beginning: bytes
    size: int
    modified_at: int
    inode: int


class VaultFile:
    """The vault's file and its OS lock, which dies with its holder."""

    def __init__(self, paths: Paths) -> None:
        self.path = paths.vault
        self._beside = self.path.with_name(f"{self.path.name}.new")
        self._lock_path = paths.locks / "vault.lock"
        self._threads = Lock()  # threads of one process need not poll

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock; what a crashed holder left half written is cleared away.

        Raises:
            ProfileInUse: another process has held it for half a minute.
            ProfileUnwritable: the file system refused anything inside.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self._lock_path, PATIENCE_SECONDS, mode=0o600, fallback_to_soft=False)
        try:
            with self._threads:
                self._lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with lock.acquire(poll_interval=POLL_SECONDS):
                    self._beside.unlink(missing_ok=True)
                    yield
        except Timeout as error:
            raise ProfileInUse(
                _("Another Makini Desktop keeps the vault {path} locked. Close it and try again.").format(
                    path=self.path
                )
            ) from error
        except OSError as error:
            raise ProfileUnwritable(
                _("The vault {path} cannot be used: {reason}. Check free space and permissions.").format(
                    path=self.path, reason=error.strerror
                )
            ) from error

    def read(self) -> bytes | None:
        """Return the content, None where there is no file. Hold the lock."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def writing(self, length: int) -> Writing | None:
        """Return which writing the file holds, None where there is no file; no lock is needed.

        Every writing is a new file that takes the old one's name, so that one is seen or the other.

        Args:
            length: of the file's beginning, which differs from writing to writing.
        """
        try:
            with self.path.open("rb", buffering=0) as file:
                seen = os.fstat(file.fileno())
                return Writing(file.read(length), seen.st_size, seen.st_mtime_ns, seen.st_ino)
        except OSError:
            return None

    def replace(self, content: bytes) -> None:
        """Make `content` the file's content; it is on disk when this returns. Hold the lock.

        Raises:
            VaultDamaged: what is read back differs.
        """
        self._write_beside(content)
        self._beside.replace(self.path)
        _sync_folder(self.path.parent)
        if self.read() != content:
            raise damaged(self.path)

    def _write_beside(self, content: bytes) -> None:
        descriptor = os.open(
            self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Put a renaming on disk; Windows does so by itself and cannot open a folder."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
