"""The port `Locks` on lock files."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from makini_desktop.adapters.thread import in_daemon_thread
from makini_desktop.core.text import _
from makini_desktop.domain.errors import ProfileUnwritable

if TYPE_CHECKING:
    from filelock import BaseFileLock

POLL_SECONDS = 0.05


class FileLocks:
    """One lock file for each name; the operating system lets go of it when its holder dies.

    Two holders in one process are as much apart as two processes are.

    Args:
        folder: where the lock files are; they stay when the locks are let go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hold(self, name: str, *, wait: bool) -> AbstractAsyncContextManager[bool]:
        """Hold the lock `name` while inside.

        Yields:
            True if held; False at once if somebody else has it and `wait` is False.

        Raises:
            ProfileUnwritable: the folder takes no lock file.
        """
        return self._hold(name, wait=wait)

    @contextmanager
    def at_once(self, name: str) -> Iterator[bool]:
        """Hold the lock `name` while inside, for the moment before any event loop runs.

        Yields:
            True if held; False if somebody else has it.

        Raises:
            ProfileUnwritable: the folder takes no lock file.
        """
        lock = self._lock(name)
        held = self._ask(lock)
        try:
            yield held
        finally:
            if held:
                lock.release()

    @asynccontextmanager
    async def _hold(self, name: str, *, wait: bool) -> AsyncIterator[bool]:
        lock = await in_daemon_thread(lambda: self._lock(name), "lock")
        # Asking does not block and runs here, so that no cancellation can come between asking and holding.
        held = self._ask(lock)
        while wait and not held:
            await asyncio.sleep(POLL_SECONDS)
            held = self._ask(lock)
        try:
            yield held
        finally:
            if held:
                lock.release()

    def _lock(self, name: str) -> BaseFileLock:
        from filelock import FileLock

        return FileLock(
            self._folder / file_name(name), mode=0o600, thread_local=False, fallback_to_soft=False
        )

    def _ask(self, lock: BaseFileLock) -> bool:
        from filelock import Timeout

        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as error:
            raise ProfileUnwritable(
                _("No lock can be held in {folder}: {reason}. Check its permissions.").format(
                    folder=self._folder, reason=error.strerror
                )
            ) from error
        return True


def file_name(name: str) -> str:
    """Return a file name for a lock: its name as far as it is readable everywhere, and a digest of all."""
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"
