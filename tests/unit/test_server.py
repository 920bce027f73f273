"""What is known of an account's server: who has to agree, what is kept, what is tried again."""

from datetime import datetime, timedelta

import msgspec
import pytest

from makini_desktop.domain.capability import Capability, Finding
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.version import VersionNews
from makini_desktop.services.server import SAME_NEWS_EVERY, Server
from makini_desktop.services.store import Store
from tests.fakes.clock import START
from tests.fakes.database import FakeDatabase
from tests.fakes.program import FakeProgram

A, B = ConnectionId("A"), ConnectionId("B")
STATUS, START_SYNC = Capability.CONNECTION_STATUS, Capability.START_SYNC
DAY = timedelta(days=1)
ENDS = START + 200 * DAY


@pytest.fixture
def server(program: FakeProgram) -> Server:
    return program.server


def offered(program: FakeProgram) -> dict[Capability, bool]:
    return {each: finding.offered for each, finding in program.store.capabilities.items()}


def test_one_connections_word_is_not_enough(program, server):
    for _ in range(3):
        server.missed(STATUS, A)
    assert offered(program) == {}
    assert not server.lacks(STATUS)
    server.missed(STATUS, B)
    assert offered(program) == {STATUS: False}
    assert server.lacks(STATUS)


def test_who_was_answered_between_contradicts(program, server):
    server.missed(STATUS, A)
    server.offered(STATUS)
    server.missed(STATUS, B)
    assert offered(program) == {STATUS: True}


def test_the_only_connection_is_believed_at_once(program, server):
    program.store.remove([B])
    server.missed(STATUS, A)
    assert offered(program) == {STATUS: False}


async def test_one_beside_connections_that_are_gone_is_the_only_one(program, server):
    del program.api.customers[B]
    await program.monitor.read_list()
    server.missed(STATUS, A)
    assert offered(program) == {STATUS: False}


async def test_what_is_not_offered_is_tried_again_after_a_day_and_one_confirms_it(program, server):
    server.missed(STATUS, A)
    server.missed(STATUS, B)
    await program.clock.advance(DAY - timedelta(seconds=1))
    assert server.lacks(STATUS)
    await program.clock.advance(1)
    assert not server.lacks(STATUS)
    server.missed(STATUS, A)
    assert server.lacks(STATUS)


async def test_what_appears_is_used_again(program, server):
    server.missed(STATUS, A)
    server.missed(STATUS, B)
    await program.clock.advance(DAY)
    server.offered(STATUS)
    assert offered(program) == {STATUS: True}
    assert program.store.capabilities[STATUS].at == program.clock.now()


def test_all_that_is_missing_can_be_tried_again_at_once(program, server):
    for connection in (A, B):
        server.missed(START_SYNC, connection)
    server.offered(STATUS)
    server.retry()
    assert not server.lacks(START_SYNC)
    assert offered(program) == {START_SYNC: False, STATUS: True}
    server.missed(START_SYNC, B)
    assert server.lacks(START_SYNC)


async def test_findings_and_news_outlive_the_program(program, server):
    server.missed(STATUS, A)
    server.missed(STATUS, B)
    server.said(news(ends_at=ENDS))
    await server.flush()
    store = Store()
    later = Server(lambda: program.account, store, program.database, program.clock)
    await later.load()
    assert store.capabilities == program.store.capabilities
    assert store.version == program.store.version
    assert later.lacks(STATUS)


async def test_nothing_is_written_twice(program, server):
    other = program.database.__class__(beside=program.database)
    server.offered(STATUS)
    server.said(news())
    await server.flush()
    version = await other.data_version()
    server.offered(STATUS)
    server.said(news())
    await server.flush()
    assert await other.data_version() == version


# Versions


def news(call: str = "account", at: datetime = START, **said: object) -> VersionNews:
    return VersionNews(**{"version": "v1", "calls": (call,), "seen_at": at, **said})


def test_a_version_that_is_not_deprecated_names_no_calls(program, server):
    server.said(news(successor="https://makini.example/v2"))
    assert program.store.version == news(calls=(), successor="https://makini.example/v2")
    assert not program.store.version.deprecated


def test_calls_that_say_so_are_gathered(program, server):
    for call in ("sync_status", "account", "sync_status"):
        server.said(news(call, ends_at=ENDS, deprecated_since=START, guide="https://makini.example/guide"))
    assert program.store.version.calls == ("account", "sync_status")
    assert program.store.version.guide == "https://makini.example/guide"
    server.said(news("account", version="v1.1", ends_at=ENDS, deprecated_since=START))
    assert program.store.version.version == "v1.1"
    assert program.store.version.guide == "https://makini.example/guide"


def test_the_nearest_end_is_told(program, server):
    server.said(news("account", ends_at=ENDS))
    server.said(news("sync_status", ends_at=ENDS - DAY))
    server.said(news("platforms", deprecated_since=START - DAY))
    assert program.store.version.ends_at == ENDS - DAY
    assert len(program.store.version.calls) == 3


def test_an_end_that_is_put_off_is_put_off_for_all_calls_that_had_it(program, server):
    for call in ("account", "start_sync"):
        server.said(news(call, ends_at=ENDS))
    server.said(news("account", ends_at=ENDS + DAY))
    assert program.store.version.ends_at == ENDS + DAY
    assert program.store.version.calls == ("account", "start_sync")


def test_a_deprecation_that_is_taken_back_is_gone(program, server):
    for call in ("account", "start_sync"):
        server.said(news(call, ends_at=ENDS, guide="https://makini.example/guide"))
    server.said(news("account"))
    assert program.store.version == news(calls=())


def test_one_endpoints_own_end_stays_when_anothers_is_taken_back(program, server):
    server.said(news("account", ends_at=ENDS))
    server.said(news("sync_status", ends_at=ENDS - DAY))
    server.said(news("account"))
    assert program.store.version.calls == ("sync_status",)


def test_a_deprecation_without_a_date_counts_from_when_it_was_first_seen(program, server):
    for hours in range(3):
        at = START + timedelta(hours=hours)
        server.said(news(at=at, undated=True, deprecated_since=at))
    assert program.store.version.deprecated_since == START


def test_news_that_say_nothing_new_are_told_now_and_then(program, server):
    told: list[VersionNews] = []
    program.store.version_changed.subscribe(told.append)
    for seconds in range(0, int(SAME_NEWS_EVERY.total_seconds()) + 1, 10):
        server.said(news(at=START + timedelta(seconds=seconds)))
    assert [each.seen_at for each in told] == [START, START + SAME_NEWS_EVERY]


async def test_after_a_restart_calls_go_on_being_gathered(program, server):
    server.said(news("account", ends_at=ENDS))
    await server.flush()
    later = Server(lambda: program.account, program.store, program.database, program.clock)
    await later.load()
    later.said(news("sync_status", ends_at=ENDS))
    assert program.store.version.calls == ("account", "sync_status")


# Test account


async def test_as_many_are_asked_as_have_to_agree_the_healthy_first(program, server):
    discovery = program.discovery
    assert await discovery.run() == 0
    await program.hold("A")
    await program.hold("B")
    program.api.customers[A].credentials_hold = False
    await program.check("A")
    assert await discovery.run() == 2
    assert program.api.tried == [B, A]


async def test_one_whose_token_is_dead_does_not_spoil_it(program, server):
    program.api.kill(await program.hold("A"))
    await program.hold("B")
    program.api.calls.clear()
    assert await program.discovery.run() == 1
    assert program.api.tried == [B]
    assert not any(call.startswith(("issue", "refresh")) for call in program.api.calls)


async def test_what_another_process_finds_out_is_taken_in_and_no_newer_word_is_lost(program, server):
    server.offered(STATUS)
    await server.flush()
    found = Finding(capability=START_SYNC, offered=False, at=program.clock.now())
    older = Finding(capability=STATUS, offered=False, at=program.clock.now() - DAY)
    await FakeDatabase(beside=program.database).save_findings(program.account.name, [found, older])
    await server.adopt()
    assert offered(program) == {STATUS: True, START_SYNC: False}
    retried = msgspec.structs.replace(found, retried=True)
    await FakeDatabase(beside=program.database).save_findings(program.account.name, [retried])
    await server.adopt()
    assert program.store.capabilities[START_SYNC] == retried


async def test_what_is_not_yet_written_is_not_overwritten_by_another_process(program, server):
    found = Finding(capability=STATUS, offered=False, at=program.clock.now())
    await FakeDatabase(beside=program.database).save_findings(program.account.name, [found])
    server.offered(STATUS)
    await server.adopt()
    assert offered(program) == {STATUS: True}
