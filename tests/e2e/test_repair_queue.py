"""A bad Monday: many sign-ins lost, repaired one after the other by keyboard, with the program killed."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.e2e.conftest import Desktop
from tests.e2e.leftovers import no_attempt_left, nowhere, tokens
from tests.e2e.vault import VaultReader
from tests.e2e.window import PAGE_IS_THERE, SIGN_IN, Window
from tests.processes import all_end
from tests.program import Program
from tests.sandbox_process import PASSWORD, SandboxProcess

pytestmark = [pytest.mark.e2e, pytest.mark.web]

REPAIR_ALL = ("Ctrl+F", "Down", "Ctrl+A", "Ctrl+Shift+R")
CONTINUE = "Ctrl+Shift+N"


class Monday:
    """A profile on a sandbox where so many connections have lost their sign-in.

    Attributes:
        broken: their ids; known once `begin` was called.
    """

    def __init__(self, folder: Path, sandbox: SandboxProcess, desktop: Desktop, count: int) -> None:
        self.count = count
        self.sandbox = sandbox
        self.program = Program(folder / "profile", "file", desktop.environment)
        assert self.program.add(sandbox.api_base, "--version-in", "path", "--issue-tokens").code == 0
        self.vault = VaultReader(self.program)
        self.broken: set[str] = set()
        self._folder = folder

    def window(self, *driver: str) -> Window:
        """Return a new window on the profile."""
        environment = self.program.environment
        return Window(self._folder, *self.program.options, environment=environment, driver=driver)

    def begin(self, window: Window) -> None:
        """Let the queue repair all that is broken."""
        window.until_checked()
        self.broken = {row["id"] for row in window.rows() if row["health"] == "reconnect_needed"}
        assert len(self.broken) == self.count
        self.before = {each: self.vault.current(each) for each in self.broken}
        window.keys(*REPAIR_ALL)

    def sign_in(self, window: Window, numbers: Iterable[int]) -> None:
        """Sign in as often as the queue opens these logins."""
        for number in numbers:
            self.opens(window, number)
            window.login(SIGN_IN)

    def opens(self, window: Window, number: int) -> None:
        """Wait until the queue has opened the login of that number."""
        matter = f"Repair {number} of {self.count}"
        window.until("queue", holds={"matter": matter, "words": "is signing in."})

    def goes_on(self, window: Window, number: int) -> None:
        """Insist that a new start waits with the repair of that number until a person goes on."""
        window.until("queue", holds={"matter": f"Repair {number} of {self.count}", "words": "Paused."})
        window.until_checked()
        window.keys(CONTINUE)

    def repaired(self) -> list[str]:
        """Return whose pair is a new one."""
        return [each for each in self.broken if self.vault.current(each) != self.before[each]]

    def ends(self, window: Window) -> None:
        """Insist that everything was repaired once, and that every new token works."""
        window.until("queue", holds={"matter": "Repair queue done", "words": f"{self.count} repaired; "})
        assert set(self.repaired()) == self.broken
        for each in self.broken:
            entry = self.vault.entry(each)
            assert entry.current is not None
            assert entry.pending is None
            assert self.sandbox.serves(entry.current.access.value)
        assert self.exchanges() == dict.fromkeys(self.broken, 1)
        no_attempt_left(self.program)

    def exchanges(self) -> dict[str, int]:
        """Return how many codes were exchanged for each connection."""
        log = self.sandbox.log()
        return Counter(entry["connection"] for entry in log if entry["grant"] == "authorization_code")


@pytest.mark.parametrize(
    ("count", "killed_after"), [(5, 2), pytest.param(50, 20, marks=pytest.mark.campaign)]
)
def test_a_queue_killed_between_repairs_goes_on_at_the_next_by_keyboard_alone(
    tmp_path, desktop, count, killed_after
):
    with SandboxProcess().start("--connections", count + 3, "--broken", count) as sandbox:
        monday = Monday(tmp_path, sandbox, desktop, count)
        with monday.window() as window:
            monday.begin(window)
            monday.sign_in(window, range(1, killed_after + 1))
            monday.opens(window, killed_after + 1)
            window.login(PAGE_IS_THERE)
            children = window.children()
            secrets = set(window.secrets())
            window.kill()
            assert all_end(children, 5.0), children
        assert len(monday.repaired()) == killed_after
        with monday.window() as window:
            monday.goes_on(window, killed_after + 1)
            monday.sign_in(window, range(killed_after + 1, count + 1))
            monday.ends(window)
            secrets |= {*window.secrets(), *tokens(monday.vault), PASSWORD}
            nowhere(secrets, monday.program, window, desktop)


@pytest.mark.parametrize("step", ["pending", "promoted"])
def test_a_queue_killed_in_the_midst_of_a_repair_asks_nobody_to_sign_in_twice(tmp_path, desktop, step):
    with SandboxProcess().start("--connections", 4, "--broken", 2) as sandbox:
        monday = Monday(tmp_path, sandbox, desktop, 2)
        with monday.window("--die-once", step) as window:
            monday.begin(window)
            monday.opens(window, 1)
            window.dies_at("login", SIGN_IN)
        with monday.window() as window:
            monday.goes_on(window, 1)
            monday.sign_in(window, [2])
            monday.ends(window)
