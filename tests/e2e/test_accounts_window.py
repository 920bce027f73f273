"""Several accounts in one window: added, tested, watched side by side, switched, removed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.e2e

DRIVER = Path(__file__).with_name("accounts_driver.py")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("accounts")
    with SandboxProcess() as production, SandboxProcess() as test:
        ready = [
            _ready(production.start("--connections", 8, "--seed", 1)),
            _ready(test.start("--connections", 5, "--seed", 2)),
        ]
        run = subprocess.run(
            [sys.executable, str(DRIVER), str(folder / "profile")],
            input="\n".join(json.dumps(each) for each in ready),
            env=os.environ | {"PYTHONPATH": str(DRIVER.parents[2])},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_the_window_shows_the_account_that_was_chosen(said: list[dict[str, Any]]) -> None:
    steps = {each["step"]: (each["shown"], each["rows"]) for each in said if "step" in each}
    assert steps == {
        "start": ("No account", 0),
        "first added": ("Production", 8),
        "second added": ("Test", 5),
        "switched": ("Production", 8),
        "removed": ("Test", 5),
        "none left": ("No account", 0),
    }


def test_a_draft_is_tested_before_it_is_kept(said: list[dict[str, Any]]) -> None:
    (results,) = [each["test"] for each in said if "test" in each]
    assert all(ok is not False for _subject, ok in results)
    assert {"API base", "Login pages", "Client", "Version", "Connections", "Redirects"} <= {
        subject for subject, _ok in results
    }


def test_the_tray_speaks_for_all_accounts(said: list[dict[str, Any]]) -> None:
    (accounts,) = [each["tray"] for each in said if "tray" in each]
    assert accounts == ["Production", "Test"]


def _ready(sandbox: SandboxProcess) -> dict[str, Any]:
    account = sandbox.account()
    return {
        "api_base": account.api_base,
        "link_base": account.link_base,
        "client_id": account.client_id,
        "client_secret": "sandbox-secret",
        "redirect_uris": list(account.redirect_uris),
    }
