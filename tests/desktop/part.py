"""What every part of a test's desktop has in common: it ends completely."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

TIMEOUT = 10.0


class Part:
    """One part of a desktop: started on entry, ended on exit together with its processes and folder."""

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self._stack = contextlib.ExitStack()

    def _start(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        with self._stack:
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _folder(self) -> Path:
        """A private folder; its path stays short, for a socket's name has 107 bytes."""
        folder = Path(tempfile.mkdtemp(prefix="md-"))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def _run(
        self, *command: str, environment: dict[str, str] | None = None, stdin: bytes = b"", **options: Any
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | (environment or {}),
            **options,
        )
        self._stack.callback(_end, process)
        assert process.stdin
        process.stdin.write(stdin)
        process.stdin.close()
        return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
