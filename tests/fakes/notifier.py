"""A desktop's notification service, seen from behind."""

from collections.abc import Callable

from makini_desktop.services.ports import Notification


class FakeNotifier:
    """Keeps what was shown and taken back.

    Attributes:
        shown: everything ever shown, the newest last.
        presses_at_once: the button that is pressed before the service's answer arrives.
        on_screen: what is on the screen now, by matter: the tag without its account.
    """

    available = True
    presses_at_once: str | None = None

    def __init__(self) -> None:
        self.shown: list[Notification] = []
        self.on_screen: dict[str, Notification] = {}
        self._pressed: dict[str, Callable[[str], None]] = {}

    async def look(self) -> None:
        pass

    def standing(self, tag: str) -> bool:
        return tag.rpartition("/")[2] in self.on_screen

    async def show(self, notification: Notification, pressed: Callable[[str], None]) -> None:
        self.shown.append(notification)
        self.on_screen[matter(notification)] = notification
        self._pressed[matter(notification)] = pressed
        if self.presses_at_once is not None:
            self.press(matter(notification), self.presses_at_once)

    async def withdraw(self, tag: str) -> None:
        self.on_screen.pop(tag.rpartition("/")[2], None)

    def dismiss(self, about: str) -> None:
        """Close a notification as the person does, or its time."""
        del self.on_screen[about]

    def press(self, about: str, key: str) -> None:
        """Press a button of a notification, or its text (``"default"``), which closes it."""
        self.on_screen.pop(about, None)
        self._pressed[about](key)


def matter(notification: Notification) -> str:
    """Return what a notification is about, without its account."""
    return notification.tag.rpartition("/")[2]
