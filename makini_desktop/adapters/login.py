"""Starts the login window as a process of its own and reads how it ended.

The engine keeps some 190 MiB for good in the process that loads it, and a crash of it must cost one
attempt, not the program: so the window is another process, started through the program's own entry
point, told what to open on its standard input.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.account import Account
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.token import Secret
from makini_desktop.services.login_ports import (
    LoginBroken,
    LoginClosed,
    LoginRedirected,
    LoginResult,
    LoginToBrowser,
)
from makini_desktop.services.ports import Locks

_log = logging.getLogger(__name__)
_END_WITHIN = 5.0
"""Seconds that a login process has to end by itself before it is killed."""

_FIRST_WINDOWS_EXCEPTION = 0xC0000000

Orders = Callable[["LoginProcess"], Awaitable[None]]


def program_command(*arguments: str) -> list[str]:
    """Return the command that starts this program again, frozen or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "makini_desktop", *arguments]


class LoginProcess:
    """A running login window; orders reach it only when the tour or a test started it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._events: asyncio.Queue[dict[str, object]] = asyncio.Queue()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def order(self, order: str, **values: object) -> dict[str, object]:
        """Send an order and return the event that answers it."""
        await self.write({"order": order, **values})
        return await self.event("done", "refused")

    async def event(self, *names: str) -> dict[str, object]:
        """Return the next event with one of these names, passing over others."""
        while True:
            event = await self._events.get()
            if event.get("event") in names:
                return event

    async def write(self, line: dict[str, object]) -> None:
        """Write one line to the process."""
        assert self._process.stdin is not None  # noqa: S101 - started with a pipe
        self._process.stdin.write(msgspec.json.encode(line) + b"\n")
        with suppress(ConnectionError):
            await self._process.stdin.drain()

    async def result(self) -> dict[str, object]:
        """Return the final line; an empty one if the process died without it."""
        assert self._process.stdout is not None  # noqa: S101 - started with a pipe
        async for line in self._process.stdout:
            try:
                found = msgspec.json.decode(line, type=dict[str, object])
            except msgspec.DecodeError:
                continue
            if "outcome" in found:
                return found
            self._events.put_nowait(found)
        return {}


class EmbeddedLogin:
    """Implements `makini_desktop.services.ports.LoginWindow`.

    Args:
        attempts: holds one folder for each attempt, removed after it.
        locks: show which folders belong to an attempt that still runs.
        theme: gives "light", "dark" or "system" when a window is opened.
        orders: what the tour does in the window once it is there.
    """

    def __init__(
        self,
        attempts: Path,
        locks: Locks,
        theme: Callable[[], str],
        language: str = "",
        orders: Orders | None = None,
    ) -> None:
        self._attempts = attempts
        self._locks = locks
        self._theme = theme
        self._language = language
        self._orders = orders

    async def run(self, account: Account, attempt: Attempt, customer: str, system: str) -> LoginResult:
        """Show the login page and return how it ended; cancelling closes the window.

        A window whose page or engine keeps crashing is opened once more, drawn without the graphics card.
        """
        folder = self._attempts / attempt.id
        request: dict[str, object] = {
            "start_url": attempt.authorize_url(account),
            "redirect_uri": attempt.redirect_uri,
            "customer": customer,
            "system": system,
            "theme": self._theme(),
            "language": self._language,
            "orders": self._orders is not None,
            "profile_dir": str(folder),
            "drawing_dir": str(self._attempts.with_name("drawing")),
        }
        async with self._locks.hold(_lock_of(folder), wait=True):
            result = await self._run(folder, request)
            if result is None:
                _log.warning("the login page keeps crashing: it is drawn in software now")
                result = await self._run(folder, request | {"software": True})
            return result or _died()

    async def clear(self) -> None:
        """Remove the folders of attempts that a killed program left."""
        for folder in await asyncio.to_thread(_children, self._attempts):
            async with self._locks.hold(_lock_of(folder), wait=False) as orphaned:
                if orphaned:
                    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _run(self, folder: Path, request: dict[str, object]) -> LoginResult | None:
        """Run one window in a folder of its own; None if software rendering may save the attempt."""
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True)
        try:
            return await self._show(request)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _show(self, request: dict[str, object]) -> LoginResult | None:
        process = await asyncio.create_subprocess_exec(
            *program_command("_login"), stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        window = LoginProcess(process)
        driver: asyncio.Future[None] | None = None
        try:
            await window.write(request)
            if self._orders is not None:
                driver = asyncio.ensure_future(self._orders(window))
            line = await window.result()
        finally:
            if driver is not None:
                driver.cancel()
                await asyncio.gather(driver, return_exceptions=True)
            await _end(process)
        if not line:
            return None if _has_crashed(process.returncode or 0) else _died()
        return _result(line)


async def _end(process: Process) -> None:
    """Close the window's input, which ends it, and see that it is gone."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_END_WITHIN):
            await process.wait()
    except TimeoutError:
        _log.warning("the login window did not end by itself")
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _has_crashed(status: int) -> bool:
    """Say whether a process ended by its own fault, and not because somebody ended it."""
    if sys.platform == "win32":
        return status >= _FIRST_WINDOWS_EXCEPTION
    return -status in {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP}


def _result(line: dict[str, object]) -> LoginResult | None:
    match line.get("outcome"):
        case "redirected":
            return LoginRedirected(Secret(str(line.get("url", ""))))
        case "closed":
            return LoginClosed()
        case "browser":
            return LoginToBrowser(str(line.get("reason", "person")))
        case "software":
            return None
        case "failed":
            return LoginBroken(
                str(line.get("reason", "")), str(line.get("detail", "")), str(line.get("host", ""))
            )
        case _:
            return _died()


def _died() -> LoginResult:
    return LoginBroken("died", _("The sign-in window ended unexpectedly."))


def _lock_of(folder: Path) -> str:
    return f"login {folder.name}"


def _children(folder: Path) -> Sequence[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
