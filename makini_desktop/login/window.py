"""The login window as a process: one request in, one outcome out.

It ends with the outcome, or without a word once its standard input ends: whoever asked has gone.
Nothing secret is ever on its command line, in its environment, or in what it logs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from makini_desktop.login.channel import Channel
from makini_desktop.login.outcome import Failed, Reason, as_message
from makini_desktop.login.request import BadRequestError, LoginRequest, Theme


def main(argv: Sequence[str]) -> int:
    """Show the login window that standard input asks for, and return the exit status.

    The status is 0 however the attempt ends; the outcome is the last line on standard output.

    Args:
        argv: what follows the command; nothing is expected there.
    """
    channel = Channel()
    line = channel.read_line()
    if line is None:
        return 0
    if argv:
        channel.finish(as_message(Failed(Reason.BAD_REQUEST, "", "the login window takes no arguments")))
        return 0
    try:
        request = LoginRequest.parse(line)
    except BadRequestError as error:
        channel.finish(as_message(Failed(Reason.BAD_REQUEST, "", str(error))))
        return 0
    if _is_root() and not os.environ.get("QTWEBENGINE_DISABLE_SANDBOX"):
        detail = "the web engine does not run as root"
        channel.finish(as_message(Failed(Reason.ENGINE_REFUSED_ROOT, "", detail)))
        return 0
    _keep_to(request.folder)
    _configure_engine(request.theme)

    from makini_desktop.login.application import show

    show(request, channel)
    return 0


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _keep_to(folder: Path) -> None:
    """Send everything that Qt and the engine write into the attempt's folder."""
    cache, temporary, home = folder / "cache", folder / "tmp", folder / "home"
    for place in (cache, temporary, home):
        place.mkdir(mode=0o700, exist_ok=True)
    if sys.platform == "linux":
        _move_home(Path.home(), home)
    os.environ["XDG_CACHE_HOME"] = str(cache)
    os.environ["TMPDIR"] = os.environ["TEMP"] = os.environ["TMP"] = str(temporary)


def _configure_engine(theme: Theme) -> None:
    """Keep the engine quiet and closed, and tell pages the person's theme (some platforms know none)."""
    os.environ.pop("QTWEBENGINE_REMOTE_DEBUGGING", None)
    flags = [os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", ""), "--log-level=3", "--disable-logging"]
    match theme:
        case "dark":
            flags.append("--blink-settings=preferredColorScheme=0")
        case "light":
            flags.append("--blink-settings=preferredColorScheme=1")
        case "system":
            pass
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = " ".join(flags).strip()


def _move_home(old: Path, new: Path) -> None:
    """Make `new` the home: the engine keeps a certificate database there, wherever its profile is.

    What the desktop itself reads from the old one (fonts, theme, display, compose keys) is still found.
    """
    for name, place in {
        "XDG_CONFIG_HOME": old / ".config",
        "XDG_DATA_HOME": old / ".local" / "share",
        "XAUTHORITY": old / ".Xauthority",
        "XCOMPOSEFILE": old / ".XCompose",
    }.items():
        if place.exists():
            os.environ.setdefault(name, str(place))
    os.environ["HOME"] = str(new)
