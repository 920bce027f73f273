"""Start at login on Windows: a value under the Run key. Tested on a stand-in for the registry only."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Protocol

from makini_desktop.core.text import _
from makini_desktop.domain.errors import StartAtLoginRefused

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where Windows keeps what the person switched off in its own settings."""

LONGEST = 260
"""Characters that a command under the Run key may have; Windows ignores longer ones."""


class CurrentUser(Protocol):
    """The part of the registry under HKEY_CURRENT_USER; what fails raises `OSError`."""

    def read(self, key: str, name: str) -> str | bytes | None:
        """Return a value; None where there is none."""

    def write(self, key: str, name: str, value: str) -> None:
        """Write a text."""

    def delete(self, key: str, name: str) -> None:
        """Delete a value; one that is not there is no error."""


class WindowsStartAtLogin:
    """Implements `makini_desktop.services.start_at_login.StartAtLogin` with the registry.

    Args:
        name: the value's name.
        command: what is started, with its arguments.
        registry: the person's own part of it.
    """

    def __init__(self, name: str, command: Sequence[str], registry: CurrentUser) -> None:
        self._name = name
        self._line = subprocess.list2cmdline(command)
        self._registry = registry

    def wanted(self) -> bool:
        """Tell whether Windows starts this very program."""
        try:
            approved = self._registry.read(APPROVED, self._name)
            switched_off = isinstance(approved, bytes) and approved[:1] != b"" and approved[0] % 2 == 1
            return self._registry.read(RUN, self._name) == self._line and not switched_off
        except OSError:
            return False

    def want(self, wanted: bool) -> None:
        """Write the value, or delete it.

        Raises:
            StartAtLoginRefused: the registry cannot be written, or the command is too long for it.
        """
        if wanted and len(self._line) > LONGEST:
            raise StartAtLoginRefused(
                _("The start at login cannot be changed: the program lies too deep in its folders.")
            )
        try:
            if wanted:
                self._registry.write(RUN, self._name, self._line)
            else:
                self._registry.delete(RUN, self._name)
            self._registry.delete(APPROVED, self._name)
        except OSError as error:
            raise StartAtLoginRefused(
                _("The start at login cannot be changed: {why}.").format(why=error.strerror or error)
            ) from error
