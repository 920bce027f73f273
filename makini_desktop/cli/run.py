"""Runs one command: reads the arguments, opens the program, turns errors into exit codes."""

from __future__ import annotations

import argparse
import gc
import locale
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from makini_desktop.core.paths import Paths
from makini_desktop.core.text import _, use_language

if TYPE_CHECKING:
    from makini_desktop.app import Program
    from makini_desktop.services.options import Options

_log = logging.getLogger(__name__)
PASSPHRASE = "MAKINI_VAULT_PASSPHRASE"


def run(argv: Sequence[str]) -> int:
    """Run what `argv` asks for and return the exit code."""
    _choose_language()
    passphrase = os.environ.pop(PASSPHRASE, None)
    from makini_desktop.cli.arguments import parser

    asked = parser()
    arguments = asked.parse_args(argv)
    if arguments.command is not None and (arguments.minimised or arguments.open):
        asked.error(_("--minimised and --open are for the window, not for a command."))
    options = _options(arguments, passphrase)
    match arguments.command:
        case None:
            return _window(options)
        case "tour":
            from makini_desktop.tour.run import run_tour

            return run_tour(options, arguments.out)
        case command:
            return _command(options, _work_of(command), arguments)


def _window(options: Options) -> int:
    gc.disable()  # until the first frame: collections cost as much as reading the rows

    from makini_desktop.ui.application import keep_no_sources

    keep_no_sources()
    from makini_desktop.desktop import run_window
    from makini_desktop.domain.errors import MakiniDesktopError

    try:
        return run_window(options, say=_say)
    except MakiniDesktopError as error:
        from makini_desktop.cli import output

        output.error(error)
        return error.exit_code


def _say(words: str) -> None:
    from makini_desktop.cli import output

    output.warn(words)


def _options(arguments: argparse.Namespace, passphrase: str | None) -> Options:
    from makini_desktop.domain.connection import ConnectionId
    from makini_desktop.domain.token import Secret
    from makini_desktop.services.options import Options, VaultKind

    folder = getattr(arguments, "profile_dir", None)
    return Options(
        paths=Paths(folder.absolute()) if folder is not None else Paths.default(),
        account=getattr(arguments, "account", None),
        minimised=arguments.minimised,
        connection=ConnectionId(arguments.open) if arguments.open else None,
        sandbox=getattr(arguments, "sandbox", False),
        sandbox_arguments=getattr(arguments, "sandbox_options", ()),
        vault=VaultKind(getattr(arguments, "vault", "keychain")),
        passphrase=Secret(passphrase) if passphrase else None,
    )


def _work_of(command: str) -> Callable[[Program, argparse.Namespace], Awaitable[int]]:
    if command == "accounts":
        from makini_desktop.cli.accounts import accounts

        return accounts
    from makini_desktop.cli import (
        connect,
        connections,
        disconnect,
        history,
        reconnect,
        server,
        settings,
        status,
        token,
        watch,
    )

    return {
        "status": status.status,
        "watch": watch.watch,
        "history": history.history,
        "connections": connections.connections,
        "show": connections.show,
        "check": connections.check,
        "sync": connections.sync,
        "reconnect": reconnect.reconnect,
        "capabilities": server.capabilities,
        "api": server.api,
        "platforms": connect.platforms,
        "connect": connect.connect,
        "disconnect": disconnect.disconnect,
        "token": token.token,
        "settings": settings.settings,
        "note": settings.note,
    }[command]


def _command(
    options: Options,
    work: Callable[[Program, argparse.Namespace], Awaitable[int]],
    arguments: argparse.Namespace,
) -> int:
    import asyncio

    from makini_desktop.app import Program
    from makini_desktop.cli import output
    from makini_desktop.core.logs import start_log
    from makini_desktop.domain.errors import MakiniDesktopError

    def report(error: BaseException) -> None:
        _log.error("unexpected", exc_info=error)

    async def main() -> int:
        program = Program(options, report=report)
        try:
            return await work(program, arguments)
        finally:
            await program.aclose()

    try:
        options.paths.create()
    except OSError as error:
        output.warn(
            _("The profile folder {folder} cannot be used: {why}.").format(
                folder=options.paths.profile, why=error.strerror
            )
        )
        return 1
    log = start_log(options.paths.log)
    try:
        return asyncio.run(main())
    except MakiniDesktopError as error:
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        output.warn(_("Stopped."))
        return 130
    except Exception:  # noqa: BLE001 - the last line of defence says it in words
        _log.exception("unexpected")
        output.warn(_("Something unexpected happened; {log} says what.").format(log=options.paths.log))
        return 1
    finally:
        logging.getLogger("makini_desktop").removeHandler(log)
        log.close()


def _choose_language() -> None:
    from makini_desktop.core.resources import resource_folder

    language = os.environ.get("LANGUAGE") or locale.getlocale()[0]
    if language and not language.startswith(("en", "C")):
        use_language(resource_folder() / "translations", language.split(":"))
