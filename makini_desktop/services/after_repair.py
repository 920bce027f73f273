"""After a login: what it has shown, the catch-up sync at once, and for how long there was no data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import LoginOutcome, NewConnection, Repaired, WrongCustomer
from makini_desktop.domain.sync import Sync, SyncOrder, SyncState
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.adoption import Adoption
from makini_desktop.services.duplicates import Duplicates
from makini_desktop.services.moments import last_good_at
from makini_desktop.services.syncs import Syncs

_USUAL_INTERVAL = timedelta(minutes=30)
"""How often a connection syncs of which that is not known."""


class CatchUp(msgspec.Struct, frozen=True):
    """A sync that brings what was missed.

    Attributes:
        since: from when on it was missed; None where nothing was, or nobody knows.
    """

    connection: ConnectionId
    sync: Sync
    since: datetime | None


class AfterRepair:
    """Catches up on connections that were repaired."""

    def __init__(self, parts: AccountParts, syncs: Syncs, duplicates: Duplicates, adoption: Adoption) -> None:
        self._store = parts.store
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._syncs = syncs
        self._duplicates = duplicates
        self._adoption = adoption

    async def learn(self, outcome: LoginOutcome) -> ConnectionId | None:
        """Keep what a login has shown; return the connection that has to catch up, None without one."""
        await self._duplicates.learn(outcome)
        match outcome:
            case Repaired(connection=connection):
                return connection
            case NewConnection(old=old, new=new):
                await self._adoption.ask(old, new)
                return new
            case WrongCustomer(found=found, moved=True):
                return found.id
            case _:
                return None

    async def begin(self, connection: ConnectionId) -> CatchUp:
        """Start the catch-up sync, or take the one that runs already.

        Raises:
            NotOffered: this server cannot start syncs; the next scheduled one catches up.
            MakiniDesktopError: it could not be started.
        """
        since = self._missed_since(connection)
        return CatchUp(connection, await self._syncs.start(connection, SyncOrder()), since)

    def caught_up(self, catch_up: CatchUp, ended: Sync) -> str:
        """Write down what was missed until a sync ended, and return it in words.

        Where nothing was missed, or the sync did not succeed, there are none.
        """
        if catch_up.since is None or ended.state is not SyncState.COMPLETED:
            return ""
        gap = (ended.finished_at or self._clock.now()) - catch_up.since
        words = gap_words(gap, ended.records.total)
        self._ledger.tell(
            catch_up.connection,
            ActivityKind.SYNC,
            _("Caught up"),
            detail=words,
            health=Health.HEALTHY,
            request_id=ended.request_id,
        )
        return words

    def _missed_since(self, connection: ConnectionId) -> datetime | None:
        """Return the last good sync, if the next one is overdue since."""
        row = self._store.row(connection)
        good = None if row is None else last_good_at(row)
        if row is None or good is None:
            return None
        seconds = row.facts.interval_seconds
        interval = timedelta(seconds=seconds) if seconds else _USUAL_INTERVAL
        return good if self._clock.now() - good > 2 * interval else None


def last_gap(activity: Sequence[Activity]) -> Activity | None:
    """Return the newest entry that tells what a repair has caught up on; `activity` is newest first."""
    headline = _("Caught up")
    return next((each for each in activity if each.headline == headline), None)


def gap_words(gap: timedelta, records: int) -> str:
    """Return for how long there was no data, and how much came since."""
    came = ngettext("{count} record since", "{count} records since", records).format(count=f"{records:,}")
    return _("{span} without data; {records}").format(span=_two_units(gap), records=came)


def _two_units(length: timedelta) -> str:
    """Return a length of time in its two largest units, for example "3 d 4 h"."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _("{days} d {hours} h").format(days=days, hours=hours)
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    return _("{minutes} min").format(minutes=minutes)
