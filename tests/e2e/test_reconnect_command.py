"""`makini-desktop reconnect`: the login window from a terminal, and what is printed of its end."""

import pytest

from tests.e2e.vault import VaultReader
from tests.e2e.window import AT_THE_DECISION, PAGE_IS_THERE, REFUSE, SIGN_IN, Window, breaks, command
from tests.program import Program
from tests.sandbox_process import SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 6)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, desktop) -> Program:
    """The program on a profile with one account."""
    program = Program(tmp_path_factory.mktemp("command") / "profile", "file", desktop.environment)
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    return program


@pytest.fixture
def broken(sandbox: SandboxProcess, program: Program) -> str:
    """A connection whose sign-in is no longer accepted, with a token of ours in the vault."""
    connection = sandbox.quiet()
    assert program.run("check", connection).code in (0, 1)
    sandbox.control("change_credentials", connection)
    return connection


def test_signing_in_brings_a_new_token(sandbox, program, broken):
    before = VaultReader(program).current(broken)
    ended = command(*(*program.options, "reconnect", broken), login=SIGN_IN, environment=program.environment)
    name = sandbox.state()[broken]["name"]
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{name} is reconnected. The new token works and is in use.\n"
    assert VaultReader(program).current(broken) != before
    assert program.run("check", broken).code == 0


def test_a_refusal_is_said_and_the_old_token_stays(sandbox, program, broken):
    before = VaultReader(program).current(broken)
    ended = command(
        *(*program.options, "reconnect", broken),
        login=[*AT_THE_DECISION, *REFUSE],
        environment=program.environment,
    )
    name = sandbox.state()[broken]["name"]
    ended.said(1, f"The sign-in of {name} was refused: The customer refused. The old token stays.")
    assert VaultReader(program).current(broken) == before


def test_a_connection_that_a_window_reconnects_is_left_to_it(program, sandbox, desktop, tmp_path):
    with Window(tmp_path, *program.options, environment=program.environment) as window:
        connection = breaks(sandbox, window)
        window.select(connection)
        window.press("Reconnect")
        window.login(PAGE_IS_THERE)
        name = window.row(connection)["name"]
        ended = program.run("reconnect", connection)
        ended.said(1, f"{name} is being reconnected already, in another window or command.")
        assert window.row(connection)["stage"] == "waiting_for_login"
