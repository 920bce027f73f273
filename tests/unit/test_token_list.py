"""An account without a client secret: connections are added by their tokens and watched with them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    AnswerUnreadable,
    NoClientSecret,
    ReconnectNeeded,
    TokenRejected,
    Unreachable,
    UsageError,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.token import Secret
from makini_desktop.services.store import KeychainTrouble, Online, Refusing
from tests.fakes.api import customer
from tests.fakes.program import FakeProgram

A, B = ConnectionId("A"), ConnectionId("B")
NO_SECRET = NoClientSecret("There is no client secret.")


@pytest.fixture
async def program() -> AsyncIterator[FakeProgram]:
    """A program whose account has no client secret, and no connection yet."""
    program = FakeProgram(customer("A", "Acme Foods"), customer("B", "Globex", "Maximo"))
    await program.database.save_account(program.account)
    for needs_it in ("list", "refresh", "issue"):
        program.api.fail_always(needs_it, NO_SECRET)
    yield program
    await program.aclose()


def token(program: FakeProgram, connection: str = "A") -> Secret:
    """Return a living token that somebody was handed."""
    return program.api.pair(connection).access


async def test_a_token_becomes_a_row_with_its_customer_and_is_kept(program):
    handed = token(program)
    row = await program.token_list.add(handed)
    assert (row.id, row.connection.name, row.connection.system) == (A, "Acme Foods", "SAP-key")
    entry = await program.entry("A")
    assert (entry.current.access, entry.current.refresh, entry.pending) == (handed, None, None)
    assert (await program.ledger.timeline(A))[0].headline == "A token was added."


async def test_a_tokens_own_end_is_kept_with_it(program):
    handed = token(program)
    end = program.clock.now() + timedelta(days=9)
    program.api.token_ends[handed.value] = end
    await program.token_list.add(handed)
    assert (await program.entry("A")).current.expires_at == end


async def test_a_token_that_is_not_accepted_leaves_everything_as_it_was(program):
    program.api.fail("integration", TokenRejected("no", status=401, request_id="req-7"))
    with pytest.raises(UsageError, match="does not accept this token") as raised:
        await program.token_list.add(Secret("5up3r"))
    assert raised.value.request_id == "req-7"
    assert "5up3r" not in str(raised.value)
    assert not await program.vault.tokens(program.account.name)
    assert not program.store.rows


async def test_the_same_token_again_leaves_what_is_known_of_it(program):
    pair = await program.hold("A")
    await program.token_list.add(pair.access)
    assert (await program.entry("A")).current == pair


async def test_a_newer_token_takes_the_place_of_a_dead_one(program):
    first = token(program)
    await program.token_list.add(first)
    program.api._access.pop(first.value)
    await program.monitor.check(A)
    assert program.health("A") is Health.RECONNECT_NEEDED
    await program.clock.advance(60)
    await program.token_list.add(token(program))
    await program.monitor.check(A)
    assert program.health("A") is not Health.RECONNECT_NEEDED


async def test_the_list_is_what_the_tokens_say(program):
    await program.hold("A", renewable=False)
    await program.hold("B", renewable=False)
    await program.monitor.read_list()
    assert {row.id: row.connection.name for row in program.store.rows.values()} == {
        "A": "Acme Foods",
        "B": "Globex",
    }
    assert isinstance(program.store.line, Online)


async def test_a_row_that_is_there_is_not_asked_for_again(program):
    await program.token_list.add(token(program))
    calls = len(program.api.calls)
    await program.monitor.read_list()
    assert program.api.calls[calls:] == ["list"]


@pytest.mark.parametrize("error", [ReconnectNeeded("no"), AnswerUnreadable("Not the contract's.")])
async def test_a_token_that_does_not_say_whose_it_is_has_a_row_under_its_id(program, error):
    await program.hold("A", renewable=False)
    program.api.fail("integration", error)
    await program.monitor.read_list()
    assert program.row("A").connection.name == "A"


async def test_a_line_that_is_down_is_told_as_such(program):
    await program.hold("A", renewable=False)
    program.api.fail("integration", Unreachable("No answer."))
    with pytest.raises(Unreachable):
        await program.monitor.read_list()


async def test_without_any_token_the_missing_secret_is_told(program):
    with pytest.raises(NoClientSecret):
        await program.monitor.read_list()


async def test_a_closed_vault_is_not_taken_for_an_account_without_tokens(program):
    await program.hold("A", renewable=False)
    program.store.set_keychain(KeychainTrouble("locked", "The keychain is locked."))
    with pytest.raises(NoClientSecret):
        await program.monitor.read_list()


async def test_the_monitor_watches_by_tokens_alone(program):
    await program.token_list.add(token(program))
    program.tasks.start("monitor", program.monitor.run())
    await program.clock.advance(130)
    assert program.api.calls.count("sync_status A") >= 2
    assert not isinstance(program.store.line, Refusing)
    assert program.health("A") is Health.HEALTHY


async def test_a_token_that_ends_soon_is_expiring_and_then_needs_a_reconnect(program):
    handed = token(program)
    program.api.token_ends[handed.value] = program.clock.now() + timedelta(days=8)
    await program.token_list.add(handed)
    healths = []
    for days in (0, 1, 7):
        await program.clock.advance(timedelta(days=days, seconds=1))
        await program.check("A")
        healths.append(program.health("A"))
    assert healths == [Health.HEALTHY, Health.EXPIRING, Health.RECONNECT_NEEDED]


async def test_no_sign_in_is_begun_whose_code_could_not_be_exchanged(program):
    await program.token_list.add(token(program))
    with pytest.raises(NoClientSecret, match="Ask for a new token of Acme Foods"):
        await program.reconnect.run(A)
    assert program.window.opened == []


async def test_an_order_of_the_window_adds_checks_and_tells(program):
    program.commands.add_token(token(program))
    await program.clock.settle()
    assert [notice.words for notice in program.notices] == ["Acme Foods is added. Its token works."]
    assert program.health("A") is Health.HEALTHY


async def test_an_order_with_a_bad_token_is_told(program):
    program.commands.add_token(Secret("5up3r"))
    await program.clock.settle()
    (notice,) = program.notices
    assert "does not accept this token" in notice.words
    assert "5up3r" not in notice.words + notice.details
