"""How a connection did, and its facts, to read and to copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import Uptime
from makini_desktop.services import moments
from makini_desktop.services.moments import span
from makini_desktop.services.store import Row
from makini_desktop.services.sync_words import sync_result
from makini_desktop.ui.panels.facts import Facts


def facts(row: Row, now: datetime) -> list[tuple[str, str]]:
    """Return names and values, those without a value left out."""
    connection = row.connection
    good, following = moments.last_good_at(row), moments.next_at(row)
    interval = row.facts.interval_seconds
    listed = [
        (_("Last good sync"), moments.moment_exact(good) if good else ""),
        (_("Last sync"), sync_result(row.sync) if row.sync is not None else ""),
        (_("Records"), _records(row)),
        (_("Next sync"), moments.moment_short(following, now) if following and _runs(row) else ""),
        (
            _("Interval"),
            _("every {span}").format(span=moments.span(timedelta(seconds=interval))) if interval else "",
        ),
        (_("Token ends"), token_words(row, now)),
        (_("Connected"), moments.moment_exact(connection.connected_at) if connection.connected_at else ""),
        (_("Created"), moments.moment_exact(connection.created_at) if connection.created_at else ""),
        (_("Email"), connection.email),
        (_("Entities"), ", ".join(connection.scopes)),
        (_("Tags"), ", ".join(connection.tags)),
        (_("Connection id"), connection.id),
    ]
    return [(name, value) for name, value in listed if value]


def token_words(row: Row, now: datetime) -> str:
    """Return when our token ends, that there is none, or nothing where that is not known."""
    token = row.facts.token
    ends = moments.token_ends_at(row)
    if token is not None and not token.present:
        return _("None of ours; watched by the list")
    if ends is None:
        return ""
    if ends <= now:
        return _("Ended {date}").format(date=moments.date(ends))
    return _("{date}, in {span}").format(date=moments.date(ends), span=moments.span(ends - now))


def uptime_facts(listed: Sequence[Uptime]) -> list[tuple[str, str]]:
    """Return how a connection did over each length of time, those of which nothing is known left out."""
    return [
        (
            ngettext("Last {count} day", "Last {count} days", uptime.days).format(count=uptime.days),
            _uptime_words(uptime, uptime.share),
        )
        for uptime in listed
        if uptime.share is not None
    ]


class Overview(Facts):
    """How a connection did, and its facts."""

    def tell(self, row: Row, uptime: Sequence[Uptime], now: datetime) -> None:
        """Show a connection's facts."""
        self.show_facts(uptime_facts(uptime) + facts(row, now))


def _uptime_words(uptime: Uptime, share: float) -> str:
    parts = [
        _("{share} % up").format(share=_percentage(share)),
        ngettext("{count} break", "{count} breaks", uptime.breaks).format(count=f"{uptime.breaks:,}")
        if uptime.breaks
        else "",
        _("{span} to repair").format(span=span(uptime.mean_repair)) if uptime.mean_repair else "",
    ]
    return ", ".join(part for part in parts if part)


def _percentage(share: float) -> str:
    """Return a share as a percentage that says 100 only if it was all the time."""
    return "100" if share >= 1 else f"{min(99.99, share * 100):.2f}".rstrip("0").rstrip(".")


def _runs(row: Row) -> bool:
    return row.health not in {Health.RECONNECT_NEEDED, Health.DISCONNECTED, Health.INACTIVE, Health.PENDING}


def _records(row: Row) -> str:
    if row.sync is None or row.sync.state.running or not row.sync.records.total:
        return ""
    records = row.sync.records
    return _("{created} new, {updated} changed, {deleted} removed").format(
        created=f"{records.created:,}", updated=f"{records.updated:,}", deleted=f"{records.deleted:,}"
    )
