"""What the inbox says of an incident beside a notification’s words: where, whose move, how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import Cause, Incident, Snooze, SnoozedUntil, SnoozedUntilChange
from makini_desktop.services import incident_words
from makini_desktop.services.moments import moment_short, span
from makini_desktop.services.store import Store


def headline(incident: Incident, store: Store) -> str:
    """Return what broke, for whom or for how many."""
    return incident_words.headline(incident, incident_words.subjects(incident), store.rows)


def second_line(incident: Incident, store: Store) -> str:
    """Return the customers' names where there are several; else whose move it is."""
    about = incident_words.subjects(incident)
    return incident_words.named(about, store.rows) if len(about) > 1 else advice(incident)


def advice(incident: Incident) -> str:
    """Return whose move it is and what to do; for a closed incident, that there is nothing to do."""
    if not incident.is_open:
        return _("Every connection has been proven to work again.") if incident.members else _("It is over.")
    if incident.members:
        return incident_words.move(incident.cause, incident.step)
    match incident.cause:
        case Cause.RATE_LIMIT:
            return _("More is asked than Makini allows. Checks go on more slowly by themselves.")
        case Cause.NETWORK:
            return _("Check this computer’s network. The list shows what was known last.")
        case _:
            return _("Nothing to do here. Checks go on, and this closes by itself.")


def where(incident: Incident, store: Store) -> str:
    """Return which system it is about, or that it is about several, or the whole account."""
    if incident.scope:
        return incident.scope
    about = incident_words.subjects(incident)
    systems = {row.connection.system for each in about if (row := store.row(each)) is not None}
    if len(systems) == 1:
        return systems.pop()
    return _("Several systems") if about else _("Whole account")


def progress_words(incident: Incident) -> str:
    """Return how many of its connections work again; empty while none does, or all do."""
    total, broken = len(incident.members), len(incident.broken)
    if broken in {0, total}:
        return ""
    return _("{repaired} of {count} repaired").format(repaired=f"{total - broken:,}", count=f"{total:,}")


def since_words(incident: Incident, now: datetime) -> str:
    """Return since when it is open, or for how long it was."""
    took = incident.time_to_repair
    if took is None:
        return _("since {time}").format(time=moment_short(incident.opened_at, now))
    return _("repaired in {span}").format(span=span(took))


def duration_words(incident: Incident, now: datetime) -> str:
    """Return since when it is open and for how long, or from when until when it was."""
    opened = moment_short(incident.opened_at, now)
    if incident.closed_at is not None:
        return _("{begin} – {end}").format(begin=opened, end=moment_short(incident.closed_at, now))
    return _("since {time}, for {span}").format(time=opened, span=span(now - incident.opened_at))


def state_words(incident: Incident, now: datetime) -> str:
    """Return how an incident stands: who has seen it, or until when it keeps quiet."""
    if incident.closed_at is not None:
        return _("Repaired {time}").format(time=moment_short(incident.closed_at, now))
    parts = []
    if incident.acknowledged_at is not None:
        parts.append(_("Acknowledged {time}").format(time=moment_short(incident.acknowledged_at, now)))
    if words := snooze_words(incident.snooze, now):
        parts.append(words)
    return ", ".join(parts)


def snooze_words(snooze: Snooze | None, now: datetime) -> str:
    """Return until when an incident is snoozed; empty where it is not, or no longer."""
    match snooze:
        case None:
            return ""
        case SnoozedUntil(at=at):
            return _("Snoozed until {time}").format(time=moment_short(at, now)) if at > now else ""
        case SnoozedUntilChange():
            return _("Snoozed until it changes")
        case _:
            assert_never(snooze)


def one_of(incident: Incident, now: datetime) -> str:
    """Return in which incident a connection is; empty where it is the only one."""
    count = len(incident.broken)
    if count < 2:
        return ""
    said = (
        _("One of {count} of {system} since {time}") if incident.scope else _("One of {count} since {time}")
    )
    return said.format(count=f"{count:,}", system=incident.scope, time=moment_short(incident.opened_at, now))


def incident_of(store: Store, connection: ConnectionId) -> Incident | None:
    """Return the open incident in which a connection is still broken, the newest if there are several."""
    found = None
    for incident in store.incidents.values():
        if incident.is_open and any(
            member.connection == connection and member.proven_at is None for member in incident.members
        ):
            found = incident
    return found


def open_count(store: Store) -> int:
    """Return how many incidents are open and not yet acknowledged."""
    return sum(each.is_open and each.acknowledged_at is None for each in store.incidents.values())
