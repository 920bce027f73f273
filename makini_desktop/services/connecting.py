"""Orders about a connection's beginning and end, and what is set for it in between.

What comes of an order is seen in the store (`Detail.settings`, `platforms`, the rows), or told as a notice.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import msgspec

from makini_desktop.core.event import Event
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import InvalidRequest, MakiniDesktopError, UsageError
from makini_desktop.domain.login import LoginFailed, LoginPath, Stage
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.settings import (
    ConnectionSettings,
    Metadatum,
    ScheduleChange,
    Setting,
    WebhookChange,
)
from makini_desktop.domain.sync import Sync
from makini_desktop.services import settings_words
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.disconnect import Disconnect
from makini_desktop.services.hand_over import HandedToken, HandOver
from makini_desktop.services.login_words import outcome_sentence
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.new_connections import Applicant, NewConnections, connected, other_system
from makini_desktop.services.orders import Orders
from makini_desktop.services.ports import Database
from makini_desktop.services.reconnect import Reconnect
from makini_desktop.services.settings import Settings, check_schedule, setting_of
from makini_desktop.services.store import Tone
from makini_desktop.services.syncs import Syncs
from makini_desktop.services.token_list import TokenList

Ended = Callable[[bool], None]
"""Told whether a change was made."""

CONNECT = "connect"
"""The name of the task that waits for a new customer's sign-in; there is one at a time."""


def _unheard(_made: bool) -> None:
    """Stand for nobody who wants to know."""


class Connecting:
    """Connects, disconnects, sets and hands over.

    A command line, which waits for what it orders, uses what stands behind the orders.

    Args:
        cancel_reconnect: closes the login of a connection, unless it is past the sign-in.
        follow: follows a sync to its end and tells of it.

    Attributes:
        new: makes new connections.
        ending: ends connections.
        settings: reads and changes settings.
        hand_over: gives tokens away.
    """

    def __init__(
        self,
        parts: AccountParts,
        database: Database,
        monitor: Monitor,
        syncs: Syncs,
        token_list: TokenList,
        reconnect: Reconnect,
        orders: Orders,
        *,
        cancel_reconnect: Callable[[ConnectionId], None],
        follow: Callable[[ConnectionId, Sync], None],
    ) -> None:
        self._orders = orders
        self._store = parts.store
        self.settings = Settings(parts, database)
        self.ending = Disconnect(parts, monitor, syncs)
        self.hand_over = HandOver(parts)
        self.new = NewConnections(parts, monitor, token_list, reconnect, self.settings)
        self._reconnect = reconnect
        self._cancel_reconnect = cancel_reconnect
        self._follow = follow

    def load_platforms(self, ended: Callable[[str], None]) -> None:
        """Fetch the systems that a customer can connect, into the store.

        Args:
            ended: told why they could not be fetched; nothing, if they were.
        """
        self._orders.start("platforms", None, self._load_platforms(ended))

    def connect(
        self,
        system: Platform | None = None,
        interval_minutes: int | None = None,
        history_days: int | None = None,
        path: LoginPath | None = None,
    ) -> None:
        """Let a new customer sign in, set how they sync, and follow their first sync.

        Args:
            system: which one is expected; the customer chooses on the login page.
            interval_minutes, history_days: None leaves it to the server.
            path: where they sign in; None for the one chosen before.
        """
        change = ScheduleChange(interval_minutes=interval_minutes, history_days=history_days)
        self._connect(self._by_login(system, path, change))

    def connect_by_credentials(
        self,
        applicant: Applicant,
        interval_minutes: int | None = None,
        history_days: int | None = None,
        *,
        refused: Callable[[MakiniDesktopError], None],
        created: Callable[[], None],
    ) -> None:
        """Create a connection by its system's credentials, set how it syncs, and follow its first sync.

        Args:
            applicant: the customer.
            interval_minutes, history_days: None leaves it to the server.
            refused: told why there is no connection; `field` of the error names what was wrong.
            created: told as soon as there is one.
        """
        change = ScheduleChange(interval_minutes=interval_minutes, history_days=history_days)
        self._connect(self._by_credentials(applicant, change, refused, created))

    def cancel_connect(self) -> None:
        """Close the login of a new customer; a code that has come already is still put to use."""
        self._orders.cancel(CONNECT)

    @property
    def connecting(self) -> bool:
        """True while a new customer signs in or is set up."""
        return self._orders.running(CONNECT)

    @property
    def stage(self) -> Stage | None:
        """Where the login of a new customer stands, None while there is none."""
        return self._reconnect.connecting

    @property
    def stage_changed(self) -> Event[Stage | None]:
        """The new value of that."""
        return self._reconnect.connecting_changed

    def disconnect_question(self, connection: ConnectionId) -> tuple[str, str]:
        """Return what to ask before a connection is ended, and what ends and what stays."""
        return settings_words.disconnect_question(self._store.rows[connection])

    def disconnect(self, connection: ConnectionId) -> None:
        """End a connection, with what runs for it; the question was answered."""
        self._orders.start(f"disconnect {connection}", connection, self._run_disconnect(connection))

    def settle(self) -> None:
        """Finish what a run that died has left of ending connections."""
        self._orders.start("settle disconnects", None, self.ending.settle())

    def load_settings(self, connection: ConnectionId) -> None:
        """Fetch a connection's settings, into its detail."""
        self._orders.start(f"settings {connection}", connection, self._load_settings(connection))

    def change_schedule(
        self, connection: ConnectionId, change: ScheduleChange, ended: Ended = _unheard
    ) -> None:
        """Change how a connection syncs."""
        self._change(
            connection,
            self.settings.change_schedule(connection, change),
            lambda settings, schedule: msgspec.structs.replace(settings, schedule=schedule),
            ended,
        )

    def change_webhook(
        self, connection: ConnectionId, change: WebhookChange, ended: Ended = _unheard
    ) -> None:
        """Change where a connection's events go."""
        self._change(
            connection,
            self.settings.change_webhook(connection, change),
            lambda settings, webhook: msgspec.structs.replace(settings, webhook=webhook),
            ended,
        )

    def set_metadata(
        self, connection: ConnectionId, entries: Sequence[Metadatum], ended: Ended = _unheard
    ) -> None:
        """Add entries to a connection's metadata, or replace those of the same key."""
        self._change(
            connection,
            self.settings.set_metadata(connection, entries),
            lambda settings, metadata: msgspec.structs.replace(settings, metadata=metadata),
            ended,
        )

    def save_note(self, connection: ConnectionId, text: str, ended: Ended = _unheard) -> None:
        """Keep a note on a connection; an empty one is removed."""
        self._change(
            connection,
            self.settings.save_note(connection, text),
            lambda settings, _none: msgspec.structs.replace(settings, note=text.strip()),
            ended,
        )

    def token_question(self, connection: ConnectionId) -> tuple[str, str]:
        """Return what to ask before a token is copied, and what follows from it."""
        return settings_words.token_question(self._store.rows[connection])

    def copy_token(self, connection: ConnectionId, copy: Callable[[HandedToken], None]) -> None:
        """Give a token that works to `copy`; that it went to the clipboard is noted without it."""
        self._orders.start(f"token {connection}", connection, self._copy_token(connection, copy))

    async def _copy_token(self, connection: ConnectionId, copy: Callable[[HandedToken], None]) -> None:
        copy(await self.hand_over.token(connection, _("copied to the clipboard")))

    def _connect(self, work: Coroutine[Any, Any, None]) -> None:
        if not self._orders.start(CONNECT, None, work):
            self._orders.notice(_("A new connection is being made already. End that first."), Tone.PLAIN)

    async def _load_platforms(self, ended: Callable[[str], None]) -> None:
        try:
            await self.new.platforms()
        except MakiniDesktopError as error:
            ended(str(error))
        else:
            ended("")

    async def _by_login(
        self, system: Platform | None, path: LoginPath | None, change: ScheduleChange
    ) -> None:
        check_schedule(change)
        outcome = await self.new.by_login(system, path)
        connection = connected(outcome)
        if connection is None:
            request_id = outcome.request_id if isinstance(outcome, LoginFailed) else None
            self._orders.notice(
                outcome_sentence(outcome, ""),
                Tone.BAD if isinstance(outcome, LoginFailed) else Tone.PLAIN,
                details=_("request {id}").format(id=request_id) if request_id else "",
            )
            return
        self._orders.notice(
            outcome_sentence(outcome, self._orders.customer(connection)), Tone.GOOD, connection
        )
        row = self._store.row(connection)
        if row is not None and (words := other_system(system, row)):
            self._orders.notice(words, Tone.BAD, connection)
        await self._begin(connection, change)

    async def _by_credentials(
        self,
        applicant: Applicant,
        change: ScheduleChange,
        refused: Callable[[MakiniDesktopError], None],
        created: Callable[[], None],
    ) -> None:
        try:
            check_schedule(change)
            row = await self.new.by_credentials(applicant)
        except MakiniDesktopError as error:
            refused(error)
            return
        created()
        self._orders.notice(
            _("{customer} is connected.").format(customer=row.connection.name), Tone.GOOD, row.id
        )
        await self._begin(row.id, change)

    async def _begin(self, connection: ConnectionId, change: ScheduleChange) -> None:
        """Set up what was asked for, and follow the first sync like any other."""
        if why := await self.new.set_up(connection, change):
            self._orders.notice(
                _("{customer} is connected; how it syncs was not set: {why}").format(
                    customer=self._orders.customer(connection), why=why
                ),
                Tone.BAD,
                connection,
            )
        sync = await self.new.first_sync(connection)
        if sync is not None:
            self._follow(connection, sync)

    async def _run_disconnect(self, connection: ConnectionId) -> None:
        customer = self._orders.customer(connection)
        self._cancel_reconnect(connection)
        await self._orders.ended(f"reconnect {connection}")
        for work in ("sync", "check", "watch", "detail", "refresh"):
            self._orders.cancel(f"{work} {connection}")
            await self._orders.ended(f"{work} {connection}")
        await self.ending.run(connection)
        self._orders.notice(settings_words.disconnected(customer), Tone.PLAIN, connection)
        await self._load_settings(connection)

    async def _load_settings(self, connection: ConnectionId) -> None:
        self._show(connection, await self.settings.read(connection))

    def _change(
        self,
        connection: ConnectionId,
        work: Coroutine[Any, Any, Any],
        taken: Callable[[ConnectionSettings, Any], ConnectionSettings],
        ended: Ended,
    ) -> None:
        """Carry a change out, one at a time for a connection, and show what came of it."""
        name = f"change {connection}"
        if not self._orders.start(name, connection, self._changed(connection, work, taken, ended)):
            work.close()
            ended(False)
            self._orders.notice(
                _("A change of {customer} is being saved. Try again in a moment.").format(
                    customer=self._orders.customer(connection)
                ),
                Tone.PLAIN,
                connection,
            )

    async def _changed(
        self,
        connection: ConnectionId,
        work: Coroutine[Any, Any, Any],
        taken: Callable[[ConnectionSettings, Any], ConnectionSettings],
        ended: Ended,
    ) -> None:
        self._refuse(connection, {})
        try:
            value = await work
        except MakiniDesktopError as error:
            if isinstance(error, (UsageError, InvalidRequest)):
                setting = setting_of(error.field)
                self._refuse(connection, {setting: str(error)} if setting is not None else {})
            ended(False)
            raise
        self._show(connection, taken(self._store.detail(connection).settings, value))
        ended(True)

    def _refuse(self, connection: ConnectionId, refused: Mapping[Setting, str]) -> None:
        settings = self._store.detail(connection).settings
        self._show(connection, msgspec.structs.replace(settings, refused=refused))

    def _show(self, connection: ConnectionId, settings: ConnectionSettings) -> None:
        known = self._store.detail(connection)
        self._store.put_detail(connection, msgspec.structs.replace(known, settings=settings))
