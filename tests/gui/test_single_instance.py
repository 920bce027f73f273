"""A second start on one profile: what it asks arrives at the first window, and nothing else does."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from makini_desktop.ui.single_instance import LONGEST_LINE, FirstWindow, SecondStart, call_first_window

WHOLE = SecondStart(account="Acme & Söhne", connection="c-1", minimised=True, activation="token")


@pytest.fixture
def heard() -> list[SecondStart]:
    return []


@pytest.fixture
def first(qtbot: QtBot, tmp_path: Path, heard: list[SecondStart]) -> Iterator[FirstWindow]:
    first = FirstWindow(tmp_path, heard.append)
    assert first.listening
    yield first
    first.close()


def start_again(profile: Path, asked: str) -> subprocess.Popen[bytes]:
    """Call the first window from another process, as a second start does; it prints whether it was heard."""
    code = (
        "from pathlib import Path; from makini_desktop.ui.single_instance import *; "
        f"print(call_first_window(Path({str(profile)!r}), {asked}))"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)


def speak(qtbot: QtBot, profile: Path, *said: bytes) -> QLocalSocket:
    """Say something to the first window, each part on its own, and return the socket."""
    socket = QLocalSocket()
    socket.connectToServer(str(profile / "window.sock"))
    assert socket.waitForConnected(1_000)
    for part in said:
        socket.write(part)
        socket.flush()
        qtbot.wait(10)
    return socket


@pytest.mark.usefixtures("first")
def test_all_that_a_second_start_asks_arrives_and_it_knows_that(
    qtbot: QtBot, tmp_path: Path, heard: list[SecondStart]
) -> None:
    second = start_again(tmp_path, repr(WHOLE))
    qtbot.waitUntil(lambda: heard == [WHOLE])
    out, _err = second.communicate(timeout=10)
    assert out.strip() == b"True"


@pytest.mark.usefixtures("first")
def test_a_line_that_comes_in_pieces_is_one_line(
    qtbot: QtBot, tmp_path: Path, heard: list[SecondStart]
) -> None:
    socket = speak(qtbot, tmp_path, b'{"connec', b'tion":"c-1"', b"}\n")
    qtbot.waitUntil(lambda: heard == [SecondStart(connection="c-1")])
    qtbot.waitUntil(lambda: bytes(socket.readAll().data()) == b"heard\n")


@pytest.mark.parametrize(
    "junk",
    [
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"[]\n",
        b'{"connection": 7}\n',
        b'{"minimised": "yes"}\n',
        b"\xff\xfe\n",
        b'{"connection":"' + b"x" * LONGEST_LINE + b'"}\n',
        b"x" * (LONGEST_LINE + 1),
    ],
)
@pytest.mark.usefixtures("first")
def test_what_is_no_such_line_changes_nothing_and_is_not_answered(
    qtbot: QtBot, tmp_path: Path, heard: list[SecondStart], junk: bytes
) -> None:
    socket = speak(qtbot, tmp_path, junk)
    qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert heard == []
    assert bytes(socket.readAll().data()) == b""


@pytest.mark.usefixtures("first")
def test_who_says_nothing_is_let_go(qtbot: QtBot, tmp_path: Path, heard: list[SecondStart]) -> None:
    socket = speak(qtbot, tmp_path)
    qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert heard == []


@pytest.mark.usefixtures("first")
def test_nobody_else_on_this_computer_can_call(tmp_path: Path) -> None:
    assert not (tmp_path / "window.sock").stat().st_mode & 0o077


def test_without_a_window_nobody_hears(qtbot: QtBot, tmp_path: Path) -> None:
    assert not call_first_window(tmp_path, SecondStart())


def test_a_window_that_hangs_has_not_heard(
    qtbot: QtBot, tmp_path: Path, first: FirstWindow, heard: list[SecondStart]
) -> None:
    assert not call_first_window(tmp_path, SecondStart())  # its loop stands still meanwhile
    assert heard == []


def test_a_socket_left_by_a_dead_window_is_no_obstacle(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "window.sock").touch()
    first = FirstWindow(tmp_path, lambda asked: None)
    assert first.listening
    first.close()


def test_a_profile_too_deep_for_a_socket_is_no_obstacle(qtbot: QtBot, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    first = FirstWindow(deep, lambda asked: None)
    assert first.listening
    assert not (deep / "window.sock").exists()
    first.close()
    assert list(deep.iterdir()) == []
