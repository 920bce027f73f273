"""Tokens that others change too: another process, a login, a vault that cannot be written."""

from datetime import timedelta

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import ProfileUnwritable, ReconnectNeeded, TokenRejected
from makini_desktop.domain.token import Secret, TokenEntry
from makini_desktop.services.ports import Priority
from tests.fakes.program import FakeProgram

A = ConnectionId("A")


async def used(program: FakeProgram, **options: bool) -> Secret:
    """Return the token with which a call succeeded."""
    tokens: list[Secret] = []

    async def call(token: Secret) -> None:
        tokens.append(token)
        await program.api.status(token, Priority.PERSON)

    await program.tokens.use(A, call, **options)
    return tokens[-1]


@pytest.mark.parametrize("renew", [True, False])
async def test_a_token_that_another_process_renews_again_and_again_is_not_called_dead(program, renew):
    await program.hold("A")
    rejected: list[Secret] = []

    async def call(token: Secret) -> Secret:
        if len(rejected) < 3:
            rejected.append(token)
            await program.put("A", TokenEntry(current=program.api.pair("A")))
            raise TokenRejected("stale", status=401)
        return token

    assert await program.tokens.use(A, call, renew=renew) == (await program.entry("A")).current.access
    assert "refresh" not in program.api.calls


async def test_a_token_that_others_renew_without_end_proves_nothing(program):
    await program.hold("A")

    async def call(_token: Secret) -> None:
        await program.put("A", TokenEntry(current=program.api.pair("A")))
        raise TokenRejected("stale", status=401)

    with pytest.raises(TokenRejected):
        await program.tokens.use(A, call)
    assert not (await program.entry("A")).current.final


async def test_a_pair_that_a_login_puts_there_during_a_renewal_stays(program):
    program.api.kill(await program.hold("A"))
    of_login = program.api.pair("A")
    refresh = program.api.refresh

    async def and_meanwhile_a_login_ends(token: Secret):
        await program.put("A", TokenEntry(current=of_login))
        return await refresh(token)

    program.api.refresh = and_meanwhile_a_login_ends
    assert await used(program) == of_login.access
    assert (await program.entry("A")).current == of_login


async def test_a_new_pair_that_the_disk_did_not_take_is_kept_by_the_next_use(program):
    program.api.kill(await program.hold("A"))
    change = program.vault.change_token

    async def full(*_of: object) -> TokenEntry:
        raise ProfileUnwritable("The disk is full.")

    program.vault.change_token = full
    with pytest.raises(ProfileUnwritable):
        await used(program)
    program.vault.change_token = change
    token = await used(program)
    assert (await program.entry("A")).current.access == token
    assert program.api.calls.count("refresh") == 1


async def test_a_dead_refresh_token_is_forgotten_so_that_nobody_tries_it_again(program):
    pair = await program.hold("A")
    program.api.kill(pair, refresh=True)
    for _ in range(2):
        with pytest.raises(ReconnectNeeded):
            await used(program)
    assert program.api.calls.count("refresh") == 1
    assert (await program.entry("A")).current.refresh is None


async def test_once_issuing_is_allowed_a_dead_token_is_replaced_after_all(program):
    program.api.kill(await program.hold("A"), refresh=True)
    with pytest.raises(ReconnectNeeded):
        await used(program)
    program.change_account(issue_tokens=True)
    assert (await program.tokens.seen(A)).renewable
    token = await used(program)
    assert (await program.entry("A")).current.access == token


async def test_a_token_that_ends_early_and_is_renewed_at_once_is_renewed_again_at_half_life(program):
    program.api.kill(await program.hold("A"))
    first = await used(program)
    assert (await program.tokens.seen(A)).renewable
    await program.clock.advance(timedelta(days=16))
    assert await used(program) != first


async def test_a_token_just_issued_that_is_rejected_is_not_issued_again(program):
    program.change_account(issue_tokens=True)
    issue = program.api.issue_token

    async def with_a_refresh_token(connection: ConnectionId):
        await issue(connection)
        return program.api.pair(connection)

    program.api.issue_token = with_a_refresh_token
    program.api.kill(await program.hold("A"), refresh=True)
    program.api.fail_always("status", TokenRejected("no", status=401))
    with pytest.raises(ReconnectNeeded):
        await used(program)
    assert program.api.calls.count("issue A") == 1


async def test_a_token_that_ends_soon_whatever_is_done_is_renewed_once(program):
    program.api.lifetime = timedelta(days=3)
    end = program.clock.now() + timedelta(days=3)
    await program.hold("A")
    for _ in range(3):
        await program.clock.advance(10)
        program.api.lifetime = end - program.clock.now()
        await used(program)
    assert program.api.calls.count("refresh") == 1
