"""What one shows to support about a connection: ids, request ids and times; nothing secret."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from makini_desktop import __version__
from makini_desktop.core.redact import redact
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.request import RequestSeen
from makini_desktop.services.store import Row
from makini_desktop.services.wording import health_word

REQUESTS_SHOWN = 20


def requests_of(connection: ConnectionId, requests: Iterable[RequestSeen]) -> tuple[RequestSeen, ...]:
    """Return the requests that carried a connection's token or named it, in their order."""
    named = f"/{quote(connection, safe='')}"
    return tuple(
        each
        for each in requests
        if each.connection == connection or each.path.endswith(named) or f"{named}/" in each.path
    )


def support_text(row: Row, requests: Sequence[RequestSeen], now: datetime) -> str:
    """Return what support asks for, in UTC.

    Args:
        requests: those of the connection, the newest first.
    """
    evidence = row.condition.evidence
    lines = [
        f"Makini Desktop {__version__}, {_utc(now)}",
        f"{_('Connection')}: {row.id}",
        f"{_('Customer')}: {row.connection.name}",
        f"{_('System')}: {row.connection.system}",
        f"{_('Health')}: {health_word(row.health)}, {_utc(row.since)}",
        f"{_('Evidence')}: {evidence.detail or evidence.source.value}, {_utc(evidence.at)}",
    ]
    if evidence.request_id:
        lines.append(f"{_('Request')}: {evidence.request_id}")
    if row.sync is not None:
        lines.append(f"{_('Last sync')}: {row.sync.id}, {row.sync.state_word or row.sync.state.value}")
        if row.sync.request_id:
            lines.append(f"{_('Request')}: {row.sync.request_id}")
    if requests:
        lines.append(f"{_('Last requests')}:")
        lines += [_line(each) for each in requests[:REQUESTS_SHOWN]]
    return redact("\n".join(lines))


def _line(request: RequestSeen) -> str:
    result = str(request.status) if request.status is not None else request.failure
    words = [_utc(request.at), request.method, request.path, result, f"{request.milliseconds} ms"]
    return "  " + " ".join([*words, request.request_id] if request.request_id else words)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
