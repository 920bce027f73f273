"""The tour's own desktop: bus, keychain and, without a display, a screen; the person's stay untouched."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec

BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
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
_KEYCHAIN_WITHIN = 10.0
_END_WITHIN = 5.0
_SCREEN = "1440x900x24"
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What there is."""

    bus: bool
    keychain: bool
    screen: str


@contextmanager
def surroundings(folder: Path) -> Iterator[Surroundings]:
    """Give this process a desktop of its own in `folder` while inside, and end all of it afterwards."""
    with ExitStack() as stack:
        stack.enter_context(
            _environment(
                {
                    "XDG_CACHE_HOME": str(folder / "cache"),
                    "XDG_CONFIG_HOME": str(folder / "config"),
                    "XDG_DATA_HOME": str(folder / "data"),
                }
            )
        )
        bus = platform.system() == "Linux" and shutil.which("dbus-daemon") is not None
        keychain = bus and shutil.which("gnome-keyring-daemon") is not None
        if bus:
            bus = _start_bus(stack, folder)
        keychain = keychain and bus
        if keychain:
            _start_keychain(stack, folder)
        yield Surroundings(bus=bus, keychain=keychain, screen=_start_screen(stack))


def _start_bus(stack: ExitStack, folder: Path) -> bool:
    """Start a bus of the tour's own; False where none can be, as in a folder too deep for a socket's path."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    configuration = runtime / "bus.conf"
    configuration.write_text(BUS_CONFIGURATION.format(socket=runtime / "bus"))
    process = _start(
        stack,
        ["dbus-daemon", "--nofork", "--nopidfile", "--print-address", f"--config-file={configuration}"],
    )
    assert process.stdout is not None  # noqa: S101 - started with a pipe
    address = process.stdout.readline().decode().strip()
    if address:
        stack.enter_context(
            _environment({"DBUS_SESSION_BUS_ADDRESS": address, "XDG_RUNTIME_DIR": str(runtime)})
        )
    return bool(address)


def _start_keychain(stack: ExitStack, folder: Path) -> None:
    """Start an unlocked keychain and wait until it serves."""
    process = _start(
        stack,
        [
            "gnome-keyring-daemon",
            "--foreground",
            "--unlock",
            "--components=secrets",
            f"--control-directory={folder / 'run'}",
        ],
    )
    assert process.stdin is not None  # noqa: S101 - started with a pipe
    process.stdin.write(b"tour")
    process.stdin.close()
    from jeepney import message_bus  # type: ignore[import-untyped]
    from jeepney.io.blocking import Proxy, open_dbus_connection  # type: ignore[import-untyped]

    with open_dbus_connection() as connection:
        names = Proxy(message_bus, connection)
        until = time.monotonic() + _KEYCHAIN_WITHIN
        while not names.NameHasOwner("org.freedesktop.secrets")[0] and time.monotonic() < until:
            time.sleep(0.02)


def _start_screen(stack: ExitStack) -> str:
    if platform.system() != "Linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return "display"
    if shutil.which("Xvfb") is None:
        stack.enter_context(_environment({"QT_QPA_PLATFORM": "offscreen"}))
        return "offscreen"
    process = _start(
        stack, ["Xvfb", "-displayfd", "1", "-screen", "0", _SCREEN, "-nolisten", "tcp", "-noreset"]
    )
    assert process.stdout is not None  # noqa: S101 - started with a pipe
    number = process.stdout.readline().decode().strip()
    stack.enter_context(_environment({"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}))
    return "virtual screen"


def _start(stack: ExitStack, command: list[str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603 - fixed commands
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - no threads run yet
    )
    stack.callback(_end, process)
    return process


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_WITHIN)
    if process.poll() is None:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
