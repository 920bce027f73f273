"""What is said of the repair queue, in the person's language."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

import msgspec

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.repair import (
    LinkSent,
    Refused,
    Repair,
    Repaired,
    RepairQueue,
    Running,
    Skipped,
    Stopped,
    Turn,
    Waiting,
    time_taken,
)
from makini_desktop.services.csv_table import csv_table
from makini_desktop.services.moments import NOTHING, span


class QueueWords(msgspec.Struct, frozen=True):
    """How the queue stands: the matter in a few words, and more of it."""

    matter: str
    words: str


def queue_words(queue: RepairQueue) -> QueueWords:
    """Return what is said of the whole queue."""
    if queue.is_ended:
        return QueueWords(_("Repair queue done"), summary(queue))
    total = len(queue.repairs)
    matter = _("Repair {number} of {total}").format(number=total - queue.left + 1, total=total)
    current = queue.current
    if current is not None and isinstance(current.turn, Stopped):
        return QueueWords(
            matter, _("{customer}: {words}").format(customer=named(current), words=current.turn.words)
        )
    if current is not None:
        return QueueWords(matter, _("{customer} is signing in.").format(customer=named(current)))
    following = queue.next
    if queue.paused and following is not None:
        return QueueWords(matter, _("Paused. Next is {customer}.").format(customer=named(following)))
    return QueueWords(matter, _("Opening the next sign-in…"))


def named(repair: Repair) -> str:
    """Return customer and system."""
    if not repair.system:
        return repair.customer
    return _("{customer} ({system})").format(customer=repair.customer, system=repair.system)


def summary(queue: RepairQueue) -> str:
    """Return how many ended in which way, and how long the sign-ins took, for example "3 repaired"."""
    done, refused, skipped, sent = (
        sum(isinstance(each.turn, kind) for each in queue.repairs)
        for kind in (Repaired, Refused, Skipped, LinkSent)
    )
    parts = [
        words.format(count=count)
        for count, words in (
            (done, ngettext("{count} repaired", "{count} repaired", done)),
            (refused, ngettext("{count} refused", "{count} refused", refused)),
            (skipped, ngettext("{count} skipped", "{count} skipped", skipped)),
            (sent, ngettext("{count} link sent", "{count} links sent", sent)),
        )
        if count
    ]
    if not parts:
        return ""
    return _("{parts}; {time} for the sign-ins.").format(parts=", ".join(parts), time=span(time_taken(queue)))


def turn_word(turn: Turn) -> str:
    """Return the word for where a repair stands."""
    match turn:
        case Waiting(later=later):
            return _("put off") if later else _("waiting")
        case Running():
            return _("signing in")
        case Stopped():
            return _("stopped")
        case Repaired():
            return _("repaired")
        case Refused():
            return _("refused")
        case Skipped():
            return _("skipped")
        case LinkSent():
            return _("link sent")
        case _:
            assert_never(turn)


def turn_words(turn: Turn) -> str:
    """Return why, where there is something to say."""
    return turn.words if isinstance(turn, (Stopped, Refused)) else ""


def turn_time(turn: Turn) -> str:
    """Return how long its sign-in was open."""
    if isinstance(turn, (Waiting, Running)) or not turn.seconds:
        return NOTHING
    return span(timedelta(seconds=turn.seconds))


def report(queue: RepairQueue) -> str:
    """Return the whole queue as CSV, to be pasted where it is needed."""
    columns = [_("Customer"), _("System"), _("Connection"), _("Result"), _("Seconds"), _("Why")]
    return csv_table(
        columns,
        [
            (
                each.customer,
                each.system,
                each.connection,
                turn_word(each.turn),
                "" if isinstance(each.turn, (Waiting, Running)) else f"{each.turn.seconds:.0f}",
                turn_words(each.turn),
            )
            for each in queue.repairs
        ],
    )
