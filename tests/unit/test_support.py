"""What is shown to support: the connection's own requests, ids and times, and nothing secret."""

import msgspec

from makini_desktop import __version__
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.request import RequestSeen
from makini_desktop.services.support import REQUESTS_SHOWN, requests_of, support_text
from tests.fakes.clock import START
from tests.fakes.program import FakeProgram

A, B = ConnectionId("A"), ConnectionId("B")


def seen(path: str, connection: ConnectionId | None = None, **facts: object) -> RequestSeen:
    known = {"at": START, "method": "GET", "status": 200, "milliseconds": 12, **facts}
    return RequestSeen(path=path, connection=connection, **known)


async def test_the_text_names_the_connection_its_requests_and_the_version(program: FakeProgram):
    await program.hold("A")
    await program.check("A")
    requests = (
        seen("/api/v1/sync-status", A, request_id="req-7"),
        seen("/api/v1/integrations/current/status", A, status=None, failure="It did not answer in time."),
    )
    text = support_text(program.row("A"), requests, START)
    assert text.splitlines()[:2] == [f"Makini Desktop {__version__}, 2025-03-01T09:30:00Z", "Connection: A"]
    assert text.splitlines()[-2:] == [
        "  2025-03-01T09:30:00Z GET /api/v1/sync-status 200 12 ms req-7",
        "  2025-03-01T09:30:00Z GET /api/v1/integrations/current/status It did not answer in time. 12 ms",
    ]


async def test_only_the_last_requests_are_told(program: FakeProgram):
    requests = [seen(f"/{number}", A) for number in range(100)]
    text = support_text(program.row("A"), requests, START)
    assert text.count("GET") == REQUESTS_SHOWN
    assert "/0 " in text


async def test_what_looks_like_a_secret_is_taken_out(program: FakeProgram):
    row = program.row("A")
    evidence = msgspec.structs.replace(row.condition.evidence, detail="401 Bearer abc.5up3r-s3cret")
    condition = msgspec.structs.replace(row.condition, evidence=evidence)
    assert "5up3r" not in support_text(msgspec.structs.replace(row, condition=condition), (), START)


def test_a_connection_s_requests_are_those_with_its_token_and_those_that_name_it():
    ours = [
        seen("/api/v1/sync-status", A),
        seen("/api/v1/system/connections/A/token"),
        seen("/api/v1/system/connections/A"),
    ]
    others = [
        seen("/api/v1/sync-status", B),
        seen("/api/v1/system/connections"),
        seen("/api/v1/system/connections/AB"),
    ]
    assert requests_of(A, [*ours, *others]) == tuple(ours)


async def test_the_connection_that_is_open_shows_its_requests_as_they_are_made(program: FakeProgram):
    await program.hold("A")
    program.api.seen = [seen("/first", A), seen("/other", B)]
    program.commands.load_detail(A)
    await program.clock.settle()
    assert [each.path for each in program.store.detail(A).requests] == ["/first"]
    program.api.seen.append(seen("/second", A))
    program.api.customers[A].credentials_hold = False
    await program.check("A")
    assert [each.path for each in program.store.detail(A).requests] == ["/second", "/first"]


async def test_a_token_in_use_is_said_to_be_its_connections(program: FakeProgram):
    pair = await program.hold("A")
    await program.check("A")
    assert program.api.owners[pair.access.value] == A
