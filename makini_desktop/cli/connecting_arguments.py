"""What can be typed to connect, disconnect, set and hand over."""

from __future__ import annotations

import argparse

from makini_desktop.core.text import _


def add_connecting(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add these commands."""
    platforms = commands.add_parser(
        "platforms", help=_("list the systems a customer can connect"), parents=[common]
    )
    _json(platforms)

    _connect(commands.add_parser("connect", help=_("connect a new customer"), parents=[common]))

    disconnect = commands.add_parser(
        "disconnect", help=_("end a connection; its history stays"), parents=[common]
    )
    disconnect.add_argument("id", metavar="ID")
    disconnect.add_argument("--yes", action="store_true", help=_("do not ask"))
    _json(disconnect)

    token = commands.add_parser(
        "token", help=_("print a connection's token, for your own software"), parents=[common]
    )
    token.add_argument("id", metavar="ID")
    token.add_argument("--yes", action="store_true", help=_("print it on a terminal, too"))

    _settings(
        commands.add_parser(
            "settings", help=_("show or change how a connection syncs and what it tells"), parents=[common]
        )
    )

    note = commands.add_parser("note", help=_("show or write down a note on a connection"), parents=[common])
    note.add_argument("id", metavar="ID")
    note.add_argument("text", nargs="?", metavar="TEXT", help=_("the new note; an empty one removes it"))


def _connect(connect: argparse.ArgumentParser) -> None:
    connect.add_argument("system", nargs="?", metavar="SYSTEM", help=_("key or name, see “platforms”"))
    connect.add_argument("--interval", type=int, metavar="M", help=_("minutes between syncs, 15 to 1440"))
    connect.add_argument("--history-days", type=int, metavar="D", help=_("days of the first sync, 30 to 90"))
    connect.add_argument(
        "--path",
        choices=("embedded", "browser"),
        help=_("where to sign in (default: as last time for this system)"),
    )
    connect.add_argument("--wait", action="store_true", help=_("follow the first sync to its end"))
    by_credentials = connect.add_argument_group(_("without a login"))
    by_credentials.add_argument(
        "--credentials-stdin",
        action="store_true",
        help=_("read the credentials of SYSTEM from stdin, as one JSON object"),
    )
    by_credentials.add_argument("--name", default="", metavar="NAME", help=_("the customer"))
    by_credentials.add_argument("--email", default="", metavar="EMAIL", help=_("the customer's address"))
    _json(connect)


def _settings(settings: argparse.ArgumentParser) -> None:
    settings.add_argument("id", metavar="ID")
    settings.add_argument("--mode", choices=("scheduled", "webhook"), help=_("what starts syncs"))
    settings.add_argument("--interval", type=int, metavar="M", help=_("minutes between syncs, 15 to 1440"))
    settings.add_argument("--history-days", type=int, metavar="D", help=_("history window, 30 to 90 days"))
    settings.add_argument(
        "--webhook-url", metavar="URL", help=_("where events go; an empty one turns them off")
    )
    settings.add_argument(
        "--webhook-events", nargs="*", metavar="EVENT", help=_("which events, for example sync.failed")
    )
    settings.add_argument(
        "--webhook-secret-stdin", action="store_true", help=_("read what signs events from stdin")
    )
    settings.add_argument(
        "--metadata",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=_("keep this at Makini with the connection; may be repeated"),
    )
    _json(settings)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))
