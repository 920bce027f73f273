"""What is said of a sync: how far it is, how it ended, and what started it."""

from __future__ import annotations

from typing import assert_never

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.sync import Sync, SyncState
from makini_desktop.services.moments import span


def sync_progress(sync: Sync) -> str:
    """Return how far a running sync is."""
    if sync.state is SyncState.QUEUED:
        return _("Waiting to start")
    if sync.done is None:
        return _("Running")
    if sync.expected:
        return _("{done} of {total}").format(done=f"{sync.done:,}", total=f"{sync.expected:,}")
    return ngettext("{count} record so far", "{count} records so far", sync.done).format(
        count=f"{sync.done:,}"
    )


def sync_result(sync: Sync) -> str:
    """Return how a sync ended, or how far it is."""
    took = ""
    if sync.started_at is not None and sync.finished_at is not None:
        took = span(sync.finished_at - sync.started_at)
    match sync.state:
        case SyncState.QUEUED | SyncState.IN_PROGRESS:
            return sync_progress(sync)
        case SyncState.COMPLETED:
            total = sync.records.total
            words = ngettext("{count} record", "{count} records", total).format(count=f"{total:,}")
            return _("{records} in {span}").format(records=words, span=took) if took else words
        case SyncState.FAILED:
            words = _("Failed after {span}").format(span=took) if took else _("Failed")
            return f"{words}: {sync.problem.message}" if sync.problem and sync.problem.message else words
        case SyncState.CANCELLED:
            return _("Cancelled after {span}").format(span=took) if took else _("Cancelled")
        case SyncState.UNKNOWN:
            return sync.state_word or _("Unknown")
        case _:
            assert_never(sync.state)


def sync_kind(sync: Sync) -> str:
    """Return what started a sync; a word we do not know is shown as the server spelt it."""
    words = {
        "initial": _("First"),
        "scheduled": _("Scheduled"),
        "webhook": _("Webhook"),
        "manual": _("By hand"),
    }
    return words.get(sync.kind.casefold(), sync.kind)
