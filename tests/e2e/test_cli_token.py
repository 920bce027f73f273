"""`makini-desktop connections add`: a connection by its token alone, without any client secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.vault import VaultReader
from tests.program import REDIRECT, Program
from tests.sandbox_process import CLIENT_ID, SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 12)

pytestmark = pytest.mark.e2e


@pytest.fixture
def secretless(tmp_path: Path, sandbox: SandboxProcess) -> Program:
    """A profile whose account has no client secret."""
    program = Program(tmp_path / "profile")
    options = ("--api-base", sandbox.api_base, "--link-base", sandbox.api_base, "--client-id", CLIENT_ID)
    added = program.run(
        "accounts", "add", "acme", *options, "--redirect-uri", REDIRECT, "--version-in", "path"
    )
    assert added.code == 0, added
    assert "connections add --token-stdin" in added.err
    return program


@pytest.fixture
def connection(sandbox: SandboxProcess) -> str:
    return sandbox.quiet()


@pytest.fixture
def added(secretless: Program, sandbox: SandboxProcess, connection: str) -> Iterator[Program]:
    """A profile that was handed the token of one connection."""
    token = str(sandbox.issue(connection)["access_token"])
    ended = secretless.run("connections", "add", "--token-stdin", "--json", stdin=f"{token}\n")
    assert ended.code == 0, ended
    assert ended.document["id"] == connection
    assert ended.document["name"] == sandbox.state()[connection]["name"]
    assert token not in ended.out + ended.err
    assert VaultReader(secretless).entry(connection).current.access.value == token
    yield secretless
    files = [path for path in secretless.profile.rglob("*") if path.is_file()]
    assert not any(token.encode() in path.read_bytes() for path in files)


def test_a_token_alone_is_enough_to_list_show_check_and_sync(added: Program, connection: str):
    (row,) = added.run("connections", "--json").document
    assert (row["id"], row["health"]) == (connection, "healthy")
    assert added.run("show", connection, "--json").document["health"] == "healthy"
    assert added.run("check", connection).code == 0
    assert added.run("sync", connection).code == 0


def test_a_token_that_was_taken_back_needs_a_new_one(
    added: Program, sandbox: SandboxProcess, connection: str
):
    sandbox.control("revoke_token", connection)
    checked = added.run("check", connection, "--json")
    assert (checked.code, checked.document["health"]) == (3, "reconnect_needed")
    newer = str(sandbox.issue(connection)["access_token"])
    told = added.run("connections", "add", "--token-stdin", stdin=f"{newer}\n")
    assert told.code == 0
    assert "Its token works." in told.out
    assert added.run("check", connection).code == 0


def test_a_token_that_is_not_accepted_is_not_kept(secretless: Program):
    ended = secretless.run("connections", "add", "--token-stdin", stdin="no-such-token-5up3r\n")
    ended.said(2, "does not accept this token", "(request req_")
    assert "5up3r" not in ended.err
    assert not VaultReader(secretless).entries()


def test_a_token_must_come_on_stdin(secretless: Program):
    secretless.run("connections", "add", "--token-stdin", stdin="\n").said(2, "no token on stdin")
    refused = secretless.run("connections", "add", "a-token")
    assert refused.code == 2


def test_an_account_without_secret_and_tokens_says_what_is_missing(secretless: Program):
    secretless.run("connections").said(1, "There is no client secret for the account “acme”")
