"""In the window: the browser's path and the link, new connections and ended ones, and a token handed over."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.attempts import Attempts
from tests.e2e.conftest import Desktop
from tests.e2e.leftovers import nowhere, tokens
from tests.e2e.test_connect_command import AT_THE_DECISION as NEW_AT_THE_DECISION
from tests.e2e.test_connect_command import COMPANY, FIRST_SYSTEM
from tests.e2e.vault import VaultReader
from tests.e2e.window import ALLOW, SIGN_IN, Window
from tests.program import Program
from tests.sandbox_process import PASSWORD, USER, SandboxProcess, submit

SANDBOX_ARGUMENTS = ("--connections", 9, "--broken", 9)
PERSON = Path(__file__).parent / "person.py"

pytestmark = [pytest.mark.e2e, pytest.mark.web]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, desktop: Desktop) -> Program:
    """The program with one account, for a person with a browser."""
    folder = tmp_path_factory.mktemp("connections")
    environment = {
        **desktop.environment,
        "BROWSER": f"{sys.executable} {PERSON} %s",
        "PERSON_DOES": "sign in",
        "PERSON_SAW": str(folder / "saw"),
    }
    program = Program(folder / "profile", "file", environment)
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    return program


@pytest.fixture(scope="module")
def attempts(
    program: Program, sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Attempts]:
    """Attempts in one window, in which all connections have lost their sign-in."""
    folder = tmp_path_factory.mktemp("window")
    with Window(folder, *program.options, environment=program.environment) as window:
        attempts = Attempts(sandbox, window, VaultReader(program))
        attempts.take_broken(9)
        yield attempts


@pytest.fixture(scope="module")
def ended() -> set[str]:
    """Tokens that were in use and are not any more."""
    return set()


def works(attempts: Attempts, connection: str) -> bool:
    entry = attempts.vault.entry(connection)
    return entry.current is not None and attempts.sandbox.serves(entry.current.access.value)


def test_signed_in_in_the_browser_that_was_chosen(attempts):
    connection, name, current = attempts.broken()
    window = attempts.window
    window.select(connection)
    window.choose_path("In my browser")
    window.until("notices", holds=f"{name} is reconnected. The new token works and is in use.")
    assert attempts.vault.current(connection) != current
    assert works(attempts, connection)
    attempts.browsed.add(window.row(connection)["system"])


def test_signed_in_by_the_customer_with_a_link(attempts, sandbox):
    connection, name, _current = attempts.broken()
    window = attempts.window
    window.dismiss_notices()
    window.select(connection)
    window.choose_path("Send the customer a link…")
    window.answer("Copy")
    message = window.clipboard()
    assert message.startswith(f"Hello {name},")
    link = re.search(r"https?://\S+", message)
    assert link
    with httpx.Client(base_url=sandbox.api_base, trust_env=False) as http:
        page = submit(http, http.get(link[0]), user=USER, password=PASSWORD)
        assert "Thank you" in submit(http, page, decision="allow").text
    window.check_now()
    window.until("notices", holds=f"{name} has signed in by the link.")
    window.until("row", connection, holds={"stage": None})
    said = [notice for notice in window.notices() if "by the link" in notice]
    assert said == [f"{name} has signed in by the link."]
    assert works(attempts, connection)
    attempts.browsed.add(window.row(connection)["system"])


def test_somebody_else_of_ours_signs_in_and_gets_the_pair(attempts, sandbox):
    connection, _name, current = attempts.broken()
    other = next(each for each in attempts.taken if each != connection and works(attempts, each))
    others = attempts.vault.current(other)
    sandbox.control("login_as_other", connection, other=other, ends_theirs=True)
    attempts.begin(connection, SIGN_IN)
    found = attempts.window.row(other)["name"]
    sentence = f"That ended the token of {found}, whose connection uses the new one now"
    attempts.window.until("notices", holds=sentence)
    assert attempts.vault.current(connection) == current
    assert attempts.vault.current(other) != others
    assert works(attempts, other)


@pytest.mark.parametrize("answer", ["Keep both", "Take over"])
def test_a_new_connection_is_asked_about(attempts, program, sandbox, ended, answer):
    connection, name, current = attempts.broken()
    window = attempts.window
    assert program.run("note", connection, "Ask for Ms Ito.").code == 0
    before = set(attempts.vault.entries())
    ended |= tokens(attempts.vault)
    sandbox.control("login_as_new", connection)
    attempts.begin_again(connection, SIGN_IN, doubted=answer == "Take over")
    window.answer(answer)
    if answer == "Take over":
        window.until("notices", holds="has taken the place of the old one, which is disconnected.")
        assert attempts.vault.entry(connection).current is None
        assert connection not in sandbox.state()
    else:
        assert attempts.vault.current(connection) == current
        assert connection in sandbox.state()
    (new,) = set(attempts.vault.entries()) - before
    assert window.until_row(new, stage=None)["name"] == name
    assert works(attempts, new)
    assert program.run("note", new).out == ("Ask for Ms Ito.\n" if answer == "Take over" else "")
    attempts.taken.discard(connection)


def test_a_login_that_may_make_a_duplicate_is_asked_about_first(attempts):
    connection, name, current = attempts.broken()
    attempts.begin_again(connection, SIGN_IN, doubted=True)
    attempts.window.until("notices", holds=f"{name} is reconnected. The new token works and is in use.")
    assert attempts.vault.current(connection) != current


def test_a_new_customer_is_connected(attempts, sandbox):
    before = set(sandbox.state())
    window = attempts.window
    window.dismiss_notices()
    window.keys("Ctrl+N")
    window.answer("Connect")
    window.login([*NEW_AT_THE_DECISION, *ALLOW])
    window.until("notices", holds=f"{COMPANY} is connected")
    (new,) = set(sandbox.state()) - before
    window.until_row(new, name=COMPANY, system=FIRST_SYSTEM)
    assert works(attempts, new)


def test_a_token_is_handed_over(attempts, sandbox):
    connection = next(each for each in attempts.taken if works(attempts, each))
    window = attempts.window
    window.select(connection)
    window.keys("Ctrl+Shift+T")
    window.answer("Copy token")
    token = attempts.vault.entry(connection).current.access.value
    window.until("clipboard", holds=token)
    assert sandbox.serves(token)


def test_a_connection_is_ended(attempts, sandbox, ended):
    connection = next(each for each in attempts.taken if works(attempts, each))
    window = attempts.window
    token = attempts.vault.entry(connection).current.access.value
    ended |= tokens(attempts.vault)
    window.select(connection)
    window.keys("Ctrl+Shift+D")
    window.answer("Disconnect")
    name = window.row(connection)["name"]
    window.until("notices", holds=f"{name} is disconnected. Its token is removed; its history stays.")
    window.until_row(connection, health="disconnected")
    assert attempts.vault.entry(connection).current is None
    assert not sandbox.serves(token)


def test_no_secret_is_left_anywhere(attempts, program, desktop, ended):
    secrets = {*attempts.window.secrets(), *tokens(attempts.vault), *ended, PASSWORD}
    nowhere(secrets, program, attempts.window, desktop)
