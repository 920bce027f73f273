"""The commands about connections: list, add, show, check, sync."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.cli.fresh import NOTHING_FRESH, check_all, look_at_all, say_stored
from makini_desktop.cli.rows import read_list, row_of, rows_named
from makini_desktop.cli.typed import typed_secret
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import IssueNotAllowed, MakiniDesktopError
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.domain.sync import Sync, SyncOrder, SyncState
from makini_desktop.services import moments, wording
from makini_desktop.services.ports import Priority
from makini_desktop.services.store import Row
from makini_desktop.services.sync_words import sync_result

_WELL = frozenset({Health.HEALTHY, Health.SYNCING})


async def connections(program: Program, arguments: argparse.Namespace) -> int:
    """Run one of the commands about connections as a whole; without a word they are listed."""
    if arguments.connections_command == "add":
        return await _add(program, arguments)
    return await _list(program, arguments)


async def _add(program: Program, arguments: argparse.Namespace) -> int:
    """Add a connection by its token alone, and check it."""
    token = await typed_secret(_("Connection token: "), _("There was no token on stdin."))
    await program.open()
    row = await program.token_list.add(token)
    await program.monitor.check(row.id, Priority.PERSON)
    if not arguments.json:
        output.say(
            _("Added the connection of {customer}. Its token works.").format(customer=row.connection.name)
        )
    _print_rows(program, [row.id], as_json=arguments.json)
    return 0


async def _list(program: Program, arguments: argparse.Namespace) -> int:
    """List connections: fresh where possible, else what is stored, saying so.

    Raises:
        MakiniDesktopError: nothing can be read and nothing is stored.
    """
    await program.open()
    await look_at_all(program)
    _say_without_token(program)
    rows = [
        row
        for row in program.store.rows.values()
        if not arguments.health or row.health.value in arguments.health
    ]
    rows.sort(key=lambda row: (SEVERITY[row.health], row.connection.name.casefold()))
    now = program.clock.now()
    if arguments.json:
        output.document([output.row_document(row, now) for row in rows])
        return 0
    output.table(
        (_("Health"), _("Customer"), _("System"), _("Last good sync"), _("Why"), _("ID")),
        [
            (
                wording.health_word(row.health),
                row.connection.name,
                row.connection.system,
                moments.relative(moments.last_good_at(row), now),
                wording.reason_short(row, now),
                row.id,
            )
            for row in rows
        ],
    )
    return 0


async def show(program: Program, arguments: argparse.Namespace) -> int:
    """Show one connection: freshly checked where possible, else as stored, saying so.

    Raises:
        MakiniDesktopError: nothing can be read and nothing is stored of it.
    """
    connection = ConnectionId(arguments.id)
    await program.open()
    try:
        await read_list(program)
        await program.monitor.check(row_of(program, connection).id, Priority.PERSON)
    except NOTHING_FRESH as error:
        if program.store.row(connection) is None:
            raise
        say_stored(error)
    _print_rows(program, [connection], as_json=arguments.json)
    return 0


async def check(program: Program, arguments: argparse.Namespace) -> int:
    """Check connections; the worst result decides the exit code."""
    rows = await rows_named(program, arguments.ids)
    await check_all(program, [row.id for row in rows])
    _print_rows(program, [row.id for row in rows], as_json=arguments.json)
    for row in rows:
        _need_token(program, row.id)
    healths = {found.health for row in rows if (found := program.store.row(row.id)) is not None}
    if Health.RECONNECT_NEEDED in healths:
        return 3
    return 0 if healths <= _WELL else 1


async def sync(program: Program, arguments: argparse.Namespace) -> int:
    """Start syncs, and follow them if asked to."""
    rows = await rows_named(program, arguments.ids)
    started: list[tuple[Row, Sync]] = []
    failure: MakiniDesktopError | None = None
    for row in rows:
        try:
            started.append((row, await program.syncs.start(row.id, SyncOrder())))
        except MakiniDesktopError as error:
            if len(rows) == 1:
                raise
            output.error(error)
            failure = error
    results = [result for _row, result in started]
    if arguments.wait:
        results = await asyncio.gather(*(program.syncs.follow(row.id, result) for row, result in started))
    if arguments.json:
        documents = [output.sync_document(result) for result in results]
        output.document(documents[0] if len(rows) == 1 else documents)
    else:
        for (row, _first), result in zip(started, results, strict=True):
            output.say(f"{row.connection.name}: {sync_result(result)}")
    if failure is not None:
        return failure.exit_code
    good = all(result.state is SyncState.COMPLETED or result.state.running for result in results)
    return 0 if good else 1


def _say_without_token(program: Program) -> None:
    """Say how many connections are seen by the list only, and what would change that."""
    if program.account.issue_tokens:
        return
    count = sum(
        1
        for row in program.store.rows.values()
        if row.facts.token is not None and not row.facts.token.present
    )
    if count:
        output.warn(
            ngettext(
                "{count} connection has no token here and is known from the list only; reconnect it, or "
                "allow issuing tokens with --issue-tokens.",
                "{count} connections have no token here and are known from the list only; reconnect them, "
                "or allow issuing tokens with --issue-tokens.",
                count,
            ).format(count=count)
        )


def _need_token(program: Program, connection: ConnectionId) -> None:
    row = program.store.row(connection)
    if (
        row is not None
        and not program.account.issue_tokens
        and row.facts.token is not None
        and not row.facts.token.present
        and row.facts.check_failed is not None
    ):
        raise IssueNotAllowed(row.facts.check_failed.reason)


def _print_rows(program: Program, ids: Sequence[ConnectionId], *, as_json: bool) -> None:
    now = program.clock.now()
    rows = [row for each in ids if (row := program.store.row(each)) is not None]
    if as_json:
        documents = [output.row_whole(row, now) for row in rows]
        output.document(documents[0] if len(documents) == 1 else documents)
        return
    for row in rows:
        output.say(f"{row.connection.name} · {row.connection.system} · {row.id}")
        output.say(f"{wording.health_word(row.health)}. {wording.sentence(row, now)}")
        output.say(wording.evidence_line(row.condition.evidence))
