"""Where the program writes: everything lies under one profile folder."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Paths(NamedTuple):
    """The profile folder's layout."""

    profile: Path

    @classmethod
    def default(cls) -> Paths:
        """Return the layout of the person's own profile folder."""
        from platformdirs import user_data_path

        return cls(user_data_path("makini-desktop", appauthor=False))

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.profile / "makini.db"

    @property
    def vault(self) -> Path:
        """The encrypted file of tokens and client secrets."""
        return self.profile / "vault.bin"

    @property
    def locks(self) -> Path:
        """OS lock files."""
        return self.profile / "locks"

    @property
    def log(self) -> Path:
        """The log file; redacted."""
        return self.profile / "makini-desktop.log"

    @property
    def icon(self) -> Path:
        """The program's picture, for desktops that do not know it by name."""
        return self.profile / "icon.png"

    @property
    def attempts(self) -> Path:
        """One throw-away folder for each login attempt."""
        return self.profile / "attempts"

    @property
    def sandbox(self) -> Path:
        """The embedded sandbox's state."""
        return self.profile / "sandbox"

    def create(self) -> None:
        """Make the folders, readable by their owner only."""
        for folder in (self.profile, self.locks, self.attempts):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
