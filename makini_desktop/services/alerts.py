"""Alerts: which incident is announced to the desktop, when, and when that is taken back.

One incident is one notification. It is replaced in place while it stands, without a sound and once a minute
at most, and withdrawn when the last proof has come.

Nothing is announced in quiet hours, for a minute after waking, and while our own network is down; what is
still open then is announced afterwards. What opens while the window is in front counts as told.

Whoever closes a notification has seen it: what joins the incident later brings it back only once the number
has doubled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from makini_desktop.core.clock import Clock
from makini_desktop.core.event import Event
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.account import Account
from makini_desktop.domain.alerting import QuietHours
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import (
    Cause,
    ExpiryStep,
    Incident,
    IncidentId,
    SnoozedUntil,
    SnoozedUntilChange,
    Told,
)
from makini_desktop.services import incident_words
from makini_desktop.services.incidents import Incidents
from makini_desktop.services.ports import Notification, Notifier
from makini_desktop.services.preferences import Preferences
from makini_desktop.services.store import Offline, Store
from makini_desktop.services.weather import HOLD_AFTER_WAKING, Weather

UPDATE_EVERY = timedelta(minutes=1)
"""A notification changes once in this time at most."""

SNOOZE_FOR = timedelta(hours=1)
"""What the button on a notification means by "Snooze"."""

RETRY_AFTER = timedelta(minutes=1)
"""When to try again where no notification service answered."""

_NEVER = datetime.max.replace(tzinfo=UTC)

_Said = tuple[int, tuple[ConnectionId, ...]]
"""What a notification named: how many connections, and the first of them."""


class Alerts:
    """Turns an account's incidents into notifications.

    Attributes:
        reconnect_pressed: the connection of a notification whose Reconnect button was pressed.
        show_pressed: the connection to show.
        open_pressed: the incident to show in the inbox.
        window_in_front: tells whether somebody has this account's window before them.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        store: Store,
        incidents: Incidents,
        preferences: Preferences,
        weather: Weather,
        notifier: Notifier,
        tasks: Tasks,
        clock: Clock,
        tz: tzinfo | None = None,
    ) -> None:
        self._account = account
        self._store = store
        self._incidents = incidents
        self._preferences = preferences
        self._weather = weather
        self._notifier = notifier
        self._tasks = tasks
        self._clock = clock
        self._tz = tz
        self._said: dict[IncidentId, _Said] = {}
        self._wake = asyncio.Event()
        self.reconnect_pressed: Event[ConnectionId] = Event()
        self.show_pressed: Event[ConnectionId | None] = Event()
        self.open_pressed: Event[IncidentId] = Event()
        self.window_in_front: Callable[[], bool] = lambda: False
        self._subscriptions = (
            store.incidents_changed.subscribe(self._look),
            store.mutes_changed.subscribe(self._look),
            store.line_changed.subscribe(self._look),
            preferences.alerts_changed.subscribe(self._look),
            weather.woke.subscribe(self._look),
        )

    def begin(self) -> None:
        """Find out whether there is a notification service, so that the first notification goes at once."""
        self._tasks.start("notification service", self._notifier.look())

    async def aclose(self) -> None:
        """Take back what stands: nobody would answer its buttons, or withdraw it once it is solved."""
        for unsubscribe in self._subscriptions:
            unsubscribe()
        for incident in tuple(self._said):
            await self._withdraw(incident)

    def _look(self, _news: object) -> None:
        self._wake.set()
        if self._said or self._incidents.open:
            self._tasks.start("alerts", self._run())

    async def _run(self) -> None:
        """Announce and take back until nothing is left that time alone would change."""
        while True:
            self._wake.clear()
            next_at = await self._settle()
            if not self._wake.is_set():
                if next_at is _NEVER:
                    return
                await self._pause(next_at)

    async def _settle(self) -> datetime:
        """Do what is to be done now, and return when there may be more."""
        for identity in tuple(self._said):
            incident = self._store.incidents.get(identity)
            if incident is None or not self._wanted(incident):
                await self._withdraw(identity)
        next_at = _NEVER
        for identity in [incident.id for incident in self._incidents.open]:
            incident = self._store.incidents[identity]
            if not self._wanted(incident):
                if isinstance(incident.snooze, SnoozedUntil) and incident.is_open and self._snoozed(incident):
                    next_at = min(next_at, incident.snooze.at)
                continue
            due = self._due(incident)
            if due > self._clock.now():
                next_at = min(next_at, due)
            elif not await self._tell(incident):
                return self._clock.now() + RETRY_AFTER
        return next_at

    def _wanted(self, incident: Incident) -> bool:
        """Tell whether an incident is one to announce at all, now or later."""
        settings = self._preferences.alerts
        return (
            settings.enabled
            and incident.is_open
            and not incident.first_sight
            and incident.cause is not Cause.NETWORK
            and incident.cause not in settings.silenced
            and incident.acknowledged_at is None
            and not self._snoozed(incident)
            and (not incident.members or bool(self._audible(incident)))
        )

    def _snoozed(self, incident: Incident) -> bool:
        match incident.snooze:
            case SnoozedUntil(at=at):
                return self._clock.now() < at
            case SnoozedUntilChange():
                return True
            case None:
                return False

    def _audible(self, incident: Incident) -> tuple[ConnectionId, ...]:
        """Return the broken connections that are not muted."""
        mutes, rows = self._store.mutes, self._store.rows
        if not mutes.connections and not mutes.systems:
            return incident.broken
        return tuple(
            connection
            for connection in incident.broken
            if not mutes.cover(
                connection, rows[connection].connection.system if connection in rows else incident.scope
            )
        )

    def _due(self, incident: Incident) -> datetime:
        """Return from when on there is something to announce, `_NEVER` if nothing changed."""
        told = incident.told
        if told is None:
            return max(self._clock.now(), self._held_until())
        to_say = self._to_say(incident)
        if self._standing(incident.id):
            changed = self._said[incident.id] != to_say
        else:
            changed = to_say[0] >= 2 * max(1, told.count)
        return max(told.at + UPDATE_EVERY, self._held_until()) if changed else _NEVER

    def _held_until(self) -> datetime:
        """Return until when nothing is announced; the present where that is not so."""
        now = self._clock.now()
        if isinstance(self._store.line, Offline):
            return _NEVER
        woke_at = self._weather.woke_at
        awake = now if woke_at is None else woke_at + HOLD_AFTER_WAKING
        return max(now, awake, self._quiet_until(now))

    def _quiet_until(self, now: datetime) -> datetime:
        quiet = self._preferences.alerts.quiet
        if quiet is None or not quiet.hold(now.astimezone(self._tz).time()):
            return now
        return _end_of(quiet, now, self._tz)

    def _standing(self, incident: IncidentId) -> bool:
        return incident in self._said and self._notifier.standing(self._tag(incident))

    def _to_say(self, incident: Incident) -> _Said:
        audible = self._audible(incident)
        return len(audible), audible[: incident_words.NAMED]

    async def _tell(self, incident: Incident) -> bool:
        """Announce an incident as it is; return False where no service answered."""
        said = self._to_say(incident)
        now = self._clock.now()
        if self.window_in_front():
            if incident.id in self._said:
                await self._withdraw(incident.id)
            self._incidents.tell(incident.id, Told(now, said[0]))
            return True
        self._said[incident.id] = said
        audible = self._audible(incident)
        title, body = incident_words.announcement(incident, audible, self._store.rows, now, self._tz)
        await self._notifier.show(
            Notification(
                tag=self._tag(incident.id),
                title=title,
                body=body,
                buttons=incident_words.buttons(incident, audible),
                urgent=_urgent(incident),
                silent=incident.told is not None,
            ),
            partial(self._pressed, incident.id, audible),
        )
        if not self._notifier.available:
            del self._said[incident.id]
            return False
        if self._wanted(self._store.incidents[incident.id]):  # a button may be quicker than the answer
            self._incidents.tell(incident.id, Told(now, said[0]))
        return True

    async def _withdraw(self, incident: IncidentId) -> None:
        del self._said[incident]
        await self._notifier.withdraw(self._tag(incident))

    def _pressed(self, incident: IncidentId, about: tuple[ConnectionId, ...], key: str) -> None:
        match key:
            case "reconnect":
                self.reconnect_pressed.emit(about[0])
            case "snooze":
                self._incidents.snooze([incident], SnoozedUntil(self._clock.now() + SNOOZE_FOR))
            case _ if len(about) == 1:
                self.show_pressed.emit(about[0])
            case _:
                self.open_pressed.emit(incident)

    def _tag(self, incident: IncidentId) -> str:
        """Return a notification's tag, told apart from another account's."""
        return f"{self._account().name}/{incident}"

    async def _pause(self, until: datetime) -> None:
        """Wait for a moment, or for news."""
        seconds = max(0.0, (until - self._clock.now()).total_seconds())
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait((sleeping, waking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()
            await asyncio.gather(sleeping, waking, return_exceptions=True)


def _urgent(incident: Incident) -> bool:
    """Tell whether data stops until somebody acts, so that it stays on the screen."""
    return incident.cause in (Cause.CREDENTIALS, Cause.MAKINI) or incident.step in (
        ExpiryStep.HOUR,
        ExpiryStep.EXPIRED,
    )


def _end_of(quiet: QuietHours, now: datetime, tz: tzinfo | None) -> datetime:
    """Return when the quiet hours end that hold at `now`, by the zone's clock even over a change of it."""
    local = now.astimezone(tz)
    day = local.date() if local.time() < quiet.until else local.date() + timedelta(days=1)
    return datetime.combine(day, quiet.until, tz).astimezone(tz)
