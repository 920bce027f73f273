"""The weather over all connections: whether Makini works, and when this computer last woke from sleep.

What one connection suffers is in its row, and whether Makini is reached is the store's line. Here is what
Makini answers while it is reached, and the moment from which nothing seen before is news.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from makini_desktop.core.event import Event
from makini_desktop.domain.evidence import Evidence
from makini_desktop.domain.incident import Cause

HOLD_AFTER_WAKING = timedelta(minutes=1)
"""For so long after waking nothing is announced: the first look at everything is not over."""


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

    def holds_back(self, now: datetime) -> bool:
        """Tell whether it is too soon after waking to announce anything."""
        return self.woke_at is not None and now < self.woke_at + HOLD_AFTER_WAKING
