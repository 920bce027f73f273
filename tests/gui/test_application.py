"""Around the window: ending, our own mistakes, and the one question."""

import asyncio
import importlib
import linecache
import logging
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from shibokensupport import feature

from makini_desktop.services.store import Notice, Tone
from makini_desktop.ui.application import keep_no_sources
from makini_desktop.ui.dialogs.issue_question import ask
from makini_desktop.ui.faults import Faults
from makini_desktop.ui.lifecycle import Lifecycle
from makini_desktop.ui.main_window import MainWindow


def test_a_quit_event_asks_once_and_ends_nothing(qapp: QApplication) -> None:
    lifecycle = Lifecycle(qapp)
    asked: list[None] = []
    lifecycle.quit_requested.subscribe(asked.append)
    try:
        for _time in range(2):
            event = QEvent(QEvent.Type.Quit)
            QApplication.sendEvent(qapp, event)
            assert not event.isAccepted()
        assert asked == [None]
    finally:
        qapp.removeEventFilter(lifecycle)


def test_what_a_slot_or_a_task_raises_is_reported_once_without_its_text(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Notice] = []
    faults = Faults(told.append)
    loop = asyncio.new_event_loop()
    hook = sys.excepthook
    try:
        faults.install(loop)
        with caplog.at_level(logging.ERROR):
            sys.excepthook(ValueError, ValueError("private"), None)
            loop.call_exception_handler({"message": "lost", "exception": KeyError("private")})
    finally:
        faults.uninstall()
        loop.close()
    assert sys.excepthook is not faults
    assert hook is sys.excepthook
    assert [(notice.tone, notice.details) for notice in told] == [
        (Tone.BAD, "ValueError"),
        (Tone.BAD, "KeyError"),
    ]
    assert all("private" not in notice.words for notice in told)
    assert len(caplog.records) == 2


def test_the_source_of_what_is_imported_later_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shibokensupport.feature._mod_uses_pyside", feature._mod_uses_pyside)
    keep_no_sources()
    (tmp_path / "imported_later.py").write_text("ANSWER = 42\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("imported_later")
    monkeypatch.delitem(sys.modules, "imported_later")
    assert module.__file__ not in linecache.cache


@pytest.mark.parametrize(
    ("press", "allowed"), [("Issue tokens", True), ("No", False), ("Escape", False), ("Return", False)]
)
def test_issuing_is_asked_without_blocking_and_no_is_the_default(
    qtbot: QtBot, window: MainWindow, press: str, allowed: bool
) -> None:
    answers: list[bool] = []
    box = ask(window, "Acme Integrations", answers.append)
    assert answers == []
    assert "may end every older token" in box.informativeText()
    default: QMessageBox = box
    match press:
        case "Escape":
            QTimer.singleShot(0, box.reject)
        case "Return":
            default.defaultButton().click()
        case _:
            next(button for button in box.buttons() if button.text() == press).click()
    qtbot.waitUntil(lambda: answers == [allowed])
