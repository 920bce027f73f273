"""Tells once when a connection turns to "Reconnect needed", and takes it back when it is repaired."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.event import Event
from makini_desktop.core.tasks import Tasks
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.ports import Notification, NotificationButton, Notifier
from makini_desktop.services.store import Row, Store

GATHER_SECONDS = 1.5
"""Breaks seen within this time are told together."""

_SEVERAL = "several"


class Alerts:
    """Watches rows pass by and speaks to the desktop's notification service.

    Attributes:
        reconnect_pressed: the connection of a notification whose Reconnect button was pressed.
        show_pressed: the connection to show, None for the whole window.
    """

    def __init__(
        self, account: Callable[[], Account], store: Store, notifier: Notifier, tasks: Tasks, clock: Clock
    ) -> None:
        self._account = account
        self._store = store
        self._notifier = notifier
        self._tasks = tasks
        self._clock = clock
        self._new: dict[ConnectionId, Row] = {}
        self._told_together: set[ConnectionId] = set()
        self.reconnect_pressed: Event[ConnectionId] = Event()
        self.show_pressed: Event[ConnectionId | None] = Event()

    def pass_by(self, before: Row | None, after: Row) -> Row:
        """Return `after` with `announced` as it has to be, and tell or take back what that takes.

        What its first check finds broken is announced by being in the window; only a turn is told.
        Unknown proves nothing and changes nothing.
        """
        broken = after.health is Health.RECONNECT_NEEDED
        if broken and not after.announced:
            if before is not None and _was_checked(before):
                self._new[after.id] = after
                self._tasks.start("alerts", self._tell())
            return msgspec.structs.replace(after, announced=True)
        if after.announced and not broken and after.health is not Health.UNKNOWN:
            self._new.pop(after.id, None)
            self._tasks.start(f"withdraw {after.id}", self._withdraw(after.id))
            return msgspec.structs.replace(after, announced=False)
        return after

    def _tag(self, matter: str) -> str:
        """Return a notification's tag, told apart from another account's."""
        return f"{self._account().name}/{matter}"

    async def _tell(self) -> None:
        await self._clock.sleep(GATHER_SECONDS)
        while self._new:
            rows, self._new = list(self._new.values()), {}
            if len(rows) == 1:
                await self._tell_one(rows[0])
            else:
                await self._tell_several(rows)

    async def _tell_one(self, row: Row) -> None:
        def pressed(key: str) -> None:
            if key == "reconnect":
                self.reconnect_pressed.emit(row.id)
            else:
                self.show_pressed.emit(row.id)

        await self._notifier.show(
            Notification(
                tag=self._tag(row.id),
                title=_("{customer}: reconnect needed").format(customer=row.connection.name),
                body=_(
                    "The sign-in to {system} is no longer accepted. Syncs stop until somebody signs in."
                ).format(system=row.connection.system or _("their system")),
                buttons=(
                    NotificationButton("reconnect", _("Reconnect")),
                    NotificationButton("show", _("Show")),
                ),
                urgent=True,
            ),
            pressed,
        )

    async def _tell_several(self, rows: list[Row]) -> None:
        self._told_together |= {row.id for row in rows}
        names = ", ".join(row.connection.name for row in rows[:3])
        await self._notifier.show(
            Notification(
                tag=self._tag(_SEVERAL),
                title=ngettext(
                    "{count} connection needs a reconnect",
                    "{count} connections need a reconnect",
                    len(self._told_together),
                ).format(count=len(self._told_together)),
                body=_("{names} and others. Syncs stop until somebody signs in.").format(names=names)
                if len(rows) > 3
                else _("{names}. Syncs stop until somebody signs in.").format(names=names),
                buttons=(NotificationButton("show", _("Open")),),
                urgent=True,
            ),
            lambda _key: self.show_pressed.emit(None),
        )

    async def _withdraw(self, connection: ConnectionId) -> None:
        if connection in self._told_together:
            self._told_together.discard(connection)
            if self._told_together:
                return
            await self._notifier.withdraw(self._tag(_SEVERAL))
            return
        await self._notifier.withdraw(self._tag(connection))


def _was_checked(row: Row) -> bool:
    """Tell whether the connection's access was looked at before; the list alone does not say how that is."""
    facts = row.facts
    return any((facts.status, facts.sync, facts.integration, facts.refused, facts.login))
