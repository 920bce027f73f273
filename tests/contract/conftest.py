"""What the tests of the API port share: one sandbox a module, and adapters opened on it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.api_client import HurriedClock, Opened, hostile_account, opened
from tests.raw_server import RawServer
from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxProcess]:
    """A sandbox; a module says with `SANDBOX_ARGUMENTS` which."""
    with SandboxProcess().start(*getattr(request.module, "SANDBOX_ARGUMENTS", ())) as sandbox:
        yield sandbox


@pytest.fixture
def clock() -> HurriedClock:
    return HurriedClock()


@pytest.fixture
async def client(sandbox: SandboxProcess, clock: HurriedClock) -> AsyncIterator[Opened]:
    """An adapter on the module's sandbox."""
    async with opened(sandbox.account(), clock) as client:
        yield client


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    """A server that answers as the test says."""
    async with RawServer() as server:
        yield server


@pytest.fixture
async def hostile(server: RawServer, clock: HurriedClock) -> AsyncIterator[Opened]:
    """An adapter on that server."""
    async with opened(hostile_account(server.base), clock, silence=2.0) as client:
        yield client
