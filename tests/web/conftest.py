"""Login pages and login windows for the tests beside this file."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.login_process import LoginProcess
from tests.web.login_pages import LoginPages


@pytest.fixture
def pages() -> Iterator[LoginPages]:
    with LoginPages() as pages:
        yield pages


@pytest.fixture
def open_login(tmp_path: Path, pages: LoginPages) -> Iterator[Callable[..., LoginProcess]]:
    """Opens a login window at a start address, waiting for the pages' redirect."""
    with ExitStack() as stack:

        def open_login(start_url: str, **options: object) -> LoginProcess:
            options.setdefault("redirect_uri", pages.callback)
            return stack.enter_context(LoginProcess(tmp_path, start_url, **options))

        yield open_login
