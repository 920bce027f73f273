"""The program's window as a process of its own, with a hand at it."""

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests.processes import Process, all_end, descendants
from tests.program import Ended
from tests.sandbox_process import PASSWORD, USER, SandboxProcess

DRIVER = (sys.executable, "-m", "tests.e2e.driver")
ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
END_WITHIN = 3.0

Orders = Sequence[Mapping[str, Any]]

PAGE_IS_THERE: Orders = [{"order": "wait_load"}]
AT_THE_DECISION: Orders = [
    *PAGE_IS_THERE,
    {"order": "text", "text": USER},
    {"order": "key", "key": "Tab"},
    {"order": "text", "text": PASSWORD},
    {"order": "key", "key": "Return"},
    *PAGE_IS_THERE,
]
ALLOW: Orders = [{"order": "key", "key": "Return"}]
REFUSE: Orders = [{"order": "key", "key": "Tab"}, {"order": "key", "key": "Return"}]
CANCEL: Orders = [{"order": "click", "name": "Cancel"}]
CLOSE: Orders = [{"order": "key", "key": "Escape"}]
SIGN_IN: Orders = [*AT_THE_DECISION, *ALLOW]


class Window:
    """The window on a profile folder. Leaving its `with` block ends it, if it still runs, by SIGTERM.

    Args:
        folder: a folder of this window's own; what it prints is kept there.
        arguments: the command line.
        environment: variables on top of the test's own.
        driver: options of the driver.
    """

    def __init__(
        self, folder: Path, *arguments: object, environment: Mapping[str, str], driver: Sequence[str] = ()
    ) -> None:
        self.errors = folder / "window-stderr"
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [*DRIVER, "--hand", *driver, "--", *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environment),
                cwd=ROOT,
            )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self.process.poll() is None:
                self.end(signal.SIGTERM)
        finally:
            self.process.kill()
            self.process.wait()
            self._reader.join()
            assert self.process.stdin
            assert self.process.stdout
            self.process.stdin.close()
            self.process.stdout.close()

    def __getattr__(self, name: str) -> Any:
        """Ask a question or give an order of `tests.e2e.driver.Hand`."""
        return lambda *values: self._ask({"do": name, "with": values})

    def until(self, question: str, *values: object, holds: object) -> Any:
        """Ask until the answer holds something, and return the answer."""
        return self._ask({"do": question, "with": values, "until": holds})

    def until_row(self, connection: str, **values: object) -> dict[str, Any]:
        """Wait until a row has these values, and return it."""
        found: dict[str, Any] = self.until("row", connection, holds=values)
        return found

    def until_checked(self) -> None:
        """Wait until the first sweep is over."""
        self.until("sweep", holds={"checked": True})

    def children(self) -> list[Process]:
        """Return all processes below the window's."""
        return descendants(self.process.pid)

    def end(self, number: signal.Signals) -> None:
        """Send a signal and insist on a clean end."""
        self.ends(lambda: self.process.send_signal(number))

    def ends(self, order: Any, code: int = 0) -> None:
        """Give an order and insist on the end: in time, without a word, with nothing left behind."""
        children = self.children()
        order()
        assert self.process.wait(END_WITHIN) == code, self.errors.read_text()
        assert all_end(children, 0.5), children
        assert self.errors.read_text() == ""

    def kill(self) -> None:
        """Kill it, as a crash or the system does."""
        self.process.kill()
        self.process.wait()

    def dies_at(self, order: str, *values: object) -> None:
        """Give an order in the course of which the process dies."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": order, "with": values}).encode() + b"\n")
        self.process.stdin.flush()
        while self._lines.get(timeout=PATIENCE) is not None:
            pass  # the answer to the order, if it came first
        assert self.process.wait(END_WITHIN) == -signal.SIGKILL

    def _ask(self, asked: Mapping[str, Any]) -> Any:
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps(asked).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise AssertionError(f"the window ended: {self.errors.read_text()}") from None
        answer = self._lines.get(timeout=PATIENCE)
        assert answer is not None, f"the window ended: {self.errors.read_text()}"
        assert "failed" not in answer, answer["failed"]
        return answer["value"]

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)


def healthy(sandbox: SandboxProcess, window: Window) -> str:
    """Return a connection at rest that the window shows as healthy and no other test was given."""
    window.until_checked()
    while window.row(connection := sandbox.quiet())["health"] != "healthy":
        pass
    return connection


def breaks(sandbox: SandboxProcess, window: Window) -> str:
    """Let the customer of a healthy connection change the sign-in, and the window, unseen, find out."""
    connection = healthy(sandbox, window)
    window.look_away()
    window.until("in_front", holds=False)
    sandbox.control("change_credentials", connection)
    window.choose_in_row(connection, "Check now")
    window.until_row(connection, health="reconnect_needed")
    return connection


def goes_offline(sandbox: SandboxProcess, window: Window) -> str:
    """Let the system of a healthy connection stop answering, and the window, unseen, find out."""
    connection = healthy(sandbox, window)
    window.look_away()
    window.until("in_front", holds=False)
    sandbox.control("go_offline", connection)
    window.choose_in_row(connection, "Check now")
    window.until_row(connection, health="offline")
    return connection


def comes_back(sandbox: SandboxProcess, window: Window, connection: str) -> None:
    """Let the system of a connection answer again, and the window find out."""
    sandbox.control("come_back", connection)
    window.choose_in_row(connection, "Check now")
    window.until_row(connection, health="healthy")


def stays_open(window: Window, connection: str) -> None:
    """Insist on a login window for this connection, and close it."""
    window.until_row(connection, stage="waiting_for_login")
    window.login([*PAGE_IS_THERE, *CLOSE])
    name = window.row(connection)["name"]
    window.until("notices", holds=f"The sign-in window for {name} was closed. Nothing was changed.")
    window.until_row(connection, stage=None)


def command(*arguments: object, login: Orders, environment: Mapping[str, str]) -> Ended:
    """Run a command to its end, with orders for its login window."""
    done = subprocess.run(
        [*DRIVER, "--login", json.dumps(login), "--", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=dict(environment),
        cwd=ROOT,
        timeout=PATIENCE * 2,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
