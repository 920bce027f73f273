"""What a person is told, as the desktop's notification service hears it: once, in place, and taken back.

The customers have one system. A notification changes once a second at most here, instead of once a minute.
"""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.conftest import Desktop
from tests.e2e.window import Window, breaks, comes_back, goes_offline, healthy, stays_open
from tests.program import Program
from tests.sandbox_process import SandboxProcess
from tests.waiting import wait_until

SANDBOX_ARGUMENTS = ("--connections", 72, "--systems", 1)
FIRST, LATER = 40, 5
DRIVER = ("--quick-updates",)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def window(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, desktop: Desktop
) -> Iterator[Window]:
    """A window that the tests share, each on connections of its own."""
    folder = tmp_path_factory.mktemp("alerts")
    program = Program(folder / "profile", "keychain", desktop.environment)
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    with Window(folder, *program.options, environment=program.environment, driver=DRIVER) as window:
        window.until_checked()
        yield window


@pytest.fixture
def before(desktop: Desktop) -> int:
    """How many calls of Notify there were before the test."""
    return len(desktop.notifications.notifications)


def test_forty_breaks_of_one_system_are_one_notification_that_grows_in_place_and_goes(
    sandbox, desktop, window, before
):
    told = desktop.notifications
    connections = [healthy(sandbox, window) for _ in range(FIRST + LATER)]
    window.look_away()
    window.until("in_front", holds=False)

    sandbox.control("go_offline", connections[:FIRST])
    window.check_now()
    window.until("incident", "system", holds={"broken": FIRST, "told": FIRST})
    first, *changes = told.notifications[before:]
    assert first.replaces_id == 0
    assert {(each.id, each.replaces_id) for each in changes} <= {(first.id, first.id)}
    assert told.notifications[-1].summary == f"{FIRST} systems are offline"
    assert list(told.notifications[-1].actions.values()) == ["", "Open", "Snooze"]

    sandbox.control("go_offline", connections[FIRST:])
    window.check_now()
    window.until("incident", "system", holds={"broken": FIRST + LATER, "told": FIRST + LATER})
    assert {each.id for each in told.notifications[before:]} == {first.id}
    assert told.notifications[-1].summary == f"{FIRST + LATER} systems are offline"
    assert told.closed == []
    sounds = [each.hints.get("suppress-sound", False) for each in told.notifications[before:]]
    assert sounds == [False, *[True] * (len(sounds) - 1)]

    told.press(first.id, "open")
    window.until("inbox", holds=f"{FIRST + LATER} systems are offline")
    window.look_away()

    sandbox.control("come_back", connections)
    window.check_now()
    window.until("incident", "system", holds=None)
    assert {each.id for each in told.notifications[before:]} == {first.id}


def test_what_is_repaired_while_it_stands_is_taken_back(sandbox, desktop, window, before):
    connection = goes_offline(sandbox, window)
    notification = desktop.notifications.wait_for(before + 1)
    assert notification.summary == f"{window.row(connection)['name']}: system offline"
    comes_back(sandbox, window, connection)
    desktop.notifications.wait_for_closed(notification.id)
    assert len(desktop.notifications.notifications) == before + 1


def test_three_causes_are_three_notifications_each_with_its_own_way_out(sandbox, desktop, window, before):
    offline = goes_offline(sandbox, window)
    desktop.notifications.wait_for(before + 1)
    failing = healthy(sandbox, window)
    sandbox.control("fail_sync", failing)
    window.choose_in_row(failing, "Sync now")
    desktop.notifications.wait_for(before + 2)
    signed_out = breaks(sandbox, window)
    desktop.notifications.wait_for(before + 3)
    told = desktop.notifications.notifications[before:]
    names = {each: window.row(each)["name"] for each in (offline, failing, signed_out)}
    assert [(each.summary, each.replaces_id, [*each.actions.values()][1:]) for each in told] == [
        (f"{names[offline]}: system offline", 0, ["Show", "Snooze"]),
        (f"{names[failing]}: syncs fail", 0, ["Show", "Snooze"]),
        (f"{names[signed_out]}: reconnect needed", 0, ["Reconnect", "Show", "Snooze"]),
    ]
    assert len({each.id for each in told}) == 3

    desktop.notifications.press(told[2].id, "reconnect")
    stays_open(window, signed_out)
    desktop.notifications.press(told[1].id, "show")
    window.until("detail", holds={"title": names[failing]})
    comes_back(sandbox, window, offline)


def test_the_notification_itself_shows_the_connection(sandbox, desktop, window, before):
    connection = goes_offline(sandbox, window)
    desktop.notifications.press(desktop.notifications.wait_for(before + 1).id)
    window.until("detail", holds={"title": window.row(connection)["name"]})
    comes_back(sandbox, window, connection)


def test_snoozed_is_silent_while_it_grows(sandbox, desktop, window, before):
    connection = goes_offline(sandbox, window)
    desktop.notifications.press(desktop.notifications.wait_for(before + 1).id, "snooze")
    window.until("incident", "system", holds={"snoozed": True})
    other = goes_offline(sandbox, window)
    window.until("incident", "system", holds={"broken": 2, "told": None})
    for each in (connection, other):
        comes_back(sandbox, window, each)
    window.until("incident", "system", holds=None)
    assert len(desktop.notifications.notifications) == before + 1


def test_what_a_window_in_front_shows_is_not_announced(sandbox, desktop, window, before):
    connection = healthy(sandbox, window)
    window.look_back()
    window.until("in_front", holds=True)
    sandbox.control("go_offline", connection)
    window.choose_in_row(connection, "Check now")
    window.until("incident", "system", holds={"broken": 1, "told": 1})
    assert len(desktop.notifications.notifications) == before
    comes_back(sandbox, window, connection)


def test_in_quiet_hours_nothing_is_announced_and_afterwards_what_is_still_open(
    sandbox, desktop, window, before
):
    window.keep_quiet(True)
    over, still = goes_offline(sandbox, window), goes_offline(sandbox, window)
    window.until("incident", "system", holds={"broken": 2, "told": None})
    comes_back(sandbox, window, over)
    window.until("incident", "system", holds={"broken": 1})
    assert len(desktop.notifications.notifications) == before
    window.keep_quiet(False)
    notification = desktop.notifications.wait_for(before + 1)
    assert notification.summary == f"{window.row(still)['name']}: system offline"
    comes_back(sandbox, window, still)


def test_the_tray_counts_incidents_and_snoozes_them_together(sandbox, desktop, window, before):
    connection = goes_offline(sandbox, window)
    desktop.notifications.wait_for(before + 1)
    item = desktop.tray.wait_for_item(window.process.pid)
    window.until("tray", holds="Snooze all for an hour")
    desktop.tray.choose(item, "Snooze all for an hour")
    window.until("incident", "system", holds={"snoozed": True})
    desktop.notifications.wait_for_closed(desktop.notifications.notifications[-1].id)
    open_incidents = next(words for words in window.tray() if "open incident" in words)
    desktop.tray.choose(item, open_incidents)
    window.until("inbox", holds=f"{window.row(connection)['name']}: system offline")
    comes_back(sandbox, window, connection)


# Windows of their own


@pytest.fixture
def own(tmp_path: Path, desktop: Desktop) -> Iterator[tuple[SandboxProcess, Program]]:
    """A small sandbox and a program of the test's own."""
    with SandboxProcess().start("--connections", 6, "--broken", 0) as sandbox:
        program = Program(tmp_path / "profile", "keychain", desktop.environment)
        assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
        yield sandbox, program


def test_after_a_crash_nothing_is_told_twice(tmp_path, desktop, own, before):
    sandbox, program = own
    told = desktop.notifications
    with ExitStack() as opened:

        def start() -> Window:
            return opened.enter_context(Window(tmp_path, *program.options, environment=program.environment))

        first = start()
        connection = breaks(sandbox, first)
        assert told.wait_for(before + 1).app_icon == (program.profile / "icon.png").as_uri()
        assert (program.profile / "icon.png").read_bytes().startswith(b"\x89PNG")
        first.until("incident", "credentials", holds={"told": 1, "kept": True})
        first.kill()
        second = start()
        second.until_checked()
        mark = sandbox.mark()
        second.look_away()
        second.choose_in_row(connection, "Check now")
        wait_until(
            lambda: any(each["connection"] == connection for each in sandbox.log(mark)), "a check", 10.0
        )
        other = goes_offline(sandbox, second)
        assert told.wait_for(before + 2).summary == f"{second.row(other)['name']}: system offline"
        assert len(told.notifications) == before + 2
        second.end(signal.SIGTERM)


def test_our_own_network_down_is_a_banner_and_announces_nothing(tmp_path, desktop, own, before):
    sandbox, program = own
    with Window(tmp_path, *program.options, environment=program.environment, driver=DRIVER) as window:
        window.until_checked()
        healths = {row["id"]: row["health"] for row in window.rows()}
        window.look_away()
        window.until("in_front", holds=False)
        sandbox.stop()
        window.check_now()
        window.until("banners", holds={"line": "Makini has not been reachable since "})
        window.until("incident", "network", holds={"told": None})
        assert {row["id"]: row["health"] for row in window.rows()} == healths
        assert len(desktop.notifications.notifications) == before


# Started again


def test_a_later_start_shows_the_connection_it_names(tmp_path, desktop, own):
    sandbox, program = own
    with Window(tmp_path, *program.options, environment=program.environment) as window:
        connection = healthy(sandbox, window)
        window.close()
        window.until("window", holds={"visible": False})
        assert program.run("--minimised").code == 0
        assert not window.window()["visible"]
        handed_over = program.run("--open", connection)
        assert handed_over.code == 0
        window.until("window", holds={"visible": True, "minimized": False})
        window.until("detail", holds={"title": window.row(connection)["name"]})
        program.run("--open", "nobody")
        window.until("notices", holds="There is no connection nobody here.")
        program.run("--account", "nobody")
        window.until("notices", holds="There is no account nobody.")


def test_a_start_at_login_is_in_the_tray_only_and_shows_what_it_is_asked_for(tmp_path, desktop, own):
    sandbox, program = own
    with Window(tmp_path, *program.options, environment=program.environment) as window:
        connection = healthy(sandbox, window)
        window.end(signal.SIGTERM)
    environment = program.environment
    with Window(tmp_path, *program.options, "--minimised", environment=environment) as window:
        item = desktop.tray.wait_for_item(window.process.pid)
        assert window.window() == {"visible": False, "minimized": False}
        desktop.tray.click(item)
        window.until("window", holds={"visible": True})
        window.end(signal.SIGTERM)
    with Window(tmp_path, *program.options, "--open", connection, environment=environment) as window:
        window.until("detail", holds={"title": window.row(connection)["name"]})
