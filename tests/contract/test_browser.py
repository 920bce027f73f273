"""The system's browser: which opener is taken, and what is said where none opens it."""

import os
from pathlib import Path

import pytest

from makini_desktop.adapters import browser
from makini_desktop.adapters.browser import SystemBrowser
from makini_desktop.domain.errors import BrowserUnavailable
from tests.waiting import wait_until

PAGE = "https://link.makini.example/oauth/authorize?state=a%20b&x=$(id);'\""
LINUX = Path("/dev/null")
"""A kernel that does not call itself Microsoft's."""


def opener(folder: Path, name: str, script: str = 'printf "%s|" "$@" > "$0.got"') -> Path:
    """Put an opener there; it writes down what it was given."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def here(folder: Path, **environment: str) -> SystemBrowser:
    """Return the browser of a desktop whose programs are those in a folder."""
    wanted = {"PATH": str(folder), "DISPLAY": ":1"}
    return SystemBrowser({**wanted, **environment}, "linux", LINUX)


def got(path: Path) -> str:
    """Return what an opener wrote down."""
    found = path.with_name(f"{path.name}.got")
    return wait_until(lambda: found.exists() and found.read_text(), "the opener's notes", 10)


@pytest.mark.parametrize(
    ("name", "given"), [("xdg-open", f"{PAGE}|"), ("gio", f"open|{PAGE}|"), ("x-www-browser", f"{PAGE}|")]
)
async def test_what_the_desktop_has_is_given_the_address_as_one_argument(tmp_path, name, given):
    path = opener(tmp_path, name)
    assert here(tmp_path).refusal() == ""
    await here(tmp_path).open(PAGE)
    assert got(path) == given


async def test_a_browser_that_the_person_named_goes_first(tmp_path):
    opener(tmp_path, "xdg-open")
    mine = opener(tmp_path, "mine")
    await here(tmp_path, BROWSER=f"{mine} --new-window %s:other").open(PAGE)
    assert got(mine) == f"--new-window|{PAGE}|"


async def test_an_opener_that_fails_is_said(tmp_path):
    opener(tmp_path, "xdg-open", "exit 3")
    with pytest.raises(BrowserUnavailable, match="“xdg-open” ended with code 3"):
        await here(tmp_path).open(PAGE)


async def test_one_that_cannot_be_started_is_said(tmp_path):
    with pytest.raises(BrowserUnavailable, match="could not be opened: No such file"):
        await here(tmp_path, BROWSER="/nowhere/browser").open(PAGE)


async def test_one_that_goes_on_is_the_browser_itself_and_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "FAILS_WITHIN", 0.05)
    path = opener(tmp_path, "xdg-open", 'echo $$ > "$0.got"; exec sleep 60')
    await here(tmp_path, PATH=f"{tmp_path}:/bin:/usr/bin").open(PAGE)
    pid = int(got(path))
    assert os.getsid(pid) == pid
    os.kill(pid, 9)


def test_without_a_desktop_nothing_is_opened_not_even_in_the_terminal(tmp_path):
    opener(tmp_path, "xdg-open")
    words = SystemBrowser({"PATH": str(tmp_path)}, "linux", LINUX).refusal()
    assert words == "There is no desktop here on which a browser could be opened."


async def test_without_a_browser_that_is_said(tmp_path):
    assert here(tmp_path).refusal().startswith("There is no browser on this computer")
    with pytest.raises(BrowserUnavailable, match="no browser"):
        await here(tmp_path).open(PAGE)


def test_linux_inside_windows_needs_the_way_out(tmp_path):
    kernel = tmp_path / "version"
    kernel.write_text("Linux version 5.15.0-microsoft-standard-WSL2")
    opener(tmp_path, "xdg-open")
    inside = SystemBrowser({"PATH": str(tmp_path), "DISPLAY": ":0"}, "linux", kernel)
    assert inside.refusal().startswith("This Linux runs inside Windows")
    opener(tmp_path, "wslview")
    assert inside.refusal() == ""


def test_windows_and_macos_always_have_one(tmp_path):
    for platform in ("win32", "darwin"):
        assert SystemBrowser({"PATH": str(tmp_path)}, platform, LINUX).refusal() == ""


async def test_a_frozen_programs_own_libraries_are_not_the_browsers(tmp_path):
    path = opener(tmp_path, "xdg-open", 'printf "%s" "$LD_LIBRARY_PATH" > "$0.got"')
    ours = {"LD_LIBRARY_PATH": "/opt/makini/lib", "LD_LIBRARY_PATH_ORIG": "/usr/local/lib"}
    await here(tmp_path, **ours).open(PAGE)
    assert got(path) == "/usr/local/lib"
