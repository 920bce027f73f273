"""Runs inside the program's process: the real entry point, and a hand that does what a test asks.

Questions and orders come one JSON object a line, ``{"do": "row", "with": ["acme"], "until": {"health":
"healthy"}}``; each is answered by ``{"value": …}`` or ``{"failed": …}``. `until` repeats a question until the
answer holds that. Without ``--hand`` the arguments are a command's, and ``--login`` holds the orders for its
login window.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

import makini_desktop.desktop
from makini_desktop.__main__ import main
from makini_desktop.adapters.login import EmbeddedLogin, LoginProcess
from makini_desktop.cli.arguments import HEALTH_WORDS
from makini_desktop.domain.alerting import QuietHours
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services.store import Row
from makini_desktop.ui.pages import PageName
from tests.e2e.changes import (
    die_once_kept,
    note_secrets,
    notice_slow_pages_after,
    update_notifications_after,
)
from tests.e2e.login_hand import LoginHand, Orders, holds
from tests.e2e.touch import LEFT, LOOK_EVERY, PLAIN, click, come, offered

PATIENCE = 15.0


class Hand:
    """Answers questions about the window and uses it as a person does, with real events."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)  # whatever else is printed is kept with the errors
        self._asked: asyncio.Queue[bytes] = asyncio.Queue()
        self._logins: asyncio.Queue[tuple[Orders, asyncio.Future[None]]] = asyncio.Queue()
        self._login_window: LoginProcess | None = None
        self.noted: list[str] = []
        self._desktop: Any
        self._elsewhere: QWidget | None = None

    async def script(self, desktop: Any) -> None:
        """Answer until the window is quit."""
        self._desktop = desktop
        rest = b""

        def readable() -> None:
            nonlocal rest
            *lines, rest = (rest + os.read(0, 65536)).split(b"\n")
            for line in lines:
                self._asked.put_nowait(line)

        asyncio.get_running_loop().add_reader(0, readable)
        try:
            while True:
                self._answer(await self._carry_out(json.loads(await self._asked.get())))
        finally:
            asyncio.get_running_loop().remove_reader(0)

    async def sign_in(self, window: LoginProcess) -> None:
        """Carry out in a login window what is ordered while it is open."""
        self._login_window = window
        hand = LoginHand(window)
        try:
            while True:
                orders, done = await self._logins.get()
                try:
                    await hand.carry_out(orders)
                except AssertionError as refused:
                    done.set_exception(refused)
                finally:
                    if not done.done():
                        done.set_result(None)
        finally:
            self._login_window = None

    def _answer(self, answer: dict[str, Any]) -> None:
        os.write(self._out, json.dumps(answer).encode() + b"\n")

    async def _carry_out(self, asked: dict[str, Any]) -> dict[str, Any]:
        do: Callable[..., Any] = getattr(self, asked["do"])
        value: Any = None
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    value = do(*asked.get("with", ()))
                    if isinstance(value, Awaitable):
                        value = await value
                    if "until" not in asked or holds(value, asked["until"]):
                        return {"value": value}
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            return {"failed": f"{asked} did not come, but {value}"}
        except AssertionError as refused:
            return {"failed": str(refused)}

    # Questions

    def rows(self) -> list[dict[str, Any]]:
        """All rows of the list, from top to bottom."""
        model = self._desktop.window.model
        model.take_in()
        return [self._row(model.row(position)) for position in range(model.rowCount())]

    def row(self, connection: str) -> dict[str, Any] | None:
        """One row."""
        return next((row for row in self.rows() if row["id"] == connection), None)

    def detail(self) -> dict[str, Any]:
        """What the detail says and offers."""
        place = self._desktop.window.detail
        panel = place.panel
        return {
            "title": panel.title.text() if place.currentWidget() is not place.summary else None,
            "sentence": panel.sentence.text(),
            "evidence": panel.evidence.text(),
            "running": panel.running.words.text() if panel.running.isVisible() else None,
            "buttons": [button.text() for button in self._buttons()],
        }

    def notices(self) -> list[str]:
        """The notices in the window."""
        return [card.words.text() for card in self._desktop.window.notices.cards]

    def banners(self) -> dict[str, str | None]:
        """The banners in the window."""
        banners = self._desktop.window.banners
        return {
            name: f"{banner.matter.text()} {banner.words.text()}" if banner.isVisible() else None
            for name, banner in (("keychain", banners.keychain), ("line", banners.line))
        }

    def sweep(self) -> dict[str, Any]:
        """How the watching goes."""
        sweep = self._desktop.program.store.sweep
        rows = self._desktop.program.store.rows.values()
        return {
            "checked": sweep.last_at is not None
            and sweep.checking == 0
            and all(row.facts.token is not None for row in rows if row.health.value in _CHECKED)
        }

    def queue(self) -> dict[str, Any] | None:
        """What the repair queue says and offers; None without one."""
        bar = self._desktop.window.repairs.bar
        if bar is None or not bar.isVisible():
            return None
        return {"matter": bar.matter.text(), "words": bar.words.text()}

    def window(self) -> dict[str, bool]:
        """Whether the window is to be seen."""
        window = self._desktop.window
        return {"visible": window.isVisible(), "minimized": window.isMinimized()}

    def tray(self) -> list[str]:
        """The entries of the tray's menu."""
        return [action.text() for action in self._desktop.tray.menu.actions()]

    def incident(self, cause: str) -> dict[str, Any] | None:
        """The newest open incident of a cause; None where there is none."""
        program = self._desktop.program
        found = [
            each for each in program.incidents.open if each.cause.value == cause and not each.first_sight
        ]
        if not found:
            return None
        return {
            "broken": len(found[-1].broken),
            "told": found[-1].told.count if found[-1].told is not None else None,
            "snoozed": found[-1].snooze is not None,
            "kept": found[-1].id not in program.incidents._unsaved,
        }

    def inbox(self) -> str | None:
        """What the incident that is open in the inbox says first; None while the inbox is closed."""
        window = self._desktop.window
        if window.pages.opened is not PageName.INBOX or not window.isVisible():
            return None
        panel = window.inbox.panel
        return panel.title.text() if panel is not None else None

    def login_pid(self) -> int | None:
        """The login window's process."""
        return self._login_window.pid if self._login_window is not None else None

    def secrets(self) -> list[str]:
        """What the logins so far knew."""
        return self.noted

    # Orders

    def select(self, connection: str) -> None:
        """Click a row."""
        self._desktop.window.model.take_in()
        viewport = self._desktop.window.table.viewport()
        QTest.mouseClick(viewport, LEFT, PLAIN, self._place(connection))

    async def press(self, label: str) -> None:
        """Press a button of the detail, once it is offered."""
        click((await come(lambda: offered(self._desktop.window.detail, label)))[0])

    async def choose_in_row(self, connection: str, label: str) -> None:
        """Choose from the menu of a row."""
        self.select(connection)
        viewport = self._desktop.window.table.viewport()
        place = self._place(connection)
        reason = QContextMenuEvent.Reason.Mouse
        QApplication.sendEvent(viewport, QContextMenuEvent(reason, place, viewport.mapToGlobal(place)))
        menu: Any = await come(QApplication.activePopupWidget)
        action = next(each for each in menu.actions() if each.text() == label and each.isEnabled())
        QTest.mouseClick(menu, LEFT, PLAIN, menu.actionGeometry(action).center())

    def check_now(self) -> None:
        """Press Check now above the list."""
        click(self._desktop.window.top.check_now)

    def keep_quiet(self, quiet: bool) -> None:
        """Choose quiet hours around the present, or none."""
        inbox = self._desktop.program.commands.inbox
        now, hour = datetime.now().astimezone(), timedelta(hours=1)
        hours = QuietHours((now - hour).time(), (now + hour).time()) if quiet else None
        inbox.change(msgspec.structs.replace(inbox.settings, quiet=hours))

    def press_banner(self, name: str) -> None:
        """Press the button of a banner."""
        click(getattr(self._desktop.window.banners, name).button)

    def dismiss_notices(self) -> None:
        """Press the close button of every notice."""
        for card in list(self._desktop.window.notices.cards):
            click(card.close_button)

    async def answer(self, words: str) -> None:
        """Press a button of the question or dialog that is open, once it is offered."""

        def shown() -> list[QAbstractButton]:
            box: Any = QApplication.activeModalWidget()
            return offered(box, words) if box is not None else []

        click((await come(shown))[0])

    async def choose_path(self, label: str) -> None:
        """Choose from the detail's other ways to sign in."""
        button = self._desktop.window.detail.panel.paths
        QTimer.singleShot(0, button, lambda: click(button))  # it returns once the menu is closed
        menu: Any = await come(QApplication.activePopupWidget)
        action = next(each for each in menu.actions() if each.text() == label and each.isEnabled())
        QTest.mouseClick(menu, LEFT, PLAIN, menu.actionGeometry(action).center())

    def clipboard(self) -> str:
        """What was copied."""
        return QApplication.clipboard().text()

    def look_away(self) -> None:
        """Turn to another window, as of another program."""
        if self._elsewhere is None:
            self._elsewhere = QWidget()
            self._elsewhere.setWindowTitle("elsewhere")
            self._elsewhere.show()
        self._elsewhere.activateWindow()

    def look_back(self) -> None:
        """Turn to the window again."""
        if self._elsewhere is not None:
            self._elsewhere.deleteLater()
            self._elsewhere = None
        self._desktop.window.come_forward()

    def in_front(self) -> bool:
        """Whether the window has the person's attention."""
        return bool(self._desktop.program.alerts.window_in_front())

    def minimize(self) -> None:
        """Minimise the window."""
        self._desktop.window.showMinimized()

    def close(self) -> None:
        """Close the window, as its frame's button does."""
        self._desktop.window.close()

    async def keys(self, *keys: str) -> None:
        """Press keys in the window, written like "Ctrl+Shift+R"; whatever has the focus gets them."""
        for each in keys:
            window: Any = QApplication.activeModalWidget() or self._desktop.window
            # A bare X server activates nothing by itself, and a window that goes leaves nothing active.
            await come(lambda window=window: window.isActiveWindow() or window.activateWindow())
            pressed = QKeySequence(each)[0]
            QTest.keyClick(window.focusWidget() or window, pressed.key(), pressed.keyboardModifiers())

    def titles(self) -> list[str]:
        """The titles of all windows."""
        return [widget.windowTitle() for widget in QApplication.topLevelWidgets()]

    async def login(self, orders: Orders) -> None:
        """Carry out orders in the login window, once it is open; the last may end it."""
        done = asyncio.get_running_loop().create_future()
        self._logins.put_nowait((orders, done))
        await done

    def _buttons(self) -> list[QAbstractButton]:
        return offered(self._desktop.window.detail)

    def _place(self, connection: str) -> QPoint:
        window = self._desktop.window
        position = window.model.listing.position(ConnectionId(connection))
        index = window.model.index(position, 1)
        window.table.scrollTo(index)
        return window.table.visualRect(index).center()

    def _row(self, row: Row) -> dict[str, Any]:
        model = self._desktop.window.model
        index = model.index(model.listing.position(row.id), 0)
        return {
            "id": row.id,
            "name": row.connection.name,
            "system": row.connection.system,
            "health": row.health.value,
            "says": model.data(index, Qt.ItemDataRole.AccessibleTextRole),
            "stage": row.stage.value if row.stage is not None else None,
            "sync": row.sync.id if row.sync is not None else None,
            "syncing": row.sync is not None and row.sync.state.running,
        }


_CHECKED = set(HEALTH_WORDS) - {"inactive", "pending", "disconnected"}


def sign_in_with(orders: Orders) -> None:
    """Carry out orders in each login window."""
    run = EmbeddedLogin.run

    async def with_orders(login: EmbeddedLogin, *values: Any) -> Any:
        login._orders = lambda window: LoginHand(window).carry_out(orders)
        return await run(login, *values)

    EmbeddedLogin.run = with_orders  # type: ignore[method-assign]


def run() -> int:
    """Run the program as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hand", action="store_true")
    parser.add_argument("--die-once", choices=["pending", "promoted"])
    parser.add_argument("--quick-updates", action="store_true")
    parser.add_argument("--slow-after", type=int, metavar="MS")
    parser.add_argument("--login", type=json.loads)
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    if options.die_once is not None:
        die_once_kept(options.die_once)
    if options.quick_updates:
        update_notifications_after(1)
    if options.slow_after is not None:
        notice_slow_pages_after(options.slow_after)
    if options.hand:
        hand = Hand()
        note_secrets(hand.noted)
        makini_desktop.desktop.run_window = partial(
            makini_desktop.desktop.run_window, script=hand.script, orders=hand.sign_in
        )
    else:
        sign_in_with(options.login)
    return main(options.arguments)


if __name__ == "__main__":
    sys.exit(run())
