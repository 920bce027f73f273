"""The weather over all connections: whether Makini works, and when this computer last woke from sleep.

What one connection suffers is in its row, and whether Makini is reached is the store's line. Here is what
Makini answers while it is reached, and the moment from which nothing seen before is news.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from makini_desktop.core.event import Event
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    AnswerUnreadable,
    MakiniDesktopError,
    RateLimited,
    ServerFailed,
)
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.incident import Cause

HOLD_AFTER_WAKING = timedelta(minutes=1)
"""For so long after waking nothing is announced: the first look at everything is not over."""

SEVERAL = 5
"""So many connections whose checks fail in a row by Makini's own errors are no matter of one connection."""

_MAKINIS = (ServerFailed, RateLimited, AnswerUnreadable)


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Makini answers, and not with what was asked for.

    Attributes:
        cause: `MAKINI` for errors of its own, `RATE_LIMIT` where it asks for fewer requests.
        words: a sentence for a person.
    """

    cause: Cause
    since: datetime
    words: str
    evidence: Evidence


class Weather:
    """What concerns all connections of an account at once; the monitor writes it.

    Attributes:
        makini: the trouble there is, None while answers are good.
        makini_changed: the new value of that.
        woke_at: when this computer last woke from sleep, None if it did not while the program ran.
        woke: the moment of waking, told at once.
    """

    def __init__(self) -> None:
        self.makini: Trouble | None = None
        self.makini_changed: Event[Trouble | None] = Event()
        self.woke_at: datetime | None = None
        self.woke: Event[datetime] = Event()
        self._of_list: Trouble | None = None
        self._of_checks: Trouble | None = None
        self._failing: set[ConnectionId] = set()

    def listed(self, failure: MakiniDesktopError | None, now: datetime) -> None:
        """Take in how Makini answered to the list; None for a good answer."""
        self._of_list = None if failure is None else _trouble(EvidenceSource.LIST, failure, now)
        self.set_makini(self._of_list or self._of_checks)

    def checked(
        self, connection: ConnectionId, failure: MakiniDesktopError | None, now: datetime, *, of: int
    ) -> None:
        """Take in how a connection's check ended; several in a row that fail by Makini are its trouble.

        Args:
            failure: None for a good answer.
            of: how many connections there are.
        """
        if not isinstance(failure, _MAKINIS):
            if self._failing:
                self._failing.clear()
                self._of_checks = None
                self.set_makini(self._of_list)
            return
        self._failing.add(connection)
        if len(self._failing) >= max(2, min(SEVERAL, of)):
            self._of_checks = self._of_checks or _trouble(EvidenceSource.STATUS, failure, now)
            self.set_makini(self._of_list or self._of_checks)

    def set_makini(self, trouble: Trouble | None) -> None:
        """Record whether Makini works; `since` of an ongoing trouble stays, and so do its first words."""
        if trouble is not None and self.makini is not None and trouble.cause is self.makini.cause:
            return
        if trouble != self.makini:
            self.makini = trouble
            self.makini_changed.emit(trouble)

    def set_woke(self, at: datetime) -> None:
        """Record that this computer woke from sleep."""
        self.woke_at = at
        self.woke.emit(at)


def _trouble(source: EvidenceSource, failure: MakiniDesktopError, now: datetime) -> Trouble:
    return Trouble(
        cause=Cause.RATE_LIMIT if isinstance(failure, RateLimited) else Cause.MAKINI,
        since=now,
        words=str(failure),
        evidence=Evidence(source=source, at=now, detail=failure.detail, request_id=failure.request_id),
    )
