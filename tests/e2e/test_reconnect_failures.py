"""Every way in which Reconnect fails: the token in use stays byte for byte, and the person is told why."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.e2e.attempts import Attempts
from tests.e2e.conftest import Desktop
from tests.e2e.link import Link
from tests.e2e.vault import VaultReader
from tests.e2e.window import (
    ALLOW,
    AT_THE_DECISION,
    CANCEL,
    CLOSE,
    PAGE_IS_THERE,
    REFUSE,
    SIGN_IN,
    Window,
    healthy,
)
from tests.program import Program
from tests.sandbox_process import SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 14)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def link(sandbox: SandboxProcess) -> Iterator[Link]:
    """The way to the sandbox's login pages."""
    with Link(sandbox.api_base) as link:
        yield link


@pytest.fixture(scope="module")
def program(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, link: Link, desktop: Desktop
) -> Program:
    """The program on a profile with one account."""
    program = Program(tmp_path_factory.mktemp("failures") / "profile", "file", desktop.environment)
    added = program.add(sandbox.api_base, "--link-base", link.base, "--version-in", "path", "--issue-tokens")
    assert added.code == 0
    return program


@pytest.fixture(scope="module")
def attempts(
    program: Program, sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Attempts]:
    """Attempts in one window; a login has succeeded in it, so that the server is known to echo `state`."""
    with Window(
        tmp_path_factory.mktemp("window"), *program.options, environment=program.environment
    ) as window:
        attempts = Attempts(sandbox, window, VaultReader(program))
        connection, name, current = attempts.broken()
        attempts.begin(connection, SIGN_IN)
        window.until("notices", holds=f"{name} is reconnected. The new token works and is in use.")
        assert attempts.vault.current(connection) != current
        yield attempts


def test_refused_by_the_customer(attempts):
    connection, name, current = attempts.broken()
    attempts.begin(connection, [*AT_THE_DECISION, *REFUSE])
    said = f"The sign-in of {name} was refused: The customer refused. The old token stays."
    attempts.failed(connection, current, said)


@pytest.mark.parametrize("leave", [CANCEL, CLOSE], ids=["cancelled", "closed"])
def test_left_by_the_person(attempts, leave):
    connection, name, current = attempts.broken()
    attempts.begin(connection, [*AT_THE_DECISION, *leave])
    said = f"The sign-in window for {name} was closed. Nothing was changed."
    attempts.failed(connection, current, said)


def test_cancelled_in_the_detail(attempts):
    connection, name, current = attempts.broken()
    attempts.begin(connection, PAGE_IS_THERE)
    attempts.window.press("Cancel")
    said = f"The sign-in window for {name} was closed. Nothing was changed."
    attempts.failed(connection, current, said)
    assert attempts.window.login_pid() is None


def test_somebody_else_signs_in(attempts):
    connection, name, current = attempts.broken()
    other = healthy(attempts.sandbox, attempts.window)
    others = attempts.vault.current(other)
    attempts.sandbox.control("login_as_other", connection, other=other)
    attempts.begin(connection, SIGN_IN)
    found, expected = attempts.window.row(other), attempts.window.row(connection)
    attempts.failed(
        connection,
        current,
        f"Somebody else signed in: {found['name']} ({found['system']}), not {name} ({expected['system']}). "
        f"Their token was thrown away; the old one stays. Sign in again as {name}.",
    )
    assert attempts.vault.current(other) == others


def test_another_state(attempts, link, monkeypatch):
    connection, name, current = attempts.broken()
    mark = attempts.sandbox.mark()
    monkeypatch.setattr(link, "state", "another")
    attempts.begin(connection, SIGN_IN)
    attempts.failed(connection, current, not_of_this_attempt(name))
    assert exchanges(attempts.sandbox, mark) == []


def test_no_state_where_there_was_one_before(attempts):
    connection, name, current = attempts.broken()
    mark = attempts.sandbox.mark()
    attempts.sandbox.control("state_not_echoed", on=True)
    try:
        attempts.begin(connection, SIGN_IN)
        attempts.failed(connection, current, not_of_this_attempt(name))
    finally:
        attempts.sandbox.control("state_not_echoed", on=False)
    assert exchanges(attempts.sandbox, mark) == []


def not_of_this_attempt(name: str) -> str:
    return (
        f"The login page’s answer for {name} did not belong to this attempt and was not used. "
        "Nothing was changed; try again."
    )


def exchanges(sandbox: SandboxProcess, mark: int) -> list[int]:
    """Return the status of each exchange of a code since."""
    return [entry["status"] for entry in sandbox.log(mark) if entry.get("grant") == "authorization_code"]


@pytest.mark.parametrize("processed", [False, True], ids=["lost request", "lost answer"])
def test_the_line_breaks_between_redirect_and_exchange(attempts, processed):
    connection, _name, current = attempts.broken()
    attempts.begin(connection, AT_THE_DECISION)
    attempts.sandbox.control("drop", count=100, processed=processed)
    try:
        attempts.window.login(ALLOW)
        attempts.failed(
            connection,
            current,
            "The sign-in worked, but its code could not be exchanged for a token: "
            "The line to 127.0.0.1 broke before the whole answer came.",
        )
    finally:
        attempts.sandbox.control("drop", count=0)


def test_the_login_process_is_killed(attempts):
    connection, _name, current = attempts.broken()
    attempts.begin(connection, PAGE_IS_THERE)
    os.kill(attempts.window.login_pid(), signal.SIGKILL)
    said = "The sign-in window ended unexpectedly. Nothing was changed; try again."
    attempts.failed(connection, current, said)


def test_a_rate_limit_is_waited_for_and_the_login_not_lost(attempts):
    connection, name, current = attempts.broken()
    attempts.begin(connection, AT_THE_DECISION)
    mark = attempts.sandbox.mark()
    attempts.sandbox.control("rate_limit", requests=0, seconds=1)
    attempts.window.login(ALLOW)
    attempts.window.until("notices", holds=f"{name} is reconnected. The new token works and is in use.")
    statuses = [entry["status"] for entry in attempts.sandbox.log(mark) if entry["method"] == "POST"]
    assert statuses[-2:] == [429, 200]
    assert attempts.vault.current(connection) != current


def test_a_new_connection_is_kept_beside_the_old(attempts):
    connection, name, current = attempts.broken()
    before = set(attempts.vault.entries())
    attempts.sandbox.control("login_as_new", connection)
    attempts.begin(connection, SIGN_IN)
    attempts.window.until("notices", holds=f"{name} signed in as a new connection (")
    (new,) = set(attempts.vault.entries()) - before
    attempts.failed(
        connection,
        current,
        f"{name} signed in as a new connection ({new}). It is kept beside the old one, whose token stays "
        "as it was.",
    )
    assert attempts.window.until_row(new, name=name)["health"] in ("healthy", "syncing")


def test_the_server_is_gone_while_the_page_is_open(tmp_path, desktop):
    program = Program(tmp_path / "profile", "file", desktop.environment)
    with SandboxProcess().start("--connections", 8) as leaving:
        assert program.add(leaving.api_base, "--version-in", "path", "--issue-tokens").code == 0
        with Window(tmp_path, *program.options, environment=program.environment) as window:
            attempts = Attempts(leaving, window, VaultReader(program))
            connection, _name, current = attempts.broken()
            attempts.begin(connection, AT_THE_DECISION)
            leaving.stop()
            window.login([*ALLOW, *PAGE_IS_THERE, *CLOSE])
            attempts.failed(
                connection,
                current,
                f"The login page at {leaving.api_base.removeprefix('http://')} cannot be reached: "
                "net::ERR_CONNECTION_REFUSED. Nothing was changed.",
            )


def test_a_token_that_a_crash_left_untested_is_tested_and_put_to_use_at_the_next_start(tmp_path, desktop):
    program = Program(tmp_path / "profile", "file", desktop.environment)
    with SandboxProcess().start("--connections", 8) as sandbox:
        assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
        with Window(
            tmp_path, *program.options, environment=program.environment, driver=["--die-once", "pending"]
        ) as window:
            vault = VaultReader(program)
            attempts = Attempts(sandbox, window, vault)
            connection, name, current = attempts.broken()
            attempts.begin(connection, AT_THE_DECISION)
            window.dies_at("login", ALLOW)
        entry = vault.entry(connection)
        assert entry.pending is not None
        assert vault.current(connection) == current
        with Window(tmp_path, *program.options, environment=program.environment) as again:
            again.until("notices", holds=f"{name} is reconnected. The new token works and is in use.")
            again.until_row(connection, health="healthy")
    after = vault.entry(connection)
    assert (after.current, after.pending) == (entry.pending.pair, None)
