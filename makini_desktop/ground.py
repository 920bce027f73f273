"""What all accounts of a profile stand on: database, vault, locks, login window, sandbox, notifications."""

from __future__ import annotations

import platform
from contextlib import AsyncExitStack

from makini_desktop.adapters.browser import SystemBrowser
from makini_desktop.adapters.db.database import SqliteDatabase
from makini_desktop.adapters.locks import FileLocks
from makini_desktop.adapters.login import EmbeddedLogin, Orders
from makini_desktop.adapters.loopback import LoopbackLogin
from makini_desktop.adapters.power import LogindPower, NoPower
from makini_desktop.adapters.sandbox import EmbeddedSandbox
from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.adapters.vault.memory import MemoryVault
from makini_desktop.core.clock import SystemClock
from makini_desktop.core.event import Event
from makini_desktop.services.accounts import Accounts
from makini_desktop.services.keychain import VaultOrMemory
from makini_desktop.services.options import Options
from makini_desktop.services.ports import Notifier, Power, Vault
from makini_desktop.services.preferences import Preferences
from makini_desktop.services.start_at_login import StartAtLogin
from makini_desktop.services.store import KeychainTrouble


class Ground:
    """One profile folder, opened once, however many accounts are watched on it.

    Args:
        options: what was asked for.
        settings: the window's settings, as they are kept and changed.
        notifier: the desktop's notification service; None for a command.
        power: what the system tells of sleep; None where the clocks are enough.
        start_at_login: the system's list of what starts with the session; None where this cannot.
        memory_if_closed: run on memory while the vault is closed, as the window does.
        orders: what the tour does in the login window.

    Attributes:
        speaks: True for a window, which keeps incidents and announces them; a command leaves both to it.
        preferences: what the person wants to be told.
        keychain: why the vault is closed, None while it is open.
        keychain_changed: the new value of that.
    """

    def __init__(
        self,
        options: Options,
        settings: dict[str, str],
        *,
        notifier: Notifier | None = None,
        power: Power | None = None,
        start_at_login: StartAtLogin | None = None,
        memory_if_closed: bool = False,
        orders: Orders | None = None,
    ) -> None:
        self._stack = AsyncExitStack()
        self.settings = settings
        self.speaks = notifier is not None
        self.notifier: Notifier = notifier or Silent()
        self.power: Power = power or NoPower()
        self.start_at_login = start_at_login
        self.preferences = Preferences(settings)
        self.keychain: KeychainTrouble | None = None
        self.keychain_changed: Event[KeychainTrouble | None] = Event()
        self.database = SqliteDatabase(options.paths.database)
        self.locks = FileLocks(options.paths.locks)
        real = open_vault(options.vault, options.paths, options.passphrase)
        self.vault: Vault = VaultOrMemory(real, MemoryVault(), self._tell) if memory_if_closed else real
        self.accounts = Accounts(self.database, self.vault)
        self.login = EmbeddedLogin(
            options.paths.attempts,
            self.locks,
            lambda: self.settings.get("ui.theme", "system"),
            orders=orders,
        )
        self.browser_login = LoopbackLogin(SystemBrowser(), SystemClock())
        self.sandbox = (
            EmbeddedSandbox(options.paths.sandbox, options.sandbox_arguments) if options.sandbox else None
        )

    async def open_database(self) -> None:
        """Open the database only.

        Raises:
            StoreTooNew, StoreDamaged, ProfileInUse, ProfileUnwritable: the sentence says what to do.
        """
        self._stack.push_async_callback(self.notifier.aclose)
        self._stack.push_async_callback(self.power.aclose)
        await self.database.open()
        self._stack.push_async_callback(self.database.close)

    async def open_stores(self) -> None:
        """Open database and vault.

        Raises:
            KeychainUnavailable, VaultDamaged: the vault stays closed and memory was not allowed.
        """
        await self.open_database()
        await self.vault.open()

    async def open(self) -> None:
        """Open database and vault, and start the sandbox if it was asked for.

        Raises:
            Unreachable: the sandbox did not start.
        """
        await self.open_stores()
        if self.sandbox is not None:
            self._stack.push_async_callback(self.sandbox.aclose)
            await self.sandbox.start()

    async def aclose(self) -> None:
        """Close everything, the last opened first."""
        await self._stack.aclose()

    def _tell(self, trouble: KeychainTrouble | None) -> None:
        self.keychain = trouble
        self.keychain_changed.emit(trouble)


class Silent:
    """No notification service: for commands, which speak on the terminal."""

    available = False

    async def look(self) -> None:
        """Do nothing."""

    async def show(self, notification: object, pressed: object) -> None:
        """Do nothing."""

    def standing(self, tag: str) -> bool:
        """Return False: nothing ever stands."""
        return False

    async def withdraw(self, tag: str) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""


def system_power() -> Power:
    """Return what this system tells of sleep."""
    return LogindPower() if platform.system() == "Linux" else NoPower()


def desktop_notifier(icon: str) -> Notifier:
    """Return the notification service of this system.

    Args:
        icon: the program's picture: a name that the desktop's icon theme has, or a file's URI.
    """
    if platform.system() == "Linux":
        from makini_desktop.adapters.notify.freedesktop import FreedesktopNotifier

        return FreedesktopNotifier(icon)
    from makini_desktop.adapters.notify.native import NativeNotifier

    return NativeNotifier()
