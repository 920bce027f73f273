"""Start at login on macOS: a launch agent of the person's own. Tested as a file only, not on macOS."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path

from makini_desktop.core.text import _
from makini_desktop.domain.errors import StartAtLoginRefused


class MacosStartAtLogin:
    """Implements `makini_desktop.services.start_at_login.StartAtLogin` with a property list.

    Args:
        label: the agent's name, which is the file's too.
        command: what is started, with its arguments.
        folder: where launch agents lie; the person's own where it is not given.
    """

    def __init__(self, label: str, command: Sequence[str], folder: Path | None = None) -> None:
        self.path = (folder or Path.home() / "Library" / "LaunchAgents") / f"{label}.plist"
        self._label = label
        self._command = list(command)

    def wanted(self) -> bool:
        """Tell whether the session starts this very program."""
        try:
            agent = plistlib.loads(self.path.read_bytes())
        except (OSError, plistlib.InvalidFileException, ValueError):
            return False
        return (
            isinstance(agent, dict)
            and agent.get("ProgramArguments") == self._command
            and agent.get("RunAtLoad") is True
            and agent.get("Disabled") is not True
        )

    def want(self, wanted: bool) -> None:
        """Write the agent, or remove it; it counts from the next login on.

        Raises:
            StartAtLoginRefused: the folder cannot be written.
        """
        try:
            if not wanted:
                self.path.unlink(missing_ok=True)
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(
                plistlib.dumps(
                    {
                        "Label": self._label,
                        "ProgramArguments": self._command,
                        "RunAtLoad": True,
                        "LimitLoadToSessionType": "Aqua",
                        "ProcessType": "Interactive",
                    }
                )
            )
        except OSError as error:
            raise StartAtLoginRefused(
                _("The start at login cannot be changed: {why}.").format(why=error.strerror or error)
            ) from error
