"""A connection's settings: read with what cannot be changed and why, changed one by one, and told."""

import pytest

from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import InvalidRequest, NotOffered, UsageError
from makini_desktop.domain.health import Health
from makini_desktop.domain.settings import (
    SCHEDULE,
    WEBHOOK,
    Metadatum,
    ScheduleChange,
    Setting,
    SyncMode,
    SyncSchedule,
    Webhook,
    WebhookChange,
    events_offered,
)
from makini_desktop.domain.token import Secret
from makini_desktop.services.capabilities import words
from makini_desktop.services.ports import Answer
from makini_desktop.services.settings import NOTE_LENGTH, Settings
from makini_desktop.services.store import Tone
from tests.fakes.api import FakeApi
from tests.fakes.program import FakeProgram

A = ConnectionId("A")
SECRET = Secret("webhook-5up3r")


@pytest.fixture(autouse=True)
async def _held(program):
    await program.hold("A")
    await program.check("A")
    program.api.calls.clear()


@pytest.fixture
def settings(program: FakeProgram) -> Settings:
    return program.connecting.settings


async def told(program: FakeProgram) -> list[Activity]:
    return [each for each in await program.ledger.timeline(A) if each.kind is ActivityKind.SETTING]


# Reading


async def test_all_that_can_be_read_can_be_changed(program, settings):
    program.api.customers[A].metadata = {"owner": "Anna"}
    await settings.save_note(A, "Ask for Bo")
    found = await settings.read(A)
    assert found.schedule == SyncSchedule(
        mode=SyncMode.SCHEDULED, mode_word="scheduled", interval_minutes=60, history_days=60
    )
    assert (found.webhook, found.metadata) == (Webhook(), (Metadatum("owner", "Anna"),))
    assert (found.note, found.locked, found.read_at) == ("Ask for Bo", {}, program.clock.now())


@pytest.mark.parametrize(
    ("call", "capability", "locked"),
    [
        ("schedule", Capability.SYNC_SETTINGS, SCHEDULE),
        ("webhook", Capability.WEBHOOK_SETTINGS, WEBHOOK),
    ],
)
async def test_what_a_server_does_not_offer_is_locked_with_the_reason_and_costs_nothing_else(
    program, settings, call, capability, locked
):
    program.api.fail_always(call, NotOffered(words(capability)))
    found = await settings.read(A)
    assert found.locked == dict.fromkeys(locked, words(capability))
    assert getattr(found, call) is None
    assert found.metadata == ()


async def test_a_field_that_a_server_does_not_tell_is_none_of_its_settings(program, settings):
    program.api.customers[A].history_days = None
    found = await settings.read(A)
    assert found.locked == {Setting.HISTORY: "This server does not offer the history window."}


async def test_without_a_token_the_reason_is_that(program, settings):
    await program.vault.change_token(program.account.name, A, lambda entry: type(entry)())
    found = await settings.read(A)
    assert set(found.locked) == {*SCHEDULE, *WEBHOOK}
    assert all("There is no token" in why for why in found.locked.values())
    assert found.metadata == ()


async def test_a_connection_that_waits_for_a_person_is_asked_with_the_token_that_is_there(program, settings):
    program.api.customers[A].credentials_hold = False
    await program.clock.advance(60)
    await program.check("A")
    assert program.health("A") is Health.RECONNECT_NEEDED
    program.api.kill((await program.entry("A")).current)
    program.api.calls.clear()
    found = await settings.read(A)
    assert "refresh" not in program.api.calls
    assert set(found.locked) == {*SCHEDULE, *WEBHOOK}


async def test_nothing_is_asked_of_a_connection_that_has_ended(program, settings):
    await program.connecting.ending.run(A)
    program.api.calls.clear()
    found = await settings.read(A)
    assert program.api.calls == []
    assert set(found.locked) == set(Setting)


async def test_an_interval_that_somebody_changed_counts_for_lateness(program, settings):
    program.api.customers[A].interval_minutes = 15
    await settings.read(A)
    assert program.row("A").facts.interval_seconds == 900


# The schedule


async def test_a_change_leaves_the_rest_as_it_is_and_is_told_with_before_and_after(program, settings):
    after = await settings.change_schedule(A, ScheduleChange(interval_minutes=30, history_days=90))
    server = program.api.customers[A]
    assert (server.mode, server.interval_minutes, server.history_days) == (SyncMode.SCHEDULED, 30, 90)
    assert after.interval_minutes == 30
    assert program.row("A").facts.interval_seconds == 1800
    (entry,) = await told(program)
    assert entry.headline == "Sync settings changed"
    assert entry.detail == "sync interval: 1 hour → 30 minutes, history window: 60 days → 90 days"


async def test_a_change_that_changes_nothing_is_not_sent(program, settings):
    await settings.change_schedule(A, ScheduleChange(interval_minutes=60))
    await settings.change_webhook(A, WebhookChange(url=""))
    assert not [call for call in program.api.calls if call.startswith("set_")]
    assert await told(program) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (ScheduleChange(interval_minutes=14), "interval_minutes"),
        (ScheduleChange(interval_minutes=1441), "interval_minutes"),
        (ScheduleChange(history_days=29), "history_days"),
        (ScheduleChange(history_days=91), "history_days"),
        (ScheduleChange(mode=SyncMode.UNKNOWN), "mode"),
    ],
)
async def test_a_value_out_of_range_is_refused_here(program, settings, change, field):
    with pytest.raises(UsageError) as failure:
        await settings.change_schedule(A, change)
    assert failure.value.field == field
    assert program.api.calls == []


@pytest.mark.parametrize(
    "change",
    [
        ScheduleChange(interval_minutes=15, history_days=30, mode=SyncMode.WEBHOOK),
        ScheduleChange(interval_minutes=1440, history_days=90, mode=SyncMode.SCHEDULED),
    ],
)
async def test_the_ends_of_the_range_are_in_it(program, settings, change):
    await settings.change_schedule(A, change)
    assert program.api.customers[A].interval_minutes == change.interval_minutes


async def test_a_server_that_says_yes_and_changes_nothing_is_found_out(program, settings, monkeypatch):
    async def unmoved(api: FakeApi, token: Secret, _wanted: SyncSchedule) -> Answer[SyncSchedule]:
        return await api.schedule(token, None)

    monkeypatch.setattr(FakeApi, "set_schedule", unmoved)
    with pytest.raises(InvalidRequest, match="kept the sync interval as it was: 1 hour") as failure:
        await settings.change_schedule(A, ScheduleChange(interval_minutes=30))
    assert failure.value.field == "interval_minutes"
    assert await told(program) == []


# The webhook


async def test_a_webhook_is_changed_and_its_secret_told_to_nobody_else(program, settings):
    change = WebhookChange(url="https://example.com/m", events=("sync.failed",), secret=SECRET)
    assert await settings.change_webhook(A, change) == Webhook(
        url="https://example.com/m", events=("sync.failed",)
    )
    assert program.api.customers[A].webhook_secret == SECRET.value
    (entry,) = await told(program)
    assert entry.detail == (
        "webhook address: none → https://example.com/m, webhook events: none → sync.failed, "
        "new webhook secret"
    )
    assert "5up3r" not in repr(change)


async def test_an_empty_address_turns_a_webhook_off(program, settings):
    program.api.customers[A].webhook = Webhook(url="https://example.com/m", events=("sync.failed",))
    assert await settings.change_webhook(A, WebhookChange(url="")) == Webhook(events=("sync.failed",))


@pytest.mark.parametrize(
    "url",
    [
        "example.com",
        "ftp://example.com",
        "https://",
        "https://[garbage",
        "https://exa mple.com",
        "https://user:5up3r@example.com/",
    ],
)
async def test_an_address_that_is_none_or_holds_a_secret_is_refused_here(program, settings, url):
    with pytest.raises(UsageError) as failure:
        await settings.change_webhook(A, WebhookChange(url=url))
    assert failure.value.field == "url"
    assert "5up3r" not in str(failure.value)
    assert program.api.calls == []


def test_every_kind_of_record_has_events_of_its_own():
    events = events_offered(("assets", "sites"))
    assert events[:2] == ("sync.completed", "sync.failed")
    assert events[-4:] == ("assets.inserted", "assets.updated", "sites.inserted", "sites.updated")


# Metadata and notes


async def test_only_metadata_that_differs_is_sent_and_keys_alone_are_told(program, settings):
    program.api.customers[A].metadata = {"owner": "Anna", "crm": "17"}
    found = await settings.set_metadata(A, [Metadatum("owner", "Bo"), Metadatum(" crm ", "17")])
    assert found == (Metadatum("owner", "Bo"), Metadatum("crm", "17"))
    (entry,) = await told(program)
    assert (entry.headline, entry.detail) == ("Metadata changed", "owner")
    program.api.calls.clear()
    await settings.set_metadata(A, [Metadatum("owner", "Bo")])
    assert program.api.calls == ["metadata A"]


async def test_metadata_needs_a_key(settings):
    with pytest.raises(UsageError, match="needs a key"):
        await settings.set_metadata(A, [Metadatum(" ", "Anna")])


async def test_a_note_is_kept_replaced_and_removed_and_asks_nobody(program, settings):
    for text, kept, headline in (
        ("  Ask for Bo\n", "Ask for Bo", "Note changed"),
        ("Ask for Cy", "Ask for Cy", "Note changed"),
        (" ", "", "Note removed"),
    ):
        await settings.save_note(A, text)
        assert await settings.note(A) == kept
        assert (await told(program))[0].headline == headline
        await program.clock.advance(1)
    await settings.save_note(A, "")
    assert len(await told(program)) == 3
    assert program.api.calls == []


async def test_a_note_that_is_too_long_or_of_nobody_is_refused(settings):
    with pytest.raises(UsageError, match="10,000 characters"):
        await settings.save_note(A, "x" * (NOTE_LENGTH + 1))
    with pytest.raises(UsageError, match="“nope”"):
        await settings.save_note(ConnectionId("nope"), "x")


# The orders


async def test_settings_are_loaded_into_the_detail(program):
    program.commands.connecting.load_settings(A)
    await program.clock.settle()
    settings = program.store.detail(A).settings
    assert settings.schedule is not None
    assert settings.locked == {}


async def test_a_change_is_shown_once_the_server_has_it(program):
    program.commands.connecting.load_settings(A)
    await program.clock.settle()
    program.commands.connecting.change_schedule(A, ScheduleChange(interval_minutes=30))
    await program.clock.settle()
    program.commands.connecting.save_note(A, "Ask for Bo")
    await program.clock.settle()
    program.commands.connecting.change_webhook(A, WebhookChange(url="https://example.com/m"))
    await program.clock.settle()
    program.commands.connecting.set_metadata(A, [Metadatum("owner", "Anna")])
    await program.clock.settle()
    settings = program.store.detail(A).settings
    assert settings.schedule.interval_minutes == 30
    assert settings.note == "Ask for Bo"
    assert settings.webhook.url == "https://example.com/m"
    assert settings.metadata == (Metadatum("owner", "Anna"),)
    assert program.notices == []


async def test_a_refusal_stands_by_its_setting_until_the_next_change(program):
    connecting = program.commands.connecting
    connecting.load_settings(A)
    await program.clock.settle()
    refusal = InvalidRequest("Makini refused the sync settings (interval_minutes)", request_id="req-1")
    refusal.field = "data.interval_minutes"
    program.api.fail("set_schedule", refusal)
    connecting.change_schedule(A, ScheduleChange(interval_minutes=30))
    await program.clock.settle()
    settings = program.store.detail(A).settings
    assert settings.refused == {Setting.INTERVAL: str(refusal)}
    assert settings.schedule.interval_minutes == 60
    (notice,) = program.notices
    assert (notice.words, notice.tone, notice.connection) == (str(refusal), Tone.BAD, A)
    connecting.change_schedule(A, ScheduleChange(interval_minutes=45))
    await program.clock.settle()
    assert program.store.detail(A).settings.refused == {}


async def test_who_ordered_a_change_is_told_whether_it_was_made(program):
    made = []
    program.commands.connecting.change_schedule(A, ScheduleChange(interval_minutes=30), made.append)
    await program.clock.settle()
    program.commands.connecting.change_schedule(A, ScheduleChange(interval_minutes=5), made.append)
    await program.clock.settle()
    assert made == [True, False]


async def test_two_changes_at_once_do_not_mix(program):
    gate = program.api.gate("set_schedule")
    program.commands.connecting.change_schedule(A, ScheduleChange(interval_minutes=30))
    await program.clock.settle()
    program.commands.connecting.change_schedule(A, ScheduleChange(interval_minutes=45))
    await program.clock.settle()
    (notice,) = program.notices
    assert "is being saved" in notice.words
    gate.open()
    await program.clock.settle()
    assert program.api.customers[A].interval_minutes == 30
