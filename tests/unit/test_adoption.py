"""A new connection takes the place of an old one: what moves, what is said of the rest, kills at any step."""

import asyncio

import pytest

from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.errors import ProfileInUse, Unreachable, UsageError
from makini_desktop.domain.health import Health
from makini_desktop.domain.settings import Webhook
from makini_desktop.domain.sync import SyncState
from makini_desktop.domain.token import TokenEntry
from makini_desktop.services.adoption import Question, Step
from makini_desktop.services.store import Tone
from tests.fakes.api import customer
from tests.fakes.login_window import SIGNING_IN
from tests.fakes.program import FakeProgram
from tests.unit.logins import NO_LINE, A, B, C, broken, signs_in  # noqa: F401

SECRET_LEFT = "The secret that signs its events is not known here; set that again."


@pytest.fixture
async def beside(program) -> FakeProgram:
    """A's reconnect has come back as C; A has settings, metadata, a note, a mute and a past."""
    old = program.api.customers[A]
    old.interval_minutes = 45
    old.webhook = Webhook(url="https://acme.example/hook", events=("sync.failed",))
    old.metadata = {"crm": "4711"}
    await program.database.save_note("acme", A, "Ask for Ms Ito.")
    program.inbox.mute_connections([A], muted=True)
    program.ledger.tell(A, ActivityKind.SETTING, "Long ago")
    program.api.customers[C] = customer("C", "Acme Foods")
    signs_in(program, C)
    asked: list[str] = []
    program.commands.adoption_asked.subscribe(asked.append)
    program.commands.reconnect(A)
    await program.clock.advance(SIGNING_IN)
    assert program.adoption.questions == {A: Question(A, C)}
    assert program.store.adoptions == {A: C}
    assert asked == [A]
    program.api.end_sync(C, SyncState.COMPLETED)
    await program.clock.advance(10)
    await program.ledger.flush()
    return program


async def moved(program: FakeProgram) -> bool:
    """Tell whether all of A is C's now, and A ended."""
    await program.ledger.flush()
    new = program.api.customers[C]
    past = [entry.headline for entry in await program.database.activity("acme", C, 99)]
    return (
        new.interval_minutes == 45
        and new.webhook == Webhook(url="https://acme.example/hook", events=("sync.failed",))
        and new.metadata == {"crm": "4711"}
        and (await program.database.notes("acme")) == {C: "Ask for Ms Ito."}
        and program.store.mutes.connections == {C}
        and past.count("Long ago") == 1
        and "Took the place of A" in past
        and A not in program.api.customers
        and await program.entry("A") == TokenEntry()
        and program.health("A") is Health.DISCONNECTED
        and program.adoption.questions == {}
        and program.store.adoptions == {}
    )


async def untouched(program: FakeProgram) -> bool:
    """Tell whether both connections stand as they did."""
    return (
        program.adoption.questions == {A: Question(A, C)}
        and A in program.api.customers
        and program.api.customers[C].webhook == Webhook()
        and (await program.database.notes("acme")) == {A: "Ask for Ms Ito."}
    )


async def test_everything_moves_and_the_old_one_ends(beside):
    beside.commands.adopt(A)
    await beside.clock.advance(1)
    assert await moved(beside)
    assert beside.api.lives((await beside.entry("C")).current)
    assert beside.health("C") is Health.HEALTHY
    notice = beside.notices[-1]
    assert notice.words == (
        "Acme Foods: the new connection has taken the place of the old one, which is disconnected. "
        + SECRET_LEFT
    )
    assert notice.tone is Tone.BAD


async def test_the_past_is_seen_at_once_with_the_new_one(beside):
    strip = beside.row("A").days
    assert strip[-1] is Health.RECONNECT_NEEDED
    await beside.adoption.adopt(A)
    assert beside.row("C").days[-1] is Health.RECONNECT_NEEDED


async def test_keeping_both_changes_nothing(beside):
    beside.commands.keep_both(A)
    await beside.clock.advance(1)
    assert beside.adoption.questions == {}
    assert A in beside.api.customers
    assert (await beside.database.notes("acme")) == {A: "Ask for Ms Ito."}
    with pytest.raises(UsageError, match="No new connection stands beside"):
        await beside.adoption.adopt(A)


async def test_the_question_outlives_the_program(beside):
    other = FakeProgram(beside=beside)
    await other.adoption.load()
    assert other.adoption.questions == {A: Question(A, C)}
    await other.adoption.resume()
    assert await untouched(beside)


async def test_what_two_processes_ask_is_both_kept(beside):
    command = FakeProgram(beside=beside)
    await command.adoption.ask(B, A)
    await beside.adoption.ask(A, C)
    assert beside.store.adoptions == {A: C, B: A}
    await command.adoption.keep_both(A)
    later = FakeProgram(beside=beside)
    await later.adoption.load()
    assert later.adoption.questions == {B: Question(B, A)}


async def test_settings_that_an_ended_token_cannot_read_are_those_read_last(beside):
    beside.connecting.load_settings(A)
    await beside.clock.advance(1)
    beside.api.kill((await beside.entry("A")).current, refresh=True)
    adopted = await beside.adoption.adopt(A)
    assert adopted.left == (SECRET_LEFT,)
    assert await moved(beside)


async def test_what_nobody_knows_is_said(beside):
    beside.api.kill((await beside.entry("A")).current, refresh=True)
    adopted = await beside.adoption.adopt(A)
    assert adopted.left == (
        "How often the old one synced is not known here; set that again.",
        "Where the old one sent its events is not known here; set that again.",
    )
    assert beside.api.customers[C].metadata == {"crm": "4711"}
    assert A not in beside.api.customers


async def test_an_adoption_whose_end_fails_goes_on_where_it_stood(beside):
    beside.api.fail("disconnect", NO_LINE)
    with pytest.raises(Unreachable):
        await beside.adoption.adopt(A)
    assert beside.adoption.questions[A].step is Step.HISTORY_MOVED
    with pytest.raises(UsageError, match="taking over already"):
        await beside.adoption.keep_both(A)
    beside.api.calls.clear()
    beside.commands.settle_logins()
    await beside.clock.advance(1)
    assert await moved(beside)
    assert not [call for call in beside.api.calls if call.startswith("set_")]
    assert "has taken the place of the old one" in beside.notices[-1].words


async def test_two_processes_do_not_adopt_the_same(beside):
    other = FakeProgram(beside=beside)
    await other.adoption.load()
    gate = beside.api.gate("metadata")
    adopting = asyncio.ensure_future(beside.adoption.adopt(A))
    await gate.reached.wait()
    with pytest.raises(ProfileInUse):
        await other.adoption.adopt(A)
    gate.open()
    await adopting
    assert await moved(beside)


async def test_without_a_question_nothing_is_adopted(program):
    with pytest.raises(UsageError, match="“A”"):
        await program.adoption.adopt(A)
    with pytest.raises(UsageError, match="“A”"):
        await program.adoption.keep_both(A)


class Killed(BaseException):
    """The process is gone."""


def kill_at(program: FakeProgram, call: int, *, before: bool) -> list[str]:
    """Let the program die before or behind its n-th call of server, database or vault; return the calls."""
    made: list[str] = []

    def deadly(name, original):
        async def called(*arguments, **named):
            made.append(name)
            last = len(made) == call
            if len(made) > call or (last and before):
                raise Killed
            result = await original(*arguments, **named)
            if last:
                raise Killed
            return result

        return called

    for owner, names in (
        (
            program.api,
            ("schedule", "webhook", "metadata", "set_schedule", "set_webhook", "set_metadata", "disconnect"),
        ),
        (program.database, ("set_setting", "move_connection", "add_activity", "save_connections")),
        (program.vault, ("change_token",)),
    ):
        for name in names:
            setattr(owner, name, deadly(name, getattr(owner, name)))
    return made


def revived(program: FakeProgram) -> FakeProgram:
    """Return the next start of a program that died."""
    for owner in (program.api, program.vault):
        for name in [name for name in vars(owner) if callable(vars(owner)[name])]:
            delattr(owner, name)
    return FakeProgram(beside=program)


CALLS = 26
"""Calls of one adoption, some more than there are."""


@pytest.mark.parametrize("before", [True, False], ids=["before", "behind"])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
async def test_a_kill_at_any_step_leaves_both_or_what_the_next_start_finishes(beside, call, before):
    made = kill_at(beside, call, before=before)
    try:
        await beside.adoption.adopt(A)
    except Killed:
        killed = True
    else:
        killed = False
    assert killed or len(made) < call
    await beside.tasks.aclose()
    beside.errors.clear()  # what was under way died with it
    after = revived(beside)
    after.ledger.load(await after.database.connections("acme"), {}, {})
    await after.inbox.load()
    await after.adoption.load()
    await after.monitor.read_list()
    await after.adoption.resume()
    try:
        assert await untouched(after) or await moved(after)
    finally:
        await after.aclose()


async def test_the_kills_reach_every_call(beside):
    made = kill_at(beside, CALLS, before=True)
    await beside.adoption.adopt(A)
    assert 20 < len(made) < CALLS
