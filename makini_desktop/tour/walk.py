"""The steps of the tour: what a person would do, and what proves that it worked."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from makini_desktop.adapters.api import wire
from makini_desktop.adapters.login import LoginProcess
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import SyncState
from makini_desktop.services import wording
from makini_desktop.services.ports import Priority
from makini_desktop.services.store import Offline, Row
from makini_desktop.services.sync_words import sync_progress, sync_result
from makini_desktop.session import Desktop
from makini_desktop.tour.run import StepResult, TourResult
from makini_desktop.tour.surroundings import Surroundings
from makini_desktop.tour.witness import Witness
from makini_desktop.ui.models.listing import COLUMNS, Column

_log = logging.getLogger(__name__)

WITHIN = 25.0
"""Seconds that a step has."""

CUSTOMER_COLUMN = COLUMNS.index(Column.CUSTOMER)
LOOK_EVERY = 0.03
SIZE = (1320, 800)
USER_NAME = "admin"
PASSWORD = "correct-horse"
"""What the sandbox's sign-in page itself tells."""

DRAWN_WITHIN = 0.3
"""Seconds that the engine takes to draw what was typed."""

MAIN_BUTTON = (240, 511)
"""Where the sandbox's login pages have their main button, in a window of the usual size."""


class StepFailed(Exception):
    """A step could not be proven; the text says what was missing."""


class Walk:
    """Walks through the program once.

    Args:
        pictures: where a PNG for each step goes.
        around: the desktop that the tour brought along.
    """

    def __init__(self, pictures: Path, around: Surroundings) -> None:
        self._pictures = pictures
        self._around = around
        self._witness = Witness()
        self._steps: list[StepResult] = []
        self._desktop: Desktop
        self._connection: ConnectionId
        self._token_before = ""

    def result(self) -> TourResult:
        """Return how all steps went; ok only if the last one was reached and none failed."""
        steps = tuple(self._steps)
        return TourResult(ok=len(steps) == len(self._plan()) and all(step.ok for step in steps), steps=steps)

    async def script(self, desktop: Desktop) -> None:
        """Walk all steps in the running program; the first that fails ends the walk."""
        self._desktop = desktop
        desktop.window.resize(*SIZE)
        if self._around.bus:
            await self._witness.open()
        try:
            for number, (name, step) in enumerate(self._plan(), start=1):
                if not await self._step(number, name, step):
                    break
        finally:
            self._witness.close()

    async def sign_in(self, window: LoginProcess) -> None:
        """Sign in as the customer would: by keyboard, then a click on Allow."""
        await window.order("wait_load")
        await window.order("grab", path=str(self._pictures / "4-login-sign-in.png"))
        await window.order("text", text=USER_NAME)
        await window.order("key", key="Tab")
        await window.order("text", text=PASSWORD)
        await asyncio.sleep(DRAWN_WITHIN)
        await window.order("grab", path=str(self._pictures / "4-login-typed.png"))
        await window.order("key", key="Return")
        await window.order("wait_load")
        await window.order("grab", path=str(self._pictures / "4-login-allow.png"))
        await window.order("click", x=MAIN_BUTTON[0], y=MAIN_BUTTON[1])

    def _plan(self) -> list[tuple[str, Callable[[], Awaitable[str]]]]:
        return [
            ("list", self._list),
            ("credentials change", self._credentials_change),
            ("noticed and notified", self._noticed),
            ("reconnect", self._reconnect),
            ("new token", self._new_token),
            ("healthy", self._healthy),
            ("sync", self._sync),
            ("sync done", self._sync_done),
        ]

    async def _step(self, number: int, name: str, step: Callable[[], Awaitable[str]]) -> bool:
        began = time.monotonic()
        try:
            detail, ok = await step(), True
        except StepFailed as failure:
            detail, ok = str(failure), False
        except Exception as error:  # noqa: BLE001 - a tour reports, whatever happens
            _log.exception("tour step %s", name)
            detail, ok = f"{type(error).__name__}: {error}", False
        self._steps.append(StepResult(name, ok, round(time.monotonic() - began, 2), detail))
        await asyncio.sleep(0.1)
        self._desktop.window.grab().save(str(self._pictures / f"{number}-{name.replace(' ', '-')}.png"))
        return ok

    async def _list(self) -> str:
        store = self._desktop.program.store
        await self._until(
            lambda: (
                len(store.rows) > 0
                and all(row.facts.token is not None or not _checked(row) for row in store.rows.values())
                and store.sweep.checking == 0
                and store.sweep.last_at is not None
            ),
            "the list with every connection checked",
        )
        shown = self._desktop.window.model.rowCount()
        if shown != len(store.rows):
            raise StepFailed(f"{len(store.rows)} connections are known and {shown} are shown")
        await self._logged("GET", "/system/connections", 200)
        return f"{shown} connections shown: " + ", ".join(
            f"{count} {wording.health_word(health)}" for health, count in store.counts().items()
        )

    async def _credentials_change(self) -> str:
        program = self._desktop.program
        row = min(
            (row for row in program.store.rows.values() if row.health is Health.HEALTHY),
            key=lambda row: row.connection.name,
        )
        self._connection = row.id
        entry = await program.vault.token(program.account.name, row.id)
        if entry.current is None:
            raise StepFailed(f"there is no token for {row.connection.name}")
        self._token_before = entry.current.access.value
        assert program.sandbox is not None  # noqa: S101 - the tour runs on the sandbox
        await program.sandbox.control(program.http, {"action": "change_credentials", "connection": row.id})
        self._click_row()
        await self._until(lambda: self._desktop.window.table.current_id() == row.id, "the row to be selected")
        return f"{row.connection.name} changed the sign-in to {row.connection.system}"

    async def _noticed(self) -> str:
        before = len(self._witness.notified)
        self._click(self._desktop.window.top.check_now)
        self._desktop.window.showMinimized()  # what somebody has before their eyes is not announced
        await self._until(lambda: self._row().health is Health.RECONNECT_NEEDED, "Reconnect needed")
        evidence = self._row().condition.evidence
        if not self._around.bus:
            self._desktop.window.come_forward()
            return f"noticed by {wording.evidence_line(evidence)}; no bus here to notify on"
        await self._until(lambda: len(self._witness.notified) > before, "the notification")
        told = self._witness.notified[-1]
        if self._row().connection.name not in told.title:
            raise StepFailed(f"the notification speaks of something else: {told.title}")
        self._desktop.window.come_forward()
        buttons = ", ".join(filter(None, told.buttons))
        return f"“{told.title}”, buttons {buttons}; {wording.evidence_line(evidence)}"

    async def _reconnect(self) -> str:
        button = await self._button("Reconnect")
        self._click(button)
        await self._until(lambda: self._row().stage is not None, "the reconnect to begin")
        await self._until(lambda: self._row().stage is None, "the login to end")
        entry = await self._logged("POST", "/link/token", 200, grant="authorization_code")
        if not entry.get("has_code_verifier"):
            raise StepFailed("the code was exchanged without its verifier")
        return "signed in on the login page; the code was exchanged once, with its verifier"

    async def _new_token(self) -> str:
        program = self._desktop.program
        entry = await program.vault.token(program.account.name, self._connection)
        if entry.pending is not None:
            raise StepFailed("a pair is still pending")
        if entry.current is None or entry.current.access.value == self._token_before:
            raise StepFailed("the vault still holds the old token")
        where = "keychain" if self._around.keychain else "memory"
        return f"the vault ({where}) holds the new token, valid until {entry.current.expires_at:%d %B %Y}"

    async def _healthy(self) -> str:
        await self._until(
            lambda: self._row().health in (Health.HEALTHY, Health.SYNCING), "the row to turn healthy"
        )
        if self._around.bus:
            await self._until(lambda: self._witness.withdrawn > 0, "the notification to be taken back")
        return wording.evidence_line(self._row().condition.evidence)

    async def _sync(self) -> str:
        await self._until(self._caught_up, "the sync that follows a repair to end")
        await self._until(lambda: self._row().health is Health.HEALTHY, "the row to rest")
        self._click(await self._button("Sync now"))
        await self._until(lambda: _progress(self._row()) > 0, "the sync to make progress")
        await self._logged("POST", "/integrations/sync", 202)
        return sync_progress(self._row().sync) if self._row().sync else ""  # type: ignore[arg-type]

    async def _sync_done(self) -> str:
        await self._until(
            lambda: (sync := self._row().sync) is not None and not sync.state.running, "the sync to end"
        )
        sync = self._row().sync
        if sync is None or sync.state is not SyncState.COMPLETED:
            raise StepFailed("the sync did not complete")
        await self._until(lambda: self._row().health is Health.HEALTHY, "the row to be healthy again")
        return sync_result(sync)

    def _caught_up(self) -> bool:
        """Tell whether the sync that the program starts by itself after a repair has ended."""
        sync = self._row().sync
        followed = self._desktop.program.commands.orders.running(f"sync {self._connection}")
        return sync is not None and sync.kind == "manual" and not sync.state.running and not followed

    def _row(self) -> Row:
        row = self._desktop.program.store.row(self._connection)
        if row is None:
            raise StepFailed("the connection has gone")
        return row

    def _click_row(self) -> None:
        table = self._desktop.window.table
        model = self._desktop.window.model
        model.take_in()
        position = model.listing.position(self._connection)
        if position is None:
            raise StepFailed("the connection is not in the list")
        index = model.index(position, CUSTOMER_COLUMN)
        table.scrollTo(index)
        QTest.mouseClick(
            table.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            table.visualRect(index).center(),
        )

    def _click(self, widget: QWidget) -> None:
        QTest.mouseClick(
            widget,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QPoint(widget.width() // 2, widget.height() // 2),
        )

    async def _button(self, label: str) -> QAbstractButton:
        """Return the visible, enabled button of the detail with this label."""
        words = _(label)

        def found() -> QAbstractButton | None:
            detail = self._desktop.window.detail
            for button in detail.findChildren(QAbstractButton) if detail is not None else []:
                if button.isVisible() and button.isEnabled() and button.text() == words:
                    return button
            return None

        await self._until(lambda: found() is not None, f"the button “{words}”")
        button = found()
        assert button is not None  # noqa: S101 - just waited for
        return button

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + WITHIN
        while not condition():
            line = self._desktop.program.store.line
            if isinstance(line, Offline):
                raise StepFailed(f"waited for {what}; {line.words}")
            if time.monotonic() > until:
                raise StepFailed(f"waited {WITHIN:.0f} s for {what}")
            await asyncio.sleep(LOOK_EVERY)

    async def _logged(self, method: str, path: str, status: int, **values: str) -> dict[str, Any]:
        """Return the sandbox's own newest log entry of such a request."""
        program = self._desktop.program
        response = await (await program.http()).send(
            "GET", f"{program.account.api_base}/sandbox/log", priority=Priority.PERSON, headers={}
        )
        for entry in reversed(wire.decode(response.body)["requests"]):
            if (
                entry["method"] == method
                and entry["path"].split("?")[0].endswith(path)
                and entry["status"] == status
                and all(entry.get(name) == value for name, value in values.items())
            ):
                return dict(entry)
        raise StepFailed(f"the sandbox saw no {method} {path} with {status}")


def _checked(row: Row) -> bool:
    return row.health not in (Health.PENDING, Health.INACTIVE, Health.DISCONNECTED)


def _progress(row: Row) -> int:
    return (row.sync.done or 0) if row.sync is not None and row.sync.state.running else 0
