"""Whether a command can open a window here."""

from __future__ import annotations

import os
import sys


def no_display() -> bool:
    """Tell whether there is no screen on which a window could be shown."""
    return sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
