"""The login window as the program starts it: a child process, a request, orders, one outcome."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

PATIENCE = 20.0
COMMAND = (sys.executable, "-m", "makini_desktop", "_login")


class LoginProcess:
    """One login window. Leaving its `with` block ends the process if it still runs.

    Args:
        folder: a fresh folder; the attempt's own folder and a home are made in it.
        start_url: the login page.
        redirect_uri: the redirect to wait for.
        command: how the process is started.
        environment: variables on top of the test's own.
        request: further fields of the request, or others in place of the usual ones.
    """

    def __init__(
        self,
        folder: Path,
        start_url: str,
        redirect_uri: str,
        *,
        command: Sequence[str] = COMMAND,
        environment: Mapping[str, str] | None = None,
        **request: Any,
    ) -> None:
        self.attempt, self.home, self.errors = folder / "attempt", folder / "home", folder / "stderr"
        self.attempt.mkdir()
        self.home.mkdir()
        self.request = {
            "start_url": start_url,
            "redirect_uri": redirect_uri,
            "customer": "Acme Pumps",
            "system": "SAP S/4HANA",
            "theme": "light",
            "language": "en",
            "orders": True,
            "profile_dir": str(self.attempt),
        } | request
        self._command = command
        # Folders named by XDG variables are left out: what is not kept in the attempt's folder goes home.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        self._environment = kept | {"HOME": str(self.home)} | dict(environment or {})
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=self._environment,
                cwd=Path(__file__).parents[1],
            )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.send(self.request)
        return self

    def __exit__(self, *_: object) -> None:
        self.end_input()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self._reader.join()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one line to the window."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def end_input(self) -> None:
        """End its standard input, as a parent does that cancels or dies."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def order(self, order: str, **fields: Any) -> dict[str, Any]:
        """Give an order and return its answer."""
        self.send({"order": order, **fields})
        return self._next(lambda line: line.get("order") == order)

    def type(self, *words_and_keys: str) -> None:
        """Type texts and press keys; keys are written like ``<Tab>``."""
        for part in words_and_keys:
            if part.startswith("<"):
                answer = self.order("key", key=part.strip("<>"))
            else:
                answer = self.order("text", text=part)
            assert answer["event"] == "done", answer

    def press(self, key: str) -> None:
        """Press a key that may end the window, so that no answer comes."""
        self.send({"order": "key", "key": key})

    def click(self, name: str) -> None:
        """Click the window's button of that name; it may end the window, so no answer is awaited."""
        self.send({"order": "click", "name": name})

    def wait_load(self) -> None:
        """Wait until the page that is on its way is there, or has failed."""
        assert self.order("wait_load")["event"] == "done"

    def event(self, name: str) -> dict[str, Any]:
        """Wait for an event of that name."""
        return self._next(lambda line: line.get("event") == name)

    def outcome(self) -> dict[str, Any]:
        """Wait for the outcome, and for the end: exit status 0 and not a line after it."""
        outcome = self._next(lambda line: "outcome" in line)
        assert self._lines.get(timeout=PATIENCE) is None
        assert self.process.wait(PATIENCE) == 0
        return outcome

    def last_lines(self) -> list[dict[str, Any]]:
        """Wait for the end and return the lines that came since."""
        lines = []
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            lines.append(line)
        self.process.wait(PATIENCE)
        return lines

    def _next(self, is_wanted: Any) -> dict[str, Any]:
        while True:
            line = self._lines.get(timeout=PATIENCE)
            assert line is not None, f"the login window ended: {self.errors.read_text()}"
            self.events.append({**line, "url": "…"} if "url" in line else line)
            if is_wanted(line):
                return line

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)
