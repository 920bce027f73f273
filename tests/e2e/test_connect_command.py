"""`makini-desktop connect`: a new customer signs in through the login window, from a terminal."""

import pytest

from tests.e2e.vault import VaultReader
from tests.e2e.window import ALLOW, PAGE_IS_THERE, REFUSE, Orders, command
from tests.program import Program
from tests.sandbox_process import PASSWORD, USER, SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 3)
COMPANY = "Nova Foods"
FIRST_SYSTEM = "Blue Yonder WMS"
AT_THE_DECISION: Orders = [
    *PAGE_IS_THERE,
    {"order": "key", "key": "Space"},
    {"order": "key", "key": "Return"},
    *PAGE_IS_THERE,
    {"order": "text", "text": COMPANY},
    {"order": "key", "key": "Tab"},
    {"order": "text", "text": USER},
    {"order": "key", "key": "Tab"},
    {"order": "text", "text": PASSWORD},
    {"order": "key", "key": "Return"},
    *PAGE_IS_THERE,
]

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, desktop) -> Program:
    """The program on a profile with one account."""
    program = Program(tmp_path_factory.mktemp("connect") / "profile", "file", desktop.environment)
    assert program.add(sandbox.api_base, "--version-in", "path").code == 0
    return program


def test_a_new_customer_signs_in_and_the_first_sync_is_followed(program: Program, sandbox: SandboxProcess):
    before = set(sandbox.state())
    ended = command(
        *(*program.options, "connect", FIRST_SYSTEM, "--interval", "45", "--history-days", "90", "--json"),
        login=[*AT_THE_DECISION, *ALLOW],
        environment=program.environment,
    )
    assert (ended.code, ended.err) == (0, "")
    (new,) = set(sandbox.state()) - before
    document = ended.document
    assert document["outcome"] == "connected"
    assert COMPANY in document["sentence"]
    assert (document["connection"]["id"], document["connection"]["name"]) == (new, COMPANY)
    assert document["sync"]["type"] == "initial"
    assert VaultReader(program).entry(new).current is not None
    schedule = program.run("settings", new, "--json").document["schedule"]
    assert (schedule["interval_minutes"], schedule["history_days"]) == (45, 90)


def test_another_system_than_the_one_named_is_said(program: Program):
    ended = command(
        *(*program.options, "connect", "Odoo"),
        login=[*AT_THE_DECISION, *ALLOW],
        environment=program.environment,
    )
    assert ended.code == 0
    assert f"{COMPANY} signed in to {FIRST_SYSTEM}, not to Odoo." in ended.err


def test_a_refusal_leaves_nothing(program: Program, sandbox: SandboxProcess):
    before = set(sandbox.state()), set(VaultReader(program).entries())
    ended = command(
        *(*program.options, "connect"),
        login=[*AT_THE_DECISION, *REFUSE],
        environment=program.environment,
    )
    assert ended.code == 1
    assert "refused" in ended.err
    assert (set(sandbox.state()), set(VaultReader(program).entries())) == before
