"""The expiry calendar: which sign-ins end in the next thirty days, and renewing them before they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services.expiry import DAYS, expiry_days
from makini_desktop.services.store import Store
from makini_desktop.ui.controls import Words
from makini_desktop.ui.dialogs.frame import Dialog
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.expiry_grid import ExpiryGrid, day_words

SIZE = 520, 680
NAMES = 6
"""So many customers of a day are named."""


class ExpiryDialog(Dialog):
    """The calendar; follows the store while it is open.

    Signals:
        wanted: connections to be shown in the list.
        renewal_wanted: connections whose customers sign in again, one after the other.
    """

    wanted = Signal(object)
    renewal_wanted = Signal(object)

    def __init__(
        self,
        parent: QWidget | None,
        look: Look,
        store: Store,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(parent, look, _("Expiry calendar"))
        self._store = store
        self._now = now
        self.summary = Words(font=look.body, secondary=True, wraps=True)
        self.grid = ExpiryGrid(look)
        self.day = Words(font=look.strong, wraps=True)
        self.names = Words(font=look.body, wraps=True, selectable=True)
        for widget in (self.summary, self.grid, self.day, self.names):
            self.content.addWidget(widget)
        self.content.addStretch(1)
        self.show_button = self.add_button(_("Show in the list"), leading=True)
        self.renew = self.add_button(_("Renew early"))
        self.close_button = self.add_button(_("Close"), primary=True)
        self.show_button.clicked.connect(lambda _checked=False: self.wanted.emit(list(self._chosen())))
        self.renew.clicked.connect(self._renew)
        self.close_button.clicked.connect(self.accept)
        self.grid.chosen.connect(self._tell_day)
        self._unsubscribe = store.changed.subscribe(lambda _ids: self._tell())
        self.finished.connect(lambda _result: self._unsubscribe())
        self._tell()
        self.resize(*SIZE)
        self.grid.setFocus()

    def _tell(self) -> None:
        days = expiry_days(self._store.rows.values(), self._now())
        count = sum(len(each.connections) for each in days)
        self.summary.setText(
            ngettext(
                "{count} sign-in ends within {days} days and cannot be renewed silently.",
                "{count} sign-ins end within {days} days and cannot be renewed silently.",
                count,
            ).format(count=f"{count:,}", days=DAYS)
            if count
            else _("No sign-in ends within {days} days: all tokens renew themselves, or last longer.").format(
                days=DAYS
            )
        )
        self.grid.tell(days)
        self._tell_day()

    def _tell_day(self) -> None:
        chosen = self._chosen()
        day = self.grid.day
        self.day.setText(day_words(day.day, len(chosen)) if day is not None else "")
        names = [row.connection.name for each in chosen[:NAMES] if (row := self._store.row(each)) is not None]
        more = len(chosen) - len(names)
        if more > 0:
            names.append(ngettext("and {count} more", "and {count} more", more).format(count=f"{more:,}"))
        self.names.setText("\n".join(names))
        self.names.setVisible(bool(names))
        self.renew.setText(
            _("Renew {count} early").format(count=f"{len(chosen):,}") if chosen else _("Renew early")
        )
        self.renew.updateGeometry()
        self.renew.setEnabled(bool(chosen))
        self.show_button.setEnabled(bool(chosen))

    def _chosen(self) -> Sequence[ConnectionId]:
        day = self.grid.day
        return day.connections if day is not None else ()

    def _renew(self) -> None:
        self.renewal_wanted.emit(list(self._chosen()))
        self.accept()
