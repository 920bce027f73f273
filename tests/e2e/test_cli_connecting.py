"""The commands to connect, disconnect, set, note and hand over, on a sandbox that is somebody else's."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.e2e.vault import VaultReader
from tests.program import PASSPHRASE, PATIENCE, Program
from tests.sandbox_process import SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 16)
PASSWORD = "pa55word-5up3r"
WEBHOOK_SECRET = "webhook-secret-5up3r"

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess) -> Program:
    """The program on a profile with one account that may issue tokens."""
    program = Program(tmp_path_factory.mktemp("connecting") / "profile")
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    return program


@pytest.fixture
def connection(sandbox: SandboxProcess) -> str:
    return sandbox.quiet()


def works(sandbox: SandboxProcess, token: str) -> bool:
    """Whether the company's own software gets an answer with a token."""
    answer = httpx.get(
        f"{sandbox.api_base}/api/v1/integrations/current",
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )
    return answer.status_code == 200


def left_in_files(program: Program, *secrets: str) -> list[Path]:
    """The files of the profile in which a secret stands."""
    files = [path for path in program.profile.rglob("*") if path.is_file()]
    return [path for path in files if any(each.encode() in path.read_bytes() for each in secrets)]


def on_a_terminal(program: Program, *arguments: str, typed: str = "") -> tuple[int, str]:
    """Run a command whose stdin, stdout and stderr are one terminal; return exit code and all it showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "makini_desktop", *program.options, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "MAKINI_VAULT_PASSPHRASE": PASSPHRASE},
    )
    os.close(theirs)
    try:
        os.write(ours, typed.encode())
        shown = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:  # how Linux tells that the other side is closed
                break
            if not more:
                break
            shown += more
        return process.wait(PATIENCE), shown.decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_a_token_is_printed_for_a_pipe_and_works(program, sandbox, connection):
    ended = program.run("token", connection)
    token = ended.out.removesuffix("\n")
    assert ended.code == 0
    assert works(sandbox, token)
    assert token == VaultReader(program).entry(connection).current.access.value
    assert ended.err.startswith("It works until")
    assert left_in_files(program, token) == []
    assert token not in ended.err


def test_on_a_terminal_a_token_is_shown_only_if_that_was_said(program, connection):
    code, shown = on_a_terminal(program, "token", connection)
    assert code == 2
    assert "add --yes" in shown
    code, shown = on_a_terminal(program, "token", connection, "--yes")
    assert code == 0
    assert VaultReader(program).entry(connection).current.access.value in shown


def test_an_ended_token_is_renewed_before_it_is_handed_over(program, sandbox, connection):
    first = program.run("token", connection).out.strip()
    sandbox.control("expire_token", connection)
    second = program.run("token", connection).out.strip()
    assert second != first
    assert works(sandbox, second)


def test_disconnecting_asks_and_a_no_changes_nothing(program, sandbox, connection):
    program.run("disconnect", connection).said(2, "add --yes")
    code, shown = on_a_terminal(program, "disconnect", connection, typed="no\n")
    assert code == 1
    for part in (sandbox.state()[connection]["name"], "stops working at once", "stay at Makini"):
        assert part in shown
    assert "Nothing was changed." in shown
    assert connection in sandbox.state()


def test_a_disconnected_connection_is_gone_everywhere_but_in_its_history(program, sandbox, connection):
    token = program.run("token", connection).out.strip()
    refresh = VaultReader(program).entry(connection).current.refresh.value
    assert program.run("note", connection, "Ask for Bo").code == 0
    code, shown = on_a_terminal(program, "disconnect", connection, typed="yes\n")
    assert (code, "is disconnected" in shown) == (0, True)
    assert connection not in sandbox.state()
    assert not works(sandbox, token)
    assert connection not in VaultReader(program).entries()
    assert left_in_files(program, token, refresh) == []
    row = program.run("show", connection, "--json").document
    assert (row["health"], row["evidence"]["source"], row["has_token"]) == ("disconnected", "person", False)
    assert program.run("note", connection).out == "Ask for Bo\n"
    program.run("token", connection).said(2, "is disconnected")
    again = program.run("disconnect", connection, "--yes", "--json")
    assert (again.code, again.document["health"]) == (0, "disconnected")


def test_settings_are_changed_one_by_one_and_read_back(program, connection):
    changed = program.run(
        *("settings", connection, "--json", "--mode", "webhook", "--interval", "45", "--history-days", "31"),
        *("--webhook-url", "https://example.com/m", "--webhook-events", "sync.failed"),
        *("--webhook-secret-stdin", "--metadata", "owner=Anna=B"),
        stdin=f"{WEBHOOK_SECRET}\n",
    )
    assert changed.code == 0, changed
    assert WEBHOOK_SECRET not in changed.out + changed.err
    found = program.run("settings", connection, "--json").document
    assert found == changed.document | {"read_at": found["read_at"]}
    assert found["schedule"] == {
        "mode": "webhook", "interval_minutes": 45, "history_days": 31, "next_sync_at": None,
    }  # fmt: skip
    assert found["webhook"] == {"url": "https://example.com/m", "events": ["sync.failed"]}
    assert (found["metadata"], found["locked"]) == ({"owner": "Anna=B"}, {})
    assert left_in_files(program, WEBHOOK_SECRET) == []


def test_a_setting_that_cannot_be_is_said_by_name(program, connection):
    program.run("settings", connection, "--interval", "7").said(2, "interval has to be 15 to 1440 minutes")
    refused = program.run("settings", connection, "--webhook-events", "tea.time")
    refused.said(1, "Makini refused the webhook settings", "(events)", "(request req_")
    program.run("settings", connection, "--webhook-url", "https://a:b5up3r@example.com").said(2, "leave name")
    program.run("settings", connection, "--metadata", "owner").said(2, "KEY=VALUE")


def test_credentials_on_stdin_connect_a_new_customer(program, sandbox):
    listed = {each["key"]: each for each in program.run("platforms", "--json").document}
    assert listed["odoo"] == {"key": "odoo", "name": "Odoo", "category": "ERP"}
    connected = program.run(
        *("connect", "Odoo", "--credentials-stdin", "--name", "Nova Foods", "--email", "it@nova.example"),
        *("--interval", "45", "--json"),
        stdin=json.dumps({"login": "nova", "password": PASSWORD}),
    )
    assert connected.code == 0, connected
    document = connected.document
    new = document["connection"]["id"]
    assert (document["outcome"], document["not_set"]) == ("connected", None)
    assert (document["connection"]["name"], document["sync"]["type"]) == ("Nova Foods", "initial")
    assert sandbox.state()[new]["name"] == "Nova Foods"
    assert works(sandbox, program.run("token", new).out.strip())
    assert program.run("settings", new, "--json").document["schedule"]["interval_minutes"] == 45
    assert PASSWORD not in connected.out + connected.err
    assert left_in_files(program, PASSWORD) == []


def test_what_is_no_credentials_is_said_without_showing_it(program):
    for typed in (PASSWORD, f'["{PASSWORD}"]', f'{{"password": ["{PASSWORD}"]}}', "{}"):
        ended = program.run(
            "connect", "Odoo", "--credentials-stdin", "--name", "N", "--email", "a@b", stdin=typed
        )
        ended.said(2, "one JSON object of texts")
        assert PASSWORD not in ended.err


def test_a_system_that_is_not_offered_opens_no_login(program):
    program.run("connect", "Nonesuch").said(2, "Makini offers no system “Nonesuch”", "Odoo")
    program.run("connect", "Odoo", "--history-days", "7").said(2, "30 to 90 days")
    program.run("connect", "Odoo", DISPLAY=None, WAYLAND_DISPLAY=None).said(1, "needs a display")
