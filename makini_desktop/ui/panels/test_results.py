"""What "Test account" has found: tick, cross or dash, what was looked at, and words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from makini_desktop.core.text import _, ngettext
from makini_desktop.services.draft import TestResult
from makini_desktop.ui.controls import Words
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.findings import Finding
from makini_desktop.ui.panels.progress import ProgressLine


class TestResults(QWidget):
    """The list, a sentence for all of it above; empty until something was tested."""

    __test__ = False

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.findings: list[Finding] = []
        self.heading = Words(font=look.heading, wraps=True)
        self.line = ProgressLine(look, thickness=4, track=True)
        self.line.setAccessibleName(_("Progress"))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        self._layout.addWidget(self.heading)
        self._layout.addWidget(self.line)
        self.hide()

    def show_testing(self) -> None:
        """Say that the test is under way."""
        self._clear()
        self.heading.setText(_("Testing…"))
        self.line.show()
        self.line.tell(None)
        self.show()

    def show_results(self, results: Sequence[TestResult]) -> None:
        """Show what was found."""
        self._clear()
        self.line.hide()
        faults = sum(result.ok is False for result in results)
        self.heading.setText(
            ngettext("{count} thing is wrong", "{count} things are wrong", faults).format(count=faults)
            if faults
            else _("This account works")
        )
        for result in results:
            finding = Finding(self._look)
            finding.tell(*_GLYPHS[result.ok], result.subject, result.words)
            finding.setAccessibleName(f"{result.subject}, {_standing(result.ok)}: {result.words}")
            self.findings.append(finding)
            self._layout.addWidget(finding)
            finding.show()  # at once, so that the dialog finds its new height
        self.show()

    def forget(self) -> None:
        """Take away what was found: it is about something else than what stands there now."""
        self._clear()
        self.hide()

    def _clear(self) -> None:
        for finding in self.findings:
            self._layout.removeWidget(finding)
            finding.hide()
            finding.deleteLater()
        self.findings.clear()


_GLYPHS: dict[bool | None, tuple[str, str]] = {
    True: ("tick", "good"),
    False: ("cross", "reconnect"),
    None: ("dash", "away"),
}


def _standing(ok: bool | None) -> str:
    return _("worth knowing") if ok is None else _("fine") if ok else _("wrong")
