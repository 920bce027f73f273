"""Each demand of a real sign-on page is met in the login window, or leaves it by the way that is said.

Whoever kills the login window in the middle of one has lost that attempt and nothing else.
"""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.e2e.attempts import Attempts
from tests.e2e.conftest import Desktop
from tests.e2e.leftovers import no_attempt_left, nowhere, tokens
from tests.e2e.vault import VaultReader
from tests.e2e.window import ALLOW, PAGE_IS_THERE, SIGN_IN, Orders, Window
from tests.nss_database import make_database
from tests.processes import renderer_of
from tests.program import Program
from tests.sandbox_process import PASSWORD, USER, SandboxProcess
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.web]

BROKEN = 20
PERSON = Path(__file__).parent / "person.py"

PERMISSIONS = ("camera", "microphone", "location", "notifications")
RETURN: Orders = [{"order": "key", "key": "Return"}]
ENTER: Orders = [
    {"order": "text", "text": USER},
    {"order": "key", "key": "Tab"},
    {"order": "text", "text": PASSWORD},
    *RETURN,
]
GOES_ON: Orders = [{"order": "wait_load", "path": "/oauth/authorize/continue"}, *ALLOW]
SIGNED_IN: Orders = [*PAGE_IS_THERE, *ENTER, *PAGE_IS_THERE]


def asked(kind: str) -> Orders:
    return [{"event": "question", "kind": kind}]


def noticed(kind: str) -> Orders:
    return [{"event": "notice", "kind": kind}]


@dataclass(frozen=True)
class Demand:
    """What a person does about a demand.

    Attributes:
        name: as the sandbox calls it.
        first: until the demand is on screen.
        then: from there to the new token.
        parameters: of the demand.
        sentence: what the window says where the login goes on in the browser.
    """

    name: str
    first: Orders
    then: Orders = ()
    parameters: Mapping[str, int] = field(default_factory=dict)
    sentence: str = ""


MET = [
    Demand("popup", [*PAGE_IS_THERE, *RETURN, *PAGE_IS_THERE], [*ENTER, *GOES_ON]),
    Demand("redirects", PAGE_IS_THERE, [*ENTER, *GOES_ON]),
    Demand("http_auth", asked("password"), [*ENTER, *GOES_ON]),
    Demand("client_certificate", asked("certificate"), [*RETURN, *GOES_ON]),
    Demand(
        "dialogs",
        [*SIGNED_IN, *RETURN, *asked("alert")],
        [
            *(*RETURN, *asked("confirm"), *RETURN, *asked("prompt")),
            *({"order": "text", "text": "4711"}, *RETURN, *asked("leave")),
            *(*RETURN, *GOES_ON),
        ],
    ),
    Demand(
        "permissions",
        [*SIGNED_IN, *(each for name in PERMISSIONS for each in noticed(name))],
        [*RETURN, *GOES_ON],
    ),
    Demand("download", [*SIGNED_IN, *noticed("download")], [*RETURN, *GOES_ON]),
    Demand("slow", noticed("slow"), SIGN_IN, {"seconds": 2}),
]
IN_THE_BROWSER = [
    Demand(
        "passkey",
        [*PAGE_IS_THERE, *RETURN],  # the engine says nothing of passkeys where it reaches no authenticator
        [{"order": "click", "name": "Open in browser instead"}],
    ),
    Demand("blank", noticed("slow"), [{"order": "click", "name": "Open in browser"}], {"times": 1}),
    Demand(
        "no_embedding",
        [],
        sentence="This login page refuses the sign-in window. The sign-in goes on in your browser.",
    ),
]
TOLD = {
    "download": {"download": "sent"},
    "dialogs": {"number": "4711"},
    "client_certificate": {"certificate": "Anna"},
}
MET_IN_MAKE_TEST = {"client_certificate", "slow"}
KILLED_IN_MAKE_TEST = {"popup", "dialogs"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "Acme CA")


@pytest.fixture(scope="module")
def sandbox(authority: Authority) -> Iterator[SandboxProcess]:
    """A sandbox whose login pages come over https, and want a certificate where that is demanded."""
    arguments = (
        *("--connections", BROKEN, "--broken", BROKEN),
        *("--link-certificate", authority.server_pem("127.0.0.1", "localhost", "::1")),
        *("--link-client-ca", authority.pem),
    )
    with SandboxProcess().start(*arguments) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def program(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, authority: Authority, desktop: Desktop
) -> Program:
    """The program with one account, for a person with a certificate and a browser."""
    folder = tmp_path_factory.mktemp("demands")
    make_database(folder / "home" / ".pki" / "nssdb", authority.client_pem("Anna"))
    environment = {
        **desktop.environment,
        "HOME": str(folder / "home"),
        "SSL_CERT_FILE": str(authority.pem),
        "QTWEBENGINE_CHROMIUM_FLAGS": "--use-fake-device-for-media-stream",
        "BROWSER": f"{sys.executable} {PERSON} %s",
        "PERSON_DOES": "sign in",
        "PERSON_SAW": str(folder / "saw"),
    }
    program = Program(folder / "profile", "file", environment)
    options = ("--link-base", sandbox.link_base, "--version-in", "path", "--issue-tokens")
    assert program.add(sandbox.api_base, *options).code == 0
    return program


@pytest.fixture(scope="module")
def attempts(
    program: Program, sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Attempts]:
    """Attempts in one window, in which all connections have lost their sign-in."""
    with Window(
        tmp_path_factory.mktemp("window"),
        *program.options,
        environment=program.environment,
        driver=["--slow-after", "1000"],
    ) as window:
        attempts = Attempts(sandbox, window, VaultReader(program))
        attempts.take_broken(BROKEN)
        yield attempts


def demands(attempts: Attempts, connection: str, demand: Demand) -> None:
    """Let the next login for a connection demand this."""
    attempts.sandbox.control("login_demand", connection, demand=demand.name, **demand.parameters)


def demanded(attempts: Attempts, demand: Demand) -> tuple[str, str, bytes]:
    """Return a broken connection, its customer and token; its login demands this."""
    connection, name, current = attempts.broken()
    demands(attempts, connection, demand)
    if demand in IN_THE_BROWSER:
        attempts.browsed.add(attempts.window.row(connection)["system"])
    return connection, name, current


def repaired(attempts: Attempts, connection: str, name: str, current: bytes) -> None:
    attempts.window.until("notices", holds=f"{name} is reconnected. The new token works and is in use.")
    assert attempts.vault.current(connection) != current
    assert attempts.vault.entry(connection).pending is None


def of_each(demands: list[Demand], *, in_make_test: set[str] | None = None) -> list[object]:
    """Return parameters: all of them, or some of them in a campaign only."""
    return [
        pytest.param(
            each,
            id=each.name,
            marks=[] if in_make_test is None or each.name in in_make_test else [pytest.mark.campaign],
        )
        for each in demands
    ]


@pytest.mark.parametrize("demand", of_each(MET, in_make_test=MET_IN_MAKE_TEST))
def test_a_demand_is_met_and_the_login_ends_in_a_new_token(attempts, sandbox, demand):
    connection, name, current = demanded(attempts, demand)
    attempts.begin(connection, [*demand.first, *demand.then])
    repaired(attempts, connection, name, current)
    told = sandbox.demand_answers()
    assert demand.name not in TOLD or told == TOLD[demand.name]
    assert "granted" not in told.values()


@pytest.mark.parametrize("demand", of_each(IN_THE_BROWSER))
def test_what_the_window_cannot_meet_goes_on_in_the_browser(attempts, demand):
    connection, name, current = demanded(attempts, demand)
    attempts.begin(connection, [*demand.first, *demand.then])
    if demand.sentence:
        attempts.window.until("notices", holds=demand.sentence)
    repaired(attempts, connection, name, current)


def crash(window: Window) -> int:
    """End the process that shows the page, as its own fault would, and return the login window's."""
    pid: int = window.login_pid()
    os.kill(renderer_of(pid), signal.SIGKILL)
    return pid


@pytest.mark.campaign
def test_a_page_that_crashes_once_is_opened_again_and_used(attempts):
    connection, name, current = demanded(attempts, Demand("crash", [], parameters={"times": 1}))
    attempts.begin(connection, PAGE_IS_THERE)
    crash(attempts.window)
    attempts.window.login([*noticed("crashed"), *SIGN_IN])
    repaired(attempts, connection, name, current)


def test_a_page_that_crashes_in_software_too_goes_on_in_the_browser(attempts):
    window = attempts.window
    connection, name, current = demanded(attempts, Demand("crash", [], parameters={"times": 4}))
    attempts.begin(connection, PAGE_IS_THERE)
    crash(window)
    window.login([*noticed("crashed"), *PAGE_IS_THERE])
    first = crash(window)
    wait_until(lambda: window.login_pid() not in {None, first}, "the window drawn in software", 10.0)
    window.login(PAGE_IS_THERE)
    crash(window)
    window.login([*noticed("crashed"), *PAGE_IS_THERE])
    crash(window)
    window.login([{"event": "trouble"}, {"order": "click", "name": "Open in browser"}])
    window.until("notices", holds="cannot show this login page. The sign-in goes on in your browser.")
    repaired(attempts, connection, name, current)


def killed(attempts: Attempts, program: Program, connection: str, current: bytes, orders: Orders) -> None:
    """Kill the login window after these orders, and insist that nothing is lost."""
    attempts.begin(connection, orders)
    os.kill(attempts.window.login_pid(), signal.SIGKILL)
    attempts.failed(
        connection, current, "The sign-in window ended unexpectedly. Nothing was changed; try again."
    )
    no_attempt_left(program)


@pytest.mark.parametrize(
    "demand",
    of_each([each for each in (*MET, *IN_THE_BROWSER) if each.first], in_make_test=KILLED_IN_MAKE_TEST),
)
def test_a_login_killed_while_the_demand_is_on_screen_costs_that_attempt_only(attempts, program, demand):
    connection, name, current = demanded(attempts, demand)
    killed(attempts, program, connection, current, demand.first)
    demands(attempts, connection, demand)
    attempts.begin(connection, [*demand.first, *demand.then])
    repaired(attempts, connection, name, current)


@pytest.mark.campaign
@pytest.mark.parametrize("demand", of_each([each for each in (*MET, *IN_THE_BROWSER) if each.first]))
def test_a_login_killed_after_any_step_costs_that_attempt_only(attempts, program, demand):
    connection, name, current = demanded(attempts, demand)
    orders = [*demand.first, *demand.then]
    for step in range(len(orders)):
        demands(attempts, connection, demand)
        killed(attempts, program, connection, current, orders[:step])
    demands(attempts, connection, demand)
    attempts.begin(connection, orders)
    repaired(attempts, connection, name, current)


def test_no_secret_of_all_these_logins_is_left_anywhere(attempts, program, desktop):
    secrets = {*attempts.window.secrets(), *tokens(attempts.vault), PASSWORD}
    nowhere(secrets, program, attempts.window, desktop)
