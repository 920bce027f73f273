"""What the desktop around the window offers, as the alert settings show it and let it be chosen."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Closing(Enum):
    """What closing the window means."""

    ASK = "ask"
    """It is asked the first time."""
    KEEP = "keep"
    """The program goes on: in the tray where there is one, else minimised."""
    QUIT = "quit"
    """The program ends."""


class Surroundings(Protocol):
    """The tray, closing, and the start at login."""

    @property
    def tray(self) -> bool:
        """True while there is a tray to appear in."""

    @property
    def closing(self) -> Closing:
        """What closing the window means."""

    def change_closing(self, closing: Closing) -> None:
        """Let closing the window mean something else."""

    @property
    def starts_at_login(self) -> bool | None:
        """Whether the program starts with the session; None where this desktop has no way for that."""

    def change_start_at_login(self, wanted: bool) -> None:
        """Start with the session from now on, minimised, or no longer."""

    def window_closed(self) -> None:
        """Do what closing the window means."""
