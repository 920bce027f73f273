"""What the start at login asks of the system."""

from __future__ import annotations

from typing import Protocol


class StartAtLogin(Protocol):
    """The system's list of what starts with the session; both calls may block."""

    def wanted(self) -> bool:
        """Tell whether this very program starts with the session, minimised."""

    def want(self, wanted: bool) -> None:
        """Start with the session from the next login on, or no longer.

        Raises:
            StartAtLoginRefused: the system does not let it be changed; the sentence says why.
        """
