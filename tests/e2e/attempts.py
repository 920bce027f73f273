"""Attempts to reconnect in a window, and what each has to leave behind."""

from dataclasses import dataclass, field
from typing import Any

from tests.e2e.vault import VaultReader
from tests.e2e.window import Orders, Window, breaks
from tests.sandbox_process import SandboxProcess


@dataclass(frozen=True)
class Attempts:
    """Attempts to reconnect, from a window on a profile of its own.

    Attributes:
        taken: the connections that were broken here.
        browsed: the systems for which the browser is remembered as the place to sign in.
    """

    sandbox: SandboxProcess
    window: Window
    vault: VaultReader
    taken: set[str] = field(default_factory=set)
    browsed: set[str] = field(default_factory=set)

    def broken(self) -> tuple[str, str, bytes]:
        """Return a connection whose sign-in is no longer accepted, its customer, and its token in use.

        An attempt that failed has changed nothing here, so that the next one takes the same connection.
        """
        left = [row["id"] for row in self.window.rows() if row["id"] in self.taken and self._is_left(row)]
        connection = left[0] if left else breaks(self.sandbox, self.window)
        self.taken.add(connection)
        self.sandbox.control("change_credentials", connection)
        current = self.vault.current(connection)
        assert self.vault.entry(connection).current is not None
        return connection, self.window.row(connection)["name"], current

    def take_broken(self, count: int) -> None:
        """Take over what was broken from the beginning: so many connections."""
        self.window.until_checked()
        found = {row["id"] for row in self.window.rows() if row["health"] == "reconnect_needed"}
        assert len(found) == count
        self.taken.update(found)

    def begin(self, connection: str, login: Orders) -> None:
        """Press Reconnect, with no old notices in the window, and do this in the login window."""
        self.window.dismiss_notices()
        assert self.window.notices() == []
        self.window.select(connection)
        self.window.press("Reconnect")
        self.window.login(login)

    def begin_again(self, connection: str, login: Orders, *, doubted: bool) -> None:
        """Press Reconnect where it may be asked first whether a duplicate is meant; it is."""
        self.window.dismiss_notices()
        self.window.select(connection)
        self.window.press("Reconnect")
        if doubted:
            self.window.answer("Sign in")
        self.window.login(login)

    def failed(self, connection: str, current: bytes, sentence: str) -> None:
        """Insist on this sentence, on the old token in use, and on nothing beside it."""
        self.window.until("notices", holds=sentence)
        assert sentence in self.window.notices()
        self.window.until_row(connection, stage=None, health="reconnect_needed")
        assert self.vault.current(connection) == current
        assert self.vault.entry(connection).pending is None

    def _is_left(self, row: dict[str, Any]) -> bool:
        broken = row["health"] == "reconnect_needed" and row["stage"] is None
        return broken and row["system"] not in self.browsed
