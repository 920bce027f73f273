"""The window's whole day on real parts: notified, repaired, synced, quit, started again, locked out."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.desktop import Keychain, PrivateBus
from tests.e2e.conftest import Desktop, on
from tests.e2e.vault import VaultReader
from tests.e2e.window import PAGE_IS_THERE, SIGN_IN, Window, breaks, goes_offline, healthy, stays_open
from tests.processes import all_end
from tests.program import Program
from tests.sandbox_process import SandboxProcess
from tests.waiting import wait_until

SANDBOX_ARGUMENTS = ("--connections", 14)

pytestmark = pytest.mark.e2e

OpenWindow = Callable[..., Window]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, desktop: Desktop) -> Program:
    """The program on a profile with one account."""
    profile = tmp_path_factory.mktemp("journey") / "profile"
    program = Program(profile, "keychain", desktop.environment)
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    return program


EMBEDDED = ("--sandbox", "--sandbox-options", "--connections 4")


@pytest.fixture
def own_sandbox() -> Iterator[SandboxProcess]:
    """A sandbox of the test's own: two profiles on one would end each other's tokens."""
    with SandboxProcess().start("--connections", 8) as sandbox:
        yield sandbox


@pytest.fixture
def own(tmp_path: Path, own_sandbox: SandboxProcess, desktop: Desktop) -> Program:
    """The program on a profile of the test's own, with an account at its own sandbox."""
    program = Program(tmp_path / "profile", "keychain", desktop.environment)
    assert program.add(own_sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    return program


@pytest.fixture
def open_window(tmp_path: Path) -> Iterator[OpenWindow]:
    """Opens windows of programs."""
    with ExitStack() as opened:

        def open_window(program: Program, *arguments: str) -> Window:
            return opened.enter_context(
                Window(tmp_path, *program.options, *arguments, environment=program.environment)
            )

        yield open_window


@pytest.fixture
def embedded(tmp_path: Path, desktop: Desktop, open_window: OpenWindow) -> Window:
    """A window on the embedded sandbox."""
    return open_window(Program(tmp_path / "profile", "memory", desktop.environment), *EMBEDDED)


@pytest.fixture
def own_bus() -> Iterator[PrivateBus]:
    """A bus with nothing on it."""
    with PrivateBus() as bus:
        yield bus


@pytest.fixture(scope="module")
def window(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """A window that several tests share, each on a connection of its own."""
    with Window(
        tmp_path_factory.mktemp("window"), *program.options, environment=program.environment
    ) as window:
        window.until_checked()
        yield window


# Told, repaired


def test_a_break_is_told_once_and_taken_back_when_it_is_repaired(sandbox, desktop, window):
    told = desktop.notifications
    before = len(told.notifications)
    connection = breaks(sandbox, window)
    name = window.row(connection)["name"]
    notification = told.wait_for(before + 1)
    assert notification.summary == f"{name}: reconnect needed"
    assert list(notification.actions.values()) == ["", "Reconnect", "Show", "Snooze"]
    window.select(connection)
    window.press("Check now")
    window.until_row(connection, health="reconnect_needed")
    window.press("Reconnect")
    window.login(SIGN_IN)
    window.until("notices", holds=f"{name} is reconnected. The new token works and is in use.")
    assert window.row(connection)["health"] == "healthy"
    told.wait_for_closed(notification.id)
    assert len(told.notifications) == before + 1


def test_the_rows_menu_opens_the_login(sandbox, window):
    connection = breaks(sandbox, window)
    window.choose_in_row(connection, "Reconnect")
    stays_open(window, connection)


def test_the_trays_menu_opens_the_login(sandbox, desktop, window):
    connection = breaks(sandbox, window)
    name = window.row(connection)["name"]
    item = desktop.tray.wait_for_item(window.process.pid)
    window.until("tray", holds=f"{name} – Reconnect needed")
    desktop.tray.choose(item, f"{name} – Reconnect needed", "Reconnect")
    stays_open(window, connection)


# Syncs


def test_a_sync_that_runs_already_is_followed(sandbox, program, window):
    connection = healthy(sandbox, window)
    token = VaultReader(program).entry(connection).current
    assert token is not None
    running = sandbox.start_sync(token.access.value)
    mark = sandbox.mark()
    window.choose_in_row(connection, "Sync now")
    window.until_row(connection, sync=running, syncing=True, health="syncing")
    assert [
        entry["status"] for entry in sandbox.log(mark) if entry["path"].endswith("/integrations/sync")
    ] == [409]


def test_a_sync_goes_on_without_the_program_and_the_next_start_follows_it(own_sandbox, own, open_window):
    first = open_window(own)
    connection = healthy(own_sandbox, first)
    first.select(connection)
    first.press("Sync now")
    row = first.until_row(connection, syncing=True, says=" of ")
    assert " of " in first.until("detail", holds={"running": " of "})["running"]
    first.end(signal.SIGTERM)
    second = open_window(own)
    second.until("notices", holds=f"{row['name']}: sync done, ")
    assert second.until_row(connection, syncing=False, health="healthy")["sync"] == row["sync"]


# Started again


def test_what_was_told_is_not_told_again_by_the_next_start(own_sandbox, desktop, own, open_window):
    told = desktop.notifications
    first = open_window(own)
    before = len(told.notifications)
    connection = breaks(own_sandbox, first)
    told.wait_for(before + 1)
    first.end(signal.SIGTERM)
    second = open_window(own)
    second.until_checked()
    mark = own_sandbox.mark()
    second.check_now()
    wait_until(
        lambda: any(entry["connection"] == connection for entry in own_sandbox.log(mark)), "a check", 10.0
    )
    assert second.row(connection)["health"] == "reconnect_needed"
    other = goes_offline(own_sandbox, second)
    assert second.row(other)["name"] in told.wait_for(before + 2).summary
    assert len(told.notifications) == before + 2


def test_without_the_server_the_last_rows_are_there_at_once_with_a_banner(tmp_path, desktop, open_window):
    program = Program(tmp_path / "profile", "keychain", desktop.environment)
    with SandboxProcess().start("--connections", 3) as leaving:
        assert program.add(leaving.api_base, "--version-in", "path", "--issue-tokens").code == 0
        first = open_window(program)
        first.until_checked()
        rows = first.rows()
        first.end(signal.SIGTERM)
    second = open_window(program)
    assert {row["id"]: row["health"] for row in second.rows()} == {row["id"]: row["health"] for row in rows}
    banner = second.until("banners", holds={"line": "Makini has not been reachable since "})["line"]
    assert "127.0.0.1 cannot be reached from this computer." in banner
    assert "The list shows what was known last." in banner
    assert {row["id"]: row["health"] for row in second.rows()} == {row["id"]: row["health"] for row in rows}


def test_a_second_window_on_the_profile_says_so_and_ends_and_the_first_comes_forward(program, window):
    window.minimize()
    window.until("window", holds={"minimized": True})
    ended = program.run()
    ended.said(0, "A window has this profile folder open already; it was brought to the front.")
    window.until("window", holds={"minimized": False, "visible": True})


# Ended


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_window_and_all_its_children(embedded, number):
    embedded.until_checked()
    assert embedded.children()
    embedded.end(number)


def test_with_a_tray_closing_hides_and_the_trays_menu_ends(desktop, embedded):
    item = desktop.tray.wait_for_item(embedded.process.pid)
    embedded.close()
    embedded.until("window", holds={"visible": False})
    desktop.tray.click(item)
    embedded.until("window", holds={"visible": True})
    embedded.close()
    embedded.until("window", holds={"visible": False})
    embedded.ends(lambda: desktop.tray.choose(item, "Quit"))


def test_a_login_that_is_open_does_not_keep_the_program_from_ending(embedded):
    begin_login(embedded)
    embedded.end(signal.SIGTERM)


def test_a_killed_window_takes_sandbox_and_login_with_it(embedded):
    begin_login(embedded)
    children = embedded.children()
    assert any(each.is_login for each in children)
    assert any(each.is_sandbox for each in children)
    embedded.kill()
    assert all_end(children, 2.0)


def begin_login(window: Window) -> None:
    window.until_checked()
    connection = next(row["id"] for row in window.rows() if row["health"] == "reconnect_needed")
    window.choose_in_row(connection, "Reconnect")
    window.until_row(connection, stage="waiting_for_login")
    window.login(PAGE_IS_THERE)


# Without a keychain


def test_a_locked_keychain_is_said_and_worked_without_until_it_is_unlocked(screen, own_bus, tmp_path):
    program = Program(tmp_path / "profile", "keychain", on(screen, own_bus))
    with (
        Keychain(own_bus, locked=True) as keychain,
        Window(tmp_path, *program.options, *EMBEDDED, environment=program.environment) as window,
    ):
        said = "The keychain is locked. The keychain is locked. Unlock it and try again."
        window.until("banners", holds={"keychain": said})
        window.until_checked()
        assert not (program.profile / "vault.bin").exists()
        keychain.unlock()
        window.press_banner("keychain")
        window.until("banners", holds={"keychain": None})
        window.check_now()
        window.until_checked()
        assert (program.profile / "vault.bin").exists()
        window.end(signal.SIGTERM)


def test_without_keychain_and_tray_the_window_works_and_closing_asks_what_it_means(screen, own_bus, tmp_path):
    program = Program(tmp_path / "profile", "keychain", on(screen, own_bus))
    with Window(tmp_path, *program.options, *EMBEDDED, environment=program.environment) as window:
        said = "There is no keychain on this computer. There is no keychain to keep the tokens in."
        window.until("banners", holds={"keychain": said})
        window.until_checked()
        window.close()
        window.answer("Keep watching")
        window.until("window", holds={"minimized": True})
        assert program.run().code == 0
        window.until("window", holds={"minimized": False})
        window.close()
        window.until("window", holds={"minimized": True})
