"""What is said of a new connection beside an old one, in the person's language."""

from __future__ import annotations

from collections.abc import Mapping

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services.store import Row


def adoption_question(customer: str) -> str:
    """Return the question whether a new connection takes the place of an old one."""
    return _("{customer}: let the new connection take the place of the old one?").format(customer=customer)


def adoption_consequences(old: ConnectionId, new: ConnectionId) -> str:
    """Return why it is asked, what moves and ends, and what happens otherwise."""
    return _(
        "The sign-in came back as a new connection ({new}) beside the old one ({old}).\n\n"
        "If it takes over: sync settings, webhook, metadata, note, mute and history move to the new one. "
        "The old one is disconnected and its token stops working at once. The secret of its webhook has to "
        "be set again.\n\n"
        "If you keep both: nothing is changed, and both are watched."
    ).format(old=old, new=new)


def beside(row: Row, adoptions: Mapping[ConnectionId, ConnectionId]) -> tuple[ConnectionId, str] | None:
    """Return the old connection of the question that a row is part of, and what its detail says of it.

    Args:
        row: the connection that is shown.
        adoptions: what is asked, new connections by old ones.
    """
    if row.id in adoptions:
        return row.id, _("A new connection of this customer stands beside this one")
    old = next((old for old, new in adoptions.items() if new == row.id), None)
    return None if old is None else (old, _("This connection stands beside an older one"))
