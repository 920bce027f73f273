"""A part of the settings that is saved by itself; what is typed and not saved yet survives everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.settings import Setting
from makini_desktop.ui.alive import while_alive
from makini_desktop.ui.controls import Button, Words
from makini_desktop.ui.look import Look


class Entry:
    """One value that can be edited.

    Args:
        read: returns what the person sees.
        show: shows a value.
        refuse: says beside it what is wrong; nothing for an empty text.
        enable: lets it be edited or not.

    Attributes:
        saved: what was read last.
    """

    def __init__(
        self,
        read: Callable[[], Any],
        show: Callable[[Any], None],
        refuse: Callable[[str], None],
        enable: Callable[[bool], None],
    ) -> None:
        self.read = read
        self.show = show
        self.refuse = refuse
        self.enable = enable
        self.saved: Any = None

    @property
    def changed(self) -> bool:
        """True if the person has changed it and not saved."""
        return bool(self.read() != self.saved)


class Section(QWidget):
    """A heading, why something is locked, the entries, and "Save" while something is changed.

    A connection's unsaved changes are kept while another is shown.

    Signals:
        saving: the changes are to be saved; answered through the function that `answer` returns.
    """

    saving = Signal()

    def __init__(self, look: Look, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: dict[str, Entry] = {}
        self.connection: ConnectionId | None = None
        self._drafts: dict[ConnectionId, dict[str, Any]] = {}
        self._busy: ConnectionId | None = None
        self.heading = Words(title, look.strong, wraps=True)
        self.locked = Words(font=look.small, secondary=True, wraps=True, selectable=True)
        self.locked.hide()
        self.save = Button(look, _("Save"), primary=True)
        self.save.setAccessibleName(_("Save: {what}").format(what=title))
        self.undo = Button(look, _("Undo"))
        self.undo.setAccessibleName(_("Undo: {what}").format(what=title))
        self.save.clicked.connect(self.want_save)
        self.undo.clicked.connect(self._undo)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(8)
        foot.addWidget(self.save)
        foot.addWidget(self.undo)
        foot.addStretch(1)
        self._foot.hide()
        self._body = QWidget()
        self.content = QVBoxLayout(self._body)
        self.content.setContentsMargins(0, 0, 0, 0)
        self.content.setSpacing(10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.heading)
        layout.addWidget(self.locked)
        layout.addWidget(self._body)
        layout.addWidget(self._foot)

    def tell(
        self,
        connection: ConnectionId,
        values: Mapping[str, Any],
        locked: Mapping[str, str],
        refused: Mapping[str, str],
    ) -> None:
        """Show what is known of a connection; what the person has changed stays as they typed it.

        Args:
            connection: whose settings.
            values: what was read, by entry.
            locked: why an entry cannot be changed.
            refused: what was wrong with the last change.
        """
        if connection != self.connection:
            self._keep_draft()
            self.connection = connection
            draft = self._drafts.pop(connection, {})
            for key, entry in self.entries.items():
                entry.saved = values[key]
                entry.show(draft.get(key, values[key]))
        else:
            for key, entry in self.entries.items():
                changed = entry.changed
                entry.saved = values[key]
                if not changed and entry.changed:
                    entry.show(values[key])
        reasons = dict.fromkeys(locked[key] for key in self.entries if key in locked)
        self.locked.setText("\n".join(reasons))
        self.locked.setVisible(bool(reasons))
        self._body.setVisible(not locked.keys() >= self.entries.keys())
        for key, entry in self.entries.items():
            entry.enable(key not in locked)
            entry.refuse(refused.get(key, ""))
        self._offer()

    def changed(self) -> dict[str, Any]:
        """Return what the person has changed and not saved, by entry."""
        return {key: entry.read() for key, entry in self.entries.items() if entry.changed}

    def edited(self, *_what: object) -> None:
        """Take in that the person types or chooses something."""
        for key in self.changed():
            self.entries[key].refuse("")
        self._offer()

    def want_save(self) -> None:
        """Have the changes saved."""
        if self.changed() and self._busy is None:
            self._busy = self.connection
            self._offer()
            self.saving.emit()

    def answer(self) -> Callable[[bool], None]:
        """Return what is to be told whether the changes were saved."""
        connection = self.connection
        return while_alive(self, lambda made: self._ended(connection, made))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return save, wherever in the section it is pressed but on a button."""
        typing = not isinstance(self.focusWidget(), QAbstractButton)
        if typing and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.changed():
            self.want_save()
            return
        super().keyPressEvent(event)

    def _ended(self, connection: ConnectionId | None, made: bool) -> None:
        self._busy = None
        if made and connection is not None:
            self._drafts.pop(connection, None)
            if connection == self.connection:
                self._undo()
        self._offer()

    def _undo(self) -> None:
        """Show again what is saved."""
        for entry in self.entries.values():
            entry.show(entry.saved)
            entry.refuse("")
        self._offer()

    def _keep_draft(self) -> None:
        if self.connection is not None and (draft := self.changed()):
            self._drafts[self.connection] = draft

    def _offer(self) -> None:
        busy = self._busy is not None and self._busy == self.connection
        self._foot.setVisible(bool(self.changed()) or busy)
        self.save.setText(_("Saving…") if busy else _("Save"))
        self.save.setEnabled(not busy)
        self.undo.setEnabled(not busy)
        self.save.updateGeometry()


def by_name(words: Mapping[Setting, str]) -> dict[str, str]:
    """Return sentences about settings by the names that the entries have."""
    return {setting.value: said for setting, said in words.items()}
