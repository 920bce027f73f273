"""What the end-to-end tests share: a program on a profile of its own, a sandbox and a desktop a module."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.desktop import Keychain, NotificationDaemon, PrivateBus, StatusNotifierWatcher, VirtualScreen
from tests.program import PASSPHRASE, Program
from tests.sandbox_process import SandboxProcess


@dataclass(frozen=True)
class Desktop:
    """A desktop with everything on it.

    Attributes:
        environment: what a program must be given to be on it.
    """

    environment: dict[str, str]
    keychain: Keychain
    notifications: NotificationDaemon
    tray: StatusNotifierWatcher


@pytest.fixture(scope="module")
def screen() -> Iterator[VirtualScreen]:
    """A virtual screen."""
    with VirtualScreen(1440, 900) as screen:
        yield screen


@pytest.fixture(scope="module")
def desktop(screen: VirtualScreen) -> Iterator[Desktop]:
    """A desktop with bus, unlocked keychain, notification service and tray; the test is on its bus, too."""
    with ExitStack() as parts:
        bus = parts.enter_context(PrivateBus())
        keychain = parts.enter_context(Keychain(bus))
        notifications = parts.enter_context(NotificationDaemon(bus))
        tray = parts.enter_context(StatusNotifierWatcher(bus))
        patch = parts.enter_context(pytest.MonkeyPatch.context())
        for name, value in bus.environment.items():
            patch.setenv(name, value)
        yield Desktop(on(screen, bus), keychain, notifications, tray)


def on(screen: VirtualScreen, bus: PrivateBus) -> dict[str, str]:
    """Return the environment of a program on this screen and bus."""
    return {
        **os.environ,
        **bus.environment,
        **screen.environment,
        "MAKINI_VAULT_PASSPHRASE": PASSPHRASE,
    }


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxProcess]:
    """A sandbox; a module says with `SANDBOX_ARGUMENTS` which."""
    with SandboxProcess().start(*getattr(request.module, "SANDBOX_ARGUMENTS", ())) as sandbox:
        yield sandbox


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program on a profile folder that does not exist yet."""
    return Program(tmp_path / "profile")
