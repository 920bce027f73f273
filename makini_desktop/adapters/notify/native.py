"""Notifications of Windows and macOS, by desktop-notifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from makini_desktop.services.ports import Notification

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier


class NativeNotifier:
    """Implements `makini_desktop.services.ports.Notifier` on desktop-notifier."""

    def __init__(self) -> None:
        self.available = True
        self._service: DesktopNotifier | None = None
        self._shown: dict[str, str] = {}

    async def look(self) -> None:
        """Ask the person's leave where the system wants that before the first notification."""
        self.available = await self._opened().request_authorisation()

    async def show(self, notification: Notification, pressed: Callable[[str], None]) -> None:
        """Show it; an earlier one with the same tag is taken back first."""
        from desktop_notifier import DEFAULT_SOUND, Button, Urgency

        service = self._opened()
        await self.withdraw(notification.tag)
        self._shown[notification.tag] = await service.send(
            title=notification.title,
            message=notification.body,
            urgency=Urgency.Critical if notification.urgent else Urgency.Normal,
            buttons=[
                Button(title=button.label, on_pressed=lambda key=button.key: pressed(key))
                for button in notification.buttons
            ],
            on_clicked=lambda: pressed("default"),
            sound=None if notification.silent else DEFAULT_SOUND,
            on_dismissed=lambda: self._forget(notification.tag),
        )

    def standing(self, tag: str) -> bool:
        """Tell whether the person has not closed it, as far as the system says."""
        return tag in self._shown

    async def withdraw(self, tag: str) -> None:
        """Take it back, if it is still there."""
        shown = self._shown.pop(tag, None)
        if shown is not None and self._service is not None:
            await self._service.clear(shown)

    async def aclose(self) -> None:
        """Forget the service; notifications stay."""
        self._service = None

    def _opened(self) -> DesktopNotifier:
        from desktop_notifier import DesktopNotifier

        if self._service is None:
            self._service = DesktopNotifier(app_name="Makini Desktop")
        return self._service

    def _forget(self, tag: str) -> None:
        self._shown.pop(tag, None)
