"""``makini-desktop status``: how the account stands, in one look, for people and for monitoring."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.cli.fresh import look_at_all
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.domain.incident import Incident
from makini_desktop.services import moments, wording
from makini_desktop.services.health_log import newest_proof
from makini_desktop.services.next_action import NEEDS_PERSON
from makini_desktop.services.store import Row


async def status(program: Program, arguments: argparse.Namespace) -> int:
    """Tell counts, the worst health, and what needs a person: as stored, or checked first if asked to.

    Returns:
        0, or with ``--fail-on`` 3 if one of its healths is "reconnect needed" and found, 1 if another is
        found; 4 or the like if a check was asked for and failed, whatever is stored.

    Raises:
        MakiniDesktopError: nothing can be read and nothing is stored.
    """
    failure: MakiniDesktopError | None = None
    if arguments.check:
        await program.open()
        failure = await look_at_all(program)
    else:
        await program.open_kept()
    rows = sorted(
        program.store.rows.values(), key=lambda row: (SEVERITY[row.health], row.connection.name.casefold())
    )
    incidents = [each for each in await program.database.incidents(program.account.name) if each.is_open]
    if arguments.json:
        output.document(_document(program, rows, incidents))
    else:
        _say(program, rows)
    if failure is not None:
        return failure.exit_code
    found = {Health(word) for word in arguments.fail_on} & {row.health for row in rows}
    return 3 if Health.RECONNECT_NEEDED in found else int(bool(found))


def _document(program: Program, rows: Sequence[Row], incidents: Sequence[Incident]) -> dict[str, Any]:
    now = program.clock.now()
    worst = program.store.worst()
    return {
        "account": program.account.name,
        "at": output.time_of(now),
        "seen_at": output.time_of(_seen_at(rows)),
        "connections": len(rows),
        "worst": worst.value if worst is not None else None,
        "counts": output.counts_document(program.store),
        "needs_person": [output.row_document(row, now) for row in rows if _needs_person(row)],
        "incidents": [_incident(each) for each in incidents],
    }


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "cause": incident.cause.value,
        "system": incident.scope or None,
        "opened_at": output.time_of(incident.opened_at),
        "connections": list(incident.broken),
        "acknowledged": incident.acknowledged_at is not None,
    }


def _say(program: Program, rows: Sequence[Row]) -> None:
    now = program.clock.now()
    counts = ", ".join(
        f"{count} {wording.health_word(health).casefold()}"
        for health, count in program.store.counts().items()
    )
    output.say(
        ngettext("{account}: {count} connection.", "{account}: {count} connections.", len(rows)).format(
            account=program.account.name, count=len(rows)
        )
        + (f" {counts}." if counts else "")
    )
    output.say(_("Seen {ago}.").format(ago=moments.relative(_seen_at(rows), now)))
    waiting = [row for row in rows if _needs_person(row)]
    if waiting:
        output.table(
            (_("Health"), _("Customer"), _("System"), _("Since"), _("Why"), _("ID")),
            [
                (
                    wording.health_word(row.health),
                    row.connection.name,
                    row.connection.system,
                    moments.moment_short(row.since, now),
                    wording.reason_short(row, now),
                    row.id,
                )
                for row in waiting
            ],
        )
    else:
        output.say(_("Nothing needs a person."))


def _needs_person(row: Row) -> bool:
    return row.health in NEEDS_PERSON


def _seen_at(rows: Sequence[Row]) -> datetime | None:
    """Return when anything was seen last, by whichever process."""
    return max((seen for row in rows if (seen := newest_proof(row.facts)) is not None), default=None)
