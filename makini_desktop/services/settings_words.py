"""What is said of a connection's settings, and of connecting and disconnecting, in the person's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import assert_never

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.settings import (
    HISTORY_DAYS,
    INTERVAL_MINUTES,
    Metadatum,
    Setting,
    SyncMode,
    SyncSchedule,
    Webhook,
)
from makini_desktop.services.hand_over import HandedToken
from makini_desktop.services.moments import moment_exact
from makini_desktop.services.store import Row


def setting_name(setting: Setting) -> str:
    """Return what a setting is called."""
    match setting:
        case Setting.MODE:
            return _("sync mode")
        case Setting.INTERVAL:
            return _("sync interval")
        case Setting.HISTORY:
            return _("history window")
        case Setting.WEBHOOK_URL:
            return _("webhook address")
        case Setting.WEBHOOK_EVENTS:
            return _("webhook events")
        case Setting.WEBHOOK_SECRET:
            return _("webhook secret")
        case Setting.METADATA:
            return _("metadata")
        case _:
            assert_never(setting)


def mode_words(schedule: SyncSchedule) -> str:
    """Return what starts a connection's syncs; a word that we do not know as the server spelt it."""
    match schedule.mode:
        case SyncMode.SCHEDULED:
            return _("on a schedule")
        case SyncMode.WEBHOOK:
            return _("in real time, by webhook")
        case SyncMode.UNKNOWN:
            return schedule.mode_word or _("not told")
        case _:
            assert_never(schedule.mode)


def minutes_words(minutes: int | None) -> str:
    """Return an interval."""
    if minutes is None:
        return _("not told")
    if minutes % 60 == 0 and minutes > 0:
        hours = minutes // 60
        return ngettext("{count} hour", "{count} hours", hours).format(count=hours)
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)


def days_words(days: int | None) -> str:
    """Return a history window."""
    return _("not told") if days is None else ngettext("{count} day", "{count} days", days).format(count=days)


def interval_range() -> str:
    """Return why an interval cannot be used."""
    return _("The sync interval has to be {least} to {most} minutes.").format(
        least=INTERVAL_MINUTES[0], most=INTERVAL_MINUTES[-1]
    )


def history_range() -> str:
    """Return why a history window cannot be used."""
    return _("The history window has to be {least} to {most} days.").format(
        least=HISTORY_DAYS[0], most=HISTORY_DAYS[-1]
    )


def schedule_difference(before: SyncSchedule, after: SyncSchedule) -> str:
    """Return what a change has changed, for the timeline; empty for nothing."""
    return _differences(
        {
            setting_name(Setting.MODE): (mode_words(before), mode_words(after)),
            setting_name(Setting.INTERVAL): (
                minutes_words(before.interval_minutes),
                minutes_words(after.interval_minutes),
            ),
            setting_name(Setting.HISTORY): (days_words(before.history_days), days_words(after.history_days)),
        }
    )


def webhook_difference(before: Webhook, after: Webhook, *, secret: bool) -> str:
    """Return what a change has changed, for the timeline; of the secret only that there is a new one."""
    said = _differences(
        {
            setting_name(Setting.WEBHOOK_URL): (before.url or _("none"), after.url or _("none")),
            setting_name(Setting.WEBHOOK_EVENTS): (_listed(before.events), _listed(after.events)),
        }
    )
    return ", ".join(filter(None, (said, _("new webhook secret") if secret else "")))


def metadata_difference(entries: tuple[Metadatum, ...]) -> str:
    """Return which keys were set, for the timeline."""
    return ", ".join(each.key for each in entries)


def disconnect_question(row: Row) -> tuple[str, str]:
    """Return what a person is asked before a connection is ended, and what ends and what stays."""
    return (
        _("Disconnect {customer} ({system})?").format(
            customer=row.connection.name, system=row.connection.system
        ),
        _(
            "Its token stops working at once, for your own software too, and Makini no longer fetches its "
            "records. Records fetched so far stay at Makini; history and notes stay here. Only a new sign-in "
            "of the customer connects it again."
        ),
    )


def disconnected(customer: str) -> str:
    """Return that a connection was ended."""
    return _("{customer} is disconnected. Its token is removed; its history stays.").format(customer=customer)


def token_question(row: Row) -> tuple[str, str]:
    """Return what a person is asked before a token is copied, and what follows from it."""
    return (
        _("Copy the token of {customer}?").format(customer=row.connection.name),
        _(
            "Whoever has it can read all that this connection gives access to. It is cleared from the "
            "clipboard after 30 seconds, and the copy is noted in the activity."
        ),
    )


def handed_over(handed: HandedToken, tz: tzinfo | None = None) -> str:
    """Return how long a token that was handed over will do."""
    if handed.renewed_at is not None:
        return _(
            "It works until {time}: then this program renews it, and only the new one works. Ask for it "
            "again."
        ).format(time=moment_exact(handed.renewed_at, tz))
    if handed.ends_at is not None:
        return _("It works until {time}.").format(time=moment_exact(handed.ends_at, tz))
    return _("Makini does not say how long it works.")


def _differences(values: Mapping[str, tuple[str, str]]) -> str:
    return ", ".join(
        _("{name}: {before} → {after}").format(name=name, before=before, after=after)
        for name, (before, after) in values.items()
        if before != after
    )


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words) or _("none")
