"""Handing a token over: it works, how long is told, and that it was is written down without it."""

from datetime import timedelta

import pytest

from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    IssueNotAllowed,
    ProfileUnwritable,
    ReconnectNeeded,
    UsageError,
)
from makini_desktop.domain.token import TokenEntry
from makini_desktop.services.settings_words import handed_over

A = ConnectionId("A")


async def test_a_token_that_works_is_handed_over_as_it_is(program):
    pair = await program.hold("A")
    handed = await program.connecting.hand_over.token(A, "given to the command line")
    assert handed.token == pair.access
    assert handed.ends_at == pair.expires_at
    assert handed.renewed_at == pair.obtained_at + timedelta(days=15)
    assert program.api.calls[-1] == "integration A"
    assert "renews it" in handed_over(handed)


async def test_one_that_is_due_is_renewed_first_and_one_that_was_rejected_too(program):
    old = await program.hold("A", lifetime=timedelta(hours=1))
    await program.clock.advance(timedelta(minutes=40))
    due = await program.connecting.hand_over.token(A, "x")
    assert due.token != old.access
    program.api.kill((await program.entry("A")).current)
    rejected = await program.connecting.hand_over.token(A, "x")
    assert rejected.token not in (old.access, due.token)
    assert program.api.lives((await program.entry("A")).current)


async def test_it_is_written_down_without_its_value(program):
    await program.hold("A")
    handed = await program.connecting.hand_over.token(A, "given to the command line")
    (entry,) = await program.database.activity(program.account.name, A, 10)
    assert (entry.kind, entry.headline, entry.detail) == (
        ActivityKind.TOKEN, "Token handed over", "given to the command line",
    )  # fmt: skip
    assert handed.token.value not in repr(entry)
    assert handed.token.value not in repr(handed)


async def test_what_cannot_be_written_down_is_not_handed_over(program, monkeypatch):
    await program.hold("A")

    async def full(*_values: object) -> None:
        raise ProfileUnwritable("The disk is full.")

    monkeypatch.setattr(program.database, "add_activity", full)
    with pytest.raises(ProfileUnwritable):
        await program.connecting.hand_over.token(A, "x")


async def test_one_that_nothing_renews_works_to_its_end(program):
    pair = await program.hold("A", renewable=False)
    handed = await program.connecting.hand_over.token(A, "x")
    assert (handed.ends_at, handed.renewed_at) == (pair.expires_at, None)
    assert handed_over(handed).startswith("It works until")
    assert "renews" not in handed_over(handed)


async def test_an_end_that_nobody_knows_is_said_to_be_unknown(program):
    pair = program.api.pair("A", renewable=False)
    await program.put("A", TokenEntry(current=type(pair)(access=pair.access, obtained_at=pair.obtained_at)))
    handed = await program.connecting.hand_over.token(A, "x")
    assert handed_over(handed) == "Makini does not say how long it works."


async def test_where_there_is_none_the_reason_is_told_and_nothing_written_down(program):
    with pytest.raises(IssueNotAllowed):
        await program.connecting.hand_over.token(A, "x")
    program.api.kill(await program.hold("A"), refresh=True)
    with pytest.raises(ReconnectNeeded):
        await program.connecting.hand_over.token(A, "x")
    with pytest.raises(UsageError, match="“nope”"):
        await program.connecting.hand_over.token(ConnectionId("nope"), "x")
    assert await program.database.activity(program.account.name, A, 10) == ()


async def test_a_disconnected_connection_has_none(program):
    await program.hold("A")
    await program.connecting.ending.run(A)
    program.api.calls.clear()
    with pytest.raises(UsageError, match="Acme Foods is disconnected"):
        await program.connecting.hand_over.token(A, "x")
    assert program.api.calls == []


async def test_a_copied_token_is_noted_as_such(program):
    pair = await program.hold("A")
    copied = []
    program.commands.connecting.copy_token(A, copied.append)
    await program.clock.settle()
    assert [each.token for each in copied] == [pair.access]
    (entry,) = await program.database.activity(program.account.name, A, 10)
    assert (entry.headline, entry.detail) == ("Token handed over", "copied to the clipboard")


async def test_why_no_token_is_copied_is_told(program):
    copied = []
    program.commands.connecting.copy_token(ConnectionId("nope"), copied.append)
    await program.clock.settle()
    assert copied == []
    assert [notice.words for notice in program.notices] == ["There is no connection “nope” in this account."]
