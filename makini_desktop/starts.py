"""What a start asks the window to show: this one, and every later one on the same profile folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from makini_desktop.app import Program
from makini_desktop.core.text import _
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services.store import Notice, Tone
from makini_desktop.ui.single_instance import FirstWindow, SecondStart


class Shows(Protocol):
    """The window that starts ask for something."""

    def come_forward(self) -> None:
        """Show the window as it is."""

    def show(self, account: AccountName, connection: ConnectionId | None) -> None:
        """Show an account, and a connection of it."""


class Starts:
    """Hears of later starts, and shows what starts ask for as soon as it is known.

    Args:
        profile: the profile folder.
        window: shows it.
        programs: the accounts there are.
        refuse: told in the window if there is nothing to show.
    """

    def __init__(
        self,
        profile: Path,
        window: Shows,
        programs: Callable[[], Iterable[Program]],
        refuse: Callable[[Notice], None],
    ) -> None:
        self._window = window
        self._programs = programs
        self._refuse = refuse
        self._wanted: tuple[ConnectionId, str | None] | None = None
        self._first = FirstWindow(profile, self._started_again)

    def close(self) -> None:
        """Hear no more."""
        self._wanted = None
        self._first.close()

    def attach(self, program: Program) -> None:
        """Look again once this account was looked at."""
        program.store.sweep_changed.subscribe(lambda _sweep: self._look())

    def show(self, connection: ConnectionId, account: str | None) -> None:
        """Show a connection of an account, of whichever has it for None; if need be after the first sweep."""
        self._wanted = connection, account
        self._look()

    def _started_again(self, asked: SecondStart) -> None:
        """Do what a later start asks for; one at login finds its work done already."""
        if asked.minimised:
            return
        if asked.activation:
            os.environ["XDG_ACTIVATION_TOKEN"] = asked.activation  # Qt takes it from there, once
        self._window.come_forward()
        account = asked.account
        if account is not None and all(each.account.name != account for each in self._programs()):
            self._say(_("There is no account {name}.").format(name=account))
        elif asked.connection is not None:
            self.show(ConnectionId(asked.connection), account)
        elif account is not None:
            self._window.show(AccountName(account), None)

    def _look(self) -> None:
        if self._wanted is None:
            return
        connection, account = self._wanted
        asked = [each for each in self._programs() if account in (None, each.account.name)]
        known = next((each for each in asked if each.store.row(connection) is not None), None)
        if known is not None:
            self._wanted = None
            self._window.show(known.account.name, connection)
        elif all(each.store.sweep.last_at is not None for each in asked):
            self._wanted = None
            self._say(_("There is no connection {id} here.").format(id=connection))

    def _say(self, words: str) -> None:
        self._refuse(Notice(words=words, tone=Tone.BAD))
