"""Stands in for the desktop's notification service on the tour's own bus, and remembers what it was told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

_NAME = "org.freedesktop.Notifications"


class Notified(msgspec.Struct, frozen=True):
    """One notification as it came over the bus."""

    title: str
    body: str
    buttons: tuple[str, ...]


class Witness:
    """Serves freedesktop notifications (Desktop Notifications 1.2) while it is open.

    Attributes:
        notified: what the program asked to show, in order.
        withdrawn: how many it took back.
    """

    def __init__(self) -> None:
        self.notified: list[Notified] = []
        self.withdrawn = 0
        self._bus: MessageBus | None = None

    async def open(self) -> None:
        """Take the service's name on the session bus."""
        from dbus_fast.aio import MessageBus

        self._bus = await MessageBus(bus_address=os.environ["DBUS_SESSION_BUS_ADDRESS"]).connect()
        self._bus.add_message_handler(self._heard)
        await self._bus.request_name(_NAME)

    def close(self) -> None:
        """Leave the bus."""
        if self._bus is not None:
            self._bus.disconnect()

    def _heard(self, message: Message) -> Message | bool:
        from dbus_fast import Message, MessageType

        if message.message_type is not MessageType.METHOD_CALL or message.interface != _NAME:
            return False
        match message.member:
            case "Notify":
                _, replaced, _, title, body, actions, *_ = message.body
                self.notified.append(Notified(title, body, tuple(actions[1::2])))
                return Message.new_method_return(message, "u", [replaced or len(self.notified)])
            case "CloseNotification":
                self.withdrawn += 1
                return Message.new_method_return(message)
            case _:
                return False
