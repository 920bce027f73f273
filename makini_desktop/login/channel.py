"""The two pipes between the program and its login window, one JSON object a line.

File descriptors are used directly: a frozen program without a console has no `sys.stdin`, and a
thread waiting inside `sys.stdin` would hold its lock when the interpreter ends.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping

_LONGEST_LINE = 1 << 20


class Channel:
    """Lines in from standard input, lines out to what standard output was at the start.

    From then on standard output leads to standard error, so that nothing the web engine or its
    child processes print can get between the lines.
    """

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._pending = b""
        self._is_finished = False

    def send(self, message: Mapping[str, object]) -> None:
        """Write one line, unless the last one has gone out.

        A reader that has gone is no error: the end of input ends the window.
        """
        if self._is_finished:
            return
        rest = json.dumps(message).encode() + b"\n"
        try:
            while rest:
                rest = rest[os.write(self._out, rest) :]
        except OSError:
            return

    def finish(self, message: Mapping[str, object]) -> None:
        """Write the last line."""
        self.send(message)
        self._is_finished = True

    def read_line(self) -> bytes | None:
        """Wait for the next line; None when the other side has gone or sends an endless one."""
        while b"\n" not in self._pending:
            try:
                chunk = os.read(0, 65536)
            except OSError:
                return None
            if not chunk or len(self._pending) > _LONGEST_LINE:
                return None
            self._pending += chunk
        line, self._pending = self._pending.split(b"\n", 1)
        return line

    def lines(self) -> Iterator[bytes]:
        """Yield lines until the other side has gone."""
        while (line := self.read_line()) is not None:
            yield line
