"""What the system tells of sleep, on a bus of the test's own in the place of the system's."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from dbus_fast import BusType, Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus

from makini_desktop.adapters.power import LogindPower
from tests.desktop import PrivateBus

PATH, MANAGER = "/org/freedesktop/login1", "org.freedesktop.login1.Manager"
PATIENCE = 5.0


@pytest.fixture
async def logind(bus: PrivateBus, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MessageBus]:
    """A bus connection that speaks as logind does."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    connection = await MessageBus(bus_type=BusType.SYSTEM).connect()
    yield connection
    connection.disconnect()
    await connection.wait_for_disconnect()


def prepare(before: bool, member: str = "PrepareForSleep") -> Message:
    return Message(
        path=PATH,
        interface=MANAGER,
        member=member,
        signature="b",
        body=[before],
        message_type=MessageType.SIGNAL,
        flags=MessageFlag.NO_REPLY_EXPECTED,
    )


async def test_waking_is_told_and_falling_asleep_is_not(logind: MessageBus) -> None:
    power = LogindPower()
    woke = asyncio.Queue[None]()
    power.woke.subscribe(woke.put_nowait)
    await power.open()
    await power.open()
    for message in (prepare(True), prepare(True, "PrepareForShutdown"), prepare(False), prepare(False)):
        await logind.send(message)
    for _ in range(2):
        await asyncio.wait_for(woke.get(), PATIENCE)
    assert woke.empty()
    await power.aclose()


async def test_without_a_system_bus_nothing_is_told_and_nothing_fails() -> None:
    power = LogindPower()
    await power.open()
    await power.aclose()
