"""A login for no connection in particular: whose pair it is shows afterwards; until then it is kept safe."""

import asyncio

import pytest

from makini_desktop.domain.attempt import belongs_to_none
from makini_desktop.domain.errors import NoClientSecret, ProfileInUse
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import Cancelled, Connected, LoginFailed, LoginPath, Stage
from makini_desktop.domain.token import PendingPair, TokenEntry
from makini_desktop.services.login_ports import LoginClosed
from tests.fakes.api import customer
from tests.fakes.login_window import SIGNING_IN, back_with
from tests.fakes.program import FakeProgram
from tests.unit.logins import NO_LINE, A, B, C


async def connect(program: FakeProgram, path: LoginPath | None = None):
    return await program.clock.finish(program.reconnect.connect_new(path, "SAP"))


def signs_in(program: FakeProgram, connection: str) -> None:
    program.api.codes["code-1"] = connection
    program.window.person = program.browser.person = back_with(code="code-1")


async def nothing_left(program: FakeProgram) -> bool:
    entries = await program.vault.tokens(program.account.name)
    return not any(belongs_to_none(each) or entry.pending for each, entry in entries.items())


@pytest.mark.parametrize("path", [LoginPath.EMBEDDED, LoginPath.BROWSER])
async def test_a_new_customer_signs_in_and_is_in_the_list_with_a_token(program, path):
    program.change_account(redirect_uris=("http://127.0.0.1:8400/callback",))
    program.api.customers[C] = customer("C", "Initech")
    signs_in(program, C)
    assert await connect(program, path) == Connected(C)
    assert program.health("C") is Health.HEALTHY
    assert program.api.lives((await program.entry("C")).current)
    assert await nothing_left(program)
    entry = (await program.ledger.timeline(C))[0]
    assert (entry.headline, entry.detail) == (
        "Connected",
        "Initech is connected. The token works and is in use.",
    )


async def test_the_login_names_no_connection(program):
    signs_in(program, A)
    await connect(program)
    (attempt,) = program.window.opened
    assert "connection_id" not in attempt.authorize_url(program.account)


async def test_one_that_was_connected_already_gets_the_new_token(program):
    old = await program.hold("B")
    signs_in(program, B)
    assert await connect(program) == Connected(B, known=True)
    assert (await program.entry("B")).current.access != old.access
    assert await nothing_left(program)
    assert (await program.ledger.timeline(B))[0].headline == "New token"


async def test_closing_the_window_leaves_nothing(program):
    program.window.person = lambda _attempt: LoginClosed()
    assert await connect(program) == Cancelled()
    assert await program.vault.tokens(program.account.name) == {}


async def test_where_it_stands_is_told(program):
    stages: list[Stage | None] = []
    program.reconnect.connecting_changed.subscribe(stages.append)
    program.change_account(redirect_uris=("http://127.0.0.1:8400/callback",))
    signs_in(program, A)
    await connect(program, LoginPath.BROWSER)
    assert stages == [Stage.WAITING_FOR_LOGIN, Stage.IN_BROWSER, Stage.EXCHANGING, None]


async def test_one_at_a_time(program):
    attempt = asyncio.ensure_future(program.reconnect.connect_new())
    await program.clock.settle()
    with pytest.raises(ProfileInUse, match="being added already"):
        await FakeProgram(beside=program).reconnect.connect_new()
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
    signs_in(program, A)
    assert await connect(program) == Connected(A, known=True)


async def test_without_a_client_secret_none_is_begun(program):
    await program.vault.forget_account(program.account.name)
    with pytest.raises(NoClientSecret, match="Ask for a token of the new connection"):
        await program.reconnect.connect_new()
    assert program.window.opened == []


async def test_a_pair_that_could_not_be_tested_is_taken_up_later(program):
    program.api.customers[C] = customer("C", "Initech")
    signs_in(program, C)
    program.api.fail("integration", NO_LINE)
    assert isinstance(await connect(program), LoginFailed)
    assert not await nothing_left(program)
    assert await program.reconnect.recover() == {C: Connected(C)}
    assert await nothing_left(program)
    assert program.health("C") is Health.HEALTHY


async def test_a_pair_that_is_being_settled_elsewhere_is_left_to_it(program):
    pending = PendingPair(pair=program.api.pair("A"), attempt="1", since=program.clock.now())
    await program.put("new 1", TokenEntry(pending=pending))
    async with program.locks.hold("attempt acme new", wait=False):
        assert await program.reconnect.recover() == {}
    assert await program.reconnect.recover() == {A: Connected(A, known=True)}


async def test_a_pair_that_was_kept_twice_by_a_kill_is_kept_once(program):
    """Killed between the two writings of a move: the pair is in use already, and still pending."""
    pair = await program.hold("A")
    await program.put(
        "new 1", TokenEntry(pending=PendingPair(pair=pair, attempt="1", since=program.clock.now()))
    )
    assert await program.reconnect.recover() == {A: Connected(A, known=True)}
    assert await program.entry("A") == TokenEntry(current=pair)
    assert await nothing_left(program)


async def test_a_login_under_way_is_not_taken_for_one_that_was_left(program):
    signs_in(program, A)
    gate = program.api.gate("integration")
    attempt = asyncio.ensure_future(program.reconnect.connect_new())
    await program.clock.advance(SIGNING_IN)
    assert not await nothing_left(program)
    assert await FakeProgram(beside=program).reconnect.recover() == {}
    gate.open()
    assert await attempt == Connected(A, known=True)
