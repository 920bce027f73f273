"""What the end-to-end tests share: the program on a profile of the test's own, and a sandbox a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import Program
from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxProcess]:
    """A sandbox; a module says with `SANDBOX_ARGUMENTS` which."""
    with SandboxProcess().start(*getattr(request.module, "SANDBOX_ARGUMENTS", ())) as sandbox:
        yield sandbox


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program on a profile folder that does not exist yet."""
    return Program(tmp_path / "profile")
