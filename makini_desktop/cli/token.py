"""``makini-desktop token``: a connection's token, for the company's own software."""

from __future__ import annotations

import argparse
import sys

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.cli.rows import rows_named
from makini_desktop.core.text import _
from makini_desktop.domain.errors import UsageError
from makini_desktop.services.settings_words import handed_over


async def token(program: Program, arguments: argparse.Namespace) -> int:
    """Print a token that works on stdout, and how long it does on stderr.

    Raises:
        UsageError: stdout is a terminal, and nobody said that it may be seen there.
        ReconnectNeeded, IssueNotAllowed: there is none that works.
    """
    if sys.stdout.isatty() and not arguments.yes:
        raise UsageError(_("The token would be seen on this terminal. Send it on with a pipe, or add --yes."))
    (row,) = await rows_named(program, [arguments.id])
    handed = await program.connecting.hand_over.token(row.id, _("given to the command line"))
    output.say(handed.token.value)
    output.warn(handed_over(handed))
    return 0
