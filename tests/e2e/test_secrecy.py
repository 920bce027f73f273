"""What is secret stays in the vault: a whole journey, and then a search wherever something was left."""

import pytest

from tests.e2e.leftovers import of, tokens
from tests.e2e.vault import VaultReader
from tests.e2e.window import ALLOW, AT_THE_DECISION, Window, breaks
from tests.program import PASSPHRASE, Program
from tests.sandbox_process import CLIENT_SECRET, PASSWORD

SANDBOX_ARGUMENTS = ("--connections", 6)

pytestmark = pytest.mark.e2e


def test_no_secret_is_left_in_a_file_a_word_or_a_process(tmp_path, sandbox, desktop):
    program = Program(tmp_path / "profile", "file", desktop.environment)
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    vault = VaultReader(program)
    with Window(tmp_path, *program.options, environment=program.environment) as window:
        connection = breaks(sandbox, window)
        secrets = tokens(vault)
        window.select(connection)
        sandbox.control("drop", count=100)
        window.press("Check now")
        window.until("notices", holds="127.0.0.1")
        sandbox.control("drop", count=0)
        window.press("Reconnect")
        window.login(AT_THE_DECISION)
        children = window.children()
        window.login(ALLOW)
        name = window.row(connection)["name"]
        window.until("notices", holds=f"{name} is reconnected.")
        of_the_login = window.secrets()
    secrets |= tokens(vault) | set(of_the_login)
    assert len(of_the_login) == 3, "state, verifier and code"
    assert len(secrets) > 8
    secrets |= {CLIENT_SECRET, PASSPHRASE, PASSWORD}

    assert any(child.is_login for child in children)
    for child in children:
        assert of(secrets, child.arguments) == []
        assert of(secrets, child.environment) == []
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        assert of(secrets, path.read_bytes().decode("latin-1")) == [], path
    assert (program.profile / "makini-desktop.log").read_text(), "trouble is logged"
    assert list((program.profile / "attempts").iterdir()) == []
