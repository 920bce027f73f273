"""What can be typed: the commands, their options, and the help."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from makini_desktop import __version__
from makini_desktop.cli.connecting_arguments import add_connecting
from makini_desktop.core.text import _

HEALTH_WORDS = (
    "reconnect_needed",
    "failing",
    "offline",
    "stuck",
    "expiring",
    "late",
    "inactive",
    "pending",
    "disconnected",
    "syncing",
    "healthy",
    "unknown",
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; without a command the window opens."""
    common = _common()
    top = argparse.ArgumentParser(
        prog="makini-desktop",
        description=_(
            "Watches your Makini connections and repairs them. Without a command the window opens."
        ),
        epilog=_(
            "Exit codes: 0 done; 1 failed, or check found ill health; 2 usage; 3 needs reconnect; "
            "4 Makini not reachable; 5 keychain."
        ),
        parents=[common],
    )
    top.add_argument("--version", action="version", version=f"makini-desktop {__version__}")
    window = top.add_argument_group(_("the window"))
    window.add_argument(
        "--minimised", action="store_true", help=_("begin in the tray, or minimised where there is none")
    )
    window.add_argument(
        "--open", metavar="ID", help=_("show this connection, in a window that runs already too")
    )
    commands = top.add_subparsers(dest="command", metavar=_("COMMAND"))

    accounts = commands.add_parser("accounts", help=_("add, list, test or remove accounts"), parents=[common])
    _accounts(accounts.add_subparsers(dest="accounts_command", metavar=_("WHAT"), required=True), common)

    listing = commands.add_parser(
        "connections", help=_("list connections with their health, or add one"), parents=[common]
    )
    listing.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))
    listing.add_argument(
        "--health", action="append", choices=HEALTH_WORDS, metavar="H", help=_("only these; may be repeated")
    )

    _connections(listing.add_subparsers(dest="connections_command", metavar=_("WHAT")), common)

    show = commands.add_parser("show", help=_("show one connection"), parents=[common])
    show.add_argument("id", metavar="ID")
    show.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))

    check = commands.add_parser("check", help=_("check connections now"), parents=[common])
    check.add_argument("ids", nargs="+", metavar="ID")
    check.add_argument(
        "--json", action="store_true", help=_("one JSON document: an object for one ID, else a list")
    )

    sync = commands.add_parser("sync", help=_("start a sync"), parents=[common])
    sync.add_argument("ids", nargs="+", metavar="ID")
    sync.add_argument("--wait", action="store_true", help=_("follow it to its end"))
    sync.add_argument(
        "--json", action="store_true", help=_("one JSON document: an object for one ID, else a list")
    )

    reconnect = commands.add_parser(
        "reconnect", help=_("sign in again, here or by a link for the customer"), parents=[common]
    )
    reconnect.add_argument("id", metavar="ID")
    reconnect.add_argument(
        "--path",
        choices=("embedded", "browser", "link"),
        help=_("login window, the system's browser, or a link to send (default: as chosen for the system)"),
    )
    reconnect.add_argument("--wait", action="store_true", help=_("follow the catch-up sync to its end"))
    beside = reconnect.add_mutually_exclusive_group()
    beside.add_argument(
        "--adopt", action="store_true", help=_("a new connection takes the place of the old one, which ends")
    )
    beside.add_argument(
        "--keep-both", action="store_true", help=_("a new connection stands beside the old one")
    )
    reconnect.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))

    add_connecting(commands, common)

    _about_health(commands, common)

    for command, told in (
        ("capabilities", _("show what the account's server offers, as far as it was found out")),
        ("api", _("show the API version in use and what the server says of its end")),
    ):
        asked = commands.add_parser(command, help=told, parents=[common])
        asked.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))

    tour = commands.add_parser(
        "tour", help=_("walk the main job on the sandbox, with pictures"), parents=[common]
    )
    tour.add_argument("--out", type=Path, metavar="DIR", help=_("where pictures and tour.json go"))

    commands.add_parser("sandbox", help=_("run a stand-in for Makini on this computer"), add_help=False)
    return top


def _about_health(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add the commands for scripts and monitoring."""
    status = commands.add_parser(
        "status", help=_("tell in one look how all connections stand"), parents=[common]
    )
    status.add_argument(
        "--fail-on",
        type=_healths,
        action="extend",
        default=[],
        metavar="H,H…",
        help=_("exit with 3 for reconnect_needed, with 1 for another, if a connection has one of these"),
    )
    status.add_argument(
        "--check", action="store_true", help=_("ask the server first; else what is stored is told")
    )
    status.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))

    watch = commands.add_parser(
        "watch", help=_("print a line for each change of health, until it is stopped"), parents=[common]
    )
    watch.add_argument("--json", action="store_true", help=_("one JSON object on each line"))

    history = commands.add_parser(
        "history", help=_("show a connection's uptime, changes of health and timeline"), parents=[common]
    )
    history.add_argument("id", metavar="ID")
    form = history.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))
    form.add_argument("--csv", action="store_true", help=_("changes and timeline as one table on stdout"))


def _healths(text: str) -> list[str]:
    words = [word.strip() for word in text.split(",")]
    if unknown := [word for word in words if word not in HEALTH_WORDS]:
        raise argparse.ArgumentTypeError(
            _("{word} is no health; there are {known}").format(
                word=unknown[0] or "''", known=", ".join(HEALTH_WORDS)
            )
        )
    return words


def _common() -> argparse.ArgumentParser:
    """Return the options that every command takes, before or after its name."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group(_("common options"))
    group.add_argument("--profile-dir", type=Path, metavar="DIR", help=_("all that the program writes"))
    group.add_argument("--account", metavar="NAME", help=_("which account, if there are several"))
    group.add_argument("--sandbox", action="store_true", help=_("use the embedded sandbox"))
    group.add_argument(
        "--sandbox-options",
        type=_words,
        metavar="WORDS",
        help=_("options for it, for example “--connections 1000 --latency 100”"),
    )
    group.add_argument(
        "--vault",
        choices=("keychain", "memory", "file"),
        help=_(
            "what keeps the key to the tokens (default: keychain); file takes its passphrase from "
            "MAKINI_VAULT_PASSPHRASE"
        ),
    )
    return common


def _words(text: str) -> tuple[str, ...]:
    return tuple(shlex.split(text))


def _connections(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    add = commands.add_parser("add", help=_("add a connection by its token alone"), parents=[common])
    add.add_argument(
        "--token-stdin", required=True, action="store_true", help=_("read the connection's token from stdin")
    )
    add.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))


def _accounts(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    add = commands.add_parser("add", help=_("add an account"), parents=[common])
    add.add_argument("name", metavar="NAME")
    add.add_argument("--api-base", required=True, metavar="URL", help=_("for example https://api.makini.io"))
    add.add_argument(
        "--link-base", required=True, metavar="URL", help=_("for example https://link.makini.io")
    )
    add.add_argument("--client-id", required=True, metavar="ID")
    add.add_argument(
        "--redirect-uri",
        required=True,
        nargs="+",
        action="extend",
        metavar="URI",
        help=_("as registered with Makini; the first is used for the embedded login"),
    )
    add.add_argument("--version", dest="api_version", default="v1", help=_("API version (default: v1)"))
    add.add_argument(
        "--version-in",
        choices=("path", "header", "auto"),
        default="auto",
        help=_("where the version goes (default: found out)"),
    )
    add.add_argument(
        "--issue-tokens",
        action="store_true",
        help=_("allow issuing connection tokens, which may end every older token of a connection"),
    )
    add.add_argument(
        "--client-secret-stdin", action="store_true", help=_("read the client secret from stdin")
    )
    add.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))

    listing = commands.add_parser("list", help=_("list accounts"), parents=[common])
    listing.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))

    test = commands.add_parser("test", help=_("test an account"), parents=[common])
    test.add_argument("name", nargs="?", metavar="NAME")
    test.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))

    remove = commands.add_parser("remove", help=_("remove an account and its secrets"), parents=[common])
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))
