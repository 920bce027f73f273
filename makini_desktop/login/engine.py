"""The web engine's surroundings, set before it is loaded: one folder, its options, no developer tools."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from makini_desktop.login.request import LoginRequest
from makini_desktop.login.way_out import engine_flags

_NSS_FOLDER = Path(".pki") / "nssdb"


def prepare(request: LoginRequest) -> None:
    """Send everything that Qt and the engine write into the attempt's folder, and set the options.

    What the graphics driver compiles says nothing of a page and takes 150 ms, so that it may be kept.
    """
    cache, temporary, home = (request.folder / name for name in ("cache", "tmp", "home"))
    for place in (cache, temporary, home):
        place.mkdir(mode=0o700, exist_ok=True)
    if sys.platform == "linux":
        _move_home(Path.home(), home)
    os.environ["XDG_CACHE_HOME"] = str(cache)
    os.environ["TMPDIR"] = os.environ["TEMP"] = os.environ["TMP"] = str(temporary)
    if request.drawing is not None:
        os.environ["MESA_SHADER_CACHE_DIR"] = str(request.drawing)
    _set_options(request)


def _set_options(request: LoginRequest) -> None:
    """Keep the engine quiet and closed, and tell pages the person's theme (some platforms know none).

    Options from outside could open developer tools, disguise the engine or wave certificates through.
    Only tests and the tour, which are on this computer, may set some.
    """
    os.environ.pop("QTWEBENGINE_REMOTE_DEBUGGING", None)
    flags = ["--log-level=3", "--disable-logging", *engine_flags()]
    if request.orders:
        flags.insert(0, os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", ""))
    match request.theme:
        case "dark":
            flags.append("--blink-settings=preferredColorScheme=0")
        case "light":
            flags.append("--blink-settings=preferredColorScheme=1")
        case "system":
            pass
    if request.software:
        flags.append("--disable-gpu")
        os.environ["QT_QUICK_BACKEND"] = "software"
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = " ".join(flags).strip()


def _move_home(old: Path, new: Path) -> None:
    """Make `new` the home: the engine keeps a certificate database there, wherever its profile is.

    What the desktop itself reads from the old one (fonts, theme, display, compose keys) is still found,
    and so is the person's own database, which holds their certificates and whom they trust.
    """
    for name, place in {
        "XDG_CONFIG_HOME": old / ".config",
        "XDG_DATA_HOME": old / ".local" / "share",
        "XAUTHORITY": old / ".Xauthority",
        "XCOMPOSEFILE": old / ".XCompose",
    }.items():
        if place.exists():
            os.environ.setdefault(name, str(place))
    own = old / _NSS_FOLDER
    if own.is_dir():
        (new / _NSS_FOLDER).parent.mkdir(mode=0o700)
        (new / _NSS_FOLDER).symlink_to(own, target_is_directory=True)
    os.environ["HOME"] = str(new)
