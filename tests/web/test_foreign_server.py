"""Logins with an OAuth server that this project did not write, through both paths at this computer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from makini_desktop.adapters.login import EmbeddedLogin, LoginProcess
from makini_desktop.adapters.loopback import LoopbackLogin
from makini_desktop.app import Program
from makini_desktop.core.paths import Paths
from makini_desktop.domain.account import Account, AccountName, VersionPlacement
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import Connected, LoginPath, Refused, Repaired, WrongCustomer
from makini_desktop.domain.token import Secret
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.services.ports import Priority
from tests.web.foreign_server import CLIENT_ID, CLIENT_SECRET, ForeignServer, sign_in

ACME, GLOBEX = ConnectionId("con_acme"), ConnectionId("con_globex")

pytestmark = pytest.mark.web

BOTH = pytest.mark.parametrize("path", [LoginPath.EMBEDDED, LoginPath.BROWSER], ids=lambda path: path.value)


class Person:
    """Somebody who signs in, wherever the login page is shown.

    Attributes:
        subject: as whom.
        shown: what the browser showed at last.
    """

    def __init__(self) -> None:
        self.subject = "con_acme"
        self.shown = ""

    def refusal(self) -> str:
        """Nothing stands in the way of the browser."""
        return ""

    async def open(self, url: str) -> None:
        """Sign in with the system's browser."""
        redirect = url.partition("redirect_uri=")[2].partition("&")[0].replace("%3A", ":").replace("%2F", "/")
        self._at_work = asyncio.ensure_future(asyncio.to_thread(sign_in, url, redirect, subject=self.subject))
        self._at_work.add_done_callback(self._came_back)

    def _came_back(self, work: asyncio.Future[object]) -> None:
        self.shown = work.result().text

    async def at_the_window(self, window: LoginProcess) -> None:
        """Sign in with the program's own window; its page has the cursor in the field for the subject."""
        await window.order("wait_load")
        await window.order("text", text=self.subject)
        await window.write({"order": "key", "key": "Return"})

    async def denies_at_the_window(self, window: LoginProcess) -> None:
        """Deny instead: two steps behind the field is that button."""
        await window.order("wait_load")
        for key in ("Tab", "Tab"):
            await window.order("key", key=key)
        await window.write({"order": "key", "key": "Return"})


@pytest.fixture(scope="module")
def server() -> Iterator[ForeignServer]:
    with ForeignServer() as server:
        yield server


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
async def program(tmp_path: Path, server: ForeignServer, person: Person) -> AsyncIterator[Program]:
    """The program with an account at that server."""
    errors: list[BaseException] = []
    options = Options(paths=Paths(tmp_path / "profile"), vault=VaultKind.MEMORY)
    options.paths.create()
    program = Program(options, report=errors.append)
    program.logins._browser = LoopbackLogin(person, program.clock)
    program.login_paths._browser = program.logins._browser
    embed(program, person.at_the_window)
    await program.ground.open_stores()
    program.account = Account(
        name=AccountName("foreign"),
        api_base=server.base,
        link_base=server.base,
        client_id=CLIENT_ID,
        redirect_uris=("http://127.0.0.1/makini/callback",),
        version_in=VersionPlacement.PATH,
    )
    await program.accounts.add(program.account, Secret(CLIENT_SECRET))
    await program.begin(program.account)
    await program.monitor.read_list()
    yield program
    await program.aclose()
    await program.ground.aclose()
    assert errors == []


def embed(program: Program, orders: Callable[[LoginProcess], object]) -> None:
    paths = program.ground.login._attempts
    program.logins._window = EmbeddedLogin(paths, program.ground.locks, lambda: "light", orders=orders)


async def whose(program: Program, connection: ConnectionId) -> ConnectionId:
    answer = await program.tokens.use(
        connection, lambda token: program.api.integration(token, Priority.PERSON)
    )
    return answer.value.id


@BOTH
async def test_signing_in_brings_a_token_that_works(program, person, path):
    assert await program.reconnect.run(ACME, path) == Repaired(ACME)
    assert await whose(program, ACME) == ACME
    assert program.account.state_echoed is True
    assert program.store.rows[ACME].health is Health.HEALTHY


@BOTH
async def test_a_new_connection_signs_in_like_any_other(program, path):
    assert await program.reconnect.connect_new(path) == Connected(ACME, known=True)
    assert await whose(program, ACME) == ACME


@BOTH
async def test_somebody_else_is_refused_and_the_old_token_stays(program, person, path):
    assert await program.reconnect.run(ACME, path) == Repaired(ACME)
    before = await program.vault.token(program.account.name, ACME)
    person.subject = "con_globex"
    outcome = await program.reconnect.run(ACME, path)
    assert isinstance(outcome, WrongCustomer)
    assert (outcome.expected.company_name, outcome.found.company_name) == ("Acme Pumps", "Globex")
    assert await program.vault.token(program.account.name, ACME) == before


async def test_the_browser_ends_on_a_page_without_the_code(program, person):
    await program.reconnect.run(ACME, LoginPath.BROWSER)
    await person._at_work
    assert "You can close this page" in person.shown
    assert "code=" not in person.shown


async def test_a_refusal_that_comes_without_state_is_read_out_at_the_first_login(program, person):
    """This server forgets `state` when somebody denies; the window believes that while it knows no better."""
    embed(program, person.denies_at_the_window)
    outcome = await program.reconnect.run(ACME, LoginPath.EMBEDDED)
    assert isinstance(outcome, Refused)
    assert outcome.words
