"""The desktop that a test brings along: a bus, a keychain, a screen, a tray and a notification service.

Each part is real, private to the test, and ends with its `with` block. `environment` holds what a
process must be given to see the part; nothing is exported by itself.
"""

import asyncio
import contextlib
import ctypes
import os
import select
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from dbus_fast import Message
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.constants import PropertyAccess
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from jeepney import DBusAddress, MatchRule, MessageType, message_bus, new_method_call
from jeepney.io.blocking import Proxy, open_dbus_connection

TIMEOUT = 10.0
STRUCTURE_NOTIFY_MASK = 1 << 17
SECRETS = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
DEFAULT_COLLECTION = "/org/freedesktop/secrets/aliases/default"

DBusStrings = Annotated[list[str], DBusSignature("as")]
DBusStrings4 = Annotated[tuple[str, str, str, str], DBusSignature("ssss")]
DBusPressed = Annotated[tuple[int, str], DBusSignature("us")]
DBusClosed = Annotated[tuple[int, int], DBusSignature("uu")]

BUS_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Part:
    """One part of a desktop: started on entry, ended on exit together with its processes and folder."""

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self._stack = contextlib.ExitStack()

    def _start(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        with self._stack:
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _folder(self) -> Path:
        """A private folder; its path stays short, for a socket's name has 107 bytes."""
        folder = Path(tempfile.mkdtemp(prefix="md-"))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def _run(
        self, *command: str, environment: dict[str, str] | None = None, stdin: bytes = b"", **options: Any
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | (environment or {}),
            **options,
        )
        self._stack.callback(_end, process)
        assert process.stdin
        process.stdin.write(stdin)
        process.stdin.close()
        return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


class PrivateBus(Part):
    """A session bus of its own that starts no service by itself.

    Attributes:
        address: What `DBUS_SESSION_BUS_ADDRESS` must say.
        folder: The runtime folder (`XDG_RUNTIME_DIR`) beside it, mode 700.
    """

    def _start(self) -> None:
        self.folder = self._folder()
        configuration = self.folder / "bus.conf"
        configuration.write_text(BUS_CONFIGURATION.format(socket=self.folder / "bus"))
        process = self._run(
            "dbus-daemon",
            "--nofork",
            "--nopidfile",
            "--print-address",
            f"--config-file={configuration}",
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        self.address = process.stdout.readline().decode().strip()
        assert self.address, "dbus-daemon did not start"
        self.environment = {
            "DBUS_SESSION_BUS_ADDRESS": self.address,
            "XDG_RUNTIME_DIR": str(self.folder),
        }


class Keychain(Part):
    """A gnome-keyring with one collection, on a private bus.

    Args:
        bus: The bus it serves.
        password: The collection's password.
        locked: Begin with the collection locked. Nobody is there to answer a prompt.
    """

    def __init__(self, bus: PrivateBus, password: str = "pw", *, locked: bool = False) -> None:
        super().__init__()
        self._bus = bus
        self._password = password
        self._locked = locked

    def _start(self) -> None:
        folder = self._folder()
        with open_dbus_connection(self._bus.address) as connection:
            appears = MatchRule(
                type="signal",
                sender=message_bus.bus_name,
                interface=message_bus.interface,
                member="NameOwnerChanged",
                path=message_bus.object_path,
            )
            appears.add_arg_condition(0, SECRETS.bus_name)
            Proxy(message_bus, connection).AddMatch(appears)
            with connection.filter(appears) as news:
                self._run(
                    "gnome-keyring-daemon",
                    "--foreground",
                    "--unlock",
                    "--components=secrets",
                    f"--control-directory={folder}",
                    environment=self._bus.environment | {"XDG_DATA_HOME": str(folder)},
                    stdin=self._password.encode(),
                    stdout=subprocess.DEVNULL,
                )
                connection.recv_until_filtered(news, timeout=TIMEOUT)
        self.environment = self._bus.environment
        if self._locked:
            self.lock()

    def lock(self) -> None:
        """Lock the collection, as the person or a screen saver does."""
        with open_dbus_connection(self._bus.address) as connection:
            call = new_method_call(SECRETS, "Lock", "ao", ([DEFAULT_COLLECTION],))
            reply = connection.send_and_get_reply(call, timeout=TIMEOUT)
            assert reply.header.message_type is MessageType.method_return, reply.body


class VirtualScreen(Part):
    """An X11 display without a monitor.

    Attributes:
        display: What `DISPLAY` must say.
    """

    def __init__(self, width: int = 1280, height: int = 800) -> None:
        super().__init__()
        self._screen = f"{width}x{height}x24"

    def _start(self) -> None:
        process = self._run(
            *("Xvfb", "-displayfd", "1", "-screen", "0", self._screen, "-nolisten", "tcp", "-noreset"),
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        number = process.stdout.readline().decode().strip()
        assert number, "Xvfb did not start"
        self.display = f":{number}"
        self.environment = {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}


class TrayHost(Part):
    """A system tray on a virtual screen, as small panels have it (no StatusNotifier)."""

    def __init__(self, screen: VirtualScreen) -> None:
        super().__init__()
        self._display = screen.display

    def _start(self) -> None:
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = x.XDefaultRootWindow.restype = x.XInternAtom.restype = ctypes.c_ulong
        x.XGetSelectionOwner.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x.XOpenDisplay(self._display.encode()))
        self._stack.callback(x.XCloseDisplay, display)
        x.XSelectInput(display, ctypes.c_ulong(x.XDefaultRootWindow(display)), STRUCTURE_NOTIFY_MASK)
        tray = ctypes.c_ulong(x.XInternAtom(display, b"_NET_SYSTEM_TRAY_S0", 0))
        connection = x.XConnectionNumber(display)
        self._run("trayer", environment={"DISPLAY": self._display}, stdout=subprocess.DEVNULL)
        while not x.XGetSelectionOwner(display, tray):
            news = x.XPending(display) or select.select([connection], [], [], TIMEOUT)[0]
            assert news, "trayer did not start"


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


@dataclass(frozen=True)
class Notification:
    """One call of Notify. `actions` maps an action's key to its label."""

    id: int
    replaces_id: int
    app_name: str
    summary: str
    body: str
    actions: dict[str, str]
    hints: dict[str, Any]


class NotificationDaemon(Service):
    """The desktop's notification service; it keeps what it was told, in order.

    Attributes:
        notifications: Every call of Notify, the latest last.
        closed: The ids that the program took back.
    """

    name = "org.freedesktop.Notifications"
    path = "/org/freedesktop/Notifications"

    def __init__(self, bus: PrivateBus) -> None:
        super().__init__(bus)
        self.notifications: list[Notification] = []
        self.closed: list[int] = []

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
            summary=summary,
            body=body,
            actions=dict(zip(actions[::2], actions[1::2], strict=True)),
            hints={name: value.value for name, value in hints.items()},
        )
        self._daemon._tell(lambda: self._daemon.notifications.append(notification))
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
