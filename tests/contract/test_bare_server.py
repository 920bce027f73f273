"""The whole program on a server with nothing but what is published: list, health, login, swap, reconnect."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from makini_desktop.app import Program
from makini_desktop.core.paths import Paths
from makini_desktop.domain.account import Account
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.capability import ENDPOINTS, Capability
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import NotOffered
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import Repaired
from makini_desktop.domain.sync import SyncOrder
from makini_desktop.domain.token import Secret
from makini_desktop.ground import Ground
from makini_desktop.services.capabilities import not_offered, words
from makini_desktop.services.login_ports import LoginRedirected, LoginResult
from makini_desktop.services.options import Options, VaultKind
from tests.sandbox_process import CLIENT_SECRET, PASSWORD, PATIENCE, USER, SandboxProcess

SANDBOX_ARGUMENTS = ("--bare", "--connections", 8)


class Customer:
    """Signs in on the server's own pages: system, company and password, then consent."""

    def __init__(self) -> None:
        self.company = self.system = ""

    async def run(self, account: Account, attempt: Attempt, customer: str, system: str) -> LoginResult:
        return await asyncio.to_thread(self._sign_in, attempt.authorize_url(account))

    async def clear(self) -> None:
        """There is nothing left to clear."""

    def _sign_in(self, url: str) -> LoginResult:
        with httpx.Client(timeout=PATIENCE, trust_env=False) as browser:
            page = browser.get(url)
            key = re.search(rf'value="([^"]+)"[^>]*>\s*(?:<[^>]+>)*\s*{re.escape(self.system)}', page.text)
            assert key, page.text
            for fields in (
                {"system": key[1]},
                {"company": self.company, "user": USER, "password": PASSWORD},
                {"decision": "allow"},
            ):
                action = re.search(r'action="([^"]+)"', page.text)
                login = re.search(r'name="login" value="([^"]+)"', page.text)
                assert action, page.text
                assert login, page.text
                page = browser.post(str(page.url.join(action[1])), data={"login": login[1], **fields})
        return LoginRedirected(Secret(page.headers["Location"]))


@pytest.fixture
def customer() -> Customer:
    return Customer()


@pytest.fixture
async def program(sandbox: SandboxProcess, tmp_path: Path, customer: Customer) -> AsyncIterator[Program]:
    options = Options(paths=Paths(tmp_path / "profile"), vault=VaultKind.MEMORY)
    options.paths.create()
    ground = Ground(options, {})
    ground.login = customer  # type: ignore[assignment]
    errors: list[BaseException] = []
    program = Program(options, report=errors.append, ground=ground)
    await ground.open()
    account = sandbox.account(issue_tokens=True)
    await program.accounts.add(account, Secret(CLIENT_SECRET))
    await program.begin(account)
    yield program
    await program.aclose()
    await ground.aclose()
    assert errors == []


def health(program: Program, connection: ConnectionId) -> Health:
    row = program.store.row(connection)
    assert row is not None
    return row.health


async def test_a_broken_connection_is_seen_signed_in_and_well_again(
    program: Program, sandbox: SandboxProcess, customer: Customer
):
    connection = ConnectionId(sandbox.quiet())
    await program.monitor.read_list()
    assert set(program.store.rows) == set(sandbox.state())
    await program.monitor.check(connection)
    assert health(program, connection) is Health.HEALTHY
    old = (await program.vault.token(program.account.name, connection)).current
    sandbox.control("change_credentials", connection)
    await program.monitor.check(connection)
    assert health(program, connection) is Health.RECONNECT_NEEDED
    row = program.store.rows[connection]
    customer.company, customer.system = row.connection.name, row.connection.system
    outcome = await program.reconnect.run(connection)
    assert isinstance(outcome, Repaired), outcome
    assert health(program, connection) is Health.HEALTHY
    entry = await program.vault.token(program.account.name, connection)
    assert entry.pending is None
    assert entry.current is not None
    assert old is not None
    assert entry.current.access != old.access
    published = {each.capability for each in ENDPOINTS.values() if each.provenance.value == "P"}
    used = {each for each, finding in program.store.capabilities.items() if finding.offered}
    assert used <= published


async def test_starting_a_sync_says_why_it_cannot_be(program: Program, sandbox: SandboxProcess):
    await program.monitor.read_list()
    for connection in (ConnectionId(sandbox.quiet()), ConnectionId(sandbox.quiet())):
        with pytest.raises(NotOffered) as failure:
            await program.syncs.start(connection, SyncOrder())
        assert str(failure.value) == words(Capability.START_SYNC)
    assert not_offered(program.store.capabilities) == (Capability.START_SYNC,)


async def test_the_history_is_what_this_program_saw(program: Program, sandbox: SandboxProcess):
    connection = ConnectionId(sandbox.quiet())
    await program.monitor.read_list()
    await program.monitor.check(connection)
    assert await program.syncs.history(connection) == ()
