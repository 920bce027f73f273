"""What the tests of alerts share: forty customers, what is seen of them, and what was told."""

from datetime import timedelta

import msgspec

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import Incident
from makini_desktop.services.incidents import GATHER_SECONDS
from makini_desktop.services.ports import Notification
from tests.fakes.api import customer
from tests.fakes.program import FakeProgram
from tests.unit.seen import status, synced

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KEYS = [f"C{number:02}" for number in range(40)]
A, B, *_ = IDS = [ConnectionId(key) for key in KEYS]


def see(program: FakeProgram, connection: ConnectionId, *seen) -> None:
    now = program.clock.now()
    program.ledger.note(
        connection,
        [
            msgspec.structs.replace(each, evidence=msgspec.structs.replace(each.evidence, at=now))
            for each in seen
        ],
    )


async def forty_customers(program: FakeProgram) -> FakeProgram:
    """Give a program forty customers on SAP, the last ten on Maximo, all seen to work."""
    for number, key in enumerate(KEYS):
        program.api.customers[key] = customer(key, f"Customer {key}", "SAP" if number < 30 else "Maximo")
    await program.monitor.read_list()
    for connection in IDS:
        see(program, connection, status(), synced())
    await settled(program)
    return program


async def settled(program: FakeProgram) -> None:
    await program.clock.advance(GATHER_SECONDS + 0.1)


def titles(program: FakeProgram) -> list[str]:
    return [each.title for each in program.notifier.shown]


def latest(program: FakeProgram) -> Notification:
    return program.notifier.shown[-1]


def only(program: FakeProgram) -> Incident:
    (incident,) = program.incidents.open
    return incident
