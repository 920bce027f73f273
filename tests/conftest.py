"""What holds for every test: no address but loopback, nobody's files, no process left behind."""

import contextlib
import ctypes
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desktop import Keychain, PrivateBus

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 5.0


def pytest_configure(config: pytest.Config) -> None:
    """Give the whole run, collection included, an environment of its own."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    folder = tempfile.TemporaryDirectory(prefix="md-home-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    home = Path(folder.name)
    for name in ("config", "data", "state", "cache", "runtime"):
        (home / name).mkdir(mode=0o700)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "LANGUAGE", "XDG_DATA_DIRS"):
        patch.delenv(name, raising=False)
    for name, value in {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_RUNTIME_DIR": str(home / "runtime"),
        "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={home / 'no-system-bus'}",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(home / "hypothesis"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "QT_QPA_PLATFORM": "offscreen",
    }.items():
        patch.setenv(name, value)
    time.tzset()
    if os.getuid() == 0:
        patch.setenv("QTWEBENGINE_DISABLE_SANDBOX", "1")
    _stay_on_loopback(patch)


def _stay_on_loopback(patch: pytest.MonkeyPatch) -> None:
    """Fail the test that connects to, or looks up, anything but this machine.

    `pytest.fail` is no Exception: no error handling of the program takes it for a broken network.
    """

    def guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def guard(self: socket.socket, address: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
                pytest.fail(f"a test tried to reach {address[0]}")
            return connect(self, address)

        return guard

    def resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name and not _is_loopback(name):
            pytest.fail(f"a test tried to look up {name}")
        return getaddrinfo(host, *arguments, **options)

    getaddrinfo = socket.getaddrinfo
    patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    patch.setattr(socket, "getaddrinfo", resolve)


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


@pytest.fixture(scope="session", autouse=True)
def _no_process_left_behind() -> Iterator[None]:
    """Fail the run when a process that a test started outlives it, even one that was orphaned."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    yield
    left = {pid: name for pid, name in _children() if not _ends(pid)}
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"left behind by a test: {sorted(left.values())}"


def _children() -> Iterator[tuple[int, str]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, _, rest = stat.read_text().partition(" (")
            name, _, fields = rest.rpartition(") ")
            state, parent = fields.split()[:2]
            if int(parent) == os.getpid() and state != "Z":
                yield int(pid), name


def _ends(pid: int) -> bool:
    """Whether the process ends within a few seconds, as one does that was told to just now."""
    descriptor = os.pidfd_open(pid)
    try:
        return bool(select.select([descriptor], [], [], PATIENCE)[0])
    finally:
        os.close(descriptor)


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    """A private session bus that this test and the processes it starts see."""
    with PrivateBus() as bus:
        for name, value in bus.environment.items():
            monkeypatch.setenv(name, value)
        yield bus


@pytest.fixture
def keychain(bus: PrivateBus) -> Iterator[Keychain]:
    """An unlocked gnome-keyring on this test's bus."""
    with Keychain(bus) as keychain:
        yield keychain
