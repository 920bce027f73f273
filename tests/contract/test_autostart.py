"""Start at login: what the session would start is the program, whatever its path holds."""

import ctypes
import os
import plistlib
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.adapters.autostart import kinds
from makini_desktop.adapters.autostart.command import program_command
from makini_desktop.adapters.autostart.macos import MacosStartAtLogin
from makini_desktop.adapters.autostart.windows import APPROVED, LONGEST, RUN, WindowsStartAtLogin
from makini_desktop.adapters.autostart.xdg import XdgStartAtLogin, desktop_entry
from makini_desktop.core.paths import Paths
from makini_desktop.domain.errors import StartAtLoginRefused
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.services.start_at_login import StartAtLogin

COMMAND = ("/opt/Makini Desktop/makini-desktop", "--minimised")
OTHER = ("/opt/elsewhere/makini-desktop", "--minimised")


class FakeRegistry:
    """The registry as a dict; refuses to be written if it is told to."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.values: dict[tuple[str, str], str | bytes] = {}
        self.refuses = refuses

    def read(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key, name))

    def write(self, key: str, name: str, value: str) -> None:
        if self.refuses:
            raise PermissionError(13, "Access is denied")
        self.values[key, name] = value

    def delete(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


@pytest.fixture(params=["xdg", "windows", "macos"])
def places(request: pytest.FixtureRequest, tmp_path: Path, registry: FakeRegistry) -> object:
    """Return a function that gives the start at login of a command, in one place of each system."""

    def place(command: Sequence[str]) -> StartAtLogin:
        match request.param:
            case "xdg":
                return XdgStartAtLogin("makini-desktop", command, tmp_path / "autostart")
            case "windows":
                return WindowsStartAtLogin("Makini Desktop", command, registry)
            case _:
                return MacosStartAtLogin("io.makini.desktop", command, tmp_path / "LaunchAgents")

    return place


def read_by_glib(entry: str) -> list[str]:
    """Return the words that GLib, and with it most desktops, reads from an entry's Exec key."""
    glib = ctypes.CDLL("libglib-2.0.so.0")
    glib.g_key_file_new.restype = glib.g_key_file_get_string.restype = ctypes.c_void_p
    file = ctypes.c_void_p(glib.g_key_file_new())
    data = entry.encode("utf-8", "surrogateescape")
    assert glib.g_key_file_load_from_data(file, data, ctypes.c_size_t(len(data)), 0, None)
    line = ctypes.c_void_p(glib.g_key_file_get_string(file, b"Desktop Entry", b"Exec", None))
    assert line.value
    expanded = ctypes.string_at(line.value).replace(b"%%", b"%")
    glib.g_free(line)
    glib.g_key_file_free(file)
    count, words = ctypes.c_int(), ctypes.POINTER(ctypes.c_char_p)()
    assert glib.g_shell_parse_argv(expanded, ctypes.byref(count), ctypes.byref(words), None)
    found = [words[each].decode("utf-8", "surrogateescape") for each in range(count.value)]
    glib.g_strfreev(words)
    return found


# Every system


def test_it_is_off_until_it_is_wanted_and_off_again(places):
    start = places(COMMAND)
    assert not start.wanted()
    start.want(True)
    assert start.wanted()
    assert places(COMMAND).wanted()
    start.want(False)
    start.want(False)
    assert not start.wanted()


def test_an_entry_of_another_installation_does_not_count_and_is_replaced(places):
    places(OTHER).want(True)
    start = places(COMMAND)
    assert not start.wanted()
    start.want(True)
    assert start.wanted()
    assert not places(OTHER).wanted()


# Linux


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
        min_size=1,
        max_size=4,
    )
)
def test_every_command_is_read_back_word_for_word(words: list[str]) -> None:
    command = ["/usr/bin/env", *words]
    assert read_by_glib(desktop_entry(command)) == command


def test_a_path_that_is_no_utf8_survives(tmp_path: Path) -> None:
    start = XdgStartAtLogin("makini-desktop", [os.fsdecode(b"/opt/caf\xe9/makini-desktop")], tmp_path)
    start.want(True)
    assert b"/opt/caf\xe9/makini-desktop" in start.path.read_bytes()
    assert start.wanted()


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_what_the_desktops_own_settings_switched_off_is_off(tmp_path: Path, line: str) -> None:
    start = XdgStartAtLogin("makini-desktop", COMMAND, tmp_path)
    start.want(True)
    start.path.write_text(
        start.path.read_text().replace("X-GNOME-Autostart-enabled=true\n", "") + line + "\n"
    )
    assert not start.wanted()


def test_the_entry_lies_where_the_session_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert XdgStartAtLogin("n", COMMAND).path == tmp_path / "config" / "autostart" / "n.desktop"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert XdgStartAtLogin("n", COMMAND).path == tmp_path / ".config" / "autostart" / "n.desktop"


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "autostart").write_text("a file in its place")
    start = XdgStartAtLogin("makini-desktop", COMMAND, tmp_path / "autostart")
    with pytest.raises(StartAtLoginRefused, match=r"^The start at login cannot be changed: .+\.$"):
        start.want(True)


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    start = XdgStartAtLogin("makini-desktop", COMMAND, tmp_path)
    with pytest.raises(StartAtLoginRefused, match="No space left on device"):
        start.want(True)
    assert list(tmp_path.iterdir()) == []


# Windows


def test_what_windows_settings_switched_off_is_off_until_it_is_wanted_again(registry: FakeRegistry) -> None:
    start = WindowsStartAtLogin("Makini Desktop", COMMAND, registry)
    start.want(True)
    assert registry.values[RUN, "Makini Desktop"] == '"/opt/Makini Desktop/makini-desktop" --minimised'
    registry.values[APPROVED, "Makini Desktop"] = b"\x03\0\0\0"
    assert not start.wanted()
    start.want(True)
    assert start.wanted()


def test_a_command_that_windows_would_ignore_is_refused(registry: FakeRegistry) -> None:
    start = WindowsStartAtLogin("Makini Desktop", ["C:\\" + "d" * LONGEST], registry)
    with pytest.raises(StartAtLoginRefused, match="too deep"):
        start.want(True)
    assert registry.values == {}


def test_a_registry_that_refuses_is_said_in_words() -> None:
    start = WindowsStartAtLogin("Makini Desktop", COMMAND, FakeRegistry(refuses=True))
    with pytest.raises(StartAtLoginRefused, match="Access is denied"):
        start.want(True)


# macOS


def test_the_agent_runs_at_login_in_the_persons_session_only(tmp_path: Path) -> None:
    start = MacosStartAtLogin("io.makini.desktop", COMMAND, tmp_path)
    start.want(True)
    agent = plistlib.loads((tmp_path / "io.makini.desktop.plist").read_bytes())
    assert agent["ProgramArguments"] == list(COMMAND)
    assert (agent["RunAtLoad"], agent["LimitLoadToSessionType"]) == (True, "Aqua")


@pytest.mark.parametrize("content", [b"", b"junk", plistlib.dumps([])])
def test_an_agent_that_cannot_be_read_counts_as_none(tmp_path: Path, content: bytes) -> None:
    start = MacosStartAtLogin("io.makini.desktop", COMMAND, tmp_path)
    start.path.write_bytes(content)
    assert not start.wanted()


# Which command


def test_out_of_a_virtual_environment_its_script_is_started(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("APPIMAGE", raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert program_command() == (str(tmp_path / "python"), "-m", "makini_desktop")
    (tmp_path / "makini-desktop").touch()
    assert program_command() == (str(tmp_path / "makini-desktop"),)


def test_a_frozen_program_starts_itself_and_an_image_is_started_as_a_whole(monkeypatch) -> None:
    monkeypatch.delenv("APPIMAGE", raising=False)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program_command() == (sys.executable,)
    monkeypatch.setenv("APPIMAGE", "/home/person/Makini Desktop.AppImage")
    assert program_command() == ("/home/person/Makini Desktop.AppImage",)


def test_the_entry_starts_this_program_minimised_on_its_profile(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    profile = tmp_path / 'a "profile" of 100 %'
    start = kinds.start_at_login(Options(paths=Paths(profile)))
    assert isinstance(start, XdgStartAtLogin)
    start.want(True)
    command = read_by_glib(start.path.read_text())
    assert command[-3:] == ["--minimised", "--profile-dir", str(profile)]
    said = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True, timeout=30)
    assert said.stdout.startswith("makini-desktop ")


def test_profiles_start_beside_each_other(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for paths in (Paths.default(), Paths(tmp_path / "one"), Paths(tmp_path / "two")):
        start = kinds.start_at_login(Options(paths=paths))
        assert start is not None
        start.want(True)
    entries = list((tmp_path / "autostart").iterdir())
    assert len(entries) == 3
    assert all(not stat.S_IMODE(each.stat().st_mode) & 0o077 for each in entries)


def test_what_cannot_start_by_itself_is_not_offered(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    assert kinds.start_at_login(Options(paths=paths, sandbox=True)) is None
    assert kinds.start_at_login(Options(paths=paths, vault=VaultKind.FILE)) is None
    assert kinds.start_at_login(Options(paths=paths, vault=VaultKind.MEMORY)) is None
