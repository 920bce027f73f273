"""The login window as a process: one request in, one outcome out.

It ends with the outcome, or without a word once its standard input ends: whoever asked has gone.
Nothing secret is ever on its command line, in its environment, or in what it logs.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence

from makini_desktop.login.channel import Channel
from makini_desktop.login.outcome import Failed, Reason, as_message
from makini_desktop.login.request import BadRequestError, LoginRequest


def main(argv: Sequence[str]) -> int:
    """Show the login window that standard input asks for, and return the exit status.

    The status is 0 however the attempt ends; the outcome is the last line on standard output.

    Args:
        argv: what follows the command; nothing is expected there.
    """
    gc.disable()  # until the window is there: what the imports make stays, and looking for waste costs 20 ms
    channel = Channel()
    line = channel.read_line()
    if line is None:
        return 0
    if argv:
        channel.finish(as_message(Failed(Reason.BAD_REQUEST, "", "the login window takes no arguments")))
        return 0
    try:
        request = LoginRequest.parse(line)
    except BadRequestError as error:
        channel.finish(as_message(Failed(Reason.BAD_REQUEST, "", str(error))))
        return 0
    if _is_root() and not os.environ.get("QTWEBENGINE_DISABLE_SANDBOX"):
        detail = "the web engine does not run as root"
        channel.finish(as_message(Failed(Reason.ENGINE_REFUSED_ROOT, "", detail)))
        return 0

    from makini_desktop.login import engine

    engine.prepare(request)

    from makini_desktop.login.application import show

    show(request, channel)
    return 0


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
