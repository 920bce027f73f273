"""`makini-desktop watch`: one line for each change, from its own looks or from another's writes."""

import json
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from tests.program import PATIENCE, SECRETS, Program
from tests.sandbox_process import SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 6)

pytestmark = pytest.mark.e2e


class Watching:
    """A running `watch --json`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with suppress(ValueError):  # the pipe was closed meanwhile
            for line in self.process.stdout:
                self._lines.put(line)

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first line from now on that is wanted."""
        while True:
            line = self._lines.get(timeout=PATIENCE)
            assert not any(secret in line for secret in SECRETS)
            if wanted(document := json.loads(line)):
                return document

    def end(self, number: int) -> tuple[int, str]:
        """Send a signal and return exit code and stderr."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        assert self.process.stderr is not None
        code = self.process.wait(PATIENCE)
        return code, self.process.stderr.read()


@pytest.fixture
def watched(program: Program, sandbox: SandboxProcess) -> Program:
    """The program on a profile with an account whose connections were looked at once."""
    assert program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
    assert program.run("status", "--check").code == 0
    return program


@pytest.fixture
def start(watched: Program) -> Iterator[Callable[[], Watching]]:
    """Starts a watch, as often as a test likes."""
    with ExitStack() as stack:

        def start_one() -> Watching:
            process = stack.enter_context(watched.start("watch", "--json"))
            stack.callback(process.kill)
            return Watching(process)

        yield start_one


def is_watching(line: dict[str, Any]) -> bool:
    return line["event"] == "watching"


def test_a_break_and_its_end_are_a_line_each(
    start: Callable[[], Watching], watched: Program, sandbox: SandboxProcess
):
    watch = start()
    begin = watch.until(is_watching)
    assert (begin["by"], begin["account"], begin["connections"]) == ("self", "acme", 6)
    connection = sandbox.quiet()
    sandbox.control("go_offline", connection)
    assert watched.run("check", connection).code == 1  # another process sees it first
    line = watch.until(lambda line: line.get("id") == connection)
    assert (line["event"], line["before"], line["health"]) == ("health", "healthy", "offline")
    assert set(line["evidence"]) == {"source", "at", "detail", "request_id"}
    sandbox.control("come_back", connection)
    assert watched.run("check", connection).code == 0
    line = watch.until(lambda line: line.get("id") == connection)
    assert (line["before"], line["health"]) == ("offline", "healthy")
    assert watch.end(signal.SIGTERM) == (0, "")


def test_two_on_one_profile_ask_once_and_the_second_goes_on_alone(
    start: Callable[[], Watching], watched: Program, sandbox: SandboxProcess
):
    first = start()
    assert first.until(is_watching)["by"] == "self"
    second = start()
    assert second.until(is_watching)["by"] == "other"
    connection = sandbox.quiet()
    sandbox.control("change_credentials", connection)
    assert watched.run("check", connection).code == 3
    lines = [watch.until(lambda line: line.get("id") == connection) for watch in (first, second)]
    assert lines[0]["at"] == lines[1]["at"]
    assert {line["health"] for line in lines} == {"reconnect_needed"}
    assert first.end(signal.SIGINT) == (0, "")
    assert second.until(is_watching)["by"] == "self"
    assert second.end(signal.SIGTERM) == (0, "")


def test_it_ends_when_nobody_reads_any_more(watched: Program):
    with watched.start("watch", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert json.loads(process.stdout.readline())["event"] == "watching"
            process.stdout.close()
            assert (process.wait(PATIENCE), process.stderr.read()) == (0, "")
        finally:
            process.kill()


def test_a_window_does_the_asking_while_it_runs(
    start: Callable[[], Watching], watched: Program, sandbox: SandboxProcess
):
    watch = start()
    assert watch.until(is_watching)["by"] == "self"
    connection = sandbox.quiet()
    with watched.start(QT_QPA_PLATFORM="offscreen") as window:
        try:
            assert watch.until(is_watching)["by"] == "other"
            sandbox.control("go_offline", connection)
            assert watched.run("check", connection).code == 1
            assert watch.until(lambda line: line.get("id") == connection)["health"] == "offline"
        finally:
            window.kill()
            window.communicate()
    assert watch.until(is_watching)["by"] == "self"
    assert watch.end(signal.SIGTERM) == (0, "")
