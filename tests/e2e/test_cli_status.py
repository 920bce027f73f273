"""`makini-desktop status` and `history` on a sandbox that is somebody else's."""

import csv
import io

import pytest

from makini_desktop.cli.arguments import HEALTH_WORDS
from tests.program import Program
from tests.sandbox_process import SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 16)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess) -> Program:
    """The program on a profile whose connections were looked at once."""
    program = Program(tmp_path_factory.mktemp("watched") / "profile")
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    assert program.run("status", "--check", "--json").code == 0
    return program


def broken(sandbox: SandboxProcess) -> str:
    return next(key for key, row in sandbox.state().items() if not row["credentials_ok"])


# status


def test_what_is_stored_is_told_without_asking_anybody(watched: Program, sandbox: SandboxProcess):
    mark = sandbox.mark()
    told = watched.run("status", "--json")
    assert (told.code, told.err) == (0, "")
    status = told.document
    assert set(status) == {
        "account", "at", "seen_at", "connections", "worst", "counts", "needs_person", "incidents",
    }  # fmt: skip
    assert (status["account"], status["connections"], status["worst"]) == ("acme", 16, "reconnect_needed")
    assert tuple(status["counts"]) == HEALTH_WORDS
    assert sum(status["counts"].values()) == 16
    assert broken(sandbox) in {row["id"] for row in status["needs_person"]}
    assert not sandbox.log(mark)


@pytest.mark.parametrize(
    ("healths", "code"),
    [("failing", 1), ("disconnected,reconnect_needed", 3), ("disconnected", 0), ("disconnected,failing", 1)],
)
def test_ill_health_that_was_named_decides_the_exit_code(watched: Program, healths: str, code: int):
    told = watched.run("status", "--fail-on", healths, "--json")
    assert (told.code, told.document["connections"]) == (code, 16)


def test_a_health_that_is_none_is_wrong_usage(watched: Program):
    told = watched.run("status", "--fail-on", "failing,ill")
    assert (told.code, told.out) == (2, "")
    assert "ill is no health; there are reconnect_needed, failing" in told.err


def test_people_are_told_who_needs_them(watched: Program, sandbox: SandboxProcess):
    told = watched.run("status", PYTHONIOENCODING="ascii")
    assert (told.code, told.err) == (0, "")
    first, seen, headings, *rows = told.out.splitlines()
    assert first.startswith("acme: 16 connections. ")
    assert seen.startswith("Seen ")
    assert headings.split()[:2] == ["Health", "Customer"]
    assert any(row.startswith("Reconnect needed") and row.endswith(broken(sandbox)) for row in rows)


def test_a_check_that_reaches_nobody_says_so_with_what_was_known(program: Program):
    with SandboxProcess().start("--connections", 3) as leaving:
        program.add(leaving.api_base, "--issue-tokens")
        fresh = program.run("status", "--check", "--json")
        assert fresh.code == 0
    gone = program.run("status", "--check", "--json", "--fail-on", "reconnect_needed")
    assert (gone.code, gone.document["connections"]) == (4, 3)
    assert "127.0.0.1 cannot be reached" in gone.err


def test_without_an_account_there_is_nothing_to_tell(program: Program):
    program.run("status", "--json").said(2, "There is no account yet.")
    program.run("status", "--json", "--sandbox").said(2, "The sandbox has not run on this profile yet.")


# history


def test_the_past_of_a_connection_has_every_change_with_its_evidence(
    watched: Program, sandbox: SandboxProcess
):
    connection = sandbox.quiet()
    assert watched.run("check", connection).code == 0
    sandbox.control("change_credentials", connection)
    assert watched.run("check", connection).code == 3
    mark = sandbox.mark()
    told = watched.run("history", connection, "--json")
    assert (told.code, told.err) == (0, "")
    past = told.document
    assert set(past) == {"id", "name", "system", "at", "uptime", "changes", "days", "timeline"}
    newest, *_older, first = past["changes"]
    assert (newest["health"], first["health"]) == ("reconnect_needed", "healthy")
    asked = {request["request_id"] for request in sandbox.log() if request["connection"] == connection}
    assert newest["evidence"]["request_id"] in asked
    assert [each["days"] for each in past["uptime"]] == [7, 30, 90]
    assert past["uptime"][0]["breaks"] == 1
    assert "health" in {entry["kind"] for entry in past["timeline"]}
    assert not sandbox.log(mark)


def test_the_past_as_a_table_and_in_words(watched: Program, sandbox: SandboxProcess):
    connection = broken(sandbox)
    table = watched.run("history", connection, "--csv")
    assert (table.code, table.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(table.out)))
    assert {row["record"] for row in rows} == {"change", "timeline"}
    words = watched.run("history", connection)
    assert (words.code, words.err) == (0, "")
    lines = words.out.splitlines()
    assert lines[0].endswith(f" · {connection}")
    assert lines[1].startswith("Last 7 days: ")
    assert any("Reconnect needed" in line and "connection" in line for line in lines)


def test_a_connection_that_nobody_knows_has_no_past(watched: Program):
    watched.run("history", "no-such", "--json").said(2, "no connection “no-such” in the account “acme”")
