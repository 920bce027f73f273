"""``makini-desktop history``: a connection's past, as it was kept."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.history import Uptime
from makini_desktop.services import moments, wording
from makini_desktop.services.history_export import WholeHistory, csv_text, document

ENTRIES_SHOWN = 50
"""Of each, for people; JSON and CSV hold all."""


async def history(program: Program, arguments: argparse.Namespace) -> int:
    """Print uptime, changes of health and timeline; nothing is asked for them.

    Raises:
        UsageError: there is no such connection.
    """
    await program.open_kept()
    whole = await program.history.whole(ConnectionId(arguments.id))
    if arguments.json:
        output.document(document(whole))
    elif arguments.csv:
        output.raw(csv_text(whole))
    else:
        _say(whole)
    return 0


def _say(whole: WholeHistory) -> None:
    connection = whole.connection
    output.say(f"{connection.name} · {connection.system} · {connection.id}")
    for each in whole.uptime:
        output.say(_uptime_words(each))
    changes = [
        (
            moments.moment_exact(change.at),
            wording.health_word(change.health),
            wording.source_word(change.evidence.source),
            change.evidence.detail,
            change.evidence.request_id or "",
        )
        for change in reversed(whole.health.changes)
    ]
    _table((_("Since"), _("Health"), _("Said by"), _("Result"), _("Request")), changes)
    entries = [
        (moments.moment_exact(entry.at), entry.headline, entry.detail, entry.request_id or "")
        for entry in whole.activity
    ]
    _table((_("When"), _("What"), _("Detail"), _("Request")), entries)


def _table(headings: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> None:
    if not lines:
        return
    output.say("")
    output.table(headings, lines[:ENTRIES_SHOWN])
    if hidden := lines[ENTRIES_SHOWN:]:
        output.say(ngettext("and {count} older", "and {count} older", len(hidden)).format(count=len(hidden)))


def _uptime_words(uptime: Uptime) -> str:
    days = ngettext("Last {count} day", "Last {count} days", uptime.days).format(count=uptime.days)
    if uptime.share is None:
        return _("{days}: nothing is known.").format(days=days)
    words = _("{days}: {share} of {known} known").format(
        days=days, share=f"{uptime.share:.2%}", known=moments.span(uptime.known)
    )
    breaks = ngettext("{count} break", "{count} breaks", uptime.breaks).format(count=uptime.breaks)
    repair = (
        _("{span} to repair").format(span=moments.span(uptime.mean_repair))
        if uptime.mean_repair is not None
        else ""
    )
    return ", ".join(filter(None, (words, breaks, repair))) + "."
