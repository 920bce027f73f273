"""The inbox: what a person orders about incidents, and about being told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from makini_desktop.domain.account import Account
from makini_desktop.domain.alerting import AlertSettings, Mutes
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import IncidentId, Snooze
from makini_desktop.services.preferences import ALERTS

if TYPE_CHECKING:  # the first frame does not wait for what works behind it
    from makini_desktop.services.incidents import Incidents
    from makini_desktop.services.orders import Orders
    from makini_desktop.services.ports import Database, Notifier
    from makini_desktop.services.preferences import Preferences
    from makini_desktop.services.store import Store


class Inbox:
    """Orders about incidents; what comes of them is seen in the store.

    Attributes:
        settings_changed: what is announced from now on, whoever changed it.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        store: Store,
        incidents: Incidents,
        preferences: Preferences,
        database: Database,
        notifier: Notifier,
        orders: Orders,
    ) -> None:
        self._account = account
        self._store = store
        self._incidents = incidents
        self._preferences = preferences
        self._database = database
        self._notifier = notifier
        self._orders = orders
        self._unsaved: dict[str, str] = {}
        self.settings_changed = preferences.alerts_changed

    @property
    def settings(self) -> AlertSettings:
        """What is announced, and when not; the same for all accounts."""
        return self._preferences.alerts

    @property
    def notifications_available(self) -> bool:
        """True while the desktop has a notification service that answers."""
        return self._notifier.available

    async def load(self) -> None:
        """Take up what was muted and set in an earlier run.

        Raises:
            MakiniDesktopError: the database cannot be read.
        """
        if (settings := await self._database.setting(ALERTS)) is not None:
            self._preferences.take_up(settings)
        kept = await self._database.setting(self._mutes_key())
        if kept is not None:
            try:
                self._store.set_mutes(msgspec.json.decode(kept, type=Mutes))
            except msgspec.DecodeError:
                self._store.set_mutes(Mutes())

    def acknowledge(self, ids: Sequence[IncidentId]) -> None:
        """Note that somebody knows of these incidents; they are announced no more."""
        self._incidents.acknowledge(ids)

    def snooze(self, ids: Sequence[IncidentId], snooze: Snooze | None) -> None:
        """Announce these incidents later; None ends that."""
        self._incidents.snooze(ids, snooze)

    def mute_connections(self, ids: Iterable[ConnectionId], muted: bool) -> None:
        """Announce nothing of these connections from now on, or do so again."""
        mutes = self._store.mutes
        named = mutes.connections | frozenset(ids) if muted else mutes.connections - frozenset(ids)
        self._mute(msgspec.structs.replace(mutes, connections=named))

    def mute_system(self, system: str, muted: bool) -> None:
        """Announce nothing of any connection to a system from now on, or do so again."""
        mutes = self._store.mutes
        named = mutes.systems | {system} if muted else mutes.systems - {system}
        self._mute(msgspec.structs.replace(mutes, systems=named))

    async def move_mute(self, old: ConnectionId, new: ConnectionId) -> None:
        """Mute `new` instead of `old`, if that was muted; it is kept when this returns.

        Raises:
            MakiniDesktopError: the database cannot be read or written.
        """
        await self._save_all()
        await self.load()
        mutes = self._store.mutes
        if old in mutes.connections:
            moved = msgspec.structs.replace(mutes, connections=mutes.connections - {old} | {new})
            self._store.set_mutes(moved)
            self._unsaved[self._mutes_key()] = msgspec.json.encode(moved).decode()
            await self._save_all()

    def change(self, settings: AlertSettings) -> None:
        """Announce by these settings from now on."""
        self._save(ALERTS, self._preferences.change_alerts(settings))

    def _mute(self, mutes: Mutes) -> None:
        self._store.set_mutes(mutes)
        self._save(self._mutes_key(), msgspec.json.encode(mutes).decode())

    def _mutes_key(self) -> str:
        return f"alerts.mutes.{self._account().name}"

    def _save(self, key: str, value: str) -> None:
        self._unsaved[key] = value
        self._orders.start("alert settings", None, self._save_all())

    async def _save_all(self) -> None:
        while self._unsaved:
            key, value = self._unsaved.popitem()
            await self._database.set_setting(key, value)
