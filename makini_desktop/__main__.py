"""The program's one entry point: window, commands, sandbox, and the login window's own process."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the command line asks for and return the exit code.

    The login window and the sandbox are told apart before anything else is imported: they start as
    processes of their own, and quickly.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    match arguments[:1]:
        case ["_login"]:
            from makini_desktop.login.window import main as login

            return login(arguments[1:])
        case ["sandbox"]:
            from makini_desktop.sandbox.server import main as sandbox

            return sandbox(arguments[1:])
    from makini_desktop.cli.run import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
