"""A folder in which a sandbox goes on where it was: one JSON file, one owner at a time."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from makini_desktop.sandbox.sandbox import SandboxRecord, SandboxStartError

_FORMAT = 1


class StateFolder:
    """Owns the folder until `close`, or until the process ends.

    Raises:
        SandboxStartError: another sandbox owns it, or it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "sandbox.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / "sandbox.lock", timeout=0)
            self._lock.acquire()
        except Timeout:
            raise SandboxStartError(f"Another sandbox is using {folder}.") from None
        except OSError as error:
            raise SandboxStartError(f"{folder} cannot be used: {error.strerror}.") from error

    def load(self) -> SandboxRecord | None:
        """What was saved last; None in a fresh folder.

        Raises:
            SandboxStartError: the file is damaged or from a newer version.
        """
        try:
            record = msgspec.json.decode(self._file.read_bytes(), type=SandboxRecord)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise SandboxStartError(f"{self._file} cannot be read; move it away to start over.") from error
        if record.format != _FORMAT:
            raise SandboxStartError(f"{self._file} is from a newer version of the sandbox.")
        return record

    def save(self, content: bytes) -> None:
        """Replace the file in one step; a power cut leaves the old one or the new one."""
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)

    def close(self) -> None:
        """Let somebody else have the folder."""
        self._lock.release()
