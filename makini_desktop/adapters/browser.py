"""The system's browser, opened by what the desktop offers for that.

The standard library's `webbrowser` is no help here: without a display it takes a text browser on the terminal
of a command, and it does not tell why a page could not be opened.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from makini_desktop.core.text import _
from makini_desktop.domain.errors import BrowserUnavailable

_log = logging.getLogger(__name__)

_OPENERS = (("xdg-open",), ("gio", "open"), ("sensible-browser",), ("x-www-browser",))
_WSL_OPENERS = (("wslview",),)

FAILS_WITHIN = 2.0
"""Seconds within which an opener says that it cannot; one that still runs then is the browser itself."""


class SystemBrowser:
    """Implements `makini_desktop.services.login_ports.Browser`.

    Args:
        environment: what the desktop told this program; `BROWSER` in it names another opener.
        platform: as `sys.platform`.
        kernel: how the kernel calls itself, which tells Windows' Linux subsystem from Linux.
    """

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        platform: str = sys.platform,
        kernel: Path = Path("/proc/version"),
    ) -> None:
        self._environment = environment
        self._platform = platform
        self._kernel = kernel

    def refusal(self) -> str:
        """Return why no page can be opened here; empty if one can."""
        if self._platform == "win32" or self._opener() is not None:
            return ""
        if self._is_wsl():
            return _(
                "This Linux runs inside Windows, and there is no way from here to the browser there. Install "
                "“wslu”, which brings “wslview”."
            )
        if self._platform == "linux" and not self._has_display():
            return _("There is no desktop here on which a browser could be opened.")
        return _("There is no browser on this computer, or no “xdg-open” that could open it.")

    async def open(self, url: str) -> None:
        """Show a page in the browser.

        Raises:
            BrowserUnavailable: nothing here opens it; the sentence says what to do.
        """
        if refusal := self.refusal():
            raise BrowserUnavailable(refusal)
        try:
            if sys.platform == "win32" and self._platform == "win32":
                await asyncio.to_thread(os.startfile, url)
                return
            code = await asyncio.to_thread(self._start, [*(self._opener() or ()), url])
        except OSError as error:
            raise BrowserUnavailable(
                _("The browser could not be opened: {why}.").format(why=error.strerror)
            ) from error
        if code:
            raise BrowserUnavailable(
                _("The browser could not be opened: “{opener}” ended with code {code}.").format(
                    opener=(self._opener() or ("",))[0], code=code
                )
            )

    def _opener(self) -> Sequence[str] | None:
        """Return the command that opens a page, None without one."""
        if named := self._environment.get("BROWSER", "").partition(os.pathsep)[0]:
            return tuple(word for word in shlex.split(named) if word != "%s")
        if self._platform == "darwin":
            return ("/usr/bin/open",)
        openers = _WSL_OPENERS if self._is_wsl() else _OPENERS if self._has_display() else ()
        path = self._environment.get("PATH", "")
        return next((opener for opener in openers if shutil.which(opener[0], path=path)), None)

    def _start(self, command: Sequence[str]) -> int:
        """Start a command in a session of its own; return its exit code if it ends soon, 0 if it goes on."""
        process = subprocess.Popen(  # noqa: S603 - the desktop's own opener, and an address as one argument
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=_as_before_packaging(self._environment),
        )
        try:
            return process.wait(FAILS_WITHIN)
        except subprocess.TimeoutExpired:
            # Nobody waits for a browser, but somebody has to take note of its end.
            threading.Thread(target=process.wait, name="browser", daemon=True).start()
            return 0

    def _has_display(self) -> bool:
        return bool(self._environment.get("DISPLAY") or self._environment.get("WAYLAND_DISPLAY"))

    def _is_wsl(self) -> bool:
        if self._platform != "linux":
            return False
        try:
            return "microsoft" in self._kernel.read_text(errors="replace").casefold()
        except OSError:
            return False


def _as_before_packaging(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the library path that a frozen program gets for itself."""
    kept = dict(environment)
    if (before := kept.pop("LD_LIBRARY_PATH_ORIG", None)) is not None:
        kept["LD_LIBRARY_PATH"] = before
    elif getattr(sys, "frozen", False):
        kept.pop("LD_LIBRARY_PATH", None)
    return kept
