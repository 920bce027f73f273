"""What commands print, on any terminal."""

import io
import json
import sys

import pytest

from makini_desktop.cli import output
from makini_desktop.domain.errors import ServerFailed


def test_a_line_stays_one_and_gives_the_terminal_no_orders(capsys: pytest.CaptureFixture[str]):
    output.say("Ac\x1b[31mme\nRail\x07 · über")
    assert capsys.readouterr().out == "Ac [31mme Rail  · über\n"


def test_an_error_brings_its_request_id(capsys: pytest.CaptureFixture[str]):
    output.error(ServerFailed("Makini failed.", request_id="req-1"))
    output.error(ServerFailed("Makini failed."))
    assert capsys.readouterr().err == "Makini failed. (request req-1)\nMakini failed.\n"


def test_a_poor_terminal_gets_what_it_can_show(monkeypatch: pytest.MonkeyPatch):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    output.say("über “Acme”")
    output.document({"name": "über"})
    terminal.seek(0)
    line, _, document = terminal.buffer.read().partition(b"\n")
    assert line == b"?ber ?Acme?"
    assert json.loads(document.decode("utf-8")) == {"name": "über"}
