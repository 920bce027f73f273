"""A connection that keeps failing is left alone for a while, and holds up nobody else."""

from datetime import timedelta

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    AnswerUnreadable,
    ConnectionGone,
    MakiniDesktopError,
    PermissionDenied,
    ReconnectNeeded,
    ServerFailed,
    SystemUnreachable,
    TimedOut,
    Unreachable,
)
from makini_desktop.services.ports import Priority
from makini_desktop.services.store import Online, Paused
from tests.fakes.api import customer
from tests.fakes.program import FakeProgram

A, B = ConnectionId("A"), ConnectionId("B")
MINUTE = timedelta(minutes=1)
FAILED = ServerFailed("Makini failed.", status=500)
NO_LINE = Unreachable("No answer from api.makini.example.")


@pytest.fixture(autouse=True)
async def _tokens(program: FakeProgram) -> None:
    await program.hold("A")
    await program.hold("B")
    program.api.calls.clear()


def watch(program: FakeProgram) -> None:
    program.tasks.start("monitor", program.monitor.run())


async def failing(program: FakeProgram, times: int, error: MakiniDesktopError = FAILED) -> None:
    program.api.fail("status A", *[error] * times)
    for _ in range(times):
        await program.check("A")


@pytest.mark.parametrize(
    "error", [FAILED, SystemUnreachable("Off.", status=503), AnswerUnreadable("What?", status=200)]
)
async def test_five_failures_in_a_row_pause_it(program, error):
    await failing(program, 4, error)
    assert program.row("A").paused is None
    await failing(program, 1, error)
    assert program.row("A").paused == Paused(5, program.clock.now() + MINUTE)
    assert program.row("B").paused is None


@pytest.mark.parametrize(
    "error",
    [
        ReconnectNeeded("Sign in.", status=401, code="AUTHENTICATION_FAILED"),
        PermissionDenied("No.", status=403),
        ConnectionGone("Gone.", status=404),
    ],
)
async def test_what_no_waiting_cures_pauses_nothing(program, error):
    await failing(program, 7, error)
    assert program.row("A").paused is None


async def test_a_success_between_begins_the_count_anew(program):
    await failing(program, 4)
    await program.check("A")
    await failing(program, 4)
    assert program.row("A").paused is None


async def test_in_the_background_it_is_tried_when_the_pause_is_over_and_not_before(program):
    await failing(program, 5)
    program.api.fail_always("status A", FAILED)
    program.api.calls.clear()
    watch(program)
    tried = []
    for second in range(70 * 60):
        before = program.api.calls.count("status A")
        await program.clock.advance(1)
        if program.api.calls.count("status A") > before:
            tried.append(second + 1)
    minutes = [round(at / 60) for at in tried]
    assert minutes == [1, 3, 7, 15, 31, 61]
    assert program.api.calls.count("status B") > 50


async def test_once_it_works_again_nothing_is_left_of_the_pause(program):
    await failing(program, 5)
    watch(program)
    await program.clock.advance(2 * MINUTE)
    assert program.row("A").paused is None
    program.api.calls.clear()
    await program.clock.advance(10 * MINUTE)
    assert 9 <= program.api.calls.count("status A") <= 11


async def test_a_persons_check_goes_through_and_decides(program):
    await failing(program, 5)
    program.api.fail("status A", FAILED)
    await program.monitor.check(A, Priority.PERSON)
    assert program.row("A").paused == Paused(6, program.clock.now() + 2 * MINUTE)
    await program.monitor.check(A, Priority.PERSON)
    assert program.row("A").paused is None


async def test_a_persons_check_under_way_is_the_only_probe(program):
    await failing(program, 5)
    gate = program.api.gate("status")
    program.tasks.start("click", program.monitor.check(A, Priority.PERSON))
    await gate.reached.wait()
    program.api.calls.clear()
    watch(program)
    await program.clock.advance(90)
    assert "status A" not in program.api.calls
    gate.open()
    await program.clock.settle()
    assert program.row("A").paused is None


async def test_check_everything_tries_the_paused_ones_too(program):
    await failing(program, 6)
    watch(program)
    await program.clock.advance(1)
    program.api.calls.clear()
    program.monitor.everything_now()
    await program.clock.advance(1)
    assert "status A" in program.api.calls
    assert program.row("A").paused is None


async def test_a_connection_that_alone_is_never_answered_is_paused_and_the_line_is_held_to_be_good(program):
    program.api.fail_always("status A", TimedOut("api.makini.example did not answer in time."))
    watch(program)
    await program.clock.advance(15 * MINUTE)
    assert program.row("A").paused is not None
    assert program.row("A").paused.failures >= 5
    assert program.row("B").paused is None
    assert isinstance(program.store.line, Online)


async def test_a_lost_line_pauses_nobody(program):
    watch(program)
    await program.clock.advance(1)
    program.api.fail_always("*", NO_LINE)
    await program.clock.advance(30 * MINUTE)
    program.api.fail_always("*", None)
    await program.clock.advance(2 * MINUTE)
    assert (program.row("A").paused, program.row("B").paused) == (None, None)


async def test_whoever_was_paused_while_the_whole_server_failed_is_tried_once_the_list_can_be_read(program):
    program.api.fail_always("*", FAILED)
    for _ in range(9):
        await program.check("A")
    assert program.row("A").paused.next_at - program.clock.now() == 16 * MINUTE
    watch(program)
    await program.clock.advance(1)
    program.api.fail_always("*", None)
    await program.clock.advance(MINUTE)
    assert program.row("A").paused is None


async def test_one_that_hangs_holds_up_neither_the_others_nor_the_list():
    program = FakeProgram(*(customer(f"C{number:02}") for number in range(20)))
    await program.open()
    for number in range(20):
        await program.hold(f"C{number:02}")
    gate = program.api.gate("status C07")
    watch(program)
    await program.clock.advance(3 * MINUTE)
    assert gate.reached.is_set()
    assert program.api.calls.count("list") >= 3
    assert all(program.api.calls.count(f"status C{number:02}") >= 2 for number in range(20) if number != 7)
    assert program.api.calls.count("status C07") == 1
    gate.open()
    await program.aclose()
