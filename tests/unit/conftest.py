"""The services on fakes, opened and closed around each test."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.api import customer
from tests.fakes.program import FakeProgram


@pytest.fixture
async def program() -> AsyncIterator[FakeProgram]:
    """A program with two customers, A and B, whose list was read and whose tokens nobody holds yet."""
    program = FakeProgram(customer("A", "Acme Foods"), customer("B", "Globex", "Maximo"))
    await program.open()
    await program.monitor.read_list()
    yield program
    await program.aclose()
