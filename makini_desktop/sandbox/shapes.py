"""A connection and its syncs in the shapes of contract section 3, loose types included."""

from __future__ import annotations

import json
from collections.abc import Mapping

from makini_desktop.sandbox.connection import Connection, IncidentKind
from makini_desktop.sandbox.sandbox import CLIENT_ID, WEB_REDIRECT
from makini_desktop.sandbox.syncs import Run, current_run, last_finished, last_success, next_start
from makini_desktop.sandbox.wire import Json, published_time, time_text

_ACTIVE = ("Active", "active", "ACTIVE")
_TROUBLE: Mapping[IncidentKind, str] = {
    "credentials": "sign-in lost",
    "offline": "system offline",
    "failing": "syncs fail",
    "stalled": "scheduler stalled",
    "inactive": "inactive",
}
_SYNCING = ("Synchronizing", "In progress", "in_progress", "synchronizing")


def connection_shape(connection: Connection, now: float) -> Json:
    """Connection [P]: `scopes` a string, `user_metadata` a string or null, `status` in any spelling."""
    newest = last_finished(connection, now)
    touched = [at for at in (newest and newest.ends_at, connection.connected_at, connection.created_at) if at]
    return {
        "key": connection.key,
        "name": connection.name,
        "email": connection.email,
        "status": _list_status(connection, now),
        "integration_name": connection.platform.name,
        "redirect": WEB_REDIRECT,
        "scopes": ",".join(connection.scopes),
        "tags": connection.tags,
        "user_metadata": json.dumps(connection.metadata) if connection.metadata else None,
        "client_id": CLIENT_ID,
        "updated_at": published_time(max(touched)),
        "created_at": published_time(connection.created_at),
        "connected_at": published_time(connection.connected_at),
    }


def integration_shape(connection: Connection, now: float) -> Json:
    """Integration [P]."""
    running = current_run(connection, now)
    newest = running or last_finished(connection, now)
    at = (newest.started_at if running else newest.ends_at) if newest else connection.created_at
    return {
        "id": connection.key,
        "company_name": connection.name,
        "email": connection.email,
        "provider": connection.platform.key,
        "updated_at": published_time(at),
        "sync_status": _integration_status(connection, now),
        "sync_updated_at": published_time(at),
    }


def status_shape(connection: Connection, now: float) -> Json:
    """Connection status [N]."""
    refused = connection.open_incident("credentials", now) is not None
    offline = connection.open_incident("offline", now) is not None
    return {
        "state": "offline" if offline else "online",
        "reauthorization_required": refused,
        "reason": "credentials_changed" if refused else "unreachable" if offline else None,
        "checked_at": time_text(now),
        "user_metadata": connection.metadata,
    }


def sync_status_shape(connection: Connection, now: float) -> Json:
    """Sync status [N]; `pending` where no sync has ever ended, a word the contract does not list."""
    current, newest = current_run(connection, now), last_finished(connection, now)
    success = last_success(connection, now)
    failed = newest.error if newest else None
    return {
        "status": _sync_word(connection, now),
        "last_successful_sync_at": time_text(success.ends_at) if success else None,
        "next_scheduled_sync_at": time_text(next_start(connection, now)),
        "error": {"code": failed.code, "message": failed.message} if failed and not current else None,
        "current": run_shape(current, now) if current else None,
    }


def withdrawn_sync_status_shape(connection: Connection, now: float) -> Json:
    """The withdrawn form [W]: the word alone."""
    return {"status": _sync_word(connection, now)}


def run_shape(run: Run, now: float) -> Json:
    """Sync [O]."""
    done, ended = run.done(now), run.ends_at <= now
    created, deleted = done // 5, done // 40
    error = run.error if ended else None
    return {
        "id": run.id,
        "type": run.type,
        "action": run.action,
        "scopes": run.scopes,
        "status": run.status(now),
        "progress": {"done": done, "total": run.total},
        "records": {"created": created, "updated": done - created - deleted, "deleted": deleted},
        "started_at": time_text(run.started_at),
        "finished_at": time_text(run.ends_at) if ended else None,
        "error": {"code": error.code, "message": error.message, "entity": error.entity} if error else None,
        "request_id": f"req_{run.id[-8:]}",
    }


def settings_shape(connection: Connection, now: float) -> Json:
    """Sync settings [O]."""
    schedule = connection.schedules[-1] if connection.schedules else None
    return {
        "mode": schedule.mode if schedule else "scheduled",
        "interval_minutes": round(schedule.interval / 60) if schedule else 60,
        "history_days": connection.history_days,
        "next_scheduled_sync_at": time_text(next_start(connection, now)),
    }


def webhook_shape(connection: Connection) -> Json:
    """Webhook settings [O]; the secret is write-only."""
    return {"url": connection.webhook_url, "events": connection.webhook_events}


def trouble_of(connection: Connection, now: float) -> list[str]:
    """What is wrong with a connection, in words for people."""
    words = [word for kind, word in _TROUBLE.items() if connection.open_incident(kind, now)]
    return ["not signed in yet", *words] if connection.connected_at is None else words


def _list_status(connection: Connection, now: float) -> str:
    if connection.connected_at is None:
        return "Pending"
    if connection.open_incident("inactive", now):
        return "Inactive"
    words = _SYNCING if current_run(connection, now) else _ACTIVE
    return words[connection.quirk % len(words)]


def _integration_status(connection: Connection, now: float) -> str:
    odd = bool(connection.quirk % 2)
    if connection.connected_at is None:
        return "pending"
    if connection.open_incident("credentials", now):
        return "fail"
    if current_run(connection, now):
        return "in_progress" if odd else "inprogress"
    newest = last_finished(connection, now)
    if newest is None:
        return "pending"
    if newest.error is not None:
        return "error"
    if newest.action == "full":
        return "full_done" if odd else "fulldone"
    return "done"


def _sync_word(connection: Connection, now: float) -> str:
    if current_run(connection, now):
        return "in_progress"
    newest = last_finished(connection, now)
    if newest is None:
        return "pending"
    return "failed" if newest.error else "completed"
