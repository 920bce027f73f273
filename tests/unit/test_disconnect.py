"""Disconnecting: ended at Makini, the token gone everywhere here, and the history left."""

import asyncio

import pytest

from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ConnectionGone,
    KeychainUnavailable,
    NoClientSecret,
    NotOffered,
    PersonMustAct,
    ProfileInUse,
    ProfileUnwritable,
    Unreachable,
    UsageError,
)
from makini_desktop.domain.evidence import EvidenceSource
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import SyncState
from makini_desktop.domain.token import PendingPair, TokenEntry
from makini_desktop.services.store import KeychainTrouble
from makini_desktop.services.wording import sentence
from tests.fakes.program import FakeProgram

A, B = ConnectionId("A"), ConnectionId("B")


@pytest.fixture(autouse=True)
async def _held(program):
    await program.hold("A")
    await program.check("A")
    await program.clock.advance(1)
    program.api.calls.clear()


async def disconnect(program: FakeProgram, connection: str = "A") -> None:
    await program.connecting.ending.run(ConnectionId(connection))


async def without_secret(program: FakeProgram) -> None:
    """Let the account have its connections' tokens only."""
    entry = await program.entry("A")
    await program.vault.forget_account(program.account.name)
    await program.put("A", entry)


async def test_it_ends_at_makini_and_is_shown_at_once_with_who_said_so(program):
    await disconnect(program)
    assert program.api.calls == ["disconnect A"]
    row = program.row("A")
    assert row.health is Health.DISCONNECTED
    evidence = row.condition.evidence
    assert (evidence.source, evidence.at, evidence.detail) == (
        EvidenceSource.PERSON, program.clock.now(), "200",
    )  # fmt: skip
    assert evidence.request_id
    assert "was disconnected from here" in sentence(row, program.clock.now())
    assert program.health("B") is not Health.DISCONNECTED


async def test_it_stays_so_when_the_list_no_longer_names_it_and_is_checked_again(program):
    await disconnect(program)
    await program.clock.advance(60)
    await program.monitor.read_list()
    await program.check("A")
    row = program.row("A")
    assert (row.health, row.condition.evidence.source) == (Health.DISCONNECTED, EvidenceSource.PERSON)


async def test_the_token_is_gone_from_vault_and_memory_with_one_on_trial(program):
    current = program.api.pair("A")
    pending = PendingPair(pair=program.api.pair("A"), attempt="attempt", since=program.clock.now())
    await program.put("A", TokenEntry(current=current, pending=pending))
    await program.hold("B")
    await disconnect(program)
    assert await program.entry("A") == TokenEntry()
    assert set(await program.vault.tokens(program.account.name)) == {B}
    assert program.api.forgotten == [A]
    token = program.row("A").facts.token
    assert token is not None
    assert (token.present, token.expires_at) == (False, None)


async def test_what_happened_is_written_down_and_the_history_stays(program):
    await program.connecting.settings.save_note(A, "Ask for Bo")
    (before,) = await program.ledger.timeline(A)
    await program.clock.advance(1)
    await disconnect(program)
    timeline = await program.ledger.timeline(A)
    assert timeline[-1] == before
    assert await program.connecting.settings.note(A) == "Ask for Bo"
    told = next(entry for entry in timeline if entry.kind is ActivityKind.SETTING)
    assert (told.headline, told.health) == ("Disconnected from here", Health.DISCONNECTED)
    assert told.request_id


async def test_a_sync_that_ran_is_followed_by_nobody_again(program):
    program.api.customers[A].running = None
    program.commands.sync_now([A])
    await program.clock.advance(1)
    assert program.row("A").sync.state.running
    await disconnect(program)
    assert program.row("A").sync.state is SyncState.CANCELLED
    assert await program.syncs.resumed() == {}


async def test_without_a_client_secret_the_token_ends_its_own_connection(program):
    await without_secret(program)
    await disconnect(program)
    assert program.api.calls == ["disconnect_self A"]
    assert program.health("A") is Health.DISCONNECTED
    assert await program.entry("A") == TokenEntry()


async def test_without_secret_and_token_it_says_where_it_can_be_done(program):
    await program.vault.forget_account(program.account.name)
    with pytest.raises(NoClientSecret, match="dashboard"):
        await disconnect(program)
    assert program.api.calls == []
    assert program.health("A") is Health.HEALTHY


async def test_one_that_is_gone_already_is_taken_for_ended(program):
    del program.api.customers[A]
    await disconnect(program)
    row = program.row("A")
    assert (row.health, row.condition.evidence.detail) == (Health.DISCONNECTED, "404")
    assert await program.entry("A") == TokenEntry()


@pytest.mark.parametrize("secret", [True, False])
async def test_a_server_that_cannot_disconnect_leaves_connection_and_token(program, secret):
    if not secret:
        await without_secret(program)
    gone = ConnectionGone("Makini no longer knows this connection.", status=404)
    program.api.fail("disconnect", gone)
    program.api.fail("disconnect_self", gone)
    before = await program.current("A")
    with pytest.raises(NotOffered, match="does not offer the disconnecting"):
        await disconnect(program)
    assert program.health("A") is Health.HEALTHY
    assert await program.current("A") == before


async def test_with_half_a_list_nothing_is_taken_for_known(program):
    program.api.fail("disconnect", ConnectionGone("Makini no longer knows this connection.", status=404))
    program.api.list_breaks_off = True
    with pytest.raises(ConnectionGone, match="broke off"):
        await disconnect(program)
    assert (await program.entry("A")).current is not None


async def test_a_refusal_or_a_lost_line_changes_nothing(program):
    before = await program.current("A")
    program.api.fail("disconnect", Unreachable("No answer."))
    with pytest.raises(Unreachable):
        await disconnect(program)
    assert await program.current("A") == before
    assert program.health("A") is Health.HEALTHY


async def test_a_closed_keychain_is_said_before_anything_ends(program):
    program.store.set_keychain(KeychainTrouble("locked", "The keychain is locked."))
    with pytest.raises(KeychainUnavailable, match="locked"):
        await disconnect(program)
    assert program.api.calls == []


async def test_a_token_that_cannot_be_removed_is_said_and_removed_by_a_second_order(program, monkeypatch):
    async def full(*_values: object) -> TokenEntry:
        raise ProfileUnwritable("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(program.vault, "change_token", full)
        with pytest.raises(PersonMustAct, match=r"no longer works.*The disk is full") as failure:
            await disconnect(program)
    assert "5up3r" not in str(failure.value)
    assert program.health("A") is Health.DISCONNECTED
    program.api.calls.clear()
    await disconnect(program)
    assert program.api.calls == []
    assert await program.entry("A") == TokenEntry()


async def test_what_a_run_that_died_has_left_is_removed_by_the_next(program, monkeypatch):
    class Died(BaseException):
        pass

    async def die(*_values: object) -> TokenEntry:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(program.vault, "change_token", die)
        with pytest.raises(Died):
            await disconnect(program)
    await program.hold("B")
    after = FakeProgram(beside=program)
    after.ledger.load(await after.database.connections(after.account.name), {}, {})
    assert (await after.entry("A")).current is not None
    after.connecting.settle()
    await after.clock.settle()
    assert set(await after.vault.tokens(after.account.name)) == {B}
    assert after.health("A") is Health.DISCONNECTED
    await after.aclose()


async def test_the_token_of_a_connection_that_somebody_else_ended_is_left_alone(program):
    del program.api.customers[A]
    await program.monitor.read_list()
    assert program.health("A") is Health.DISCONNECTED
    await program.connecting.ending.settle()
    assert (await program.entry("A")).current is not None


async def test_a_login_in_another_process_is_ended_first(program):
    async with program.locks.hold(f"attempt {program.account.name} A", wait=False):
        with pytest.raises(ProfileInUse, match="Acme Foods"):
            await disconnect(program)
    assert program.api.calls == []


async def test_a_renewal_under_way_brings_no_token_back(program):
    gate = program.api.gate("refresh")
    pair = (await program.entry("A")).current
    program.api.kill(pair)
    check = asyncio.create_task(program.monitor.check(A))
    await asyncio.wait_for(gate.reached.wait(), 5)
    ending = asyncio.create_task(disconnect(program))
    await program.clock.settle()
    assert "disconnect A" in program.api.calls
    gate.open()
    await asyncio.wait_for(asyncio.gather(ending, check, return_exceptions=True), 5)
    ending.result()
    assert await program.entry("A") == TokenEntry()
    assert program.health("A") is Health.DISCONNECTED


async def test_a_token_that_is_added_later_connects_it_again(program):
    await without_secret(program)
    ended = program.api.customers[A]
    await disconnect(program)
    await program.clock.advance(60)
    program.api.customers[A] = ended
    await program.token_list.add(program.api.pair("A").access)
    assert program.health("A") is Health.HEALTHY


async def test_an_unknown_connection_is_said(program):
    with pytest.raises(UsageError, match="“nope”"):
        await disconnect(program, "nope")


# The order


async def test_the_order_ends_what_runs_for_it_and_tells(program):
    program.commands.sync_now([A])
    await program.clock.advance(1)
    program.notices.clear()
    program.commands.connecting.disconnect(A)
    await program.clock.settle()
    (notice,) = program.notices
    assert notice.words == "Acme Foods is disconnected. Its token is removed; its history stays."
    assert not program.tasks.running("sync A")
    settings = program.store.detail(A).settings
    assert all("is disconnected" in why for why in settings.locked.values())


async def test_the_order_closes_a_login_that_waits(program):
    closed = asyncio.Event()

    async def waiting(*_values: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            closed.set()

    program.window.run = waiting
    program.commands.reconnect(A)
    await program.clock.settle()
    assert program.row("A").stage is not None
    program.commands.connecting.disconnect(A)
    await program.clock.settle()
    assert closed.is_set()
    assert program.health("A") is Health.DISCONNECTED
    assert program.row("A").stage is None


async def test_the_question_names_what_ends_and_what_stays(program):
    question = " ".join(program.commands.connecting.disconnect_question(A))
    for part in ("Acme Foods", "SAP", "stops working at once", "stay at Makini", "history and notes stay"):
        assert part in question
