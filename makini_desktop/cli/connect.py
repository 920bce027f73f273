"""``makini-desktop platforms`` and ``connect``: new connections, by a login or by credentials."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.cli.display import no_display
from makini_desktop.core.text import _
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.login import LoginOutcome, LoginPath
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.settings import ScheduleChange
from makini_desktop.domain.sync import Sync
from makini_desktop.domain.token import Secret
from makini_desktop.services.login_words import outcome_sentence
from makini_desktop.services.new_connections import Applicant, connected, other_system
from makini_desktop.services.settings import check_schedule
from makini_desktop.services.store import Row
from makini_desktop.services.sync_words import sync_result


async def platforms(program: Program, arguments: argparse.Namespace) -> int:
    """Print the systems that a customer can connect."""
    await program.open()
    found = await program.connecting.new.platforms()
    if arguments.json:
        output.document([{"key": each.key, "name": each.name, "category": each.category} for each in found])
    else:
        output.table(
            (_("System"), _("Kind"), _("Key")), [(each.name, each.category, each.key) for each in found]
        )
    return 0


async def connect(program: Program, arguments: argparse.Namespace) -> int:
    """Connect a customer, set how they sync, and follow the first sync if asked to.

    Raises:
        UsageError: a value cannot be used; nothing was begun.
    """
    change = ScheduleChange(interval_minutes=arguments.interval, history_days=arguments.history_days)
    check_schedule(change)
    if arguments.credentials_stdin:
        return await _by_credentials(program, arguments, change)
    if arguments.name or arguments.email:
        raise UsageError(_("--name and --email go with --credentials-stdin; else the login page asks."))
    return await _by_login(program, arguments, change)


async def _by_login(program: Program, arguments: argparse.Namespace, change: ScheduleChange) -> int:
    await program.open()
    platform = await _platform(program, arguments.system)
    path = LoginPath(arguments.path) if arguments.path is not None else None
    taken = path or program.login_paths.choice(platform.name if platform is not None else "")
    if taken is LoginPath.EMBEDDED and no_display():
        output.warn(
            _(
                "The login window needs a display, and there is none here. Run this on a desktop, or add "
                "--path browser."
            )
        )
        return 1
    outcome = await program.connecting.new.by_login(platform, path)
    connection = connected(outcome)
    row = program.store.row(connection) if connection is not None else None
    words = outcome_sentence(outcome, row.connection.name if row is not None else _("the new customer"))
    if row is None:
        return _not_connected(outcome, words, as_json=arguments.json)
    if other := other_system(platform, row):
        output.warn(other)
    return await _set_up(program, arguments, change, row, outcome.__struct_config__.tag, words)


async def _by_credentials(program: Program, arguments: argparse.Namespace, change: ScheduleChange) -> int:
    if arguments.system is None:
        raise UsageError(_("Name the SYSTEM whose credentials these are."))
    credentials = await _typed_credentials()
    await program.open()
    platform = await program.connecting.new.platform(arguments.system)
    row = await program.connecting.new.by_credentials(
        Applicant(name=arguments.name, email=arguments.email, platform=platform, credentials=credentials)
    )
    words = _("{customer} is connected.").format(customer=row.connection.name)
    return await _set_up(program, arguments, change, row, "connected", words)


async def _set_up(
    program: Program,
    arguments: argparse.Namespace,
    change: ScheduleChange,
    row: Row,
    outcome: Any,  # noqa: ANN401 - a tag as msgspec types it
    words: str,
) -> int:
    """Do what was asked for beside the connection itself, and print all of it."""
    new = program.connecting.new
    refused = await new.set_up(row.id, change)
    sync = await new.first_sync(row.id)
    if not arguments.json:
        output.say(words)
    if refused:
        output.warn(_("How it syncs was not set: {why}").format(why=refused))
    if sync is not None:
        program.ledger.set_sync(row.id, sync)
        if arguments.wait:
            sync = await program.syncs.follow(row.id, sync)
    _print(program, arguments, row, sync, {"outcome": outcome, "sentence": words, "not_set": refused or None})
    return 1 if refused else 0


def _print(
    program: Program,
    arguments: argparse.Namespace,
    row: Row,
    sync: Sync | None,
    facts: dict[str, Any],
) -> None:
    after = program.store.row(row.id) or row
    if arguments.json:
        output.document(
            {
                **facts,
                "connection": output.row_document(after, program.clock.now()),
                "sync": output.sync_document(sync) if sync is not None else None,
            }
        )
        return
    output.say(f"{after.connection.name} · {after.connection.system} · {after.id}")
    if sync is not None:
        output.say(_("First sync: {result}").format(result=sync_result(sync)))


def _not_connected(outcome: LoginOutcome, words: str, *, as_json: bool) -> int:
    if as_json:
        output.document(
            {
                "outcome": outcome.__struct_config__.tag,
                "sentence": words,
                "not_set": None,
                "connection": None,
                "sync": None,
            }
        )
    request = getattr(outcome, "request_id", None)
    output.warn(words + (_(" (request {id})").format(id=request) if request else ""))
    return 1


async def _platform(program: Program, words: str | None) -> Platform | None:
    return await program.connecting.new.platform(words) if words is not None else None


async def _typed_credentials() -> dict[str, Secret]:
    """Read one JSON object of texts from stdin; what is wrong with it is said without showing it.

    Raises:
        UsageError: it is none.
    """
    typed = await asyncio.to_thread(sys.stdin.read)
    try:
        found = json.loads(typed)
    except ValueError:
        found = None
    texts = isinstance(found, dict) and all(isinstance(each, (str, int, float)) for each in found.values())
    if not found or not texts:
        raise UsageError(
            _("The credentials on stdin have to be one JSON object of texts, such as {example}.").format(
                example='{"login": "…", "password": "…"}'
            )
        )
    return {str(name): Secret(str(value)) for name, value in found.items()}
