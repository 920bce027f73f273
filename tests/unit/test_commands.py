"""Commands: plain orders, one of a kind at a time, and what comes of them in words."""

import asyncio

import pytest

from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    InvalidRequest,
    KeychainLocked,
    MakiniDesktopError,
    ReconnectNeeded,
    ServerFailed,
    SystemUnreachable,
    Unreachable,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import Stage
from makini_desktop.domain.sync import Records, SyncProblem, SyncState
from makini_desktop.domain.token import PendingPair, TokenEntry
from makini_desktop.services.login_ports import LoginClosed
from makini_desktop.services.store import Notice, Tone
from tests.fakes.login_window import SIGNING_IN, back_with
from tests.fakes.program import FakeProgram

A, B = ConnectionId("A"), ConnectionId("B")


@pytest.fixture(autouse=True)
async def _tokens(program):
    await program.hold("A")
    await program.hold("B")
    program.api.calls.clear()


async def notice(program: FakeProgram) -> Notice:
    """Return the one notice that an order brought."""
    await program.clock.settle()
    (found,) = program.notices
    program.notices.clear()
    return found


@pytest.mark.parametrize(
    ("error", "details"),
    [
        (
            InvalidRequest("No such scope (scopes).", code="INVALID_REQUEST", status=422, request_id="req-1"),
            "422 INVALID_REQUEST, request req-1",
        ),
        (ServerFailed("Makini failed (500).", status=500, request_id="req-2"), "500, request req-2"),
        (
            SystemUnreachable("Their system does not answer.", code="SYSTEM_UNREACHABLE", status=503),
            "503 SYSTEM_UNREACHABLE",
        ),
        (Unreachable("No answer from api.makini.example."), ""),
    ],
)
async def test_an_order_that_fails_becomes_a_notice_in_words_with_code_and_request(program, error, details):
    program.api.fail("start_sync", error)
    program.commands.sync_now([A])
    found = await notice(program)
    assert found == Notice(words=str(error), tone=Tone.BAD, connection=A, details=details)


async def test_an_order_that_fails_for_the_customers_part_is_seen_in_the_row(program):
    program.api.customers[A].credentials_hold = False
    await program.clock.advance(60)
    program.commands.sync_now([A])
    assert (await notice(program)).tone is Tone.BAD
    assert program.health("A") is Health.RECONNECT_NEEDED


async def test_a_line_found_lost_makes_the_monitor_look_at_once(program):
    program.tasks.start("monitor", program.monitor.run())
    await program.clock.advance(1)
    lists = program.api.calls.count("list")
    program.api.fail("start_sync", Unreachable("No answer."))
    program.commands.sync_now([A])
    await program.clock.settle()
    assert program.api.calls.count("list") == lists + 1


async def test_a_sync_is_started_and_its_result_told(program):
    program.commands.sync_now([A, B])
    await program.clock.settle()
    program.api.end_sync("A", SyncState.COMPLETED, records=Records(created=1200, updated=3))
    program.api.end_sync(
        "B", SyncState.FAILED, problem=SyncProblem(code="ENTITY_ERROR", message="No access to assets.")
    )
    await program.clock.advance(5)
    assert {(each.words, each.tone) for each in program.notices} == {
        ("Acme Foods: sync done, 1,203 records in 0 s.", Tone.GOOD),
        ("Globex: the sync did not succeed. Failed after 0 s: No access to assets.", Tone.BAD),
    }
    assert (program.health("A"), program.health("B")) == (Health.HEALTHY, Health.FAILING)


async def test_a_second_sync_of_one_connection_is_told_and_not_started(program):
    program.commands.sync_now([A])
    await program.clock.settle()
    program.commands.sync_now([A])
    assert (await notice(program)).words == "A sync of Acme Foods is being followed already."
    assert program.api.calls.count("start_sync A") == 1


async def test_a_second_reconnect_of_one_connection_is_told_and_not_started(program):
    program.commands.reconnect(A)
    await program.clock.settle()
    program.commands.reconnect(A)
    assert (await notice(program)).words == "Acme Foods is being reconnected already."
    assert len(program.window.opened) == 1


async def test_a_reconnect_ends_in_a_notice(program):
    program.commands.load_detail(A)
    program.api.codes["code-1"] = A
    program.window.person = back_with(code="code-1")
    program.commands.reconnect(A)
    await program.clock.advance(SIGNING_IN)
    found = await notice(program)
    assert (found.words, found.tone) == (
        "Acme Foods is reconnected. The new token works and is in use.",
        Tone.GOOD,
    )
    assert program.store.detail(A).activity[0].kind is ActivityKind.LOGIN


async def test_a_reconnect_that_fails_names_the_request(program):
    program.window.person = back_with(code="code-1")
    program.api.fail("exchange", ServerFailed("Makini failed.", request_id="req-77"))
    program.commands.reconnect(A)
    await program.clock.advance(SIGNING_IN)
    found = await notice(program)
    assert (found.tone, found.details) == (Tone.BAD, "request req-77")


async def test_cancelling_closes_the_window_and_tells(program):
    program.commands.reconnect(A)
    await program.clock.settle()
    program.commands.cancel_reconnect(A)
    found = await notice(program)
    assert (found.words, found.tone) == (
        "The sign-in window for Acme Foods was closed. Nothing was changed.",
        Tone.PLAIN,
    )
    assert program.window.cancelled == 1
    assert program.row("A").stage is None


async def test_cancelling_what_does_not_run_tells_nothing(program):
    program.commands.cancel_reconnect(A)
    await program.clock.settle()
    assert program.notices == []


@pytest.mark.parametrize(("call", "stage"), [("exchange", Stage.EXCHANGING), ("integration", Stage.TESTING)])
async def test_once_somebody_has_signed_in_it_is_too_late_to_cancel(program, call, stage):
    program.api.codes["code-1"] = A
    program.window.person = back_with(code="code-1")
    gate = program.api.gate(call)
    program.commands.reconnect(A)
    await program.clock.advance(SIGNING_IN)
    assert program.row("A").stage is stage
    program.commands.cancel_reconnect(A)
    assert program.notices == []
    gate.open()
    assert "is reconnected" in (await notice(program)).words


async def test_the_question_about_issuing_is_asked_once(program):
    asked: list[None] = []
    program.commands.issuing_asked.subscribe(asked.append)
    for connection in (A, B):
        await program.put(connection, TokenEntry())
    program.commands.sync_now([A, B])
    await program.clock.settle()
    assert len(asked) == 1
    assert len(program.notices) == 2
    assert "--issue-tokens" in program.notices[0].words


@pytest.mark.parametrize("allowed", [True, False])
async def test_the_answer_about_issuing_is_kept(program, allowed):
    program.commands.answer_issuing(allowed)
    await program.clock.settle()
    assert program.issuing_answers == [allowed]


async def test_after_a_yes_to_issuing_everything_is_looked_at(program):
    await program.put("A", TokenEntry())
    program.tasks.start("monitor", program.monitor.run())
    await program.clock.advance(1)
    program.commands.answer_issuing(True)
    await program.clock.advance(1)
    assert "issue A" in program.api.calls


async def test_checking_some_checks_them_for_a_person(program):
    program.commands.check_now([A])
    await program.clock.settle()
    assert program.api.calls[:2] == ["status A", "sync_status A"]
    assert not [call for call in program.api.calls if call.endswith(" B")]


async def test_checking_all_reads_the_list_and_every_connection(program):
    program.tasks.start("monitor", program.monitor.run())
    await program.clock.advance(1)
    program.api.calls.clear()
    program.commands.check_now()
    await program.clock.advance(1)
    assert {"list", "status A", "status B"} <= set(program.api.calls)


async def test_a_closed_keychain_is_told_once_for_an_order(program):
    async def closed(*_of: object) -> TokenEntry:
        raise KeychainLocked("The keychain is locked. Unlock it and try again.")

    program.vault.token = closed
    program.commands.check_now([A])
    assert (await notice(program)).words == "The keychain is locked. Unlock it and try again."


async def test_the_detail_is_loaded_and_kept_fresh(program):
    program.api.customers[A].credentials_hold = False
    await program.clock.advance(60)
    await program.check("A")
    program.commands.load_detail(A)
    await program.clock.settle()
    assert program.store.detail(A).activity[0].health is Health.RECONNECT_NEEDED


async def test_a_setting_is_kept(program):
    program.commands.save_setting("ui.theme", "dark")
    program.commands.save_setting("ui.theme", "light")
    program.commands.save_setting("ui.columns", "name")
    await program.clock.settle()
    assert await program.database.setting("ui.theme") == "light"
    assert await program.database.setting("ui.columns") == "name"


async def test_asking_for_the_end_and_the_dashboard_reaches_who_listens(program):
    heard: list[str] = []
    program.commands.quit_asked.subscribe(lambda _: heard.append("quit"))
    program.commands.dashboard_asked.subscribe(lambda _: heard.append("dashboard"))
    program.commands.open_dashboard()
    program.commands.quit()
    assert heard == ["dashboard", "quit"]


async def test_an_end_of_the_program_is_no_failed_order(program):
    program.commands.reconnect(A)
    await program.clock.settle()
    await program.tasks.aclose()
    assert program.notices == []
    assert program.window.cancelled == 1


async def test_a_failed_order_shows_no_secret(program):
    program.api.fail("start_sync", MakiniDesktopError("Odd."))
    program.commands.sync_now([A])
    assert "5up3r" not in repr(await notice(program))


async def test_a_sign_in_needed_is_told_as_the_servers_words(program):
    error = ReconnectNeeded("The customer's sign-in is no longer accepted: changed.", status=401)
    program.api.fail("start_sync", error)
    program.commands.sync_now([A])
    assert (await notice(program)).words == str(error)


async def test_orders_of_different_kinds_for_one_connection_run_side_by_side(program):
    gate = program.api.gate("start_sync")
    program.commands.sync_now([A])
    program.commands.reconnect(A)
    await asyncio.wait_for(gate.reached.wait(), 5)
    await program.clock.settle()
    assert len(program.window.opened) == 1


async def test_a_token_that_an_earlier_run_left_untested_is_settled_and_told(program):
    pair = program.api.pair("A")
    old = await program.entry("A")
    pending = PendingPair(pair=pair, attempt="1", since=program.clock.now())
    await program.put("A", TokenEntry(current=old.current, pending=pending))
    program.commands.settle_logins()
    told = await notice(program)
    assert told.words == "Acme Foods is reconnected. The new token works and is in use."
    assert (told.tone, told.connection) == (Tone.GOOD, A)
    assert await program.entry("A") == TokenEntry(current=pair)


async def test_a_reconnect_that_has_ended_can_be_ordered_again_while_its_results_are_read(program):
    program.commands.load_detail(A)
    await program.clock.settle()
    program.window.person = lambda _attempt: LoginClosed()
    gate = program.api.gate("syncs")
    program.commands.reconnect(A)
    await program.clock.advance(SIGNING_IN)
    await gate.reached.wait()
    program.commands.reconnect(A)
    await program.clock.settle()
    assert len(program.window.opened) == 2
    gate.open()
