"""`makini-desktop capabilities` and `api`, and the main job on a server with what is published only."""

import json
from collections.abc import Iterator

import pytest

from makini_desktop.domain.capability import ENDPOINTS
from tests.program import Program
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.e2e

UNPUBLISHED = {
    "connection_status",
    "sync_status",
    "sync_status_withdrawn",
    "start_sync",
    "sync_history",
    "sync_settings",
    "webhook_settings",
}


@pytest.fixture(scope="module")
def bare() -> Iterator[SandboxProcess]:
    with SandboxProcess().start("--connections", 6, "--bare") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess().start("--connections", 3) as sandbox:
        yield sandbox


def offered(program: Program) -> dict[str, bool | None]:
    table = program.run("capabilities", "--json")
    assert (table.code, table.err) == (0, "")
    return {row["capability"]: row["offered"] for row in table.document}


def test_nothing_is_known_before_anything_was_asked(program: Program):
    program.add("http://127.0.0.1:1")
    table = program.run("capabilities", "--json").document
    assert [row["capability"] for row in table] == [each.value for each in ENDPOINTS]
    assert table[-1] == {
        "capability": "webhook_settings",
        "methods": ["GET", "PUT"],
        "path": "/integrations/current/webhook",
        "token": "connection",
        "mark": "O",
        "offered": None,
        "at": None,
        "instead": None,
        "words": None,
    }


def test_the_main_job_works_on_a_bare_server_and_what_is_missing_is_said(
    program: Program, bare: SandboxProcess
):
    program.add(bare.api_base, "--issue-tokens")
    broken = bare.quiet()
    bare.control("change_credentials", broken)
    listed = program.run("connections", "--json")
    assert (listed.code, listed.err) == (0, "")
    healths = {row["id"]: row["health"] for row in listed.document}
    assert healths[broken] == "reconnect_needed"
    assert "healthy" in healths.values()
    assert program.run("check", broken).code == 3
    assert program.run("check", bare.quiet()).code == 0
    found = offered(program)
    assert {name for name, there in found.items() if there is False} == UNPUBLISHED - {
        "start_sync", "sync_history", "webhook_settings",
    }  # fmt: skip
    used = {name for name, there in found.items() if there}
    assert used == {"list_connections", "issue_token", "current_integration"}


def test_starting_syncs_says_why_it_cannot_be(program: Program, bare: SandboxProcess):
    program.add(bare.api_base, "--issue-tokens")
    first, second = bare.quiet(), bare.quiet()
    both = program.run("sync", first, second)
    assert (both.code, both.out) == (1, "")
    assert both.err.count("does not offer the starting of syncs; Makini starts them on its own schedule") == 2
    assert offered(program)["start_sync"] is False
    mark = bare.mark()
    program.run("sync", first).said(1, "does not offer the starting of syncs")
    assert not any("/integrations/sync" in each["path"] for each in bare.log(mark)), "it is known by now"


def test_test_account_finds_all_of_it_out(program: Program, bare: SandboxProcess):
    program.add(bare.api_base, "--issue-tokens")
    program.run("connections")
    assert program.run("accounts", "test", "--json").code == 0
    assert {name for name, there in offered(program).items() if there is False} == UNPUBLISHED - {
        "start_sync"
    }
    table = program.run("capabilities").out
    assert "sync_history" in table
    assert "shown is what this program saw itself." in table


def test_what_a_server_offers_by_now_is_found_by_test_account(
    program: Program, bare: SandboxProcess, sandbox: SandboxProcess
):
    program.add(sandbox.api_base, "--issue-tokens")
    program.run("connections")
    program.run("accounts", "test")
    found = offered(program)
    assert {name for name in UNPUBLISHED if found[name]} == UNPUBLISHED - {"start_sync"}
    program.run("sync", sandbox.quiet())
    assert offered(program)["start_sync"] is True


def test_a_version_that_is_not_deprecated_is_told(program: Program, sandbox: SandboxProcess):
    program.add(sandbox.api_base)
    told = program.run("api", "--json")
    assert (told.code, told.err) == (0, "")
    document = told.document
    assert document.pop("seen_at")
    assert document == {
        "account": "acme",
        "version": "v1",
        "stated": "v1",
        "version_in": "path",
        "deprecated": False,
        "deprecated_since": None,
        "ends_at": None,
        "days_left": None,
        "guide": None,
        "successor": None,
        "calls": [],
        "connections": 0,
    }
    assert program.run("api").out == "API v1 (path).\nIt is not deprecated.\n"


def test_the_end_of_a_version_is_told_and_still_known_when_the_server_is_away(program: Program):
    with SandboxProcess().start("--connections", 3) as ending:
        program.add(ending.api_base, "--issue-tokens")
        ending.control("deprecate", days=30)
        program.run("connections")
        told = program.run("api", "--json").document
        assert told["days_left"] in (29, 30)
        assert told["deprecated_since"] is not None
        assert told["guide"] == f"{ending.api_base}/sandbox/migration"
        assert told["successor"] == f"{ending.api_base}/api/v2"
        assert {"account", "list_connections", "connection_status", "link_token"} <= set(told["calls"])
        assert told["connections"] == 3
        said = program.run("api").out
        assert "Deprecated since" in said
        assert "3 connections are hit, by these calls: account," in said
        assert f"Guide: {ending.api_base}/sandbox/migration" in said
    away = program.run("api", "--json")
    assert (away.code, json.loads(away.out)["days_left"]) == (0, told["days_left"])
    assert "known before" in away.err


def test_a_server_of_another_version_is_one_sentence(program: Program, sandbox: SandboxProcess):
    program.add(sandbox.api_base, "--version", "v2")
    for command in (("api",), ("accounts", "test"), ("connections",), ("check", "1")):
        program.run(*command).said(1, "This server speaks v1 only; this program speaks v2.")
