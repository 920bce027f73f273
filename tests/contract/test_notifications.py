"""The port `Notifier` on a real bus, with and without a notification service."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager

import msgspec
import pytest

from makini_desktop.adapters.notify.freedesktop import FreedesktopNotifier
from makini_desktop.services.ports import Notification, NotificationButton
from tests.desktop import NotificationDaemon, PrivateBus

PATIENCE = 10.0
BROKEN = Notification(
    tag="connection 1",
    title="Ingelsund Turbines needs to sign in again",
    body="IBM Maximo no longer accepts the sign-in <since> 9:30 & counting.",
    buttons=(NotificationButton("reconnect", "Reconnect"), NotificationButton("show", "Show")),
    urgent=True,
)
OTHER = Notification(tag="connection 2", title="Oakenshaw Rail", body="It is back.")


class Presses:
    """What was pressed, in order, and a way to wait for it."""

    def __init__(self) -> None:
        self._keys: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, key: str) -> None:
        self._keys.put_nowait(key)

    async def next(self) -> str:
        return await asyncio.wait_for(self._keys.get(), PATIENCE)

    @property
    def none(self) -> bool:
        return self._keys.empty()


@pytest.fixture
def daemon(bus: PrivateBus) -> Iterator[NotificationDaemon]:
    with NotificationDaemon(bus) as daemon:
        yield daemon


@asynccontextmanager
async def notifying() -> AsyncIterator[FreedesktopNotifier]:
    notifier = FreedesktopNotifier()
    try:
        yield notifier
    finally:
        await notifier.aclose()


@pytest.fixture
async def notifier() -> AsyncIterator[FreedesktopNotifier]:
    async with notifying() as notifier:
        yield notifier


async def test_a_notification_says_what_it_was_given(
    daemon: NotificationDaemon, notifier: FreedesktopNotifier
):
    await notifier.show(BROKEN, Presses())
    shown = daemon.wait_for()
    assert notifier.available
    assert shown.app_name == "Makini Desktop"
    assert shown.app_icon == "makini-desktop"
    assert shown.summary == BROKEN.title
    assert shown.body == "IBM Maximo no longer accepts the sign-in &lt;since&gt; 9:30 &amp; counting."
    assert {key: label for key, label in shown.actions.items() if label} == {
        "reconnect": "Reconnect",
        "show": "Show",
    }
    assert "default" in shown.actions
    assert shown.hints == {"urgency": 2, "desktop-entry": "makini-desktop"}
    assert shown.replaces_id == 0


async def test_an_update_asks_for_no_sound(daemon: NotificationDaemon, notifier: FreedesktopNotifier):
    await notifier.show(BROKEN, Presses())
    await notifier.show(msgspec.structs.replace(BROKEN, silent=True), Presses())
    daemon.wait_for(2)
    first, second = daemon.notifications
    assert "suppress-sound" not in first.hints
    assert second.hints["suppress-sound"] is True


async def test_it_stands_until_it_is_closed(daemon: NotificationDaemon, notifier: FreedesktopNotifier):
    assert not notifier.standing(BROKEN.tag)
    await notifier.show(BROKEN, Presses())
    assert notifier.standing(BROKEN.tag)
    daemon.dismiss(daemon.wait_for().id)
    await notifier.show(OTHER, Presses())  # its answer comes after the news that the first was closed
    assert not notifier.standing(BROKEN.tag)
    await notifier.withdraw(OTHER.tag)
    assert not notifier.standing(OTHER.tag)


async def test_looking_finds_out_whether_there_is_a_service(bus: PrivateBus, notifier: FreedesktopNotifier):
    await notifier.look()
    assert not notifier.available
    with NotificationDaemon(bus) as daemon:
        await notifier.look()
        assert notifier.available
        assert daemon.notifications == []


async def test_what_is_not_urgent_says_so(daemon: NotificationDaemon, notifier: FreedesktopNotifier):
    await notifier.show(OTHER, Presses())
    assert daemon.wait_for().hints["urgency"] == 1


async def test_a_second_one_of_a_tag_takes_the_firsts_place(
    daemon: NotificationDaemon, notifier: FreedesktopNotifier
):
    for notification in (BROKEN, OTHER, BROKEN):
        await notifier.show(notification, Presses())
    daemon.wait_for(3)
    first, other, second = daemon.notifications
    assert (other.replaces_id, second.replaces_id) == (0, first.id)
    assert first.id == second.id != other.id


async def test_after_the_person_closed_one_the_next_is_new(
    daemon: NotificationDaemon, notifier: FreedesktopNotifier
):
    presses = Presses()
    await notifier.show(BROKEN, presses)
    daemon.press(daemon.wait_for().id, "show")  # which closes it
    assert await presses.next() == "show"
    await notifier.show(OTHER, Presses())  # its answer comes after the news that the first was closed
    await notifier.show(BROKEN, Presses())
    assert daemon.wait_for(3).replaces_id == 0


@pytest.mark.parametrize("key", ["reconnect", "show", "default"])
async def test_a_press_reaches_who_asked(daemon: NotificationDaemon, notifier: FreedesktopNotifier, key: str):
    presses, others = Presses(), Presses()
    await notifier.show(OTHER, others)
    await notifier.show(BROKEN, presses)
    daemon.press(daemon.wait_for(2).id, key)
    assert await presses.next() == key
    assert others.none


async def test_a_press_that_comes_in_one_piece_with_the_answer_is_not_lost(
    daemon: NotificationDaemon, notifier: FreedesktopNotifier
):
    presses = Presses()
    daemon.presses_at_once = "show"
    await notifier.show(BROKEN, presses)
    assert await presses.next() == "show"


async def test_a_replaced_one_answers_to_the_latest(
    daemon: NotificationDaemon, notifier: FreedesktopNotifier
):
    first, second = Presses(), Presses()
    await notifier.show(BROKEN, first)
    await notifier.show(BROKEN, second)
    daemon.press(daemon.wait_for(2).id, "reconnect")
    assert await second.next() == "reconnect"
    assert first.none


async def test_a_press_on_another_programs_notification_is_nobodys(
    daemon: NotificationDaemon, notifier: FreedesktopNotifier
):
    presses = Presses()
    await notifier.show(BROKEN, presses)
    shown = daemon.wait_for()
    daemon.press(shown.id + 100, "reconnect")
    daemon.press(shown.id, "show")
    assert await presses.next() == "show"
    assert presses.none


async def test_one_taken_back_is_closed_once(daemon: NotificationDaemon, notifier: FreedesktopNotifier):
    await notifier.show(BROKEN, Presses())
    await notifier.withdraw(BROKEN.tag)
    await notifier.withdraw(BROKEN.tag)
    await notifier.withdraw("never shown")
    daemon.wait_for_closed(daemon.notifications[0].id)
    assert daemon.closed == [daemon.notifications[0].id]


async def test_one_the_person_closed_is_not_taken_back(
    daemon: NotificationDaemon, notifier: FreedesktopNotifier
):
    presses = Presses()
    await notifier.show(BROKEN, presses)
    daemon.press(daemon.wait_for().id, "show")
    await presses.next()
    await notifier.show(OTHER, Presses())
    await notifier.withdraw(BROKEN.tag)
    assert daemon.closed == []


async def test_a_name_that_no_bus_carries_is_shown_without_its_odd_letters(
    daemon: NotificationDaemon, notifier: FreedesktopNotifier
):
    await notifier.show(Notification(tag="odd", title="Ac\x00me", body="a\x00b"), Presses())
    assert (daemon.wait_for().summary, daemon.wait_for().body) == ("Acme", "ab")


async def test_without_a_service_nothing_is_shown_and_nothing_breaks(
    bus: PrivateBus, notifier: FreedesktopNotifier
):
    await notifier.show(BROKEN, Presses())
    await notifier.withdraw(BROKEN.tag)
    assert not notifier.available


async def test_a_service_that_comes_later_is_found(bus: PrivateBus, notifier: FreedesktopNotifier):
    await notifier.show(BROKEN, Presses())
    assert not notifier.available
    with NotificationDaemon(bus) as daemon:
        await notifier.show(BROKEN, Presses())
        assert daemon.wait_for().summary == BROKEN.title
        assert notifier.available


async def test_a_service_that_comes_back_is_told_anew(bus: PrivateBus, notifier: FreedesktopNotifier):
    with NotificationDaemon(bus) as daemon:
        await notifier.show(BROKEN, Presses())
        daemon.wait_for()
    presses = Presses()
    with NotificationDaemon(bus) as daemon:
        await notifier.look()  # its answer comes after the news that the first service is gone
        assert not notifier.standing(BROKEN.tag)
        await notifier.show(BROKEN, presses)
        shown = daemon.wait_for()
        assert shown.replaces_id == 0
        daemon.press(shown.id, "show")
        assert await presses.next() == "show"


@pytest.mark.parametrize("address", [None, "", "unix:path=/nowhere/bus", "nonsense", "tcp:host=x,port=y"])
async def test_without_a_bus_nothing_is_shown_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, notifier: FreedesktopNotifier, address: str | None
):
    if address is not None:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    await notifier.show(BROKEN, Presses())
    await notifier.withdraw(BROKEN.tag)
    assert not notifier.available


async def test_a_bus_that_goes_away_takes_nothing_with_it(monkeypatch: pytest.MonkeyPatch):
    with ExitStack() as desktop:
        bus = desktop.enter_context(PrivateBus())
        daemon = desktop.enter_context(NotificationDaemon(bus))
        for name, value in bus.environment.items():
            monkeypatch.setenv(name, value)
        async with notifying() as notifier:
            await notifier.show(BROKEN, Presses())
            daemon.wait_for()
            await asyncio.to_thread(desktop.close)
            await notifier.show(BROKEN, Presses())
            await notifier.withdraw(BROKEN.tag)
            assert not notifier.available
