"""The bottom line: the last sweep and the next, the request budget, the API version, the time zone."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.evidence import EvidenceSource
from makini_desktop.services.moments import moment_short, relative, until
from makini_desktop.services.store import Offline, Store
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.look import Look

TICK_MS = 1_000


def sweep_words(store: Store, now: datetime) -> str:
    """Return how the watching goes: checking, checked, or how old the cached rows are."""
    sweep, total = store.sweep, len(store.rows)
    if sweep.checking and total:
        done = max(0, total - sweep.checking)
        return _("Checking {done} of {total}").format(done=f"{done:,}", total=f"{total:,}")
    if sweep.last_at is None:
        newest = max(
            (
                row.condition.evidence.at
                for row in store.rows.values()
                if row.condition.evidence.source is not EvidenceSource.NONE
            ),
            default=None,
        )
        if newest is None:
            return _("Not checked yet")
        time = moment_short(newest, now)
        if isinstance(store.line, Offline):
            return _("From {time}").format(time=time)
        return _("From {time}, checking…").format(time=time)
    words = _("Checked {ago}").format(ago=relative(sweep.last_at, now))
    if sweep.next_at is not None and sweep.next_at > now:
        return _("{checked} · next {until}").format(checked=words, until=until(sweep.next_at, now))
    return words


def version_words(store: Store) -> str:
    """Return the API version in use, and that it is on its way out where it is."""
    news = store.version
    version = store.sweep.api_version or (news.version if news is not None else None)
    words = _("API {version}").format(version=version or "–")
    if news is not None and news.deprecated:
        return _("{version}, deprecated").format(version=words)
    return words


def zone_name(now: datetime) -> str:
    """Return the name of the computer's time zone."""
    from PySide6.QtCore import QTimeZone

    name = bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "replace")
    return name or now.astimezone().tzname() or "UTC"


class StatusLine(QWidget):
    """The line; counts seconds only while it can be seen.

    Signals:
        version_pressed: the person wants to know more of the API version.
    """

    version_pressed = Signal()

    def __init__(self, look: Look, store: Store, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._clock = clock
        self.sweep = Words(font=look.small, secondary=True)
        self.budget = Words(font=look.small, secondary=True)
        self.version = LinkButton(look, quiet=True)
        self.version.setFont(look.small)
        self.version.setToolTip(_("What is known of this API"))
        self.version.clicked.connect(self.version_pressed)
        self.zone = Words(font=look.small, secondary=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(20)
        layout.addWidget(self.sweep)
        layout.addWidget(self.budget)
        layout.addWidget(self.version)
        layout.addStretch(1)
        layout.addWidget(self.zone)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.refresh)
        self._unsubscribe = [
            store.sweep_changed.subscribe(self._changed),
            store.version_changed.subscribe(self._changed),
        ]
        self.refresh()

    def close_down(self) -> None:
        """Stop listening and counting."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._tick.stop()

    def refresh(self) -> None:
        """Say it anew."""
        sweep = self._store.sweep
        words = sweep_words(self._store, self._clock.now())
        if words != self.sweep.text():
            self.sweep.setText(words)
        self.budget.setText(
            _("Budget {used} of {budget} requests/s").format(used=sweep.budget_used, budget=sweep.budget)
        )
        words = version_words(self._store)
        if words != self.version.text():
            self.version.setText(words)
            self.version.updateGeometry()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on counting."""
        super().showEvent(event)
        self.refresh()
        self._tick.start()
        QTimer.singleShot(0, self, self._name_zone)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._tick.stop()

    def _name_zone(self) -> None:
        """Say the zone, after the first frame: Qt takes its time to find the name."""
        self.zone.setText(_("All times in {zone}").format(zone=zone_name(self._clock.now())))

    def _changed(self, _what: object) -> None:
        self.refresh()
