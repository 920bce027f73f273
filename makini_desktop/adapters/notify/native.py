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

    async def show(self, notification: Notification, pressed: Callable[[str], None]) -> None:
        """Show it; an earlier one with the same tag is taken back first."""
        from desktop_notifier import Button, DesktopNotifier, Urgency

        if self._service is None:
            self._service = DesktopNotifier(app_name="Makini Desktop")
        await self.withdraw(notification.tag)
        self._shown[notification.tag] = await self._service.send(
            title=notification.title,
            message=notification.body,
            urgency=Urgency.Critical if notification.urgent else Urgency.Normal,
            buttons=[
                Button(title=button.label, on_pressed=lambda key=button.key: pressed(key))
                for button in notification.buttons
            ],
            on_clicked=lambda: pressed("default"),
        )

    async def withdraw(self, tag: str) -> None:
        """Take it back, if it is still there."""
        shown = self._shown.pop(tag, None)
        if shown is not None and self._service is not None:
            await self._service.clear(shown)

    async def aclose(self) -> None:
        """Forget the service; notifications stay."""
        self._service = None
