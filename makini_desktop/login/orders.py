"""Typing and clicking for a tour or a test: real Qt input, one order a line, loopback pages only.

Orders are JSON objects, carried out one after the other, each answered by one event:

- ``{"order": "text", "text": "…"}`` types into whatever has the focus.
- ``{"order": "key", "key": "Tab", "modifiers": ["Shift"]}`` presses one key, named as in `Qt.Key`.
- ``{"order": "click", "x": 10, "y": 20}`` clicks into the page; ``{"order": "click", "name": "Cancel"}``
  clicks the window's button of that accessible name.
- ``{"order": "wait_load"}`` answers once a load that no earlier ``wait_load`` has answered for has
  ended and nothing is loading any more; with ``"path": "/…"`` not before a page of that path is there.
- ``{"order": "grab", "path": "…"}`` writes the window as PNG.

The window also tells what it shows: ``{"event": "notice", "kind": …, "host": …, "sentence": …}`` and
``{"event": "question", "kind": …, "host": …}``. A question's fields and buttons take orders like any others.

``{"event": "done", "order": …}`` or ``{"event": "refused", "order": …, "reason": …}`` answers. What is
typed is never repeated.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from makini_desktop.login.attempt import Attempt

_ACTIVATION_MS = 2000


class Answers(Protocol):
    """Where answers go."""

    def send(self, message: Mapping[str, object]) -> None:
        """Deliver one answer."""


class OrderError(ValueError):
    """An order that cannot be carried out; the sentence says why."""


class Orders(QObject):
    """Carries out orders on an attempt's window in use."""

    def __init__(self, attempt: Attempt, answers: Answers) -> None:
        super().__init__(attempt)
        self._attempt = attempt
        self._answers = answers
        self._waiting: deque[Mapping[str, object]] = deque()
        self._has_settled = False
        self._is_working = False
        attempt.load_settled.connect(self._on_settled)

    @Slot(bytes)
    def take(self, line: bytes) -> None:
        """Queue the order in `line`."""
        try:
            order = json.loads(line)
        except ValueError:
            order = None
        if not isinstance(order, dict):
            self._answers.send({"event": "refused", "order": "", "reason": "no JSON object"})
            return
        self._waiting.append(order)
        self._work()

    def _work(self) -> None:
        if self._is_working:  # waiting for a window to become active lets further lines in
            return
        self._is_working = True
        while self._waiting and self._is_due(self._waiting[0]):
            order = self._waiting.popleft()
            name = order.get("order")
            try:
                self._carry_out(order)
            except OrderError as error:
                self._answers.send({"event": "refused", "order": name, "reason": str(error)})
            else:
                self._answers.send({"event": "done", "order": name})
        self._is_working = False

    def _is_due(self, order: Mapping[str, object]) -> bool:
        if order.get("order") != "wait_load":
            return True
        is_there = order.get("path") in {None, self._attempt.window.page.url().path()}
        return is_there and self._has_settled and not self._attempt.is_loading

    def _on_settled(self) -> None:
        self._has_settled = True
        self._work()

    def _carry_out(self, order: Mapping[str, object]) -> None:
        match order:
            case {"order": "text", "text": str(text)}:
                QTest.keyClicks(self._target(), text)
            case {"order": "key", "key": str(key)}:
                QTest.keyClick(self._target(), _key(key), _modifiers(order.get("modifiers", [])))
            case {"order": "click", "x": int(x), "y": int(y)}:
                QTest.mouseClick(
                    self._screen(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(x, y)
                )
            case {"order": "click", "name": str(name)}:
                QTest.mouseClick(self._button(name), Qt.MouseButton.LeftButton)
            case {"order": "grab", "path": str(path)}:
                if not self._attempt.window.grab().save(path, "PNG"):
                    raise OrderError("the picture could not be written")
            case {"order": "wait_load"}:
                self._has_settled = False
            case _:
                raise OrderError("unknown order")

    def _screen(self) -> QWidget:
        """Return the widget that takes the page's input; a new renderer brings a new one."""
        view = self._attempt.window.view
        return view.focusProxy() or view

    def _target(self) -> QWidget:
        """Return the widget that gets what is typed, in a window that is active as for a person."""
        window = self._attempt.window
        window.activateWindow()  # a bare X server activates nothing by itself
        if not QTest.qWaitForWindowActive(window, _ACTIVATION_MS):
            raise OrderError("the window is not active")
        focused = window.focusWidget()
        return self._screen() if focused is None or focused is window.view else focused

    def _button(self, name: str) -> QAbstractButton:
        for button in self._attempt.window.findChildren(QAbstractButton):
            if button.isVisible() and name in {button.accessibleName(), button.text()}:
                return button
        raise OrderError("no such button")


def _key(name: str) -> Qt.Key:
    try:
        return Qt.Key[f"Key_{name}"]
    except KeyError:
        raise OrderError("unknown key") from None


def _modifiers(names: object) -> Qt.KeyboardModifier:
    modifiers = Qt.KeyboardModifier.NoModifier
    for name in names if isinstance(names, list) else []:
        try:
            modifiers |= Qt.KeyboardModifier[f"{name}Modifier"]
        except KeyError:
            raise OrderError("unknown modifier") from None
    return modifiers
