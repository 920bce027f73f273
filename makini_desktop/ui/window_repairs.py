"""The repair queue in the window: its bar appears with the first queue, its report when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from makini_desktop.services.store import Store
from makini_desktop.ui.look import Look

if TYPE_CHECKING:
    from makini_desktop.domain.repair import RepairQueue
    from makini_desktop.services.commands import Commands
    from makini_desktop.ui.main_window import MainWindow
    from makini_desktop.ui.panels.repair_bar import RepairBar


class WindowRepairs(QObject):
    """Shows the queue.

    Signals:
        link_wanted: the connection of a repair whose customer is to get a link instead.

    Attributes:
        bar: None until there was a queue.
    """

    link_wanted = Signal(str)

    def __init__(self, window: MainWindow, look: Look, store: Store, commands: Commands) -> None:
        super().__init__(window)
        self.bar: RepairBar | None = None
        self._window = window
        self._look = look
        self._store = store
        self._commands = commands
        self._unsubscribe = store.repair_queue_changed.subscribe(self._changed)
        self._changed(store.repair_queue)

    def close(self) -> None:
        """Stop listening to the store."""
        self._unsubscribe()
        if self.bar is not None:
            self.bar.close_down()

    def open_report(self) -> None:
        """Show the whole queue."""
        from makini_desktop.ui.dialogs.repair_report import RepairReport

        RepairReport(self._window, self._look, self._store, lambda: self._commands.repairs).open()

    def _changed(self, queue: RepairQueue | None) -> None:
        if queue is None or self.bar is not None:
            return
        from makini_desktop.ui.panels.repair_bar import RepairBar

        self.bar = RepairBar(self._look, self._store, lambda: self._commands.repairs, self._window.banners)
        self.bar.link_wanted.connect(self.link_wanted)
        self.bar.report_wanted.connect(self.open_report)
        self._window.banners.add(self.bar)
