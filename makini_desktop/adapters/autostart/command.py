"""The command that starts this program: installed, frozen, an AppImage, or in a virtual environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "makini-desktop"


def program_command() -> tuple[str, ...]:
    """Return what starts the program that runs here, without its arguments.

    An AppImage runs from a mount that is gone once it ends, so the image itself is named. The script beside
    the interpreter needs no activated environment.
    """
    if image := os.environ.get("APPIMAGE"):
        return (image,)
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    script = Path(sys.executable).with_name(f"{NAME}.exe" if sys.platform == "win32" else NAME)
    if script.is_file():
        return (str(script),)
    return sys.executable, "-m", "makini_desktop"
