"""New connections: which systems there are, a login or credentials that connect one, and its first sync."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError, PersonMustAct, UsageError
from makini_desktop.domain.login import Connected, LoginOutcome, LoginPath, NewConnection, Repaired
from makini_desktop.domain.platform import Platform, find
from makini_desktop.domain.settings import ScheduleChange
from makini_desktop.domain.sync import Sync
from makini_desktop.domain.token import Secret
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.ports import Priority
from makini_desktop.services.reconnect import Reconnect
from makini_desktop.services.settings import Settings
from makini_desktop.services.store import Row
from makini_desktop.services.token_list import TokenList

_log = logging.getLogger(__name__)


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """A customer who is connected by the credentials of their system, without a login.

    Attributes:
        credentials: what that system wants, by its own names; each counts as secret.
    """

    name: str
    email: str
    platform: Platform
    credentials: Mapping[str, Secret]


class NewConnections:
    """Connects customers that are not in the list yet."""

    def __init__(
        self,
        parts: AccountParts,
        monitor: Monitor,
        token_list: TokenList,
        reconnect: Reconnect,
        settings: Settings,
    ) -> None:
        self._api = parts.api
        self._tokens = parts.tokens
        self._store = parts.store
        self._monitor = monitor
        self._token_list = token_list
        self._reconnect = reconnect
        self._settings = settings

    async def platforms(self) -> tuple[Platform, ...]:
        """Return the systems that a customer can connect, by name.

        Raises:
            ClientRejected: only the administrator may ask.
        """
        found = (await self._api.platforms()).value
        ordered = tuple(sorted(found, key=lambda each: each.name.casefold()))
        self._store.set_platforms(ordered)
        return ordered

    async def platform(self, words: str) -> Platform:
        """Return the system that goes by a key or a name.

        Raises:
            UsageError: there is none; the sentence names those there are.
        """
        known = await self.platforms()
        platform = find(known, words)
        if platform is None:
            raise UsageError(
                _("Makini offers no system “{words}”. There are: {names}.").format(
                    words=words, names=", ".join(each.name for each in known) or _("none")
                ),
                field="system",
            )
        return platform

    async def by_login(self, platform: Platform | None, path: LoginPath | None) -> LoginOutcome:
        """Let a customer sign in as a new connection; on the login page they choose the system themselves.

        Args:
            platform: the system that is expected.
            path: where they sign in; None for the one that was chosen for the system before.
        """
        return await self._reconnect.connect_new(path, platform.name if platform is not None else "")

    async def by_credentials(self, applicant: Applicant) -> Row:
        """Create a connection by credentials, keep its token, and return its row.

        Raises:
            UsageError: name, e-mail or credentials are missing; `field` names which.
            InvalidRequest: the server refuses a value; `field` names it.
            PersonMustAct: it was created, and its token could not be kept; the sentence says what to do.
        """
        _check(applicant)
        pair = await self._api.create_connection(
            applicant.name, applicant.email, applicant.platform.key, applicant.credentials
        )
        try:
            row = await self._token_list.admit(pair, _("Connected by credentials."))
        except MakiniDesktopError as error:
            raise PersonMustAct(
                _(
                    "{customer} was created at Makini, but its token could not be tested and kept: {why} "
                    "Once it is in the list, reconnect it, or allow issuing tokens."
                ).format(customer=applicant.name, why=error),
                request_id=error.request_id,
            ) from error
        await self._monitor.read_list()
        await self._monitor.check(row.id, Priority.PERSON)
        return self._store.row(row.id) or row

    async def set_up(self, connection: ConnectionId, change: ScheduleChange) -> str:
        """Set how a new connection syncs, where the server lets that be set.

        Returns:
            Why it could not be set, as a sentence; empty where it was, or nothing was asked for.
        """
        if change.empty:
            return ""
        try:
            await self._settings.change_schedule(connection, change)
        except MakiniDesktopError as error:
            _log.info("new connection %s not set up: %s", connection, error)
            return str(error)
        return ""

    async def first_sync(self, connection: ConnectionId) -> Sync | None:
        """Return the sync that runs for a new connection, None where none is told of."""
        try:
            status = await self._tokens.use(
                connection, lambda token: self._api.sync_status(token, Priority.PERSON)
            )
        except MakiniDesktopError as error:
            _log.info("first sync of %s not seen: %s", connection, error)
            return None
        current = status.value.current
        return current if current is not None and current.state.running else None


def connected(outcome: LoginOutcome) -> ConnectionId | None:
    """Return the connection that a login brought, None where it brought none."""
    match outcome:
        case Connected(connection=connection) | Repaired(connection=connection):
            return connection
        case NewConnection(new=new):
            return new
        case _:
            return None


def other_system(expected: Platform | None, row: Row) -> str:
    """Return that a customer chose another system than was expected; empty where they did not."""
    if expected is None:
        return ""
    seen = row.facts.integration
    names = [row.connection.system, *([seen.integration.provider] if seen is not None else [])]
    if not any(names) or any(expected.called(name) for name in names):
        return ""
    return _("{customer} signed in to {system}, not to {expected}.").format(
        customer=row.connection.name, system=next(filter(None, names)), expected=expected.name
    )


def _check(applicant: Applicant) -> None:
    for field, filled, words in (
        ("name", applicant.name.strip(), _("A new connection needs a name.")),
        ("email", "@" in applicant.email, _("A new connection needs the customer's e-mail address.")),
        ("credentials", applicant.credentials, _("A new connection needs the credentials of its system.")),
    ):
        if not filled:
            raise UsageError(words, field=field)
