"""Before a login that would make a second connection of somebody who has one: the warning."""

from __future__ import annotations

import msgspec

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import LoginOutcome, LoginPath, NewConnection, Repaired
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.ports import Database
from makini_desktop.services.store import Row

_NAMED_AT_MOST = 3


class DuplicateWarning(msgspec.Struct, frozen=True):
    """A login would make a duplicate, or may; `words` end with what to do instead.

    Attributes:
        existing: the connections that there would be a second one of.
    """

    words: str
    existing: tuple[ConnectionId, ...]


class DoubtedLogin(msgspec.Struct, frozen=True):
    """A login that a person ordered and is asked about first: it would make a second connection.

    Attributes:
        path: as it was ordered.
    """

    connection: ConnectionId
    path: LoginPath | None
    words: str


class Duplicates:
    """Knows when a login makes a duplicate.

    Args:
        database: keeps whether this account's reconnects have come back as new connections.
    """

    def __init__(self, parts: AccountParts, database: Database) -> None:
        self._account = parts.account
        self._store = parts.store
        self._database = database
        self._come_back_new = False

    async def load(self) -> None:
        """Take up what was learned in earlier runs."""
        self._come_back_new = await self._database.setting(self._key()) == "yes"

    async def learn(self, outcome: LoginOutcome) -> None:
        """Take in whether a reconnect came back as the same connection or as a new one."""
        match outcome:
            case NewConnection():
                new = True
            case Repaired():
                new = False
            case _:
                return
        if new is not self._come_back_new:
            self._come_back_new = new
            await self._database.set_setting(self._key(), "yes" if new else "no")

    def before_reconnect(self, connection: ConnectionId) -> DuplicateWarning | None:
        """Return a warning if signing in for a connection is known to make a second one."""
        row = self._store.row(connection)
        if row is None:
            return None
        name = row.connection.name
        if row.health is Health.DISCONNECTED:
            return DuplicateWarning(
                _(
                    "The connection of {customer} was ended. Signing in makes a new one, which can take over "
                    "its history and notes afterwards."
                ).format(customer=name),
                (connection,),
            )
        if self._come_back_new:
            return DuplicateWarning(
                _(
                    "The last sign-in of this account came back as a new connection beside the old one. For "
                    "{customer} that would be a second one; you are asked then whether it takes the place of "
                    "the first."
                ).format(customer=name),
                (connection,),
            )
        return None

    def doubted(self, connection: ConnectionId, path: LoginPath | None) -> DoubtedLogin | None:
        """Return what to ask before a login for a connection begins, None if nothing speaks against it."""
        warning = self.before_reconnect(connection)
        return None if warning is None else DoubtedLogin(connection, path, warning.words)

    def before_connect(self, system: str, company: str = "") -> DuplicateWarning | None:
        """Return a warning if a new customer of a system may be one of those connected already.

        Args:
            system: the system that was chosen.
            company: the customer, where they are known before they sign in.
        """
        same = [row for row in self._store.rows.values() if _is_one(row, system, company)]
        if not same:
            return None
        names = ", ".join(sorted(row.connection.name for row in same)[:_NAMED_AT_MOST])
        more = len(same) - _NAMED_AT_MOST
        if more > 0:
            names = ngettext("{names} and {count} more", "{names} and {count} more", more).format(
                names=names, count=more
            )
        words = ngettext(
            "There is a connection to {system} already: {names}. If that customer signs in, there may be two "
            "of them. Reconnect it instead if it is the one you mean.",
            "There are {count} connections to {system} already: {names}. If one of these customers signs in, "
            "there may be two of them. Reconnect theirs instead if it is the one you mean.",
            len(same),
        )
        return DuplicateWarning(
            words.format(system=system, names=names, count=len(same)), tuple(row.id for row in same)
        )

    def _key(self) -> str:
        return f"login.comes_back_new.{self._account().name}"


def _is_one(row: Row, system: str, company: str) -> bool:
    if row.health is Health.DISCONNECTED or not row.connection.readable:
        return False
    same = row.connection.system.casefold() == system.strip().casefold()
    return same and (not company or row.connection.name.casefold() == company.strip().casefold())
