"""`makini-desktop accounts`, and what holds for every command: vault kinds, exit codes, words."""

from pathlib import Path

import pytest

from makini_desktop import __version__
from tests.desktop import Keychain
from tests.program import REDIRECT, SECRETS, Program
from tests.sandbox_process import CLIENT_ID, SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 2)
NOWHERE = "http://127.0.0.1:1"

pytestmark = pytest.mark.e2e


def test_an_account_is_added_listed_tested_and_removed(program: Program, sandbox: SandboxProcess):
    added = program.add(sandbox.api_base, "--json")
    assert (added.code, added.err) == (0, "")
    assert added.document == {
        "name": "acme",
        "api_base": sandbox.api_base,
        "link_base": sandbox.api_base,
        "client_id": CLIENT_ID,
        "redirect_uris": [REDIRECT],
        "version": "v1",
        "version_in": "auto",
        "issue_tokens": None,
    }
    tested = program.run("accounts", "test", "--json")
    assert tested.code == 0
    document = dict(tested.document)
    checks = {each["subject"]: each["ok"] for each in document.pop("checks")}
    assert document == {
        "ok": True, "account": "acme", "client": "Sandbox", "version": "v1", "stated": "v1",
        "version_in": "path", "not_offered": [],
    }  # fmt: skip
    assert {"API base", "Login pages", "Client", "Version", "Redirects", "Clock"} <= checks.keys()
    assert False not in checks.values()
    listed = program.run("accounts", "list", "--json")
    assert listed.document == [{**added.document, "version_in": "path"}]
    removed = program.run("accounts", "remove", "acme", "--json")
    assert (removed.code, removed.document) == (0, {"removed": "acme"})
    assert program.run("accounts", "list", "--json").document == []


def test_people_are_spoken_to_in_sentences(program: Program, sandbox: SandboxProcess):
    assert program.run("accounts", "list").out.startswith("There is no account yet.")
    assert program.add(sandbox.api_base).out == "Added the account “acme”.\n"
    assert program.run("accounts", "list").out.splitlines()[1].split() == [
        "acme",
        sandbox.api_base,
        CLIENT_ID,
    ]
    assert "Makini knows it as Sandbox, API v1 (path)" in program.run("accounts", "test", "acme").out
    assert program.run("accounts", "remove", "acme").out == "Removed the account “acme” and its secrets.\n"


def test_no_secret_lies_readable_in_the_profile(program: Program, sandbox: SandboxProcess):
    program.add(sandbox.api_base)
    program.run("accounts", "test")
    files = [path for path in program.profile.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"makini.db", "vault.bin"}
    assert not any(secret.encode() in path.read_bytes() for path in files for secret in SECRETS)
    assert all(path.stat().st_mode & 0o077 == 0 for path in [program.profile, *files])


def test_a_second_account_of_one_name_is_refused_and_the_first_kept(
    program: Program, sandbox: SandboxProcess
):
    program.add(sandbox.api_base)
    program.add(NOWHERE, secret="another").said(2, "There is an account “acme” already")
    assert program.run("accounts", "test").code == 0


@pytest.mark.parametrize(
    ("changed", "value", "words"),
    [
        ("--api-base", "api.makini.io", "API base api.makini.io cannot be used"),
        ("--api-base", "http://api.makini.io", "has to be https"),
        ("--api-base", "https://[", "cannot be used"),
        ("--link-base", "http://link.makini.io", "link base http://link.makini.io cannot be used"),
        ("--client-id", " ", "needs a client id"),
        ("--redirect-uri", "http://example.com/callback", "redirect URI http://example.com/callback"),
        ("--version", "", "no API version"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(program: Program, changed: str, value: str, words: str):
    values = {
        "--api-base": "https://api.makini.io",
        "--link-base": "https://link.makini.io",
        "--client-id": "id",
        "--redirect-uri": REDIRECT,
    } | {changed: value}
    options = [word for pair in values.items() for word in pair]
    program.run("accounts", "add", "acme", *options).said(2, words)


def test_a_name_is_needed(program: Program):
    program.add(NOWHERE, name=" ").said(2, "needs a name")


def test_a_secret_that_was_promised_must_come(program: Program):
    program.add(NOWHERE, secret="").said(2, "no client secret on stdin")
    assert program.run("accounts", "list", "--json").document == []


def test_an_account_without_a_secret_says_what_to_do(program: Program, sandbox: SandboxProcess):
    options = ("--api-base", sandbox.api_base, "--link-base", sandbox.api_base, "--client-id", CLIENT_ID)
    added = program.run("accounts", "add", "acme", *options, "--redirect-uri", REDIRECT)
    assert added.code == 0
    assert "no client secret yet" in added.err
    program.run("accounts", "test").said(1, "There is no client secret for the account “acme”")


def test_a_removed_accounts_secret_is_gone(program: Program, sandbox: SandboxProcess):
    program.add(sandbox.api_base)
    program.run("accounts", "remove", "acme")
    options = ("--api-base", sandbox.api_base, "--link-base", sandbox.api_base, "--client-id", CLIENT_ID)
    program.run("accounts", "add", "acme", *options, "--redirect-uri", REDIRECT)
    program.run("accounts", "test").said(1, "There is no client secret")


def test_a_wrong_secret_is_the_accounts_fault(program: Program, sandbox: SandboxProcess):
    program.add(sandbox.api_base, secret="wrong-5up3r")
    tested = program.run("accounts", "test")
    tested.said(1, "does not accept the client id or secret of the account “acme”", "(request req_")
    assert "5up3r" not in tested.err


def test_a_server_that_does_not_answer_is_said_so(program: Program):
    program.add(NOWHERE)
    program.run("accounts", "test").said(4, "127.0.0.1 cannot be reached from this computer.")


def test_a_server_without_the_version_in_its_paths_is_found_out(program: Program):
    with SandboxProcess().start("--connections", 1, "--unversioned") as sandbox:
        program.add(sandbox.api_base)
        assert program.run("accounts", "test", "--json").document["version_in"] == "header"
        assert program.run("accounts", "list", "--json").document[0]["version_in"] == "header"


def test_which_of_several_accounts_must_be_said(program: Program, sandbox: SandboxProcess):
    program.run("connections").said(2, "There is no account yet")
    program.add(sandbox.api_base)
    program.add(NOWHERE, name="globex")
    for command in (("accounts", "test"), ("check", "1")):
        program.run(*command).said(2, "several accounts", "--account", "acme, globex")
    assert program.run("accounts", "test", "acme").code == 0
    assert program.run("--account", "acme", "connections", "--json").code == 0
    program.run("connections", "--account", "initech").said(2, "no account “initech”", "acme, globex")
    program.run("accounts", "remove", "initech").said(2, "There is no account “initech”")


# Vaults


def test_another_kind_of_vault_is_refused(program: Program, tmp_path: Path):
    program.add(NOWHERE)
    for kind in ("memory", "keychain"):
        refused = Program(program.profile, kind).run("connections")
        assert (refused.code, refused.out) == (2, ""), refused
        assert "file" in refused.err


def test_a_wrong_passphrase_opens_nothing(program: Program):
    program.add(NOWHERE)
    before = (program.profile / "vault.bin").read_bytes()
    refused = program.run("connections", MAKINI_VAULT_PASSPHRASE="another 5up3r")
    assert (refused.code, refused.out) == (5, "")
    assert "passphrase" in refused.err
    assert "5up3r" not in refused.err
    assert (program.profile / "vault.bin").read_bytes() == before


@pytest.mark.parametrize("passphrase", [None, ""])
def test_a_file_vault_needs_a_passphrase(program: Program, passphrase: str | None):
    program.run("connections", MAKINI_VAULT_PASSPHRASE=passphrase).said(2, "MAKINI_VAULT_PASSPHRASE")


def test_without_a_keychain_a_command_ends(tmp_path: Path):
    refused = Program(tmp_path / "profile", "keychain").add(NOWHERE)
    assert (refused.code, refused.out) == (5, "")
    assert "keychain" in refused.err


def test_a_keychain_keeps_the_key(tmp_path: Path, sandbox: SandboxProcess, keychain: Keychain):
    program = Program(tmp_path / "profile", "keychain")
    assert program.add(sandbox.api_base, "--issue-tokens").code == 0
    assert program.run("accounts", "test").code == 0
    assert len(program.run("connections", "--json").document) == 2
    keychain.lock()
    refused = program.run("accounts", "test")
    assert (refused.code, refused.out) == (5, "")
    assert "locked" in refused.err


def test_a_memory_vault_keeps_nothing(tmp_path: Path, sandbox: SandboxProcess):
    program = Program(tmp_path / "profile", "memory")
    assert program.add(sandbox.api_base).code == 0
    program.run("accounts", "test").said(1, "There is no client secret")


# The program itself


def test_the_version_is_told(program: Program):
    assert program.run("--version").out == f"makini-desktop {__version__}\n"
    assert not program.profile.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("accounts",),
        ("accounts", "add"),
        ("connections", "--health", "splendid"),
        ("check",),
        ("--vault", "cellar", "connections"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(program: Program, arguments: tuple[str, ...]):
    refused = program.run(*arguments)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("usage: makini-desktop")


def test_a_profile_folder_that_cannot_be_one_is_named(tmp_path: Path):
    (tmp_path / "profile").write_text("a file")
    Program(tmp_path / "profile").run("accounts", "list").said(1, f"{tmp_path / 'profile'} cannot be used")
