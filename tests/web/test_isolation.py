"""What an attempt leaves behind: nothing, however it ends."""

import asyncio
import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from makini_desktop.adapters.locks import FileLocks
from makini_desktop.adapters.login import EmbeddedLogin, LoginProcess
from makini_desktop.services.login_ports import LoginBroken, LoginClosed, LoginResult, LoginToBrowser
from tests.nss_database import make_database
from tests.processes import all_end, descendants, renderer_of
from tests.waiting import wait_until
from tests.web.login_pages import LoginPages

pytestmark = pytest.mark.web
WITHIN = 20.0
Drive = Callable[[LoginProcess], Awaitable[None]]


class FakeAttempt(msgspec.Struct):
    """As much of an attempt as its window needs."""

    start_url: str
    redirect_uri: str
    id: str = "attempt-1"

    def authorize_url(self, _account: object) -> str:
        return self.start_url


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A person's home with what is usually there."""
    home = tmp_path / "home"
    for folder in (".config", ".local/share", ".cache"):
        (home / folder).mkdir(parents=True)
    make_database(home / ".pki" / "nssdb")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    return home


def whole(home: Path) -> dict[str, str]:
    """Everything below a home, with its contents."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in home.rglob("*")
    }


def embedded(profile: Path, drive: Drive | None) -> EmbeddedLogin:
    for folder in ("locks", "attempts"):
        (profile / folder).mkdir(parents=True, exist_ok=True)
    return EmbeddedLogin(profile / "attempts", FileLocks(profile / "locks"), lambda: "light", "en", drive)


async def sign_in(profile: Path, pages: LoginPages, path: str, drive: Drive) -> LoginResult:
    attempt = FakeAttempt(pages.url(path, pages.answer()), pages.callback)
    async with asyncio.timeout(60):
        return await embedded(profile, drive).run(None, attempt, "Acme Pumps", "Odoo")  # type: ignore[arg-type]


async def test_an_attempt_leaves_nothing_in_the_persons_home(home, tmp_path, pages):
    async def drive(window: LoginProcess) -> None:
        await window.order("wait_load")
        await window.order("text", text="anna")
        await window.write({"order": "key", "key": "Return"})

    before = whole(home)
    result = await sign_in(tmp_path / "profile", pages, "/form", drive)
    assert result.url.value == pages.answer()
    assert whole(home) == before
    assert list((tmp_path / "profile" / "attempts").iterdir()) == []


async def test_a_killed_login_window_leaves_nothing_either(home, tmp_path, pages):
    family = []

    async def drive(window: LoginProcess) -> None:
        await window.order("wait_load")
        family.extend(descendants(window.pid))
        os.kill(window.pid, signal.SIGKILL)

    before = whole(home)
    result = await sign_in(tmp_path / "profile", pages, "/form", drive)
    assert isinstance(result, LoginBroken)
    assert result.reason == "died"
    assert whole(home) == before
    assert list((tmp_path / "profile" / "attempts").iterdir()) == []
    assert family
    assert all_end(family, WITHIN)


PARENT = """
import asyncio, sys
from pathlib import Path
from tests.web.test_isolation import FakeAttempt, embedded

async def drive(window):
    await window.order("wait_load")
    print(window.pid, flush=True)

async def main(profile, *addresses):
    await embedded(Path(profile), drive).run(None, FakeAttempt(*addresses), "Acme Pumps", "Odoo")

asyncio.run(main(*sys.argv[1:]))
"""


def test_what_a_killed_parent_leaves_is_removed_at_the_next_start(home, tmp_path, pages):
    profile = tmp_path / "profile"
    before = whole(home)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(profile), pages.url("/form"), pages.callback],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline()
        family = descendants(parent.pid)
        parent.kill()
    assert all_end(family, WITHIN)
    assert len(list((profile / "attempts").iterdir())) == 1
    asyncio.run(embedded(profile, None).clear())
    assert list((profile / "attempts").iterdir()) == []
    assert whole(home) == before


async def test_the_folder_of_an_attempt_under_way_is_not_cleared(tmp_path, pages):
    profile = tmp_path / "profile"

    async def drive(window: LoginProcess) -> None:
        await window.order("wait_load")
        await embedded(profile, None).clear()
        assert len(list((profile / "attempts").iterdir())) == 1
        await window.write({"order": "key", "key": "Escape"})

    assert isinstance(await sign_in(profile, pages, "/form", drive), LoginClosed)


async def test_a_page_that_keeps_crashing_is_drawn_in_software_and_then_left_to_the_browser(tmp_path, pages):
    seen = []

    async def drive(window: LoginProcess) -> None:
        seen.append(any("QT_QUICK_BACKEND=software" in each.environment for each in descendants(window.pid)))
        for _crash in range(2):
            await window.order("wait_load")
            os.kill(renderer_of(window.pid), signal.SIGKILL)
            await window.event("notice", "trouble")
        await window.write({"order": "click", "name": "Open in browser"})

    result = await sign_in(tmp_path / "profile", pages, "/link", waited(drive))
    assert result == LoginToBrowser("renderer")
    assert seen == [False, True]


async def test_an_engine_that_crashes_is_started_once_more_in_software(tmp_path, pages):
    starts = []

    async def drive(window: LoginProcess) -> None:
        starts.append(window.pid)
        await window.order("wait_load")
        os.kill(window.pid, signal.SIGSEGV)

    result = await sign_in(tmp_path / "profile", pages, "/form", drive)
    assert isinstance(result, LoginBroken)
    assert len(starts) == 2


def waited(drive: Drive) -> Drive:
    """Begin once the first page is there, so that the engine's processes are."""

    async def later(window: LoginProcess) -> None:
        await window.event("ready")
        await drive(window)

    return later


def test_options_from_outside_neither_disguise_the_engine_nor_open_it(open_login, pages):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    login = open_login(
        pages.url("/form"),
        orders=False,
        environment={
            "QTWEBENGINE_CHROMIUM_FLAGS": f"--user-agent=Disguised --remote-debugging-port={port}",
            "QTWEBENGINE_REMOTE_DEBUGGING": f"127.0.0.1:{port}",
        },
    )
    login.event("ready")
    assert "QtWebEngine" in pages.agents.pop()
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 5):
        pytest.fail("developer tools are open")


def test_a_page_finds_no_script_and_no_channel_of_ours(open_login, pages):
    login = open_login(pages.url("/names"))
    login.wait_load()
    wait_until(lambda: pages.asked, "the page's report", WITHIN)
    assert pages.asked == ["undefined,undefined,0"]
