"""The desktop's notification service, after the Desktop Notifications Specification 1.2."""

from dataclasses import dataclass
from typing import Annotated, Any

from dbus_fast.annotations import DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from tests.desktop.bus import PrivateBus
from tests.desktop.service import DBusStrings, Service

DBusStrings4 = Annotated[tuple[str, str, str, str], DBusSignature("ssss")]
DBusPressed = Annotated[tuple[int, str], DBusSignature("us")]
DBusClosed = Annotated[tuple[int, int], DBusSignature("uu")]


@dataclass(frozen=True)
class Notification:
    """One call of Notify. `actions` maps an action's key to its label."""

    id: int
    replaces_id: int
    app_name: str
    app_icon: str
    summary: str
    body: str
    actions: dict[str, str]
    hints: dict[str, Any]


class NotificationDaemon(Service):
    """The desktop's notification service; it keeps what it was told, in order.

    Attributes:
        notifications: Every call of Notify, the latest last.
        closed: The ids that the program took back.
        presses_at_once: The action that is pressed as soon as a notification is there.
    """

    name = "org.freedesktop.Notifications"
    path = "/org/freedesktop/Notifications"

    def __init__(self, bus: PrivateBus) -> None:
        super().__init__(bus)
        self.notifications: list[Notification] = []
        self.closed: list[int] = []
        self.presses_at_once: str | None = None

    def _interface(self) -> ServiceInterface:
        self._signals = _Notifications(self)
        return self._signals

    def wait_for(self, count: int = 1) -> Notification:
        """Wait until `count` calls of Notify have come and return the latest."""
        self._wait(lambda: len(self.notifications) >= count, f"notification {count}")
        return self.notifications[-1]

    def wait_for_closed(self, notification_id: int) -> None:
        """Wait until the program has taken this notification back."""
        self._wait(lambda: notification_id in self.closed, f"the end of notification {notification_id}")

    def press(self, notification_id: int, action: str = "default") -> None:
        """Press an action's button (or the notification itself), which also closes it."""
        self._loop.call_soon_threadsafe(self._signals.ActionInvoked, notification_id, action)
        self.dismiss(notification_id)

    def dismiss(self, notification_id: int) -> None:
        """Close a notification as the person does."""
        self._loop.call_soon_threadsafe(self._signals.NotificationClosed, notification_id, 2)


class _Notifications(ServiceInterface):
    def __init__(self, daemon: NotificationDaemon) -> None:
        super().__init__(daemon.name)
        self._daemon = daemon

    @dbus_method()
    def GetCapabilities(self) -> DBusStrings:
        return ["actions", "body", "persistence"]

    @dbus_method()
    def GetServerInformation(self) -> DBusStrings4:
        return "test desktop", "tests", "1", "1.2"

    @dbus_method()
    def Notify(
        self,
        app_name: DBusStr,
        replaces_id: DBusUInt32,
        app_icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: DBusStrings,
        hints: DBusDict,
        expire_timeout: DBusInt32,
    ) -> DBusUInt32:
        number = replaces_id or len(self._daemon.notifications) + 1
        notification = Notification(
            id=number,
            replaces_id=replaces_id,
            app_name=app_name,
            app_icon=app_icon,
            summary=summary,
            body=body,
            actions=dict(zip(actions[::2], actions[1::2], strict=True)),
            hints={name: value.value for name, value in hints.items()},
        )
        self._daemon._tell(lambda: self._daemon.notifications.append(notification))
        if self._daemon.presses_at_once is not None:
            self._daemon.press(number, self._daemon.presses_at_once)
        return number

    @dbus_method()
    def CloseNotification(self, notification_id: DBusUInt32) -> None:
        self._daemon._tell(lambda: self._daemon.closed.append(notification_id))
        self.NotificationClosed(notification_id, 3)

    @dbus_signal()
    def ActionInvoked(self, notification_id: int, action: str) -> DBusPressed:
        return notification_id, action

    @dbus_signal()
    def NotificationClosed(self, notification_id: int, reason: int) -> DBusClosed:
        return notification_id, reason
