"""The notification service of Linux desktops (freedesktop Desktop Notifications 1.2), on dbus-fast.

desktop-notifier cannot replace a notification that is already shown, so the service is spoken to
directly here.
"""

from __future__ import annotations

import asyncio
import html
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from makini_desktop.services.ports import Notification

if TYPE_CHECKING:
    from dbus_fast.aio import MessageBus

_log = logging.getLogger(__name__)
_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_BUS = "org.freedesktop.DBus"
_NO_ANSWER = 5.0
"""Seconds after which the service counts as absent."""


class FreedesktopNotifier:
    """Implements `makini_desktop.services.ports.Notifier` on the session bus.

    Args:
        icon: the picture beside the words: a name that the desktop's icon theme has, or a file's URI.
    """

    def __init__(self, icon: str = "makini-desktop") -> None:
        self._icon = icon
        self.available = True
        self._bus: MessageBus | None = None
        self._end: asyncio.Task[None] | None = None
        self._ids: dict[str, int] = {}
        self._pressed: dict[int, Callable[[str], None]] = {}
        self._opening = asyncio.Lock()

    async def look(self) -> None:
        """Ask the service who it is; the bus starts one that waits to be asked for."""
        await self._call("GetServerInformation", "", [])

    async def show(self, notification: Notification, pressed: Callable[[str], None]) -> None:
        """Show it, in the place of an earlier one with the same tag."""
        from dbus_fast import Variant

        actions = ["default", ""]
        for button in notification.buttons:
            actions += [button.key, button.label]
        hints = {
            "urgency": Variant("y", 2 if notification.urgent else 1),
            "desktop-entry": Variant("s", "makini-desktop"),
        }
        if notification.silent:
            hints["suppress-sound"] = Variant("b", True)
        shown = await self._call(
            "Notify",
            "susssasa{sv}i",
            [
                "Makini Desktop",
                self._ids.get(notification.tag, 0),
                self._icon,
                _carried(notification.title),
                html.escape(_carried(notification.body), quote=False),
                actions,
                hints,
                -1,
            ],
        )
        if shown:
            self._ids[notification.tag] = shown[0]
            self._pressed[shown[0]] = pressed

    def standing(self, tag: str) -> bool:
        """Tell whether no end of it was heard of: closed by the person, or after its time."""
        return tag in self._ids

    async def withdraw(self, tag: str) -> None:
        """Close it, if it is still there."""
        number = self._ids.pop(tag, None)
        if number is not None:
            self._pressed.pop(number, None)
            await self._call("CloseNotification", "u", [number])

    async def aclose(self) -> None:
        """Leave the bus; notifications stay."""
        bus, self._bus = self._bus, None
        if bus is not None and self._end is not None:
            bus.disconnect()
            await self._end

    async def _call(self, member: str, signature: str, body: list[Any]) -> list[Any]:
        from dbus_fast import Message, MessageType
        from dbus_fast.errors import DBusFastError

        try:
            bus = await self._connected()
            if bus is None:
                return []
            async with asyncio.timeout(_NO_ANSWER):
                reply = await bus.call(
                    Message(
                        destination=_NAME,
                        path=_PATH,
                        interface=_NAME,
                        member=member,
                        signature=signature,
                        body=body,
                    )
                )
        except (OSError, EOFError, TimeoutError, DBusFastError) as error:
            _log.info("no notification service: %s", error)
            self.available = False
            return []
        self.available = reply is not None and reply.message_type is MessageType.METHOD_RETURN
        return list(reply.body) if reply is not None and self.available else []

    async def _connected(self) -> MessageBus | None:
        async with self._opening:
            if self._bus is not None and self._bus.connected:
                return self._bus
            if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
                self.available = False
                return None
            from dbus_fast import BusType
            from dbus_fast.aio import MessageBus

            async with asyncio.timeout(_NO_ANSWER):
                bus = await MessageBus(bus_type=BusType.SESSION).connect()
                self._end = asyncio.create_task(self._until_end(bus), name="notification bus")
                bus.add_message_handler(self._heard)
                await self._listen(bus)
            self._bus = bus
            return bus

    async def _until_end(self, bus: MessageBus) -> None:
        """Note the end of the bus; what was shown on it can be neither replaced nor pressed any more."""
        from dbus_fast.errors import DBusFastError

        try:
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        except (OSError, EOFError, DBusFastError) as error:
            _log.info("the session bus is gone: %s", error)
        self._forget()

    def _forget(self) -> None:
        """Let go of numbers that another service would give to another program's notifications."""
        self._ids.clear()
        self._pressed.clear()

    async def _listen(self, bus: MessageBus) -> None:
        from dbus_fast import Message

        for rule in (
            f"type='signal',interface='{_NAME}',path='{_PATH}'",
            f"type='signal',sender='{_BUS}',interface='{_BUS}',member='NameOwnerChanged',arg0='{_NAME}'",
        ):
            await bus.call(
                Message(
                    destination=_BUS,
                    path="/org/freedesktop/DBus",
                    interface=_BUS,
                    member="AddMatch",
                    signature="s",
                    body=[rule],
                )
            )

    def _heard(self, message: Any) -> None:  # noqa: ANN401 - dbus-fast's message
        if message.body and (message.interface == _NAME or message.member == "NameOwnerChanged"):
            # Not at once: a signal may come in one piece with the answer that its number is known from.
            asyncio.get_running_loop().call_soon(self._take, message)

    def _take(self, message: Any) -> None:  # noqa: ANN401 - dbus-fast's message
        if message.member == "ActionInvoked":
            pressed = self._pressed.get(message.body[0])
            if pressed is not None:
                pressed(message.body[1])
        elif message.member == "NotificationClosed":
            self._pressed.pop(message.body[0], None)
            self._ids = {tag: number for tag, number in self._ids.items() if number != message.body[0]}
        elif message.member == "NameOwnerChanged" and message.body[0] == _NAME and message.body[1]:
            self._forget()


def _carried(text: str) -> str:
    """Return the text without the one letter that no D-Bus message can carry."""
    return text.replace("\0", "")
