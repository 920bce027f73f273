"""What the tray shows: the worst health, what needs a person, and what is open in the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.account import AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import SEVERITY, Health
from makini_desktop.domain.incident import IncidentId, SnoozedUntil
from makini_desktop.services import wording
from makini_desktop.services.store import Offline, Row
from makini_desktop.services.watched import Watched
from makini_desktop.ui.actions import can_reconnect, can_sync, no_sync_words
from makini_desktop.ui.panels.summary import needing

AT_MOST = 10
"""So many connections are listed; the others are counted."""


class TrayEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A connection in the tray's menu.

    Attributes:
        account: whose it is.
        reconnect, sync: what would help it.
        sync_offered: whether the account's API has what `sync` needs.
    """

    account: AccountName
    connection: ConnectionId
    health: Health
    text: str
    reconnect: bool
    sync: bool
    sync_offered: bool = True


class OpenIncidents(msgspec.Struct, frozen=True, kw_only=True):
    """What is open in an account's inbox and not acknowledged.

    Attributes:
        count: how many.
        newest: the last that opened; None where there is none.
        to_snooze: those of them that may still be announced.
    """

    account: AccountName
    count: int
    newest: IncidentId | None
    to_snooze: tuple[IncidentId, ...]


class TrayState(msgspec.Struct, frozen=True, kw_only=True):
    """What the tray shows.

    Attributes:
        worst: the shape and colour; None while nothing is known.
        count: how many need a person.
        entries: the worst of them; `more` are left out, the worst of these in the account `more_in`.
        incidents: by account; only those with any.
    """

    worst: Health | None
    count: int
    words: str
    entries: tuple[TrayEntry, ...]
    more: int
    more_in: AccountName | None
    incidents: tuple[OpenIncidents, ...]


def tray_state(watched: Sequence[Watched], now: datetime) -> TrayState:
    """Return what the tray shows of all accounts together; several are told apart by their names."""
    found = [(each, row) for each in watched for row in needing(each.store)]
    found.sort(key=lambda pair: SEVERITY[pair[1].health])
    entries = tuple(
        TrayEntry(
            account=each.account,
            connection=row.id,
            health=row.health,
            text=_entry_words(row, each.account if len(watched) > 1 else None),
            reconnect=can_reconnect(row),
            sync=can_sync(row),
            sync_offered=not no_sync_words(each.store, now),
        )
        for each, row in found[:AT_MOST]
    )
    healths = (worst for each in watched if (worst := each.store.worst()) is not None)
    return TrayState(
        worst=min(healths, key=SEVERITY.__getitem__, default=None),
        count=len(found),
        words=_tray_words(watched, len(found)),
        entries=entries,
        more=len(found) - len(entries),
        more_in=found[AT_MOST][0].account if len(found) > AT_MOST else None,
        incidents=tuple(incidents for each in watched if (incidents := open_incidents(each, now)).count),
    )


def open_incidents(watched: Watched, now: datetime) -> OpenIncidents:
    """Return what is open in an account's inbox."""
    found = [
        each for each in watched.store.incidents.values() if each.is_open and each.acknowledged_at is None
    ]
    return OpenIncidents(
        account=watched.account,
        count=len(found),
        newest=max(found, key=lambda each: each.opened_at).id if found else None,
        to_snooze=tuple(
            each.id
            for each in found
            if each.snooze is None or (isinstance(each.snooze, SnoozedUntil) and each.snooze.at <= now)
        ),
    )


def _entry_words(row: Row, account: AccountName | None) -> str:
    words = _("{customer} – {health}").format(
        customer=row.connection.name, health=wording.health_word(row.health)
    )
    return words if account is None else _("{words} · {account}").format(words=words, account=account)


def _tray_words(watched: Sequence[Watched], count: int) -> str:
    silent = [each.account for each in watched if isinstance(each.store.line, Offline)]
    if silent and len(silent) == len(watched):
        return _("Makini cannot be reached")
    words = _needing_words(watched, count)
    if silent:
        return _("{words}; Makini cannot be reached for {accounts}").format(
            words=words, accounts=", ".join(silent)
        )
    return words


def _needing_words(watched: Sequence[Watched], count: int) -> str:
    total = sum(len(each.store.rows) for each in watched)
    if not total:
        return _("No connections yet")
    if not count:
        return ngettext(
            "{count} connection, nothing needs you", "{count} connections, nothing needs you", total
        ).format(count=f"{total:,}")
    return ngettext("{count} connection needs you", "{count} connections need you", count).format(
        count=f"{count:,}"
    )
