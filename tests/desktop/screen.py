"""A virtual X11 screen, and the tray of a small panel on it."""

import ctypes
import select
import subprocess

from tests.desktop.part import TIMEOUT, Part

STRUCTURE_NOTIFY_MASK = 1 << 17


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
