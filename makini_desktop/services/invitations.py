"""Links with which customers sign in themselves, and what shows that they have (contract section 2)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from urllib.parse import quote

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.attempt import authorize_url
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError, UsageError
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import LoginPath
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.login_paths import LoginPaths
from makini_desktop.services.moments import moment_exact
from makini_desktop.services.monitor import Monitor
from makini_desktop.services.orders import Orders
from makini_desktop.services.ports import Database, Priority
from makini_desktop.services.store import Row, Tone
from makini_desktop.services.wording import reason_short

_log = logging.getLogger(__name__)

_BACK = frozenset({Health.HEALTHY, Health.SYNCING, Health.LATE, Health.FAILING, Health.STUCK})
"""Healths in which the customer's sign-in holds."""


class Sent(Enum):
    """How a link went its way."""

    COPIED = "copied"
    MAILED = "mailed"


class Invitation(msgspec.Struct, frozen=True):
    """A message to a customer, to be edited before use; the link holds no secret."""

    subject: str
    text: str
    link: str
    email: str

    def mail_address(self, text: str | None = None) -> str:
        """Return what opens the mail program with it (RFC 6068).

        Args:
            text: what became of the text; None for the one proposed.
        """
        body = (self.text if text is None else text).replace("\r\n", "\n").replace("\n", "\r\n")
        return f"mailto:{quote(self.email, safe='@')}?subject={quote(self.subject)}&body={quote(body)}"


class Invitations:
    """Drafts links, and notices when a customer comes back.

    Args:
        database: keeps which links are out.
        orders: carry out what follows when a customer comes back.
    """

    def __init__(
        self, parts: AccountParts, paths: LoginPaths, monitor: Monitor, database: Database, orders: Orders
    ) -> None:
        self._account = parts.account
        self._store = parts.store
        self._locks = parts.locks
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._paths = paths
        self._monitor = monitor
        self._database = database
        self._orders = orders
        self._out: dict[ConnectionId, datetime] = {}
        self._store.changed.subscribe(self._rows_changed)

    @property
    def out(self) -> Mapping[ConnectionId, datetime]:
        """The connections whose customer was sent a link and has not come back, and since when."""
        return self._out

    async def load(self) -> None:
        """Take up which links are out."""
        self._out = await self._kept()

    async def draft(self, connection: ConnectionId) -> Invitation:
        """Return a message with the link, ready to be sent: the cause, since when, and what to do.

        Raises:
            UsageError: there is no such connection, or the account has no redirect for customers.
            MakiniDesktopError: the account could not be asked for its redirects.
        """
        row = self._store.row(connection)
        if row is None:
            raise UsageError(_("There is no connection “{id}” in this account.").format(id=connection))
        redirect = await self._paths.customer_redirect()
        if refusal := self._paths.refusal(LoginPath.LINK, connection):
            raise UsageError(refusal)
        link = authorize_url(self._account(), redirect, connection)
        return Invitation(
            subject=_("Please sign in to {system} again").format(system=row.connection.system),
            text=self._text(row, link),
            link=link,
            email=row.connection.email,
        )

    def prepare(
        self,
        connection: ConnectionId,
        ready: Callable[[Invitation], None],
        refused: Callable[[str], None],
    ) -> None:
        """Draft a message, as `draft` does, and hand it to `ready`; or say to `refused` why there is none."""
        self._orders.start(f"draft {connection}", connection, self._prepare(connection, ready, refused))

    def sent(self, connection: ConnectionId, how: Sent) -> None:
        """Note that a link went its way, as `note` does, and tell the person."""
        words = (
            _("The message for {customer} is copied. Send it to them; you are told when they have signed in.")
            if how is Sent.COPIED
            else _(
                "The message for {customer} is in your mail program. You are told when they have signed in."
            )
        )
        self._orders.notice(words.format(customer=self._orders.customer(connection)), Tone.PLAIN, connection)
        self._orders.start(f"link {connection}", connection, self.note(connection, how))

    async def note(self, connection: ConnectionId, how: Sent) -> None:
        """Note that a link went its way, and look out for the customer from now on."""
        sent_at = self._clock.now()
        self._out[connection] = sent_at
        self._ledger.tell(
            connection,
            ActivityKind.LOGIN,
            _("Link for the customer"),
            detail=_("Copied, to be sent to them.")
            if how is Sent.COPIED
            else _("Opened in the mail program."),
            health=Health.PENDING,
        )
        await self._keep(connection, sent_at)

    async def _prepare(
        self,
        connection: ConnectionId,
        ready: Callable[[Invitation], None],
        refused: Callable[[str], None],
    ) -> None:
        try:
            invitation = await self.draft(connection)
        except MakiniDesktopError as error:
            refused(str(error))
        else:
            ready(invitation)

    def _text(self, row: Row, link: str) -> str:
        names = {"customer": row.connection.name, "system": row.connection.system, "link": link}
        since = moment_exact(row.since)
        match row.health:
            case Health.RECONNECT_NEEDED:
                cause = _(
                    "our connection to your {system} has not worked since {since}: the sign-in that it uses "
                    "is no longer accepted ({reason})."
                ).format(since=since, reason=reason_short(row, self._clock.now()), **names)
            case Health.EXPIRING:
                cause = _("the sign-in that our connection to your {system} uses ends soon.").format(**names)
            case Health.DISCONNECTED:
                cause = _("our connection to your {system} ended on {since}.").format(since=since, **names)
            case _:
                cause = _("our connection to your {system} waits for your sign-in.").format(**names)
        return _(
            "Hello {customer},\n\n{cause}\n\nPlease open this link, sign in to {system} and allow the "
            "access:\n\n{link}\n\nThat takes two minutes, and the synchronization goes on by itself "
            "afterwards. We do not see your password. If the link no longer works, please tell us, and you "
            "get a new one.\n"
        ).format(cause=cause, **names)

    def _rows_changed(self, ids: frozenset[ConnectionId]) -> None:
        for connection in ids & self._out.keys():
            row = self._store.row(connection)
            if row is None or not _is_back(row, self._out[connection]):
                continue
            del self._out[connection]
            self._orders.start(f"link back {connection}", connection, self._keep(connection, None))
            self._orders.start(f"returned {connection}", connection, self._returned(row))

    async def _returned(self, row: Row) -> None:
        """Tell it once, and use the sign-in: if our token has ended, one is issued where that is allowed."""
        words = _("{customer} has signed in by the link.").format(customer=row.connection.name)
        self._ledger.tell(
            row.id, ActivityKind.LOGIN, _("Signed in by the link"), detail=words, health=Health.HEALTHY
        )
        self._orders.notice(words, Tone.GOOD, row.id)
        await self._monitor.check(row.id, Priority.PERSON)

    async def _keep(self, connection: ConnectionId, sent_at: datetime | None) -> None:
        """Keep whether a link is out; those that another process knows of meanwhile stay."""
        async with self._locks.hold(f"links {self._account().name}", wait=True):
            out = await self._kept()
            out.pop(connection, None)
            if sent_at is not None:
                out[connection] = sent_at
            await self._database.set_setting(self._key(), msgspec.json.encode(out).decode())

    async def _kept(self) -> dict[ConnectionId, datetime]:
        kept = await self._database.setting(self._key())
        try:
            return msgspec.json.decode(kept or "{}", type=dict[ConnectionId, datetime])
        except msgspec.DecodeError:
            _log.warning("which links are out cannot be read")
            return {}

    def _key(self) -> str:
        return f"login.links.{self._account().name}"


def _is_back(row: Row, sent_at: datetime) -> bool:
    """Tell whether status or list show a sign-in that came after the link went out."""
    connected = row.connection.connected_at
    if connected is not None and connected > sent_at:
        return True
    return row.health in _BACK and row.condition.evidence.at > sent_at
