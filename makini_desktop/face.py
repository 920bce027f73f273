"""What a face of the program needs to show itself before the program behind it is there.

Nothing here imports what takes long: with a thousand connections the first painted row comes within twice
the time of a bare window.
"""

from __future__ import annotations

from collections.abc import Mapping

from makini_desktop.adapters.db.at_start import read_at_start
from makini_desktop.core.clock import SystemClock
from makini_desktop.domain.account import Account
from makini_desktop.services.cached import cached_rows
from makini_desktop.services.commands import Commands
from makini_desktop.services.options import Options
from makini_desktop.services.store import Store, last_days

SHOWN_ACCOUNT = "ui.account"
"""The setting that names the account shown last."""


class Face:
    """The store, the orders and the settings, to be filled and taken up by the program.

    Args:
        options: what was asked for.
        settings: those of the window, where it has some already.

    Attributes:
        account: whose rows are shown; None while that is not known.
    """

    def __init__(self, options: Options, settings: dict[str, str] | None = None) -> None:
        self._options = options
        self.clock = SystemClock()
        self.store = Store()
        self.settings = settings if settings is not None else {}
        self.commands = Commands(self.store, self.settings)
        self.account: Account | None = None

    def show_cached(self) -> None:
        """Fill the store with what the last run left, at once and on the caller's thread."""
        now = self.clock.now()
        snapshot = read_at_start(self._options.paths.database, self._choose, last_days(now)[0])
        if snapshot is None:
            return
        self.settings.update(snapshot.settings)
        self.account = snapshot.account
        self.store.put(cached_rows(snapshot.connections, snapshot.strips, snapshot.running, now))

    def _choose(self, accounts: tuple[Account, ...], settings: Mapping[str, str]) -> Account | None:
        """Return the account to show first: the sandbox's, the named one, the last shown, or the first."""
        fitting = [each for each in accounts if each.sandbox is self._options.sandbox]
        if self._options.account is not None:
            fitting = [each for each in fitting if each.name == self._options.account]
        last = settings.get(SHOWN_ACCOUNT)
        return next((each for each in fitting if each.name == last), fitting[0] if fitting else None)
