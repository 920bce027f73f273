"""The processes below a process, as the system sees them (Linux)."""

import contextlib
import os
import select
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process; `arguments` and `environment` are what anybody on this computer may read."""

    pid: int
    parent: int
    arguments: str
    environment: str

    @property
    def is_login(self) -> bool:
        """Whether it is the program's login window."""
        return "makini_desktop\0_login" in self.arguments

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the program's sandbox."""
        return "makini_desktop\0sandbox" in self.arguments


def descendants(pid: int) -> list[Process]:
    """Return all living processes below `pid`."""
    children: dict[int, list[Process]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(") ")[2].split()[:2]
            if state != "Z":
                process = Process(
                    int(folder.name),
                    int(parent),
                    (folder / "cmdline").read_text(errors="replace"),
                    (folder / "environ").read_text(errors="replace"),
                )
                children.setdefault(process.parent, []).append(process)
        except OSError:
            continue
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += [each.pid for each in below]
    return found


def all_end(processes: Iterable[Process], within: float) -> bool:
    """Wait until all have ended; tell whether they did within so many seconds."""
    until = time.monotonic() + within
    for each in processes:
        try:
            descriptor = os.pidfd_open(each.pid)
        except ProcessLookupError:
            continue
        try:
            if not select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
                return False
        finally:
            os.close(descriptor)
    return True


def renderer_of(pid: int) -> int:
    """The engine's process that shows the page: a fork of one of the engine's processes below `pid`."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(") ")[2].split()[1])
    engine = {process for process, parent in parents.items() if parent == pid}
    forks = [process for process, parent in parents.items() if parent in engine]
    assert len(forks) == 1
    return forks[0]
