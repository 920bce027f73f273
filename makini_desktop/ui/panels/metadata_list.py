"""Keys and values of a connection's metadata: those there are, and new ones."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.settings import Metadatum
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.fields import Labelled, LineField
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.findings import Finding


class MetadataList(QWidget):
    """The entries; none can be removed, since Makini offers no way to.

    Signals:
        edited: somebody types, or wants one more.
    """

    edited = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._known: list[tuple[str, LineField]] = []
        self.new: list[tuple[LineField, LineField]] = []
        self.nothing = Words(_("None yet."), look.body, secondary=True, wraps=True)
        self.problem = Finding(look, look.small)
        self.problem.hide()
        self.add = LinkButton(look, _("Add an entry"), flush=True)
        self.add.clicked.connect(self._add)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.nothing)
        layout.addLayout(self._rows)
        layout.addWidget(self.problem)
        layout.addWidget(self.add)

    def entries(self) -> tuple[Metadatum, ...]:
        """Return what is there as the person sees it; empty new lines are none."""
        known = [Metadatum(key, value.text()) for key, value in self._known]
        new = [(key.text().strip(), value.text()) for key, value in self.new]
        return (*known, *(Metadatum(key, value) for key, value in new if key or value))

    def show_entries(
        self, entries: tuple[Metadatum, ...] | None, known: tuple[Metadatum, ...] | None
    ) -> None:
        """Show entries; those whose key is not among the `known` ones are new, and their key can be typed.

        Args:
            entries: None where they are not known.
            known: what Makini has.
        """
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._known, self.new = [], []
        keys = {each.key for each in known or ()}
        for entry in entries or ():
            if entry.key in keys:
                self._put_known(entry)
            else:
                self._put_new(entry.key, entry.value)
        self.nothing.setVisible(entries is not None and not entries)

    def refuse(self, words: str) -> None:
        """Say what is wrong; nothing if `words` is empty."""
        self.problem.tell("cross", "reconnect", "", words)
        self.problem.setVisible(bool(words))

    def _add(self) -> None:
        self._put_new("", "")
        self.nothing.hide()
        self.new[-1][0].setFocus()
        self.edited.emit()

    def _put_known(self, entry: Metadatum) -> None:
        value = LineField(self._look, entry.value)
        value.textEdited.connect(self.edited)
        self._rows.addWidget(Labelled(self._look, entry.key, value))
        self._known.append((entry.key, value))

    def _put_new(self, key: str, value: str) -> None:
        line = QWidget()
        fields = LineField(self._look, key), LineField(self._look, value)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for field, name in zip(fields, (_("Key"), _("Value")), strict=True):
            field.setPlaceholderText(name)
            field.setAccessibleName(name)
            field.textEdited.connect(self.edited)
            layout.addWidget(field, 1)
        self._rows.addWidget(line)
        self.new.append(fields)
