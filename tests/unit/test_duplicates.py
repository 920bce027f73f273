"""Before a login that would make a second connection of somebody, the person is warned."""

import pytest

from makini_desktop.domain.evidence import Disconnected, Evidence, EvidenceSource
from makini_desktop.domain.login import Cancelled, LoginPath, NewConnection, Repaired
from tests.fakes.api import customer
from tests.fakes.program import FakeProgram
from tests.unit.logins import A, B, C


def disconnect(program: FakeProgram, connection: str) -> None:
    evidence = Evidence(source=EvidenceSource.PERSON, at=program.clock.now())
    program.ledger.note(connection, [Disconnected(evidence)])


def test_a_connection_that_stands_is_signed_in_for_without_a_warning(program):
    assert program.duplicates.before_reconnect(A) is None
    assert program.duplicates.before_reconnect("nobody") is None


def test_one_that_was_ended_comes_back_as_a_new_one(program):
    disconnect(program, A)
    warning = program.duplicates.before_reconnect(A)
    assert warning.existing == (A,)
    assert warning.words.startswith("The connection of Acme Foods was ended. Signing in makes a new one")


async def test_where_the_last_reconnect_came_back_as_a_new_one_the_next_may_too(program):
    await program.duplicates.learn(NewConnection(A, C))
    warning = program.duplicates.before_reconnect(B)
    assert warning.words.startswith("The last sign-in of this account came back as a new connection")
    assert "Globex" in warning.words
    other = FakeProgram(beside=program)
    await other.duplicates.load()
    await other.monitor.read_list()
    assert other.duplicates.before_reconnect(B) == warning


@pytest.mark.parametrize(("outcome", "warned"), [(Repaired(A), False), (Cancelled(), True)])
async def test_a_reconnect_that_stays_the_same_ends_that(program, outcome, warned):
    await program.duplicates.learn(NewConnection(A, C))
    await program.duplicates.learn(outcome)
    assert (program.duplicates.before_reconnect(B) is not None) is warned


async def test_a_new_customer_of_a_system_may_be_one_who_is_there(program):
    warning = program.duplicates.before_connect("sap")
    assert warning.existing == (A,)
    assert warning.words == (
        "There is a connection to sap already: Acme Foods. If that customer signs in, there may be two of "
        "them. Reconnect it instead if it is the one you mean."
    )
    assert program.duplicates.before_connect("UpKeep") is None
    assert program.duplicates.before_connect("SAP", "Initech") is None
    assert program.duplicates.before_connect("SAP", " acme FOODS ").existing == (A,)


async def test_many_are_counted_and_some_are_named(program):
    for number in range(5):
        program.api.customers[f"N{number}"] = customer(f"N{number}", f"Baltic {number}")
    await program.monitor.read_list()
    words = program.duplicates.before_connect("SAP").words
    assert words.startswith(
        "There are 6 connections to SAP already: Acme Foods, Baltic 0, Baltic 1 and 3 more."
    )


def test_one_that_was_ended_is_no_duplicate_of_a_new_one(program):
    disconnect(program, A)
    assert program.duplicates.before_connect("SAP") is None


async def test_an_order_that_would_make_a_duplicate_is_asked_about_first(program):
    doubted = []
    program.commands.login_doubted.subscribe(doubted.append)
    disconnect(program, A)
    program.commands.reconnect(A, LoginPath.EMBEDDED)
    await program.clock.settle()
    assert program.window.opened == []
    (doubt,) = doubted
    assert (doubt.connection, doubt.path) == (A, LoginPath.EMBEDDED)
    assert doubt.words.startswith("The connection of Acme Foods was ended.")
    program.commands.reconnect(A, doubt.path, sure=True)
    await program.clock.settle()
    assert len(program.window.opened) == 1
    program.commands.cancel_reconnect(A)
    await program.clock.settle()
