"""What commands print: sentences and tables for people, one JSON document for scripts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.domain.evidence import Evidence
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import Sync
from makini_desktop.services import moments, wording
from makini_desktop.services.store import Row, Store


def say(sentence: str) -> None:
    """Print a line for a person."""
    _write(sentence, sys.stdout)


def line(sentence: str) -> None:
    """Print a line that somebody waits for.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    say(sentence)
    sys.stdout.flush()


def json_line(value: Any) -> None:  # noqa: ANN401 - JSON is anything
    """Print a JSON value on a line of its own, at once, in UTF-8 whatever the terminal speaks.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def nobody_reads() -> None:
    """Let what is still to be printed go nowhere, so that the end of the program stumbles over nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def raw(text: str) -> None:
    """Print text as it is, in UTF-8 whatever the terminal speaks."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def warn(sentence: str) -> None:
    """Print a line on stderr."""
    _write(sentence, sys.stderr)


def document(value: Any) -> None:  # noqa: ANN401 - JSON is anything
    """Print the one JSON document, in UTF-8 whatever the terminal speaks (RFC 8259 section 8.1)."""
    sys.stdout.flush()
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def _write(sentence: str, stream: TextIO) -> None:
    """Write a line without what a terminal would take for an order, in letters that it has."""
    line = "".join(letter if letter.isprintable() else " " for letter in sentence)
    encoding = stream.encoding or "utf-8"
    stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")


def error(failure: MakiniDesktopError) -> None:
    """Print one sentence on stderr, with the request id to quote."""
    request = _(" (request {id})").format(id=failure.request_id) if failure.request_id else ""
    warn(f"{failure}{request}")


def counts_document(store: Store) -> dict[str, int]:
    """Return how many connections have each health, the worst first, zeros too."""
    counts = store.counts()
    return {health.value: counts.get(health, 0) for health in Health}


def row_document(row: Row, now: datetime) -> dict[str, Any]:
    """Return a connection as scripts see it."""
    return {
        "id": row.id,
        "name": row.connection.name,
        "system": row.connection.system,
        "health": row.health.value,
        "reason": wording.reason_short(row, now),
        "evidence": evidence_document(row.condition.evidence),
        "last_sync_at": time_of(moments.last_good_at(row)),
        "next_sync_at": time_of(moments.next_at(row)),
        "token_expires_at": time_of(moments.token_ends_at(row)),
    }


def row_whole(row: Row, now: datetime) -> dict[str, Any]:
    """Return all that is known of a connection."""
    return row_document(row, now) | {
        "sentence": wording.sentence(row, now),
        "since": time_of(row.since),
        "last_known_health": row.condition.last_known.value if row.condition.last_known else None,
        "status": row.connection.status_word,
        "email": row.connection.email,
        "tags": list(row.connection.tags),
        "scopes": list(row.connection.scopes),
        "created_at": time_of(row.connection.created_at),
        "connected_at": time_of(row.connection.connected_at),
        "has_token": bool(row.facts.token and row.facts.token.present),
        "sync": sync_document(row.sync) if row.sync is not None else None,
    }


def evidence_document(evidence: Evidence) -> dict[str, Any]:
    """Return what said so."""
    return {
        "source": evidence.source.value,
        "at": time_of(evidence.at),
        "detail": evidence.detail,
        "request_id": evidence.request_id,
    }


def sync_document(sync: Sync) -> dict[str, Any]:
    """Return a sync in the contract's shape (section 3)."""
    problem = sync.problem
    return {
        "id": sync.id,
        "type": sync.kind,
        "action": sync.action,
        "scopes": list(sync.scopes),
        "status": sync.state_word or sync.state.value,
        "progress": {"done": sync.done, "total": sync.expected},
        "records": {
            "created": sync.records.created,
            "updated": sync.records.updated,
            "deleted": sync.records.deleted,
        },
        "started_at": time_of(sync.started_at),
        "finished_at": time_of(sync.finished_at),
        "error": {"code": problem.code, "message": problem.message, "entity": problem.entity}
        if problem
        else None,
        "request_id": sync.request_id,
    }


def time_of(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, to the second."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print columns as wide as their widest word."""
    widths = [max(len(line[column]) for line in [headings, *lines]) for column in range(len(headings))]
    for line in [headings, *lines]:
        say("  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip())
