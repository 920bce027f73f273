"""What is left behind after logins: nothing secret, in no file and no word."""

from collections.abc import Iterable

from tests.e2e.conftest import Desktop
from tests.e2e.vault import VaultReader
from tests.e2e.window import Window
from tests.program import PASSPHRASE, Program
from tests.sandbox_process import CLIENT_SECRET
from tests.waiting import wait_until


def tokens(vault: VaultReader) -> set[str]:
    """Return all tokens that the vault holds."""
    pairs = [entry.current for entry in vault.entries().values() if entry.current is not None]
    return {secret.value for pair in pairs for secret in (pair.access, pair.refresh) if secret is not None}


def of(secrets: Iterable[str], text: str) -> list[int]:
    """Return where in the text a secret stands; the secret itself is not repeated."""
    return [text.index(secret) for secret in secrets if secret in text]


def no_attempt_left(program: Program) -> None:
    """Insist that the folder of every attempt is gone, or goes at once."""
    wait_until(lambda: not list((program.profile / "attempts").iterdir()), "the end of the folder", 5.0)


def nowhere(secrets: set[str], program: Program, window: Window, desktop: Desktop) -> None:
    """Insist that none of these is in a file of the profile, in a notification, or in a window's title."""
    secrets = {*filter(None, secrets), CLIENT_SECRET, PASSPHRASE}
    for path in [path for path in program.profile.rglob("*") if path.is_file()]:
        assert of(secrets, path.read_bytes().decode("latin-1")) == [], path
    assert (program.profile / "makini-desktop.log").read_text(), "logins are logged"
    assert of(secrets, window.errors.read_text()) == []
    assert of(secrets, " ".join([*window.titles(), *window.notices()])) == []
    assert of(secrets, repr(desktop.notifications.notifications)) == []
