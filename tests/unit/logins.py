"""A broken connection A, and people who sign in."""

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    ServerFailed,
    SystemUnreachable,
    Unreachable,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import (
    LoginOutcome,
)
from makini_desktop.services.login_words import outcome_sentence
from tests.fakes.login_window import back_with
from tests.fakes.program import FakeProgram

A, B, C = ConnectionId("A"), ConnectionId("B"), ConnectionId("C")
NO_LINE = Unreachable("No answer from api.makini.example.", request_id="req-line")
UNTESTED = [NO_LINE, ServerFailed("Makini failed."), SystemUnreachable("Their system is offline.")]


@pytest.fixture(autouse=True)
async def broken(program) -> None:
    """Customer A has changed the credentials, and that was noticed."""
    await program.hold("A")
    await program.check("A")
    program.api.customers[A].credentials_hold = False
    await program.clock.advance(60)
    await program.check("A")
    assert program.health("A") is Health.RECONNECT_NEEDED
    program.api.calls.clear()


def signs_in(program: FakeProgram, connection: ConnectionId = A, *, repairs: bool = True) -> None:
    """Let the person sign in as the customer of `connection`."""
    program.api.codes["code-1"] = connection
    come_back = back_with(code="code-1")

    def person(attempt):
        if repairs:
            program.api.customers[connection].credentials_hold = True
        return come_back(attempt)

    program.window.person = person


async def run(program: FakeProgram) -> LoginOutcome:
    return await program.clock.finish(program.reconnect.run(A))


def said(outcome: LoginOutcome) -> str:
    return outcome_sentence(outcome, "Acme Foods")
