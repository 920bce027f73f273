"""Who watches an account: a window for itself, or one command where there is no window.

A lock each says so to the other processes of the profile, and dies with its holder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from makini_desktop.domain.account import Account
from makini_desktop.services.ports import Locks


class Presence:
    """Says who watches, and finds out."""

    def __init__(self, account: Callable[[], Account], locks: Locks) -> None:
        self._account = account
        self._locks = locks

    async def of_window(self) -> None:
        """Let commands know that a window watches, until this is cancelled."""
        async with self._locks.hold(self._window, wait=True):
            await asyncio.Event().wait()

    def of_command(self) -> AbstractAsyncContextManager[bool]:
        """Let other commands know that one watches, while inside; False if another one does."""
        return self._locks.hold(f"watch {self._account().name}", wait=False)

    async def window_watches(self) -> bool:
        """Tell whether a window watches, in whichever process."""
        async with self._locks.hold(self._window, wait=False) as free:
            return not free

    @property
    def _window(self) -> str:
        return f"window {self._account().name}"
