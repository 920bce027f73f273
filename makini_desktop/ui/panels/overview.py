"""The facts of a connection, to read and to copy."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from makini_desktop.core.text import _
from makini_desktop.domain.health import Health
from makini_desktop.services import moments
from makini_desktop.services.store import Row
from makini_desktop.services.wording import sync_result
from makini_desktop.ui.controls import Words
from makini_desktop.ui.look import Look


def facts(row: Row, now: datetime) -> list[tuple[str, str]]:
    """Return names and values, those without a value left out."""
    connection = row.connection
    token = row.facts.token
    ends = moments.token_ends_at(row)
    good, following = moments.last_good_at(row), moments.next_at(row)
    interval = row.facts.interval_seconds
    if token is not None and not token.present:
        token_words = _("None of ours; watched by the list")
    elif ends is not None:
        token_words = (
            _("{date}, in {span}").format(date=moments.date(ends), span=moments.span(ends - now))
            if ends > now
            else _("Ended {date}").format(date=moments.date(ends))
        )
    else:
        token_words = ""
    listed = [
        (_("Last good sync"), moments.moment_exact(good) if good else ""),
        (_("Last sync"), sync_result(row.sync) if row.sync is not None else ""),
        (_("Records"), _records(row)),
        (_("Next sync"), moments.moment_short(following, now) if following and _runs(row) else ""),
        (
            _("Interval"),
            _("every {span}").format(span=moments.span(timedelta(seconds=interval))) if interval else "",
        ),
        (_("Token ends"), token_words),
        (_("Connected"), moments.moment_exact(connection.connected_at) if connection.connected_at else ""),
        (_("Created"), moments.moment_exact(connection.created_at) if connection.created_at else ""),
        (_("Email"), connection.email),
        (_("Entities"), ", ".join(connection.scopes)),
        (_("Tags"), ", ".join(connection.tags)),
        (_("Connection id"), connection.id),
    ]
    return [(name, value) for name, value in listed if value]


class Overview(QWidget):
    """Names on the left, values on the right."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._lines: list[tuple[Words, Words]] = []
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 10, 0, 8)
        self._layout.setHorizontalSpacing(16)
        self._layout.setVerticalSpacing(7)
        self._layout.setColumnStretch(1, 1)

    def tell(self, row: Row, now: datetime) -> None:
        """Show a connection's facts."""
        listed = facts(row, now)
        while len(self._lines) < len(listed):
            self._add_line()
        for at, (name, value) in enumerate(self._lines):
            shown = at < len(listed)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                name.setText(listed[at][0])
                value.setText(listed[at][1])

    def _add_line(self) -> None:
        at = len(self._lines)
        name = Words(font=self._look.body, secondary=True)
        value = Words(font=self._look.body, wraps=True, selectable=True)
        self._layout.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(value, at, 1, Qt.AlignmentFlag.AlignTop)
        self._layout.setRowStretch(at, 0)
        self._layout.setRowStretch(at + 1, 1)
        self._lines.append((name, value))


def _runs(row: Row) -> bool:
    return row.health not in {Health.RECONNECT_NEEDED, Health.DISCONNECTED, Health.INACTIVE, Health.PENDING}


def _records(row: Row) -> str:
    if row.sync is None or row.sync.state.running or not row.sync.records.total:
        return ""
    records = row.sync.records
    return _("{created} new, {updated} changed, {deleted} removed").format(
        created=f"{records.created:,}", updated=f"{records.updated:,}", deleted=f"{records.deleted:,}"
    )
