"""A desktop's notification service, seen from behind."""

from collections.abc import Callable

from makini_desktop.services.ports import Notification


class FakeNotifier:
    """Keeps what was shown and taken back.

    Attributes:
        shown: everything ever shown, the newest last.
        standing: what is on the screen now, by tag.
    """

    available = True

    def __init__(self) -> None:
        self.shown: list[Notification] = []
        self.standing: dict[str, Notification] = {}
        self._pressed: dict[str, Callable[[str], None]] = {}

    async def show(self, notification: Notification, pressed: Callable[[str], None]) -> None:
        self.shown.append(notification)
        self.standing[notification.tag] = notification
        self._pressed[notification.tag] = pressed

    async def withdraw(self, tag: str) -> None:
        self.standing.pop(tag, None)

    def press(self, tag: str, key: str) -> None:
        """Press a button of a notification, or its text (``"default"``)."""
        self._pressed[tag](key)
