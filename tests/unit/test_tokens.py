"""Tokens: the one that works is used, the next is stored before anything else, nobody sees them."""

import asyncio
import logging
from datetime import timedelta

import msgspec
import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ClientRejected,
    IssueNotAllowed,
    KeychainLocked,
    PermissionDenied,
    ReconnectNeeded,
    ServerFailed,
    SystemUnreachable,
    TokenRejected,
    Unreachable,
)
from makini_desktop.domain.token import PendingPair, Secret, TokenEntry
from makini_desktop.services.ports import Priority
from tests.fakes.program import FakeProgram

A, B = ConnectionId("A"), ConnectionId("B")


async def used(program: FakeProgram, connection: ConnectionId = A, **options: bool) -> Secret:
    """Return the token with which a call succeeded."""
    tokens: list[Secret] = []

    async def call(token: Secret) -> None:
        tokens.append(token)
        await program.api.status(token, Priority.PERSON)

    await program.tokens.use(connection, call, **options)
    return tokens[-1]


async def test_the_stored_token_is_used(program):
    pair = await program.hold("A")
    assert await used(program) == pair.access
    assert program.api.calls[1:] == ["status A"]


async def test_past_half_of_its_life_the_pair_is_renewed_and_stored_before_it_is_used(program):
    pair = await program.hold("A")
    await program.clock.advance(timedelta(days=15))
    held_at_use: list[TokenEntry] = []

    async def call(token: Secret) -> None:
        held_at_use.append(await program.entry("A"))
        await program.api.status(token, Priority.PERSON)

    await program.tokens.use(A, call)
    (entry,) = held_at_use
    assert entry.current is not None
    assert entry.current.access != pair.access
    assert not program.api.lives(pair)
    assert program.api.calls[1:] == ["refresh", "status A"]


async def test_before_half_of_its_life_nothing_is_renewed(program):
    pair = await program.hold("A")
    await program.clock.advance(timedelta(days=15) - timedelta(seconds=1))
    assert await used(program) == pair.access


async def test_a_token_without_an_end_is_not_renewed_early(program):
    pair = msgspec.structs.replace(program.api.pair("A"), expires_at=None)
    await program.put("A", TokenEntry(current=pair))
    await program.clock.advance(timedelta(days=400))
    assert await used(program) == pair.access


async def test_a_pending_pair_stays_beside_the_renewed_one(program):
    pending = PendingPair(pair=program.api.pair("A"), attempt="attempt-1", since=program.clock.now())
    pair = program.api.pair("A")
    await program.put("A", TokenEntry(current=pair, pending=pending))
    program.api.kill(pair)
    await used(program)
    assert (await program.entry("A")).pending == pending


async def test_an_early_renewal_that_the_line_prevents_leaves_the_old_pair_in_use(program):
    pair = await program.hold("A")
    before = await program.current("A")
    await program.clock.advance(timedelta(days=16))
    program.api.fail("refresh", Unreachable("No answer."))
    assert await used(program) == pair.access
    assert await program.current("A") == before


@pytest.mark.parametrize(
    "error",
    [
        ServerFailed("Makini failed."),
        ClientRejected("The client secret is wrong."),
        SystemUnreachable("Their system is offline."),
    ],
)
async def test_an_early_renewal_that_fails_does_not_keep_a_good_token_from_use(program, error):
    pair = await program.hold("A")
    await program.clock.advance(timedelta(days=16))
    program.api.fail("refresh", error)
    assert await used(program) == pair.access


async def test_a_dead_refresh_token_is_not_tried_again_and_is_seen_as_not_renewable(program):
    pair = await program.hold("A")
    await program.clock.advance(timedelta(days=24))
    program.api.fail("refresh", ReconnectNeeded("dead"))
    program.change_account(issue_tokens=True)
    program.api.fail("issue", PermissionDenied("Not this account."))
    assert await used(program) == pair.access
    assert await used(program) == pair.access
    assert program.api.calls.count("refresh") == 1
    assert not (await program.tokens.seen(A)).renewable


async def test_a_rejected_token_is_refreshed_and_the_call_made_again(program):
    pair = await program.hold("A")
    program.api.kill(pair)
    token = await used(program)
    assert token != pair.access
    assert (await program.entry("A")).current.access == token
    assert program.api.calls[1:] == ["status", "refresh", "status A"]


async def test_the_newer_pair_of_another_process_is_used_without_a_refresh(program):
    pair = await program.hold("A")
    newer = program.api.pair("A")
    seen: list[Secret] = []

    async def call(token: Secret) -> None:
        seen.append(token)
        if token == pair.access:
            await program.put("A", TokenEntry(current=newer))
            raise TokenRejected("stale", status=401)

    await program.tokens.use(A, call)
    assert seen == [pair.access, newer.access]
    assert "refresh" not in program.api.calls


async def test_two_processes_renew_one_token_once(program):
    other = FakeProgram(beside=program)
    await program.hold("A")
    await program.clock.advance(timedelta(days=16))
    one, two = await asyncio.gather(used(program), used(other))
    assert one == two
    assert program.api.calls.count("refresh") == 1


async def test_concurrent_calls_with_a_rejected_token_refresh_once(program):
    program.api.kill(await program.hold("A"))
    assert len(set(await asyncio.gather(*(used(program) for _ in range(5))))) == 1
    assert program.api.calls.count("refresh") == 1


async def test_where_refreshing_fails_a_token_is_issued_once_if_that_was_allowed(program):
    program.change_account(issue_tokens=True)
    program.api.kill(await program.hold("A"), refresh=True)
    await used(program)
    assert program.api.calls[1:] == ["status", "refresh", "issue A", "status A"]


async def test_a_refreshed_token_that_is_rejected_too_leads_to_one_issued(program):
    program.change_account(issue_tokens=True)
    await program.hold("A")
    program.api.fail("status", *(TokenRejected("stale", status=401) for _ in range(2)))
    await used(program)
    assert [call for call in program.api.calls[1:] if "status" not in call] == ["refresh", "issue A"]


@pytest.mark.parametrize("allowed", [True, False])
async def test_a_refreshed_token_that_has_ended_already_is_refreshed_again_not_replaced(program, allowed):
    await program.hold("A")
    program.change_account(issue_tokens=allowed)
    calls: list[Secret] = []

    async def call(token: Secret) -> None:
        calls.append(token)
        if len(calls) < 3:
            raise TokenRejected("The access token has expired.", code="TOKEN_EXPIRED", status=401)

    await program.tokens.use(A, call)
    assert [each for each in program.api.calls if each in ("refresh", "issue A")] == ["refresh", "refresh"]


async def test_a_live_refresh_token_is_kept_where_only_issuing_was_left_and_is_not_allowed(program):
    await program.hold("A")

    async def call(_token: Secret) -> None:
        raise TokenRejected("The access token is not valid.", code="INVALID_TOKEN", status=401)

    with pytest.raises(ReconnectNeeded):
        await program.tokens.use(A, call)
    assert (await program.entry("A")).current.refresh is not None


async def test_after_refresh_and_issue_only_a_login_helps(program):
    program.change_account(issue_tokens=True)
    await program.hold("A")
    program.api.fail_always("status", TokenRejected("no", status=401, code="ODD", request_id="req-7"))
    with pytest.raises(ReconnectNeeded) as raised:
        await used(program)
    assert (raised.value.request_id, raised.value.code) == ("req-7", "ODD")
    assert program.api.calls.count("refresh") == 1
    assert program.api.calls.count("issue A") == 1


@pytest.mark.parametrize("answer", [None, False])
async def test_nothing_is_issued_unless_somebody_agreed(program, answer):
    program.change_account(issue_tokens=answer)
    program.api.kill(await program.hold("A"), refresh=True)
    with pytest.raises(ReconnectNeeded) as raised:
        await used(program)
    assert raised.value.request_id == "req-401"
    with pytest.raises(IssueNotAllowed, match="reconnect"):
        await used(program, B)
    assert not [call for call in program.api.calls if call.startswith("issue")]


async def test_a_missing_token_is_issued_and_stored_where_that_was_allowed(program):
    program.change_account(issue_tokens=True)
    token = await used(program)
    assert (await program.entry("A")).current.access == token


async def test_a_token_that_cannot_be_refreshed_is_not_replaced_before_it_dies(program):
    program.change_account(issue_tokens=True)
    pair = await program.hold("A", renewable=False)
    await program.clock.advance(timedelta(days=29))
    assert await used(program) == pair.access


async def test_issuing_is_done_for_one_connection_after_the_other(program):
    program.change_account(issue_tokens=True)
    gate = program.api.gate("issue")
    both = asyncio.gather(used(program, A), used(program, B))
    await gate.reached.wait()
    await program.clock.settle()
    assert program.api.calls[1:] == ["issue A"]
    gate.open()
    await both
    assert program.api.calls.count("issue B") == 1


async def test_without_renewal_only_what_is_there_is_used(program):
    program.change_account(issue_tokens=True)
    pair = await program.hold("A")
    await program.clock.advance(timedelta(days=16))
    assert await used(program, A, renew=False) == pair.access
    program.api.kill(pair)
    with pytest.raises(TokenRejected):
        await used(program, A, renew=False)
    with pytest.raises(IssueNotAllowed):
        await used(program, B, renew=False)
    assert not [call for call in program.api.calls if call.startswith(("issue", "refresh"))]


async def test_a_renewal_that_brings_no_later_end_is_the_last(program):
    pair = await program.hold("A")
    await program.clock.advance(timedelta(days=24))
    program.api.lifetime = timedelta(days=6)
    await used(program)
    await used(program)
    assert program.api.calls.count("refresh") == 1
    seen = await program.tokens.seen(A)
    assert (seen.expires_at, seen.renewable) == (pair.expires_at, False)


async def test_a_pair_that_nothing_renews_is_dead_without_trying_again(program):
    program.api.kill(await program.hold("A"), refresh=True)
    for renew in (True, False):
        with pytest.raises(ReconnectNeeded):
            await used(program, A, renew=renew)
    assert program.api.calls.count("refresh") == 1


async def test_the_end_of_the_program_does_not_lose_a_pair_under_renewal(program):
    program.api.kill(await program.hold("A"))
    gate = program.api.gate("refresh")
    call = asyncio.create_task(used(program))
    await gate.reached.wait()
    call.cancel()
    await program.clock.settle()
    gate.open()
    await asyncio.gather(call, return_exceptions=True)
    await program.tokens.aclose()
    assert call.cancelled()
    assert program.api.lives((await program.entry("A")).current)


async def test_other_failures_of_a_call_are_not_answered_by_renewal(program):
    await program.hold("A")
    program.api.fail("status", ReconnectNeeded("Their sign-in is no longer accepted."))
    with pytest.raises(ReconnectNeeded, match="sign-in"):
        await used(program)
    assert "refresh" not in program.api.calls


async def test_a_closed_keychain_is_told_as_such(program):
    async def closed(*_of: object) -> TokenEntry:
        raise KeychainLocked("The keychain is locked.")

    program.vault.token = closed
    with pytest.raises(KeychainLocked):
        await used(program)


async def test_what_is_seen_of_a_token_tells_its_age_and_end_and_not_its_value(program):
    pair = await program.hold("A")
    seen = await program.tokens.seen(A)
    assert (seen.present, seen.expires_at, seen.renewable) == (True, pair.expires_at, True)
    assert seen.obtained_at == pair.obtained_at
    assert "5up3r" not in repr(seen)
    assert not (await program.tokens.seen(B)).present


async def test_no_secret_is_logged_or_shown(program, caplog):
    caplog.set_level(logging.DEBUG)
    program.change_account(issue_tokens=True)
    pair = await program.hold("A")
    await program.clock.advance(timedelta(days=16))
    program.api.fail("refresh", Unreachable("No answer."))
    await used(program)
    program.api.kill(pair, refresh=True)
    await used(program)
    program.api.fail_always("status", TokenRejected("no", status=401))
    with pytest.raises(ReconnectNeeded) as raised:
        await used(program)
    entry = await program.entry("A")
    assert "not renewed early" in caplog.text
    assert "5up3r" not in caplog.text + repr(raised.value) + str(raised.value) + f"{entry} {entry!r}"
