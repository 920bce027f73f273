"""What conftest.py promises for every test."""

import os
import socket
from pathlib import Path

import pytest


def test_no_address_but_loopback_can_be_reached() -> None:
    with socket.socket() as client, pytest.raises(pytest.fail.Exception, match=r"reach 192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


def test_no_name_but_localhost_is_looked_up() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"look up makini\.example"):
        socket.create_connection(("makini.example", 80))


def test_an_invalid_name_is_unknown_without_asking_anybody() -> None:
    with pytest.raises(socket.gaierror):
        socket.create_connection(("nowhere.invalid", 80))


def test_a_server_on_loopback_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


def test_home_and_desktop_are_not_the_persons() -> None:
    assert Path.home().name.startswith("md-home-")
    assert not {"DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"} & set(os.environ)
