"""The embedded sandbox: a child of one command that ends with it, whose world goes on."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.program import PASSPHRASE, PATIENCE, Program
from tests.sandbox_process import SandboxProcess

FEW = ("--sandbox", "--sandbox-options", "--connections 3")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at through /proc"),
]


def wait_for(found: Callable[[], object], what: str) -> None:
    """Look until something is there."""
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not found():
        assert time.monotonic() < deadline, f"{what} did not come"
        pause.wait(0.02)


def ends(pid: int) -> bool:
    """Whether the process ends in time; one that this test inherited is laid to rest."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ended = bool(select.select([descriptor], [], [], PATIENCE)[0])
    finally:
        os.close(descriptor)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return ended


def announced(program: Program) -> dict:
    """What the sandbox said when it listened."""
    return json.loads((program.profile / "sandbox" / "running.json").read_bytes())


@pytest.fixture
def syncing(program: Program) -> Iterator[subprocess.Popen[str]]:
    """A command that follows a long sync in its embedded sandbox."""
    healthy = program.run(*FEW, "connections", "--health", "healthy", "--json").document
    process = program.start("--sandbox", "sync", healthy[0]["id"], "--wait")
    (program.profile / "sandbox" / "running.json").unlink()
    wait_for((program.profile / "sandbox" / "running.json").exists, "the sandbox")
    wait_for(lambda: (program.profile / "sandbox" / "running.json").stat().st_size, "its announcement")
    yield process
    process.kill()
    process.communicate()


def test_it_ends_with_the_command(program: Program):
    listed = program.run(*FEW, "connections", "--json")
    assert (listed.code, listed.err, len(listed.document)) == (0, "", 3)
    assert ends(announced(program)["pid"])


def test_its_world_and_its_tokens_outlive_the_command(program: Program):
    first = program.run(*FEW, "connections", "--json").document
    second = program.run("--sandbox", "connections", "--json").document
    assert {row["id"] for row in first} == {row["id"] for row in second}
    with SandboxProcess().start("--state", program.profile / "sandbox") as sandbox:
        generations = {row["token_generation"] for row in sandbox.state().values()}
    assert generations == {1}, "every token was issued once, in the first run"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_it_ends_when_the_command_is_ended(
    program: Program, syncing: subprocess.Popen[str], number: signal.Signals
):
    pid = announced(program)["pid"]
    syncing.send_signal(number)
    assert syncing.wait(PATIENCE) != 0
    assert ends(pid)


def test_it_never_sees_the_passphrase_and_serves_a_second_command(
    program: Program, syncing: subprocess.Popen[str]
):
    environment = Path(f"/proc/{announced(program)['pid']}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"MAKINI_VAULT_PASSPHRASE" not in environment
    assert PASSPHRASE.encode() not in environment
    listed = program.run("--sandbox", "connections", "--json")
    assert (listed.code, len(listed.document)) == (0, 3)
    assert syncing.poll() is None


def test_why_it_does_not_start_is_said(program: Program):
    program.run(*FEW, "connections")
    refused = program.run("--sandbox", "--sandbox-options", "--connections 4", "connections")
    refused.said(4, "The sandbox did not start", "--connections 3")


def test_its_account_stays_apart(program: Program):
    program.run("connections", *FEW)  # options go after the command, too
    assert program.run("accounts", "list", "--json").document == []
    program.run("connections").said(2, "There is no account yet")
    assert program.run("--sandbox", "accounts", "test", "--json").document["client"] == "Sandbox"
