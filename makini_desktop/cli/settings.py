"""``makini-desktop settings`` and ``note``: what is set for a connection, and what is written down of it."""

from __future__ import annotations

import argparse
from typing import Any

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.cli.rows import read_list, row_of, rows_named
from makini_desktop.cli.typed import typed_secret
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.settings import (
    ConnectionSettings,
    Metadatum,
    ScheduleChange,
    Setting,
    SyncMode,
    WebhookChange,
)
from makini_desktop.domain.token import Secret
from makini_desktop.services import moments, settings_words
from makini_desktop.services.settings import check_schedule, check_webhook


async def settings(program: Program, arguments: argparse.Namespace) -> int:
    """Change what is named, then print all settings, with what cannot be changed and why.

    Raises:
        UsageError: a value cannot be used; nothing was changed.
        InvalidRequest: the server refuses a value; the sentence names it.
        NotOffered: the server has no such setting.
    """
    schedule = ScheduleChange(
        mode=SyncMode(arguments.mode) if arguments.mode is not None else None,
        interval_minutes=arguments.interval,
        history_days=arguments.history_days,
    )
    check_schedule(schedule)
    metadata = [_metadatum(each) for each in arguments.metadata]
    webhook = WebhookChange(
        url=arguments.webhook_url,
        events=tuple(arguments.webhook_events) if arguments.webhook_events is not None else None,
        secret=await _secret() if arguments.webhook_secret_stdin else None,
    )
    check_webhook(webhook)
    (row,) = await rows_named(program, [arguments.id])
    changing = program.connecting.settings
    if not schedule.empty:
        await changing.change_schedule(row.id, schedule)
    if not webhook.empty:
        await changing.change_webhook(row.id, webhook)
    if metadata:
        await changing.set_metadata(row.id, metadata)
    found = await changing.read(row.id)
    if arguments.json:
        output.document({"connection": row.id, **_document(found)})
    else:
        _print(f"{row.connection.name} · {row.connection.system} · {row.id}", found)
    return 0


async def note(program: Program, arguments: argparse.Namespace) -> int:
    """Print the note on a connection, or replace it; Makini is asked only for one not seen before."""
    await program.open()
    connection = ConnectionId(arguments.id)
    if program.store.row(connection) is None:
        await read_list(program)
    row = row_of(program, connection)
    if arguments.text is not None:
        await program.connecting.settings.save_note(row.id, arguments.text)
        return 0
    if text := await program.connecting.settings.note(row.id):
        for line in text.splitlines():
            output.say(line)
    else:
        output.warn(_("There is no note on {customer}.").format(customer=row.connection.name))
    return 0


async def _secret() -> Secret:
    return await typed_secret(_("Webhook secret: "), _("There was no webhook secret on stdin."))


def _metadatum(typed: str) -> Metadatum:
    key, equals, value = typed.partition("=")
    if not key.strip() or not equals:
        raise UsageError(_("Metadata is typed as KEY=VALUE."))
    return Metadatum(key.strip(), value)


def _document(found: ConnectionSettings) -> dict[str, Any]:
    schedule, webhook = found.schedule, found.webhook
    return {
        "schedule": {
            "mode": schedule.mode_word,
            "interval_minutes": schedule.interval_minutes,
            "history_days": schedule.history_days,
            "next_sync_at": output.time_of(schedule.next_at),
        }
        if schedule is not None
        else None,
        "webhook": {"url": webhook.url, "events": list(webhook.events)} if webhook is not None else None,
        "metadata": {each.key: each.value for each in found.metadata} if found.metadata is not None else None,
        "note": found.note,
        "locked": {setting.value: why for setting, why in found.locked.items()},
        "read_at": output.time_of(found.read_at),
    }


def _print(heading: str, found: ConnectionSettings) -> None:
    output.say(heading)
    lines: list[tuple[Setting, str]] = []
    if (schedule := found.schedule) is not None:
        lines += [
            (Setting.MODE, settings_words.mode_words(schedule)),
            (Setting.INTERVAL, settings_words.minutes_words(schedule.interval_minutes)),
            (Setting.HISTORY, settings_words.days_words(schedule.history_days)),
        ]
    if (webhook := found.webhook) is not None:
        lines += [
            (Setting.WEBHOOK_URL, webhook.url or _("none")),
            (Setting.WEBHOOK_EVENTS, ", ".join(webhook.events) or _("none")),
        ]
    for setting, value in lines:
        output.say(f"{settings_words.setting_name(setting)}: {value}")
    if schedule is not None and schedule.next_at is not None:
        output.say(_("next sync: {time}").format(time=moments.moment_exact(schedule.next_at)))
    for each in found.metadata or ():
        output.say(_("metadata {key}: {value}").format(key=each.key, value=each.value))
    for line in found.note.splitlines():
        output.say(_("note: {text}").format(text=line))
    for why in dict.fromkeys(found.locked.values()):
        names = [settings_words.setting_name(each) for each, said in found.locked.items() if said == why]
        output.say(_("Cannot be changed ({settings}): {why}").format(settings=", ".join(names), why=why))
