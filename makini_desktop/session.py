"""The running window: the accounts that are watched, the one that is shown, and the one way out.

Every account of the profile has a `Program` of its own on the same ground; the tray speaks for all of them,
the window shows one.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from makini_desktop.app import Program
from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.account import Account, AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError, UsageError
from makini_desktop.domain.incident import IncidentId
from makini_desktop.face import SHOWN_ACCOUNT, Face
from makini_desktop.ground import Ground
from makini_desktop.services.draft import AccountDraft, TestResult
from makini_desktop.services.duplicates import DoubtedLogin
from makini_desktop.services.options import Options
from makini_desktop.services.store import Notice, Refusing, Tone
from makini_desktop.services.watched import Watched
from makini_desktop.starts import Starts
from makini_desktop.ui.dialogs.issue_question import ask
from makini_desktop.ui.lifecycle import Lifecycle
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.presence import Presence
from makini_desktop.ui.tray import Tray

_log = logging.getLogger(__name__)
DASHBOARD = "https://app.makini.io"


class Desktop:
    """The window with the programs behind it.

    Attributes:
        program: the account that is shown.
        window: shows it; another account gets a window of its own in the same place.
        presence: where the program is while the window is closed.
        tray: speaks for all accounts.
    """

    def __init__(
        self,
        options: Options,
        ground: Ground,
        program: Program,
        window: MainWindow,
        lifecycle: Lifecycle,
        report: Callable[[BaseException], None],
    ) -> None:
        self.program = program
        self.window = window
        self.ground = ground
        self._options = options
        self._report = report
        self._tasks = Tasks(report)
        self._others: dict[AccountName, Program] = {}
        self._quitting = asyncio.Event()
        lifecycle.quit_requested.subscribe(lambda _none: self._quitting.set())
        self.presence = Presence(window, ground.settings, self._save_setting, self.quit)
        self.presence.start_at_login_wanted.subscribe(self._change_start_at_login)
        self.tray = Tray([self._watched(program)], program.clock, self.presence, self)
        self.starts = Starts(options.paths.profile, self, self._programs, self._tell)
        self._attach(program)
        self._listen(window)

    async def run(self, script: Callable[[Desktop], Awaitable[None]] | None) -> None:
        """Run until somebody quits, or the script has ended, then clean up."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, self._quitting.set)
        opening = asyncio.create_task(self._open(), name="open")
        opening.add_done_callback(self._opened)
        driving = asyncio.create_task(self._drive(opening, script), name="script") if script else None
        waiting = asyncio.create_task(self._quitting.wait(), name="quit")
        running = [task for task in (waiting, driving) if task is not None]
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (opening, *running):
                task.cancel()
            await asyncio.gather(opening, *running, return_exceptions=True)
            await self._tasks.aclose()
            self.tray.close()
            self.starts.close()
            self.window.close_down()
            async with AsyncExitStack() as closing:  # one that cannot be closed keeps no other open
                closing.push_async_callback(self.ground.aclose)
                for program in (self.program, *self._others.values()):
                    closing.push_async_callback(program.aclose)
        if driving is not None and driving.done() and not driving.cancelled():
            driving.result()  # raises what the script raised

    def show(self, account: AccountName, connection: ConnectionId | None) -> None:
        """Bring the window forward with this account, and this connection selected."""
        self._switch(account)
        if connection is None:
            self.window.come_forward()
        else:
            self.window.show_connection(connection)

    def show_needing(self, account: AccountName) -> None:
        """Bring the window forward with what needs a person in this account."""
        self._switch(account)
        self.window.show_needing()

    def show_inbox(self, account: AccountName, incident: IncidentId | None) -> None:
        """Bring the window forward with this account's inbox, open at an incident or at the newest."""
        self._switch(account)
        self.window.show_incident(incident)

    def come_forward(self) -> None:
        """Bring the window forward as it is."""
        self.window.come_forward()

    def quit(self) -> None:
        """End the program, cleaning up first."""
        self._quitting.set()

    async def _open(self) -> None:
        """Open what takes time and begin to watch; trouble is shown in the window, in words."""
        try:
            await self.ground.open()
            await self.program.open()
        except UsageError:
            self.window.set_account(None)
            self._tell_accounts()
            return
        except MakiniDesktopError as error:
            self.program.store.set_line(Refusing(self.program.clock.now(), str(error)))
            return
        self.program.watch()
        self.window.set_account(self.program.account)
        try:
            for account in await self.ground.accounts.all(sandbox=self._options.sandbox):
                if account.name != self.program.account.name:
                    await self._begin(account)
        except MakiniDesktopError as error:
            self._tell(Notice(words=str(error), tone=Tone.BAD))
        self._tell_accounts()
        if self._options.connection is not None:
            self.starts.show(self._options.connection, self._options.account)
        await self._learn_start_at_login()

    def _opened(self, opening: asyncio.Task[None]) -> None:
        """Report what no code expected: nobody waits for this task before the end of the program."""
        if not opening.cancelled() and (error := opening.exception()) is not None:
            self._report(error)

    async def _begin(self, account: Account) -> Program:
        """Watch one more account."""
        program = Program(
            self._options,
            report=self._report,
            face=Face(self._options, self.ground.settings),
            ground=self.ground,
        )
        await program.begin(account)
        self._attach(program)
        self._others[account.name] = program
        program.watch()
        return program

    async def _drive(self, opening: asyncio.Task[None], script: Callable[[Desktop], Awaitable[None]]) -> None:
        await opening
        await script(self)

    def _attach(self, program: Program) -> None:
        """Let the person's answers to an account's news and questions arrive."""
        program.alerts.show_pressed.subscribe(lambda connection: self.show(program.account.name, connection))
        self.starts.attach(program)
        program.alerts.open_pressed.subscribe(
            lambda incident: self.show_inbox(program.account.name, incident)
        )
        program.alerts.reconnect_pressed.subscribe(program.commands.reconnect)
        program.alerts.window_in_front = lambda: self.program is program and self._in_front()
        program.commands.quit_asked.subscribe(lambda _none: self.quit())
        program.commands.dashboard_asked.subscribe(_open_dashboard)
        program.commands.issuing_asked.subscribe(partial(self._ask_issuing, program))
        program.commands.link_asked.subscribe(partial(self._show_link, program))
        program.commands.login_doubted.subscribe(partial(self._ask_doubted, program))
        program.commands.adoption_asked.subscribe(partial(self._ask_adoption, program))

    def _listen(self, window: MainWindow) -> None:
        window.account_chosen.connect(self._switch)
        window.account_test_wanted.connect(lambda: self._start("test", self._test()))
        window.account_draft_test_wanted.connect(lambda draft: self._start("test", self._test_draft(draft)))
        window.account_added.connect(lambda draft: self._start("add account", self._add(draft)))
        window.account_removed.connect(lambda: self._start("remove account", self._remove()))

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(name, self._told(work))

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except MakiniDesktopError as error:
            self.window.accounts.refuse(str(error))

    def _switch(self, name: str) -> None:
        """Show another account, in a window of its own in the place of the present one."""
        program = self._others.pop(AccountName(name), None)
        if program is None:
            return
        before = self.window
        self._others[self.program.account.name] = self.program
        self.program = program
        self.window = MainWindow(
            program.store,
            program.commands,
            program.clock,
            account=program.account if program.account.name else None,
            settings=self.ground.settings,
            sandbox=self._options.sandbox,
        )
        self._listen(self.window)
        self.window.setGeometry(before.geometry())
        if before.isVisible():
            self.window.show()
        self.presence.set_window(self.window)
        before.close_down()
        before.deleteLater()
        program.commands.save_setting(SHOWN_ACCOUNT, program.account.name)
        self._tell_accounts()

    async def _add(self, draft: AccountDraft) -> None:
        account = draft.account()
        await self.ground.accounts.add(account, draft.client_secret)
        self.window.accounts.close_dialog()
        if self.program.account.name:
            await self._begin(account)
            self._switch(account.name)
            return
        await self.program.begin(account)
        self.program.watch()
        self.window.set_account(account)
        self._tell_accounts()

    async def _remove(self) -> None:
        """Forget the account that is shown, and show another; without one the window says how to add it."""
        gone = self.program
        if not self._others:
            self._others[AccountName("")] = self._nobody()
        self._switch(next(iter(self._others)))
        self._others.pop(gone.account.name, None)
        await gone.aclose()
        await self.ground.accounts.remove(gone.account)
        self._tell_accounts()

    def _nobody(self) -> Program:
        """Return a program that waits for an account to be added."""
        program = Program(
            self._options,
            report=self._report,
            face=Face(self._options, self.ground.settings),
            ground=self.ground,
        )
        self._attach(program)
        return program

    async def _test(self) -> None:
        self.window.accounts.show_results(await self.program.test())

    async def _test_draft(self, draft: AccountDraft) -> None:
        program = self._nobody()
        try:
            results: tuple[TestResult, ...] = await program.test(draft)
        finally:
            await program.aclose()
        self.window.accounts.show_results(results)

    def _tell_accounts(self) -> None:
        """Tell window and tray which accounts there are."""
        current = self.program.account.name or None
        programs = self._programs()
        self.window.set_accounts(sorted(each.account.name for each in programs), current)
        self.tray.set_watched([self._watched(program) for program in programs])

    def _watched(self, program: Program) -> Watched:
        return Watched(program.account.name, program.store, program.commands)

    def _programs(self) -> list[Program]:
        """Return the accounts there are, the shown one first."""
        return [each for each in (self.program, *self._others.values()) if each.account.name]

    def _tell(self, notice: Notice) -> None:
        self.program.store.noticed.emit(notice)

    def _in_front(self) -> bool:
        """Tell whether somebody has the window before them, or a dialog of it."""
        active = QApplication.activeWindow()
        return active is not None and (active is self.window or self.window.isAncestorOf(active))

    def _save_setting(self, key: str, value: str) -> None:
        self.program.commands.save_setting(key, value)

    async def _learn_start_at_login(self) -> None:
        start = self.ground.start_at_login
        if start is not None:
            self.presence.starts_at_login = await asyncio.to_thread(start.wanted)

    def _change_start_at_login(self, wanted: bool) -> None:
        self._tasks.start("start at login", self._want_start_at_login(wanted))

    async def _want_start_at_login(self, wanted: bool) -> None:
        start = self.ground.start_at_login
        if start is None:
            return
        try:
            await asyncio.to_thread(start.want, wanted)
        except MakiniDesktopError as error:
            self._tell(Notice(words=str(error), tone=Tone.BAD))
        await self._learn_start_at_login()

    def _show_link(self, program: Program, connection: ConnectionId) -> None:
        """Show the message for a customer, with its account in the window."""
        self._switch(program.account.name)
        self.window.connecting.show_link(connection)

    def _ask_doubted(self, program: Program, doubt: DoubtedLogin) -> None:
        """Warn before a login, with its account in the window."""
        self._switch(program.account.name)
        self.window.connecting.ask_doubted(doubt)

    def _ask_adoption(self, program: Program, old: ConnectionId) -> None:
        """Ask whether a new connection takes over, where its account is shown; its detail asks elsewhere."""
        if self.program is program:
            self.window.connecting.ask_adoption(old)

    def _ask_issuing(self, program: Program, _none: None) -> None:
        """Put the question of contract section 2, unless it was answered for this account."""
        if program.account.issue_tokens is None:
            ask(self.window, program.account.name, program.commands.answer_issuing)


def _open_dashboard(_none: None) -> None:
    QDesktopServices.openUrl(QUrl(DASHBOARD))
