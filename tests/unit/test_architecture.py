"""The import contracts in pyproject.toml hold, and each of them bites."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VIOLATIONS = {
    "The house: each floor uses only those below it": ("services", "import makini_desktop.app"),
    "Window and adapters are strangers": ("ui", "import makini_desktop.adapters.db"),
    "The core and the domain know no Qt and no I/O library": ("domain", "import sqlite3"),
    "The login window knows the core only": ("login", "import makini_desktop.domain"),
    "The sandbox stands alone": ("sandbox", "import makini_desktop.core"),
    "Login window and sandbox are started, never imported, by the window": (
        "ui",
        "import makini_desktop.login",
    ),
    "Only the API adapter knows httpx": ("adapters/vault", "import httpx"),
}


def contracts() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=tree, capture_output=True, text=True, check=False
    )


def test_imports_keep_the_contracts() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("contract", contracts())
def test_contract_is_broken_by_a_planted_import(contract: str, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "makini_desktop",
        tmp_path / "makini_desktop",
        ignore=lambda folder, names: [
            name for name in names if not (name.endswith(".py") or Path(folder, name).is_dir())
        ],
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package, line = VIOLATIONS[contract]
    (tmp_path / "makini_desktop" / package / "planted.py").write_text(line + "\n")
    answer = lint_imports(tmp_path)
    assert answer.returncode == 1
    assert f"{contract} BROKEN" in answer.stdout
