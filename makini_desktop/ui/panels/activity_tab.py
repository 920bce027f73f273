"""The detail's tab "Activity": the timeline, filtered by kind, searched, and exported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services.history_export import ExportForm
from makini_desktop.services.store import Detail, Row
from makini_desktop.ui.controls import Button
from makini_desktop.ui.fields import LineField
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.timeline import activity_entries
from makini_desktop.ui.panels.timeline import Timeline

PAUSE_MS = 150
"""A burst of keys is searched for once, this long after the last of them."""


class Past(Protocol):
    """The orders about a connection's past that the tab gives."""

    def find(
        self, connection: ConnectionId, kinds: frozenset[ActivityKind] | None = None, text: str = ""
    ) -> None:
        """Look for what matches; all again where neither is given."""

    def export(self, connection: ConnectionId, path: Path, form: ExportForm) -> None:
        """Write the whole history to a file."""


class ActivityTab(QWidget):
    """The tab; what is looked for stays when another connection is shown."""

    def __init__(self, look: Look, past: Callable[[], Past], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._past = past
        self._row: Row | None = None
        self.search = LineField(look)
        self.search.setPlaceholderText(_("Search"))
        self.search.setAccessibleName(_("Search the activity"))
        self.search.setMinimumWidth(80)
        self.kinds = Button(look)
        self.kinds.setAccessibleName(_("Kinds of activity"))
        menu = QMenu(self)
        self.choices = {kind: menu.addAction(kind_word(kind)) for kind in ActivityKind}
        for action in self.choices.values():
            action.setCheckable(True)
            action.toggled.connect(self._choose)
        menu.addSeparator()
        menu.addAction(_("All kinds")).triggered.connect(self._choose_all)
        self.kinds.setMenu(menu)
        self.export = Button(look)
        self.export.glyph = "export"
        self.export.setAccessibleName(_("Export"))
        self.export.setToolTip(_("Export"))
        exports = QMenu(self)
        for form in ExportForm:
            exports.addAction(f"{form.value.upper()}…").triggered.connect(partial(self._ask_where, form))
        self.export.setMenu(exports)
        self.timeline = Timeline(look, _("Activity"), _("Nothing has happened yet."))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._find)
        self.search.textChanged.connect(self._typed)
        self._name_kinds()
        tools = QHBoxLayout()
        tools.setSpacing(6)
        tools.addWidget(self.search, 1)
        tools.addWidget(self.kinds)
        tools.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 10, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(tools)
        layout.addWidget(self.timeline, 1)

    def tell(self, row: Row, detail: Detail, now: datetime) -> None:
        """Show a connection's timeline, as far as it matches; until that was looked for, what is at hand."""
        another = self._row is None or self._row.id != row.id
        self._row = row
        kinds, text = self._wanted()
        looks = kinds is not None or bool(text)
        if another and looks:
            self._find()
        at_hand = detail.activity if detail.found is None or not looks else detail.found
        activity = [each for each in at_hand if each.matches(kinds, text)]
        self.timeline.say_nothing(_("Nothing matches.") if looks else _("Nothing has happened yet."))
        self.timeline.tell(activity_entries(activity, now))

    def chosen(self) -> frozenset[ActivityKind] | None:
        """Return the kinds that are shown; None for all."""
        kinds = frozenset(kind for kind, action in self.choices.items() if action.isChecked())
        return kinds or None

    def _wanted(self) -> tuple[frozenset[ActivityKind] | None, str]:
        return self.chosen(), self.search.text().strip()

    def _typed(self, _text: str) -> None:
        self._pause.start()

    def _choose(self, _checked: bool) -> None:
        self._name_kinds()
        self._find()

    def _choose_all(self) -> None:
        for action in self.choices.values():
            action.setChecked(False)

    def _name_kinds(self) -> None:
        chosen = self.chosen()
        self.kinds.setText(
            _("All kinds")
            if chosen is None
            else kind_word(next(iter(chosen)))
            if len(chosen) == 1
            else _("{count} kinds").format(count=len(chosen))
        )
        self.kinds.updateGeometry()

    def _find(self) -> None:
        self._pause.stop()
        if self._row is not None:
            self._past().find(self._row.id, *self._wanted())

    def _ask_where(self, form: ExportForm) -> None:
        if self._row is None:
            return
        dialog = QFileDialog(self.window(), _("Export the history"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(form.value)
        dialog.setNameFilter(f"{form.value.upper()} (*.{form.value})")
        dialog.selectFile(f"{_file_name(self._row.id)}.{form.value}")
        dialog.fileSelected.connect(partial(self._write, self._row.id, form))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _write(self, connection: ConnectionId, form: ExportForm, path: str) -> None:
        self._past().export(connection, Path(path), form)


def _file_name(connection: ConnectionId) -> str:
    return "".join(each if each.isalnum() or each in "-_" else "-" for each in connection)


def kind_word(kind: ActivityKind) -> str:
    """Return what a kind of activity is called."""
    return {
        ActivityKind.HEALTH: _("Health"),
        ActivityKind.SYNC: _("Syncs"),
        ActivityKind.LOGIN: _("Logins"),
        ActivityKind.TOKEN: _("Token"),
        ActivityKind.SETTING: _("Settings"),
    }[kind]
