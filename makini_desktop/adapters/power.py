"""Sleep and waking, as the system tells of them: logind's `PrepareForSleep` on the Linux system bus."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from makini_desktop.core.event import Event

if TYPE_CHECKING:
    from dbus_fast.aio import MessageBus

_log = logging.getLogger(__name__)
_INTERFACE = "org.freedesktop.login1.Manager"
_PATH = "/org/freedesktop/login1"
_NO_ANSWER = 5.0
"""Seconds after which the bus counts as absent."""


class NoPower:
    """A system that tells nothing; the clocks tell enough."""

    def __init__(self) -> None:
        self.woke: Event[None] = Event()

    async def open(self) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""


class LogindPower:
    """Implements `makini_desktop.services.ports.Power` on the system bus; without one it tells nothing."""

    def __init__(self) -> None:
        self.woke: Event[None] = Event()
        self._bus: MessageBus | None = None
        self._opened = False
        self._end: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listen from now on, if there is a bus."""
        if self._opened:
            return
        self._opened = True
        from dbus_fast import BusType, Message
        from dbus_fast.aio import MessageBus
        from dbus_fast.errors import DBusFastError

        try:
            async with asyncio.timeout(_NO_ANSWER):
                bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
                self._bus = bus
                self._end = asyncio.create_task(self._until_end(bus), name="system bus")
                bus.add_message_handler(self._heard)
                await bus.call(
                    Message(
                        destination="org.freedesktop.DBus",
                        path="/org/freedesktop/DBus",
                        interface="org.freedesktop.DBus",
                        member="AddMatch",
                        signature="s",
                        body=[f"type='signal',interface='{_INTERFACE}',path='{_PATH}'"],
                    )
                )
        except (OSError, EOFError, TimeoutError, DBusFastError) as error:
            _log.info("no word of sleep from the system: %s", error)

    async def aclose(self) -> None:
        """Leave the bus."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.disconnect()
        if self._end is not None:
            await self._end

    async def _until_end(self, bus: MessageBus) -> None:
        from dbus_fast.errors import DBusFastError

        with suppress(OSError, EOFError, DBusFastError):
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def _heard(self, message: Any) -> None:  # noqa: ANN401 - dbus-fast's message
        if (
            message.interface == _INTERFACE
            and message.member == "PrepareForSleep"
            and message.body == [False]
        ):
            asyncio.get_running_loop().call_soon(self.woke.emit, None)
