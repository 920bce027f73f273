"""The times of a connection, and how times are said.

Times are said in the zone `tz`, the computer's own where it is None.
"""

from __future__ import annotations

import datetime as calendar
from datetime import datetime, timedelta, tzinfo

from makini_desktop.core.text import _, ngettext
from makini_desktop.services.store import Row

NOTHING = "–"
"""Stands where there is no value."""


def last_good_at(row: Row) -> datetime | None:
    """Return when the last good sync was, as far as it is known."""
    return row.facts.sync.status.last_good_at if row.facts.sync is not None else None


def next_at(row: Row) -> datetime | None:
    """Return when the next sync is due, as far as it is known."""
    return row.facts.sync.status.next_at if row.facts.sync is not None else None


def token_ends_at(row: Row) -> datetime | None:
    """Return when our token ends, as far as it is known."""
    return row.facts.token.expires_at if row.facts.token is not None else None


def token_end(row: Row, now: datetime) -> str:
    """Return how long the connection's token lasts, in the list's words."""
    token = row.facts.token
    if token is None:
        return NOTHING
    if not token.present:
        return _("no token")
    if token.expires_at is None:
        return NOTHING
    return span(token.expires_at - now) if token.expires_at > now else _("ended")


def span(length: timedelta) -> str:
    """Return a length of time in its largest whole unit, for example "3 h"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return _("{count} s").format(count=seconds)
    if seconds < 3600:
        return _("{count} min").format(count=seconds // 60)
    if seconds < 2 * 86400:
        return _("{count} h").format(count=seconds // 3600)
    days = seconds // 86400
    return ngettext("{count} day", "{count} days", days).format(count=days)


def relative(moment: datetime | None, now: datetime) -> str:
    """Return how long ago `moment` was, for example "3 h ago"."""
    if moment is None:
        return NOTHING
    if now - moment < timedelta(seconds=5):
        return _("just now")
    return _("{span} ago").format(span=span(now - moment))


def until(moment: datetime | None, now: datetime) -> str:
    """Return how long it is until `moment`, for example "in 10 min"."""
    if moment is None:
        return NOTHING
    if moment <= now:
        return _("due")
    return _("in {span}").format(span=span(moment - now))


def day(moment: datetime, now: datetime, tz: tzinfo | None = None) -> str:
    """Return the day of `moment`: today, yesterday, or a date."""
    local, today = moment.astimezone(tz), now.astimezone(tz).date()
    if local.date() == today:
        return _("Today")
    if local.date() == today - timedelta(days=1):
        return _("Yesterday")
    return date(moment, tz)


def date(moment: datetime, tz: tzinfo | None = None) -> str:
    """Return a date, for example "12 Mar 2026"."""
    local = moment.astimezone(tz)
    months = _("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
    return _("{day} {month} {year}").format(day=local.day, month=months[local.month - 1], year=local.year)


def short_date(day: calendar.date) -> str:
    """Return a day of the year, for example "12 Mar"."""
    months = _("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
    return _("{day} {month}").format(day=day.day, month=months[day.month - 1])


def moment_exact(moment: datetime, tz: tzinfo | None = None) -> str:
    """Return date and time to the second, for example "12 Mar 2026, 09:14:07"."""
    return _("{date}, {time}").format(date=date(moment, tz), time=f"{moment.astimezone(tz):%H:%M:%S}")


def moment_short(moment: datetime, now: datetime, tz: tzinfo | None = None) -> str:
    """Return the time of day, with the date where it was not today."""
    time = f"{moment.astimezone(tz):%H:%M}"
    if moment.astimezone(tz).date() == now.astimezone(tz).date():
        return time
    return _("{date}, {time}").format(date=date(moment, tz), time=time)
