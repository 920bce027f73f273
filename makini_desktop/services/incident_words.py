"""What is said of an incident, in the person's language: on a notification, and in the inbox.

Times are said in the zone `tz`, the computer's own where it is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import assert_never

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import Cause, ExpiryStep, Incident
from makini_desktop.services.moments import moment_short
from makini_desktop.services.ports import NotificationButton
from makini_desktop.services.store import Row

NAMED = 3
"""So many customers are named; of the others the number is said."""

Rows = Mapping[ConnectionId, Row]


def cause_word(cause: Cause) -> str:
    """Return what a cause is called, for a list to choose from."""
    match cause:
        case Cause.CREDENTIALS:
            return _("Sign-in no longer accepted")
        case Cause.SYSTEM:
            return _("Customer’s system offline")
        case Cause.SYNCS:
            return _("Syncs fail, hang or are late")
        case Cause.TOKEN:
            return _("Token ends")
        case Cause.RATE_LIMIT:
            return _("Too many requests")
        case Cause.MAKINI:
            return _("Trouble at Makini")
        case Cause.NETWORK:
            return _("Our network")
        case _:
            assert_never(cause)


def headline(incident: Incident, about: Sequence[ConnectionId], rows: Rows) -> str:
    """Return what happened, to whom or to how many.

    Args:
        incident: what is spoken of.
        about: the connections to speak of; none for what concerns the account itself.
        rows: gives their names.
    """
    if not about:
        return _account_headline(incident.cause)
    if len(about) == 1:
        row = rows.get(about[0])
        return _one(incident, row).format(customer=about[0] if row is None else row.connection.name)
    return _several(incident, len(about)).format(count=f"{len(about):,}")


def subjects(incident: Incident) -> tuple[ConnectionId, ...]:
    """Return whom to speak of: who is still broken, and once it is closed who was."""
    return incident.broken or tuple(member.connection for member in incident.members)


def announcement(
    incident: Incident, about: Sequence[ConnectionId], rows: Rows, now: datetime, tz: tzinfo | None = None
) -> tuple[str, str]:
    """Return a notification's title, and its text: since when, and what to do."""
    return headline(incident, about, rows), explanation(incident, about, rows, now, tz)


def explanation(
    incident: Incident, about: Sequence[ConnectionId], rows: Rows, now: datetime, tz: tzinfo | None = None
) -> str:
    """Return whom it meets, since when, and what to do."""
    since = moment_short(incident.opened_at, now, tz)
    if not about:
        said = incident.evidence.detail
        return said or _("Since {time}.").format(time=since)
    to_do = move(incident.cause, incident.step)
    if len(about) == 1:
        return _("{system}, since {time}. {move}").format(
            system=_system(incident, about[0], rows), time=since, move=to_do
        )
    names = named(about, rows)
    return (
        _("{system}, since {time}: {names}. {move}").format(
            system=incident.scope, time=since, names=names, move=to_do
        )
        if incident.scope
        else _("Since {time}: {names}. {move}").format(time=since, names=names, move=to_do)
    )


def named(about: Sequence[ConnectionId], rows: Rows) -> str:
    """Return the first customers' names, and how many there are beside them."""
    names = ", ".join(
        rows[connection].connection.name if connection in rows else connection for connection in about[:NAMED]
    )
    more = len(about) - NAMED
    if more <= 0:
        return names
    return ngettext("{names} and {count} more", "{names} and {count} more", more).format(
        names=names, count=f"{more:,}"
    )


def buttons(incident: Incident, about: Sequence[ConnectionId]) -> tuple[NotificationButton, ...]:
    """Return what a notification offers: what mends it where that is one click, and a way to look at it."""
    snooze = NotificationButton("snooze", _("Snooze"))
    if len(about) != 1:
        return NotificationButton("open", _("Open")), snooze
    show = NotificationButton("show", _("Show"))
    if incident.cause in (Cause.CREDENTIALS, Cause.TOKEN):
        return NotificationButton("reconnect", _("Reconnect")), show, snooze
    return show, snooze


def _account_headline(cause: Cause) -> str:
    match cause:
        case Cause.NETWORK:
            return _("Makini cannot be reached from here")
        case Cause.RATE_LIMIT:
            return _("Makini asks for fewer requests")
        case _:
            return _("Trouble at Makini")


def _one(incident: Incident, row: Row | None) -> str:
    match incident.cause:
        case Cause.CREDENTIALS:
            return _("{customer}: reconnect needed")
        case Cause.SYSTEM:
            return _("{customer}: system offline")
        case Cause.SYNCS:
            return _syncs(row)
        case Cause.TOKEN:
            return _token(incident.step)
        case Cause.MAKINI:
            return _("{customer}: switched off by Makini")
        case Cause.RATE_LIMIT | Cause.NETWORK:
            return _account_headline(incident.cause)
        case _:
            assert_never(incident.cause)


def _syncs(row: Row | None) -> str:
    match None if row is None else row.health:
        case Health.STUCK:
            return _("{customer}: a sync hangs")
        case Health.LATE:
            return _("{customer}: no sync in time")
        case _:
            return _("{customer}: syncs fail")


def _token(step: ExpiryStep | None) -> str:
    match step:
        case ExpiryStep.WEEK:
            return _("{customer}: token ends within 7 days")
        case ExpiryStep.DAY:
            return _("{customer}: token ends within a day")
        case ExpiryStep.HOUR:
            return _("{customer}: token ends within an hour")
        case ExpiryStep.EXPIRED | None:
            return _("{customer}: token has ended")
        case _:
            assert_never(step)


def _several(incident: Incident, count: int) -> str:
    match incident.cause:
        case Cause.CREDENTIALS:
            return ngettext(
                "{count} connection needs a reconnect", "{count} connections need a reconnect", count
            )
        case Cause.SYSTEM:
            return ngettext("{count} system is offline", "{count} systems are offline", count)
        case Cause.SYNCS:
            return ngettext(
                "{count} connection has no good syncs", "{count} connections have no good syncs", count
            )
        case Cause.TOKEN:
            return _tokens(incident.step, count)
        case Cause.MAKINI:
            return ngettext(
                "{count} connection was switched off by Makini",
                "{count} connections were switched off by Makini",
                count,
            )
        case Cause.RATE_LIMIT | Cause.NETWORK:
            return _account_headline(incident.cause)
        case _:
            assert_never(incident.cause)


def _tokens(step: ExpiryStep | None, count: int) -> str:
    match step:
        case ExpiryStep.WEEK:
            return ngettext("{count} token ends within 7 days", "{count} tokens end within 7 days", count)
        case ExpiryStep.DAY:
            return ngettext("{count} token ends within a day", "{count} tokens end within a day", count)
        case ExpiryStep.HOUR:
            return ngettext("{count} token ends within an hour", "{count} tokens end within an hour", count)
        case ExpiryStep.EXPIRED | None:
            return ngettext("{count} token has ended", "{count} tokens have ended", count)
        case _:
            assert_never(step)


def move(cause: Cause, step: ExpiryStep | None) -> str:
    """Return what connections suffer and whose move it is; empty for what concerns the account alone."""
    match cause:
        case Cause.CREDENTIALS:
            return _("The sign-in is no longer accepted. Syncs stop until somebody signs in again.")
        case Cause.SYSTEM:
            return _("Reconnecting does not help; syncs resume by themselves once the system is back.")
        case Cause.SYNCS:
            return _("Look at what the last sync says, and start another.")
        case Cause.TOKEN if step is ExpiryStep.EXPIRED:
            return _("Syncs stop until somebody signs in again.")
        case Cause.TOKEN:
            return _("It cannot be renewed without a new sign-in: reconnect before it ends.")
        case Cause.MAKINI:
            return _("This happens when credits run out; Makini’s dashboard switches on again.")
        case Cause.RATE_LIMIT | Cause.NETWORK:
            return ""
        case _:
            assert_never(cause)


def _system(incident: Incident, connection: ConnectionId, rows: Rows) -> str:
    row = rows.get(connection)
    system = incident.scope if row is None else row.connection.system
    return system or _("Their system")
