"""`makini-desktop connections`, `show`, `check` and `sync` on a sandbox that is somebody else's."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from makini_desktop.cli.arguments import HEALTH_WORDS
from tests.program import PATIENCE, Ended, Program
from tests.sandbox_process import SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 16)
FIELDS = {
    "id", "name", "system", "health", "reason", "evidence", "last_sync_at", "next_sync_at",
    "token_expires_at",
}  # fmt: skip

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess) -> Program:
    """The program on a profile with one account that may issue tokens."""
    program = Program(tmp_path_factory.mktemp("watched") / "profile")
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    return program


@pytest.fixture(scope="module")
def listing(watched: Program) -> Ended:
    """What `connections --json` told, once."""
    return watched.run("connections", "--json")


@pytest.fixture
def leaving() -> Iterator[SandboxProcess]:
    """A sandbox of the test's own, to be stopped in the middle."""
    with SandboxProcess().start("--connections", 3) as sandbox:
        yield sandbox


def one_with(sandbox: SandboxProcess, **state: object) -> str:
    """The id of a connection in this state."""
    for key, row in sandbox.state().items():
        if all(row[name] == value for name, value in state.items()):
            return key
    raise AssertionError(f"no connection has {state}")


# connections


def test_every_connection_is_told_in_full(listing: Ended, sandbox: SandboxProcess):
    assert (listing.code, listing.err) == (0, "")
    rows = {row["id"]: row for row in listing.document}
    assert set(rows) == set(sandbox.state())
    for row in rows.values():
        assert set(row) == FIELDS
        assert row["health"] in HEALTH_WORDS
        assert set(row["evidence"]) == {"source", "at", "detail", "request_id"}
        times = [row["evidence"]["at"], row["last_sync_at"], row["next_sync_at"], row["token_expires_at"]]
        assert all(datetime.fromisoformat(time) and time.endswith("Z") for time in times if time)
    said_by = {row["evidence"]["request_id"] for row in rows.values()}
    assert said_by <= {request["request_id"] for request in sandbox.log()}


def test_health_is_what_the_server_knows(listing: Ended, sandbox: SandboxProcess):
    health = {row["id"]: row["health"] for row in listing.document}
    assert health[one_with(sandbox, credentials_ok=False)] == "reconnect_needed"
    assert health[one_with(sandbox, online=False)] == "offline"
    assert {"failing", "syncing", "healthy"} <= set(health.values())


def test_the_worst_come_first(listing: Ended):
    health = [row["health"] for row in listing.document]
    assert health[0] == "reconnect_needed"
    assert health == sorted(health, key=HEALTH_WORDS.index)


def test_a_second_look_issues_no_token(watched: Program, listing: Ended, sandbox: SandboxProcess):
    before = sandbox.state()
    mark = sandbox.mark()
    again = watched.run("connections", "--json", "--health", "reconnect_needed", "--health", "offline")
    assert {row["health"] for row in again.document} == {"reconnect_needed", "offline"}
    assert {key: row["token_generation"] for key, row in sandbox.state().items()} == {
        key: row["token_generation"] for key, row in before.items()
    }
    assert not any(request["method"] == "POST" and "token" in request["path"] for request in sandbox.log(mark)
                   if request["grant"] != "client_credentials")  # fmt: skip


def test_people_get_a_table_on_any_terminal(watched: Program, listing: Ended):
    for encoding in ("utf-8", "ascii"):
        table = watched.run("connections", PYTHONIOENCODING=encoding)
        assert (table.code, table.err) == (0, "")
        assert table.out.splitlines()[0].split()[:3] == ["Health", "Customer", "System"]
        assert len(table.out.splitlines()) == 1 + len(listing.document)
    names = {row["name"] for row in watched.run("connections", "--json", PYTHONIOENCODING="ascii").document}
    assert names == {row["name"] for row in listing.document}


def test_what_is_stored_is_told_when_the_server_is_gone(program: Program, leaving: SandboxProcess):
    program.add(leaving.api_base, "--issue-tokens")
    fresh = program.run("connections", "--json").document
    leaving.stop()
    stored = program.run("connections", "--json")
    assert stored.code == 0
    assert [row["id"] for row in stored.document] == [row["id"] for row in fresh]
    assert stored.err.splitlines() == [
        "127.0.0.1 cannot be reached from this computer.",
        "This is what was known before.",
    ]
    program.run("check", fresh[0]["id"], "--json").said(4, "127.0.0.1 cannot be reached")
    shown = program.run("show", fresh[0]["id"], "--json")
    assert (shown.code, shown.document["id"]) == (0, fresh[0]["id"])
    assert "This is what was known before." in shown.err


@pytest.mark.parametrize("command", [("connections",), ("sync", "1")])
def test_nothing_stored_and_nobody_there_is_no_empty_list(program: Program, command: tuple[str, ...]):
    program.add("http://127.0.0.1:1", "--version-in", "path")
    program.run(*command, "--json").said(4, "127.0.0.1 cannot be reached from this computer.")


def test_a_failing_server_is_no_reason_to_tell_nothing(program: Program, leaving: SandboxProcess):
    program.add(leaving.api_base, "--issue-tokens")
    fresh = program.run("connections", "--json").document
    leaving.control("server_errors", count=1000)
    stored = program.run("connections", "--json")
    assert (stored.code, len(stored.document)) == (0, len(fresh))
    assert stored.err.startswith("Makini failed on the ")
    assert "(request req_" in stored.err


# show


def test_one_connection_is_shown_with_more(watched: Program, listing: Ended, sandbox: SandboxProcess):
    row = next(row for row in listing.document if row["health"] == "healthy")
    shown = watched.run("show", row["id"], "--json")
    assert (shown.code, shown.err) == (0, "")
    assert set(shown.document) > FIELDS
    assert shown.document["name"] == row["name"]
    assert shown.document["has_token"] is True
    words = watched.run("show", row["id"])
    assert words.code == 0
    assert words.out.startswith(f"{row['name']} · {row['system']} · {row['id']}\n")


@pytest.mark.parametrize("command", ["show", "check", "sync"])
def test_an_unknown_connection_is_wrong_usage(watched: Program, listing: Ended, command: str):
    watched.run(command, "no-such", "--json").said(2, "no connection “no-such” in the account “acme”")


# check


def test_a_healthy_connection_checks_out(watched: Program, sandbox: SandboxProcess):
    checked = watched.run("check", sandbox.quiet(), "--json")
    assert (checked.code, checked.err, checked.document["health"]) == (0, "", "healthy")


def test_the_worst_of_several_decides(watched: Program, sandbox: SandboxProcess):
    well, offline, refused = (
        sandbox.quiet(), one_with(sandbox, online=False), one_with(sandbox, credentials_ok=False),
    )  # fmt: skip
    for ids, code in (((well, offline), 1), ((well, offline, refused), 3)):
        checked = watched.run("check", *ids, "--json")
        assert checked.code == code
        assert [row["id"] for row in checked.document] == list(ids)


def test_changed_credentials_are_noticed(watched: Program, sandbox: SandboxProcess):
    connection = sandbox.quiet()
    sandbox.control("change_credentials", connection)
    checked = watched.run("check", connection, "--json")
    assert (checked.code, checked.document["health"]) == (3, "reconnect_needed")
    assert checked.document["evidence"]["detail"]


def test_an_expired_token_is_renewed_silently(watched: Program, sandbox: SandboxProcess):
    connection = sandbox.quiet()
    assert watched.run("check", connection).code == 0
    sandbox.control("expire_token", connection)
    mark = sandbox.mark()
    checked = watched.run("check", connection, "--json")
    assert (checked.code, checked.document["health"], checked.err) == (0, "healthy", "")
    assert "refresh_token" in {request["grant"] for request in sandbox.log(mark)}


def test_two_commands_renew_a_token_once(watched: Program, sandbox: SandboxProcess):
    connection = sandbox.quiet()
    assert watched.run("check", connection).code == 0
    sandbox.control("expire_token", connection)
    mark = sandbox.mark()
    beside = watched.start("check", connection)
    ended = watched.run("check", connection)
    _out, err = beside.communicate(timeout=PATIENCE)
    assert (ended.code, beside.returncode, ended.err, err) == (0, 0, "", "")
    grants = [request["grant"] for request in sandbox.log(mark) if request["connection"] == connection]
    assert grants.count("refresh_token") == 1
    assert not any(request["path"].endswith(f"{connection}/token") for request in sandbox.log(mark))


def test_no_token_is_issued_unasked(program: Program, sandbox: SandboxProcess):
    program.add(sandbox.api_base)
    connection = sandbox.quiet()
    before = sandbox.state()[connection]["token_generation"]
    checked = program.run("check", connection, "--json")
    assert (checked.code, checked.document["id"]) == (3, connection)
    started = program.run("sync", connection, "--json")
    started.said(3, "--issue-tokens")
    assert "--issue-tokens" in checked.err
    listed = program.run("connections", "--json")
    assert listed.code == 0
    assert "have no token here" in listed.err
    assert sandbox.state()[connection]["token_generation"] == before


# sync


def test_a_sync_is_started_followed_and_counted(watched: Program, sandbox: SandboxProcess):
    connection = sandbox.quiet()
    started = watched.run("sync", connection, "--json")
    assert started.code == 0
    assert started.document["status"] in {"queued", "in_progress"}
    mark = sandbox.mark()
    ended = watched.run("sync", connection, "--wait", "--json")
    assert "409" in {str(request["status"]) for request in sandbox.log(mark)}, "one was running already"
    sync = ended.document
    assert (ended.code, sync["id"], sync["status"]) == (0, started.document["id"], "completed")
    assert set(sync) == {
        "id", "type", "action", "scopes", "status", "progress", "records", "started_at", "finished_at",
        "error", "request_id",
    }  # fmt: skip
    assert sync["progress"]["done"] == sync["progress"]["total"] == sum(sync["records"].values()) > 0
    assert datetime.fromisoformat(sync["started_at"]) < datetime.fromisoformat(sync["finished_at"])
    assert sync["error"] is None


def test_failures_of_several_are_told_each_with_its_own_name(watched: Program, sandbox: SandboxProcess):
    failing, another, offline = sandbox.quiet(), sandbox.quiet(), one_with(sandbox, online=False)
    for connection in (failing, another):
        sandbox.control("fail_sync", connection)
    beside = watched.start("sync", another, "--wait", "--json")  # two commands on one profile
    ended = watched.run("sync", offline, failing, "--wait")
    assert ended.code == 1
    name = {key: row["name"] for key, row in sandbox.state().items()}
    (line,) = ended.out.splitlines()
    assert line.startswith(f"{name[failing]}: ")
    assert name[offline] in ended.err
    assert "(request req_" in ended.err
    out, err = beside.communicate(timeout=PATIENCE)
    assert (beside.returncode, err) == (1, "")
    assert json.loads(out)["status"] == "failed"
    assert set(json.loads(out)["error"]) == {"code", "message", "entity"}


def test_a_sync_that_needs_a_login_says_so(watched: Program, sandbox: SandboxProcess):
    watched.run("sync", one_with(sandbox, credentials_ok=False), "--json").said(3, "(request req_")


def test_a_server_that_starts_no_syncs_is_said_so(program: Program):
    with SandboxProcess().start("--connections", 3, "--bare") as sandbox:
        program.add(sandbox.api_base, "--issue-tokens")
        program.run("sync", sandbox.quiet(), "--wait").said(1, "does not offer the starting of syncs")


# reconnect


def test_a_login_needs_a_display(watched: Program, sandbox: SandboxProcess):
    watched.run("reconnect", one_with(sandbox, credentials_ok=False)).said(1, "needs a display")


def test_stdout_is_one_document_and_nothing_else(listing: Ended, watched: Program):
    decoder = json.JSONDecoder()
    _document, end = decoder.raw_decode(listing.out)
    assert listing.out[end:] == "\n"
    assert Path(watched.profile / "makini.db").exists()
