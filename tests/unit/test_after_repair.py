"""After a repair: the catch-up sync, and for how long there was no data."""

from datetime import timedelta

import pytest

from makini_desktop.domain.sync import Records, SyncOrder, SyncState
from makini_desktop.services.after_repair import gap_words
from tests.fakes.login_window import SIGNING_IN
from tests.fakes.program import FakeProgram
from tests.unit.logins import A, broken, signs_in  # noqa: F401

GAP = timedelta(days=3, hours=4)


async def reconnect(program: FakeProgram, *, missed: timedelta = GAP) -> None:
    """Reconnect A, whose last good sync was so long ago when the next one is over."""
    signs_in(program)
    program.api.customers[A].last_good_at = program.clock.now() + timedelta(seconds=SIGNING_IN) - missed
    program.commands.reconnect(A)
    await program.clock.advance(SIGNING_IN)


async def end_sync(program: FakeProgram, state: SyncState = SyncState.COMPLETED) -> None:
    program.api.end_sync(A, state, records=Records(created=200, updated=14))
    await program.clock.advance(5)


async def test_a_sync_starts_at_once_and_says_what_was_missed(program):
    await reconnect(program)
    assert "start_sync A" in program.api.calls
    await end_sync(program)
    assert program.notices[-1].words == "Acme Foods: sync done, 3 d 4 h without data; 214 records since."
    entry = next(each for each in await program.ledger.timeline(A) if each.headline == "Caught up")
    assert entry.detail == "3 d 4 h without data; 214 records since"


async def test_where_nothing_was_missed_nothing_is_said_of_it(program):
    await reconnect(program, missed=timedelta(minutes=20))
    await end_sync(program)
    assert program.notices[-1].words.startswith("Acme Foods: sync done, 214 records in")
    assert "Caught up" not in [entry.headline for entry in await program.ledger.timeline(A)]


async def test_a_sync_that_fails_says_nothing_of_having_caught_up(program):
    await reconnect(program)
    await end_sync(program, SyncState.FAILED)
    assert program.notices[-1].words.startswith("Acme Foods: the sync did not succeed.")


async def test_one_that_runs_already_is_the_catch_up(program):
    program.api.customers[A].credentials_hold = True
    token = (await program.entry("A")).current.access
    await program.api.start_sync(token, SyncOrder(), "other software")
    program.api.customers[A].credentials_hold = False
    await reconnect(program)
    await end_sync(program)
    assert "3 d 4 h without data" in program.notices[-1].words


async def test_a_server_that_starts_no_syncs_is_left_to_its_schedule(program):
    program.api.lacks = {"start_sync"}
    await reconnect(program)
    assert [notice.words for notice in program.notices] == [
        "Acme Foods is reconnected. The new token works and is in use."
    ]


@pytest.mark.parametrize(
    ("gap", "records", "words"),
    [
        (timedelta(days=3, hours=4, minutes=59), 214, "3 d 4 h without data; 214 records since"),
        (timedelta(days=1), 1, "1 d 0 h without data; 1 record since"),
        (timedelta(hours=5, minutes=7), 0, "5 h 7 min without data; 0 records since"),
        (timedelta(minutes=42), 12_345, "42 min without data; 12,345 records since"),
        (timedelta(seconds=-1), 2, "0 min without data; 2 records since"),
    ],
)
def test_a_gap_is_said_in_its_two_largest_units(gap, records, words):
    assert gap_words(gap, records) == words
