"""The bar that appears when several connections are selected; names what will happen to how many."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from makini_desktop.core.text import _, ngettext
from makini_desktop.ui.actions import Actions
from makini_desktop.ui.controls import Button, Words
from makini_desktop.ui.look import Look


class SelectionBar(QWidget):
    """The bar below the list."""

    def __init__(self, look: Look, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.words = Words(font=look.strong)
        self.repair = Button(look)
        self.check = Button(look)
        self.sync = Button(look)
        self.repair.clicked.connect(actions.repair.trigger)
        self.check.clicked.connect(actions.check.trigger)
        self.sync.clicked.connect(actions.sync.trigger)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 9, 12, 4)
        layout.setSpacing(8)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.repair)
        layout.addWidget(self.check)
        layout.addWidget(self.sync)
        self.hide()

    def tell(self, selected: int, can_sync: int, no_sync: str, *, broken: int = 0) -> None:
        """Say how many are selected; hidden for fewer than two.

        Args:
            selected: how many are selected.
            can_sync: for how many of them a sync can be started.
            broken: how many of them want a new sign-in.
            no_sync: why none can be started at all with this account, empty if that is offered.
        """
        if selected >= 2:
            self.words.setText(
                ngettext("{count} selected", "{count} selected", selected).format(count=f"{selected:,}")
            )
            self.check.setText(_("Check {count}").format(count=f"{selected:,}"))
            self.repair.setText(_("Repair {count}").format(count=f"{broken:,}"))
            self.repair.setVisible(broken > 0)
            self.sync.setText(_("Sync {count} now").format(count=f"{can_sync:,}"))
            self.sync.setEnabled(can_sync > 0 and not no_sync)
            self.sync.setToolTip(no_sync)
            self.sync.setAccessibleDescription(no_sync)
        self.setVisible(selected >= 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line above."""
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, self._look.colour("line"))
