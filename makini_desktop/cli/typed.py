"""Secrets come on stdin, never on the command line, which every process of the computer can read."""

from __future__ import annotations

import asyncio
import sys

from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.token import Secret


async def typed_secret(prompt: str, missing: str) -> Secret:
    """Read one line from stdin, without showing it where that is a terminal.

    Args:
        prompt: what a terminal asks.
        missing: the sentence for a line that is empty.

    Raises:
        UsageError: the line is empty.
    """
    if sys.stdin.isatty():
        from getpass import getpass

        typed = await asyncio.to_thread(getpass, prompt)
    else:
        typed = await asyncio.to_thread(sys.stdin.readline)
    secret = typed.strip()
    if not secret:
        raise UsageError(missing)
    return Secret(secret)
