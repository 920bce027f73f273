"""`makini-desktop reconnect` by the system's browser and by a link, with adoption; no display is needed."""

import re
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.e2e.vault import VaultReader
from tests.program import Ended, Program
from tests.sandbox_process import PASSWORD, USER, SandboxProcess, submit

SANDBOX_ARGUMENTS = ("--connections", 30)
PERSON = Path(__file__).parent / "person.py"

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess) -> Program:
    """The program on a profile with one account, without a display."""
    program = Program(tmp_path_factory.mktemp("paths") / "profile", environment={"DISPLAY": ""})
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    return program


@pytest.fixture
def broken(sandbox: SandboxProcess, program: Program) -> str:
    """A connection whose sign-in is no longer accepted, with a token of ours in the vault."""
    connection = sandbox.quiet()
    assert program.run("check", connection).code in (0, 1)
    sandbox.control("change_credentials", connection)
    return connection


def reconnect(program: Program, saw: Path, connection: str, *options: str, does: str = "sign in") -> Ended:
    """Reconnect in a browser whose person does that."""
    return program.run(
        *("reconnect", connection, "--path", "browser", *options),
        BROWSER=f"{sys.executable} {PERSON} %s",
        PERSON_DOES=does,
        PERSON_SAW=str(saw),
        WAYLAND_DISPLAY=None,
    )


def test_signing_in_in_the_browser_brings_a_new_token_and_a_friendly_page(sandbox, program, broken, tmp_path):
    before = VaultReader(program).current(broken)
    ended = reconnect(program, tmp_path / "saw", broken)
    name = sandbox.state()[broken]["name"]
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{name} is reconnected. The new token works and is in use.\n"
    assert VaultReader(program).current(broken) != before
    assert program.run("check", broken).code == 0
    page = (tmp_path / "saw").read_text()
    assert page.startswith("200\n")
    assert "You can close this page" in page


def test_the_catch_up_sync_is_followed_if_asked_to(sandbox, program, broken, tmp_path):
    ended = reconnect(program, tmp_path / "saw", broken, "--wait", "--json")
    assert ended.document["outcome"] == "repaired"
    assert re.search(r"\d+ records?\b", ended.document["missed"])


def test_a_refusal_in_the_browser_is_said(sandbox, program, broken, tmp_path):
    before = VaultReader(program).current(broken)
    ended = reconnect(program, tmp_path / "saw", broken, does="refuse")
    name = sandbox.state()[broken]["name"]
    ended.said(1, f"The sign-in of {name} was refused: The customer refused. The old token stays.")
    assert VaultReader(program).current(broken) == before
    assert "Not signed in" in (tmp_path / "saw").read_text()


def test_somebody_else_whose_token_the_login_ended_gets_the_new_one(sandbox, program, broken, tmp_path):
    other = sandbox.quiet()
    assert program.run("check", other).code in (0, 1)
    before, others = VaultReader(program).current(broken), VaultReader(program).current(other)
    sandbox.control("login_as_other", broken, other=other)
    sandbox.control("revoke_token", other)
    ended = reconnect(program, tmp_path / "saw", broken)
    state = sandbox.state()
    ended.said(1, f"That ended the token of {state[other]['name']}, whose connection uses the new one now")
    assert VaultReader(program).current(broken) == before
    assert VaultReader(program).current(other) != others
    assert program.run("check", other).code == 0


@pytest.mark.parametrize("answer", ["--adopt", "--keep-both"])
def test_a_new_connection_takes_over_or_stands_beside(sandbox, program, broken, tmp_path, answer):
    assert program.run("note", broken, "Ask for Ms Ito.").code == 0
    name = sandbox.state()[broken]["name"]
    sandbox.control("login_as_new", broken)
    ended = reconnect(program, tmp_path / "saw", broken, answer, "--json")
    assert ended.code == 0
    assert ended.document["outcome"] == "new_connection"
    assert ended.document["adopted"] is (answer == "--adopt")
    new = ended.document["new_connection"]
    assert sandbox.state()[new]["name"] == name
    assert (broken in sandbox.state()) is (answer == "--keep-both")
    assert program.run("note", new).out == ("Ask for Ms Ito.\n" if answer == "--adopt" else "")
    assert (VaultReader(program).entry(broken).current is None) is (answer == "--adopt")
    assert VaultReader(program).entry(new).current is not None


def test_a_link_is_written_with_cause_and_address(sandbox, program, broken):
    program.run("check", broken)
    document = program.run("reconnect", broken, "--path", "link", "--json", WAYLAND_DISPLAY=None).document
    link = parse_qs(urlsplit(document["link"]).query)
    assert link["connection_id"] == [broken]
    assert urlsplit(link["redirect_uri"][0]).hostname not in ("127.0.0.1", "localhost", "::1")
    assert "state" not in link
    assert document["link"] in document["text"]
    assert sandbox.state()[broken]["name"] in document["text"]
    assert "Link for the customer" in program.run("history", broken).out


def test_the_link_alone_repairs_it_and_the_return_is_seen(sandbox, program, broken):
    link = program.run("reconnect", broken, "--path", "link", "--json").document["link"]
    with httpx.Client(base_url=sandbox.api_base, trust_env=False) as http:
        page = submit(http, http.get(link), user=USER, password=PASSWORD)
        assert "Thank you" in submit(http, page, decision="allow").text
    assert program.run("check", broken).code == 0


def test_what_is_not_offered_says_why(sandbox, tmp_path, broken, program):
    elsewhere = Program(tmp_path / "profile")
    assert elsewhere.add(sandbox.api_base, "--version-in", "path").code == 0
    ended = elsewhere.run(
        "reconnect", broken, "--path", "browser", DISPLAY=None, WAYLAND_DISPLAY=None, BROWSER=None
    )
    ended.said(2, "There is no desktop here on which a browser could be opened.")
    ended = program.run("reconnect", broken, "--path", "link", "--adopt")
    ended.said(2, "--path link writes a message")
