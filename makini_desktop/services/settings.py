"""A connection's settings: read with what may be changed and why not, and changed one by one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import InvalidRequest, MakiniDesktopError, UsageError
from makini_desktop.domain.health import Health
from makini_desktop.domain.settings import (
    HISTORY_DAYS,
    INTERVAL_MINUTES,
    SCHEDULE,
    WEBHOOK,
    ConnectionSettings,
    Metadatum,
    ScheduleChange,
    Setting,
    SyncMode,
    SyncSchedule,
    Webhook,
    WebhookChange,
)
from makini_desktop.domain.token import Secret
from makini_desktop.services import settings_words
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.ports import Answer, Database, Priority
from makini_desktop.services.store import Row

T = TypeVar("T")
_log = logging.getLogger(__name__)

_NOT_RENEWED = frozenset({Health.RECONNECT_NEEDED, Health.PENDING, Health.INACTIVE})
"""Healths in which settings are read with the token that is there; a person has to act first."""

NOTE_LENGTH = 10_000
"""Characters that a note can have."""


class Settings:
    """Reads and changes what can be set for connections.

    Args:
        database: keeps the notes.
    """

    def __init__(self, parts: AccountParts, database: Database) -> None:
        self._account = parts.account
        self._api = parts.api
        self._tokens = parts.tokens
        self._store = parts.store
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._database = database

    async def read(self, connection: ConnectionId) -> ConnectionSettings:
        """Return all settings; what could not be read is None and locked, with the reason.

        Raises:
            UsageError: there is no such connection.
            StoreDamaged: the note cannot be read.
        """
        row = self._row(connection)
        note = await self.note(connection)
        if row.health is Health.DISCONNECTED:
            ended = _("{customer} is disconnected; there is nothing to set.").format(
                customer=row.connection.name
            )
            return ConnectionSettings(note=note, locked=dict.fromkeys(Setting, ended))
        renew = row.health not in _NOT_RENEWED
        locked: dict[Setting, str] = {}

        async def own(call: Callable[[Secret, Priority], Awaitable[Answer[T]]]) -> T:
            read = await self._tokens.use(connection, lambda token: call(token, Priority.PERSON), renew=renew)
            return read.value

        schedule = await _readable(own(self._api.schedule), SCHEDULE, locked)
        webhook = await _readable(own(self._api.webhook), WEBHOOK, locked)
        metadata = await _readable(self._metadata(connection), (Setting.METADATA,), locked)
        if schedule is not None:
            self._learn(connection, schedule)
            locked |= _untold(schedule)
        return ConnectionSettings(
            schedule=schedule,
            webhook=webhook,
            metadata=metadata,
            note=note,
            locked=locked,
            read_at=self._clock.now(),
        )

    async def change_schedule(self, connection: ConnectionId, change: ScheduleChange) -> SyncSchedule:
        """Change when a connection syncs, and return how it syncs now; what is not named stays.

        Raises:
            UsageError: a value is out of range; `field` names the setting.
            InvalidRequest: the server refuses a value; `field` names the setting.
            NotOffered: this server has no such settings.
        """
        check_schedule(change)
        before = (
            await self._tokens.use(connection, lambda token: self._api.schedule(token, Priority.PERSON))
        ).value
        wanted = change.applied(before)
        if wanted == before:
            return before
        after = (
            await self._tokens.use(connection, lambda token: self._api.set_schedule(token, wanted))
        ).value
        self._learn(connection, after)
        if difference := settings_words.schedule_difference(before, after):
            self._tell(connection, _("Sync settings changed"), difference)
        for setting, kept in _kept(change, after).items():
            error = InvalidRequest(
                _("Makini took the change and kept the {setting} as it was: {kept}.").format(
                    setting=settings_words.setting_name(setting), kept=kept
                )
            )
            error.field = setting.value
            raise error
        return after

    async def change_webhook(self, connection: ConnectionId, change: WebhookChange) -> Webhook:
        """Change where a connection's events go, and return where they go now; what is not named stays.

        Raises:
            UsageError: the address cannot be used; `field` names the setting.
            InvalidRequest: the server refuses a value; `field` names the setting.
            NotOffered: this server has no such settings; the sentence says where they are made.
        """
        check_webhook(change)
        before = (
            await self._tokens.use(connection, lambda token: self._api.webhook(token, Priority.PERSON))
        ).value
        wanted = change.applied(before)
        if wanted == before and change.secret is None:
            return before
        after = (
            await self._tokens.use(
                connection, lambda token: self._api.set_webhook(token, wanted, change.secret)
            )
        ).value
        self._tell(
            connection,
            _("Webhook settings changed"),
            settings_words.webhook_difference(before, after, secret=change.secret is not None),
        )
        return after

    async def set_metadata(
        self, connection: ConnectionId, entries: Sequence[Metadatum]
    ) -> tuple[Metadatum, ...]:
        """Add or replace entries, and return all there are now; Makini lets none be removed.

        Raises:
            UsageError: an entry has no key.
            NoClientSecret: metadata is the administrator's.
        """
        wanted = {each.key.strip(): each.value for each in entries}
        if not all(wanted):
            raise UsageError(_("Metadata needs a key for every value."), field=Setting.METADATA.value)
        before = {each.key: each.value for each in await self._metadata(connection)}
        changed = tuple(Metadatum(key, value) for key, value in wanted.items() if before.get(key) != value)
        if not changed:
            return tuple(Metadatum(key, value) for key, value in before.items())
        await self._api.set_metadata(connection, changed)
        self._tell(connection, _("Metadata changed"), settings_words.metadata_difference(changed))
        return await self._metadata(connection)

    async def note(self, connection: ConnectionId) -> str:
        """Return the note on a connection, empty without one."""
        return (await self._database.notes(self._account().name)).get(connection, "")

    async def save_note(self, connection: ConnectionId, text: str) -> None:
        """Keep a note on a connection; an empty one is removed.

        Raises:
            UsageError: it is too long.
        """
        self._row(connection)
        if len(text) > NOTE_LENGTH:
            raise UsageError(
                _("A note can have {count} characters.").format(count=f"{NOTE_LENGTH:,}"), field="note"
            )
        if text.strip() == await self.note(connection):
            return
        await self._database.save_note(self._account().name, connection, text.strip())
        self._tell(connection, _("Note changed") if text.strip() else _("Note removed"), "")

    async def _metadata(self, connection: ConnectionId) -> tuple[Metadatum, ...]:
        return (await self._api.metadata(connection)).value

    def _learn(self, connection: ConnectionId, schedule: SyncSchedule) -> None:
        """Let lateness go by the interval that holds now."""
        if schedule.interval_minutes:
            self._ledger.note(connection, (), interval_seconds=schedule.interval_minutes * 60.0)

    def _tell(self, connection: ConnectionId, headline: str, detail: str) -> None:
        self._ledger.tell(connection, ActivityKind.SETTING, headline, detail=detail)

    def _row(self, connection: ConnectionId) -> Row:
        row = self._store.row(connection)
        if row is None or not row.connection.readable:
            raise UsageError(_("There is no connection “{id}” in this account.").format(id=connection))
        return row


def check_schedule(change: ScheduleChange) -> None:
    """Check what the contract says of a schedule's values.

    Raises:
        UsageError: a value is out of range; `field` names the setting.
    """
    if change.interval_minutes is not None and change.interval_minutes not in INTERVAL_MINUTES:
        raise UsageError(settings_words.interval_range(), field=Setting.INTERVAL.value)
    if change.history_days is not None and change.history_days not in HISTORY_DAYS:
        raise UsageError(settings_words.history_range(), field=Setting.HISTORY.value)
    if change.mode is SyncMode.UNKNOWN:
        raise UsageError(_("The sync mode is scheduled or webhook."), field=Setting.MODE.value)


def check_webhook(change: WebhookChange) -> None:
    """Check that an address is one, and holds no secret that would be shown with it.

    Raises:
        UsageError: it cannot be used; `field` names the setting.
    """
    if not change.url:
        return
    try:
        parts = urlsplit(change.url)
        good = parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or not change.url.isprintable() or " " in change.url:
        raise UsageError(
            _("The webhook address has to be a web address, such as https://example.com/makini."),
            field=Setting.WEBHOOK_URL.value,
        )
    if "@" in parts.netloc:
        raise UsageError(
            _("The webhook address is shown to everybody here; leave name and password out of it."),
            field=Setting.WEBHOOK_URL.value,
        )


def setting_of(field: str) -> Setting | None:
    """Return the setting that the server calls `field`, None where it is none of ours."""
    name = field.rpartition(".")[2]
    return next((each for each in Setting if each.value == name), None)


async def _readable(
    reading: Awaitable[T], settings: Sequence[Setting], locked: dict[Setting, str]
) -> T | None:
    """Return what was read; where it could not be, None, with the reason in `locked`."""
    try:
        return await reading
    except MakiniDesktopError as error:
        _log.info("%s not read: %s", settings[0].value, error)
        locked |= dict.fromkeys(settings, str(error))
        return None


def _untold(schedule: SyncSchedule) -> dict[Setting, str]:
    """Return what a server that has settings does not tell, which is then none of its settings."""
    told = {
        Setting.MODE: bool(schedule.mode_word),
        Setting.INTERVAL: schedule.interval_minutes is not None,
        Setting.HISTORY: schedule.history_days is not None,
    }
    return {
        setting: _("This server does not offer the {setting}.").format(
            setting=settings_words.setting_name(setting)
        )
        for setting, known in told.items()
        if not known
    }


def _kept(change: ScheduleChange, after: SyncSchedule) -> Mapping[Setting, str]:
    """Return what a server has not changed although it said yes, with what it is."""
    made = change.applied(after)
    return {
        setting: words
        for setting, same, words in (
            (Setting.MODE, made.mode is after.mode, settings_words.mode_words(after)),
            (
                Setting.INTERVAL,
                made.interval_minutes == after.interval_minutes,
                settings_words.minutes_words(after.interval_minutes),
            ),
            (
                Setting.HISTORY,
                made.history_days == after.history_days,
                settings_words.days_words(after.history_days),
            ),
        )
        if not same
    }
