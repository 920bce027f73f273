"""Which way to start at login this system has."""

from __future__ import annotations

import hashlib
import sys

from makini_desktop.adapters.autostart.command import NAME, program_command
from makini_desktop.core.paths import Paths
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.services.start_at_login import StartAtLogin


def start_at_login(options: Options) -> StartAtLogin | None:
    """Return how a profile is started with the session.

    None for what cannot start by itself: the sandbox, and a vault whose key somebody must type or that is
    empty at every start.
    """
    if options.sandbox or options.vault is not VaultKind.KEYCHAIN:
        return None
    command = (*program_command(), "--minimised")
    suffix = ""
    if options.paths != Paths.default():
        folder = str(options.paths.profile)
        command = (*command, "--profile-dir", folder)
        suffix = "-" + hashlib.sha256(folder.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    if sys.platform == "win32":
        from makini_desktop.adapters.autostart.registry import CurrentUserRegistry
        from makini_desktop.adapters.autostart.windows import WindowsStartAtLogin

        return WindowsStartAtLogin(f"Makini Desktop{suffix}", command, CurrentUserRegistry())
    if sys.platform == "darwin":
        from makini_desktop.adapters.autostart.macos import MacosStartAtLogin

        return MacosStartAtLogin(f"io.makini.desktop{suffix}", command)
    from makini_desktop.adapters.autostart.xdg import XdgStartAtLogin

    return XdgStartAtLogin(NAME + suffix, command)
