"""The tray of larger desktops: icons register with a StatusNotifierWatcher."""

from typing import Any

from dbus_fast import Message, Variant
from dbus_fast.annotations import DBusBool, DBusInt32, DBusStr
from dbus_fast.constants import PropertyAccess
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from tests.desktop.bus import PrivateBus
from tests.desktop.service import DBusStrings, Service


class StatusNotifierWatcher(Service):
    """The tray of larger desktops: the program registers its icon here instead of on the screen.

    Attributes:
        items: The bus names that registered, by process.
    """

    name = "org.kde.StatusNotifierWatcher"
    path = "/StatusNotifierWatcher"

    def __init__(self, bus: PrivateBus) -> None:
        super().__init__(bus)
        self.items: dict[int, str] = {}

    def _interface(self) -> ServiceInterface:
        return _Watcher(self)

    def wait_for_item(self, pid: int) -> str:
        """Wait until a process has put an icon into the tray and return its bus name."""
        self._wait(lambda: pid in self.items, f"a tray icon of process {pid}")
        return self.items[pid]

    def read(self, item: str, member: str) -> Any:
        """Read a property of an icon, such as `Title`, `Status` or `ToolTip`."""
        body = ["org.kde.StatusNotifierItem", member]
        return self._call(item, "org.freedesktop.DBus.Properties", "Get", "ss", body)[0].value

    def click(self, item: str) -> None:
        """Click an icon with the first mouse button."""
        self._call(item, "org.kde.StatusNotifierItem", "Activate", "ii", [0, 0])

    def choose(self, item: str, *labels: str) -> None:
        """Choose from an icon's menu: the label of the entry, those of its submenus before it."""
        menu, interface = self.read(item, "Menu"), "com.canonical.dbusmenu"
        _, (_, _, entries) = self._call(item, interface, "GetLayout", "iias", [0, -1, []], menu)
        for label in labels:
            found = [each.value for each in entries if "label" in each.value[1]]
            fitting = [each for each in found if each[1]["label"].value.replace("_", "") == label]
            assert fitting, f"no entry {label} among {[each[1]['label'].value for each in found]}"
            number, _, entries = fitting[0]
        now = Variant("i", 0)
        self._call(item, interface, "Event", "isvu", [number, "clicked", now, 0], menu)

    async def _process_of(self, name: str) -> int:
        call = Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="GetConnectionUnixProcessID",
            signature="s",
            body=[name],
        )
        reply = await self._connection.call(call)
        return int(reply.body[0])

    def _call(
        self,
        item: str,
        interface: str,
        member: str,
        signature: str,
        body: list[Any],
        path: str = "/StatusNotifierItem",
    ) -> list[Any]:
        call = Message(
            destination=item,
            path=path,
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
    async def RegisterStatusNotifierItem(self, service: DBusStr) -> None:
        pid = await self._watcher._process_of(service)
        self._watcher._tell(lambda: self._watcher.items.update({pid: service}))

    @dbus_method()
    def RegisterStatusNotifierHost(self, service: DBusStr) -> None:
        """Hosts are not asked for: this watcher is one."""

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> DBusStrings:
        return list(self._watcher.items.values())

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> DBusInt32:
        return 0
