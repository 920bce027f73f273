"""The tray of larger desktops: icons register with a StatusNotifierWatcher."""

from typing import Any

from dbus_fast import Message
from dbus_fast.annotations import DBusBool, DBusInt32, DBusStr
from dbus_fast.constants import PropertyAccess
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from tests.desktop.bus import PrivateBus
from tests.desktop.service import DBusStrings, Service


class StatusNotifierWatcher(Service):
    """The tray of larger desktops: the program registers its icon here instead of on the screen.

    Attributes:
        items: The bus names that registered, in order.
    """

    name = "org.kde.StatusNotifierWatcher"
    path = "/StatusNotifierWatcher"

    def __init__(self, bus: PrivateBus) -> None:
        super().__init__(bus)
        self.items: list[str] = []

    def _interface(self) -> ServiceInterface:
        return _Watcher(self)

    def wait_for_item(self) -> str:
        """Wait until a program has put an icon into the tray and return its bus name."""
        self._wait(lambda: bool(self.items), "a tray icon")
        return self.items[-1]

    def read(self, item: str, member: str) -> Any:
        """Read a property of an icon, such as `Title`, `Status` or `ToolTip`."""
        body = ["org.kde.StatusNotifierItem", member]
        return self._call(item, "org.freedesktop.DBus.Properties", "Get", "ss", body)[0].value

    def click(self, item: str) -> None:
        """Click an icon with the first mouse button."""
        self._call(item, "org.kde.StatusNotifierItem", "Activate", "ii", [0, 0])

    def _call(self, item: str, interface: str, member: str, signature: str, body: list[Any]) -> list[Any]:
        call = Message(
            destination=item,
            path="/StatusNotifierItem",
            interface=interface,
            member=member,
            signature=signature,
            body=body,
        )
        reply = self._await(self._connection.call(call))
        assert reply.error_name is None, f"{member}: {reply.error_name}"
        return reply.body


class _Watcher(ServiceInterface):
    def __init__(self, watcher: StatusNotifierWatcher) -> None:
        super().__init__(watcher.name)
        self._watcher = watcher

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: DBusStr) -> None:
        self._watcher._tell(lambda: self._watcher.items.append(service))

    @dbus_method()
    def RegisterStatusNotifierHost(self, service: DBusStr) -> None:
        """Hosts are not asked for: this watcher is one."""

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> DBusStrings:
        return self._watcher.items

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> DBusInt32:
        return 0
