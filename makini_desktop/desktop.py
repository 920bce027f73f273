"""The window's program: Qt and asyncio on one loop, the parts put together, one way in and one way out.

The order is that of what a person sees: rows of the last run first, then everything that takes time.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile
from PySide6.QtWidgets import QApplication

from makini_desktop.core.text import _
from makini_desktop.domain.errors import ProfileInUse
from makini_desktop.face import Face
from makini_desktop.services.options import Options
from makini_desktop.ui.application import make_application
from makini_desktop.ui.lifecycle import Lifecycle
from makini_desktop.ui.main_window import MainWindow

if TYPE_CHECKING:  # the first frame does not wait for what works behind it
    from makini_desktop.adapters.login import Orders
    from makini_desktop.domain.account import Account
    from makini_desktop.session import Desktop

FIRST_FRAME_WITHIN = 0.5
"""Seconds after which the program goes on where the window is not painted at once, as when minimised."""

Script = Callable[["Desktop"], Awaitable[None]]
"""What the tour does with the running program; the program ends after it."""


def run_window(
    options: Options,
    script: Script | None = None,
    orders: Orders | None = None,
    say: Callable[[str], None] = lambda words: None,
) -> int:
    """Show the window until it is quit, or hand what was asked for to the window that is there already.

    Args:
        options: what was asked for.
        script: drives the window instead of a person, as the tour does.
        orders: drives the login window likewise.
        say: told why this start ends at once.

    Returns:
        The exit code.

    Raises:
        ProfileInUse: another window has this profile folder, and does not answer.
    """
    options.paths.create()
    application = make_application(sys.argv[1:2])
    lock = QLockFile(str(options.paths.locks / "window.lock"))
    lock.setStaleLockTime(0)
    if not lock.tryLock(0):
        say(_hand_over(options))
        return 0
    face = Face(options)
    face.show_cached()
    window = MainWindow(
        face.store,
        face.commands,
        face.clock,
        account=face.account or (_account_to_come() if options.sandbox else None),
        settings=face.settings,
        sandbox=options.sandbox,
    )
    quietly = options.minimised and face.account is not None
    if not quietly:  # who has no account yet is not to wonder where the program is
        window.show()
        _paint(application, window)
    gc.enable()
    try:
        return _go_on(options, application, face, window, script, orders, quietly=quietly)
    finally:
        lock.unlock()


def _hand_over(options: Options) -> str:
    """Ask the window that is there for what was asked here, and return what to say of it.

    Raises:
        ProfileInUse: it does not answer.
    """
    import os

    from makini_desktop.ui.single_instance import SecondStart, call_first_window

    asked = SecondStart(
        account=options.account,
        connection=options.connection,
        minimised=options.minimised,
        activation=os.environ.get("XDG_ACTIVATION_TOKEN", ""),
    )
    if not call_first_window(options.paths.profile, asked):
        raise ProfileInUse(_("A window has this profile folder open already, and does not answer."))
    if options.minimised:
        return _("A window has this profile folder open already.")
    return _("A window has this profile folder open already; it was brought to the front.")


def _paint(application: QApplication, window: MainWindow) -> None:
    """Let the window paint its first frame, before anything slower is imported and no loop runs yet."""
    painted: list[bool] = []
    window.painted.connect(lambda: painted.append(True))
    until = time.monotonic() + FIRST_FRAME_WITHIN
    while window.model.rowCount() and not painted and time.monotonic() < until:
        application.processEvents()


def _icon(path: Path) -> str:
    """Return what a notification's picture is called: by name where the program is installed, else a file."""
    from PySide6.QtGui import QIcon

    from makini_desktop.ui.icons import application_icon

    if QIcon.hasThemeIcon("makini-desktop") or not application_icon().pixmap(64).save(str(path)):
        return "makini-desktop"
    return path.as_uri()


def _account_to_come() -> Account:
    from makini_desktop.app import NO_ACCOUNT

    return NO_ACCOUNT


def _go_on(
    options: Options,
    application: QApplication,
    face: Face,
    window: MainWindow,
    script: Script | None,
    orders: Orders | None,
    *,
    quietly: bool,
) -> int:
    """Build the program behind the window and run both."""
    import asyncio
    import logging

    import qasync  # type: ignore[import-untyped]

    from makini_desktop.adapters.autostart.kinds import start_at_login
    from makini_desktop.app import Program
    from makini_desktop.core.logs import start_log
    from makini_desktop.ground import Ground, desktop_notifier, system_power
    from makini_desktop.session import Desktop
    from makini_desktop.ui.faults import Faults
    from makini_desktop.ui.icons import application_icon

    application.setWindowIcon(application_icon())
    log = start_log(options.paths.log)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    faults = Faults(face.store.noticed.emit)
    faults.install(loop)
    ground = Ground(
        options,
        face.settings,
        notifier=desktop_notifier(_icon(options.paths.icon)),
        start_at_login=start_at_login(options),
        power=system_power(),
        memory_if_closed=True,
        orders=orders,
    )
    program = Program(options, report=faults.report, face=face, ground=ground)

    async def run() -> None:
        desktop = Desktop(options, ground, program, window, Lifecycle(application), faults.report)
        if quietly:
            desktop.presence.leave()
        await desktop.run(script)

    try:
        loop.run_until_complete(run())
    finally:
        faults.uninstall()
        loop.close()
        logging.getLogger("makini_desktop").removeHandler(log)
        log.close()
    return 0
