"""``makini-desktop reconnect``: a login from a terminal, and what is printed of its end."""

from __future__ import annotations

import argparse
from typing import Any

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.cli.display import no_display
from makini_desktop.cli.rows import rows_named
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError, UsageError
from makini_desktop.domain.login import (
    AlreadyHealthy,
    LoginFailed,
    LoginOutcome,
    LoginPath,
    NewConnection,
    Repaired,
)
from makini_desktop.services.invitations import Sent
from makini_desktop.services.login_words import outcome_sentence
from makini_desktop.services.store import Notice, Row, Tone
from makini_desktop.services.sync_words import sync_result


async def reconnect(program: Program, arguments: argparse.Namespace) -> int:
    """Let somebody sign in for one connection, and print how it ended.

    Returns:
        0 if the connection has a token that works; else 1.

    Raises:
        UsageError: there is no such connection, or the path is not offered.
        MakiniDesktopError: no login could be begun.
    """
    path = LoginPath(arguments.path) if arguments.path is not None else None
    if path is LoginPath.LINK and (arguments.adopt or arguments.keep_both or arguments.wait):
        raise UsageError(
            _("--path link writes a message and nobody signs in here. Leave out the other options.")
        )
    row = (await rows_named(program, [arguments.id]))[0]
    if path is LoginPath.LINK:
        return await _link(program, row, as_json=arguments.json)
    if (path or program.login_paths.choice(row.connection.system)) is not LoginPath.BROWSER and no_display():
        output.warn(
            _(
                "The login window needs a display, and there is none here. Run this on a desktop, or use "
                "--path browser or --path link."
            )
        )
        return 1
    if (warning := program.duplicates.before_reconnect(row.id)) is not None:
        output.warn(warning.words)
    program.store.noticed.subscribe(_warn)
    if path is not None:
        await program.login_paths.remember(row.connection.system, path)
    outcome = await program.reconnect.run(row.id, path)
    behind = await program.after_repair.learn(outcome)
    extra: dict[str, Any] = {}
    if behind is not None and (missed := await _catch_up(program, behind, wait=arguments.wait)) is not None:
        extra["missed"] = missed
    if isinstance(outcome, NewConnection):
        extra |= {"new_connection": outcome.new, "adopted": await _adopted(program, outcome, arguments)}
    return _print(program, row, outcome, extra, as_json=arguments.json)


async def _link(program: Program, row: Row, *, as_json: bool) -> int:
    """Write a message to the customer, and look out for them from now on."""
    invitation = await program.invitations.draft(row.id)
    await program.invitations.note(row.id, Sent.COPIED)
    if as_json:
        output.document(
            {
                "to": invitation.email,
                "subject": invitation.subject,
                "text": invitation.text,
                "link": invitation.link,
            }
        )
        return 0
    output.say(_("To: {email}").format(email=invitation.email or "–"))
    output.say(_("Subject: {subject}").format(subject=invitation.subject))
    for line in ("", *invitation.text.splitlines()):
        output.say(line)
    return 0


async def _catch_up(program: Program, connection: ConnectionId, *, wait: bool) -> str | None:
    """Start the sync that brings what was missed; return what that was if it was waited for."""
    try:
        catch_up = await program.after_repair.begin(connection)
    except MakiniDesktopError as error:
        output.warn(_("The catch-up sync was not started: {why}").format(why=error))
        return None
    if not wait:
        return None
    ended = await program.syncs.follow(connection, catch_up.sync)
    return program.after_repair.caught_up(catch_up, ended) or sync_result(ended)


async def _adopted(program: Program, outcome: NewConnection, arguments: argparse.Namespace) -> bool:
    """Answer whether the new connection takes the place of the old one; tell if it has."""
    if arguments.adopt:
        try:
            adopted = await program.adoption.adopt(outcome.old)
        except MakiniDesktopError as error:
            output.warn(
                _("The old connection still stands: {why} The window goes on with that.").format(why=error)
            )
            return False
        for words in adopted.left:
            output.warn(words)
        return True
    if arguments.keep_both:
        await program.adoption.keep_both(outcome.old)
    else:
        output.warn(
            _(
                "Both connections stand now. The window asks whether the new one takes the place of the old "
                "one; --adopt or --keep-both would have answered that."
            )
        )
    return False


def _print(program: Program, row: Row, outcome: LoginOutcome, extra: dict[str, Any], *, as_json: bool) -> int:
    words = outcome_sentence(outcome, row.connection.name)
    good = isinstance(outcome, (Repaired, AlreadyHealthy, NewConnection))
    if as_json:
        after = program.store.row(row.id)
        output.document(
            {
                "outcome": outcome.__struct_config__.tag,
                "sentence": words,
                "connection": output.row_document(after, program.clock.now()) if after is not None else None,
                **extra,
            }
        )
    elif good:
        output.say(words)
        if "missed" in extra:
            output.say(extra["missed"])
        if extra.get("adopted"):
            output.say(_("The new connection has taken the place of the old one, which is disconnected."))
    if not good:
        request = outcome.request_id if isinstance(outcome, LoginFailed) else None
        output.warn(words + (_(" (request {id})").format(id=request) if request else ""))
    return 0 if good else 1


def _warn(notice: Notice) -> None:
    """Say on stderr what a window would show."""
    if notice.tone is not Tone.GOOD:
        output.warn(notice.words)
