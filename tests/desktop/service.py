"""A D-Bus service that a test offers to the program."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusSignature
from dbus_fast.service import ServiceInterface

from tests.desktop.bus import PrivateBus
from tests.desktop.part import TIMEOUT, Part

DBusStrings = Annotated[list[str], DBusSignature("as")]


class Service(Part):
    """One D-Bus service on a thread of its own, so that a test need not run a loop."""

    name: str
    path: str

    def __init__(self, bus: PrivateBus) -> None:
        super().__init__()
        self._address = bus.address
        self._loop = asyncio.new_event_loop()
        self._news = threading.Condition()

    def _interface(self) -> ServiceInterface:
        raise NotImplementedError

    def _start(self) -> None:
        thread = threading.Thread(target=self._loop.run_forever, name=self.name, daemon=True)
        self._stack.callback(self._loop.close)
        self._stack.callback(thread.join, TIMEOUT)
        self._stack.callback(self._loop.call_soon_threadsafe, self._loop.stop)
        thread.start()
        self._await(self._serve())

    async def _serve(self) -> None:
        self._connection = await MessageBus(bus_address=self._address).connect()
        self._stack.callback(lambda: self._await(self._leave()))
        self._connection.export(self.path, self._interface())
        await self._connection.request_name(self.name)

    async def _leave(self) -> None:
        self._connection.disconnect()
        await self._connection.wait_for_disconnect()

    def _await(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(TIMEOUT)

    def _tell(self, change: Callable[[], object]) -> None:
        with self._news:
            change()
            self._news.notify_all()

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        with self._news:
            assert self._news.wait_for(condition, TIMEOUT), f"{what} did not come within {TIMEOUT} s"
