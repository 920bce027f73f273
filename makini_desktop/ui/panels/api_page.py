"""The API page: the version in use, what is said of its future, and what the account's API offers."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.domain.capability import ENDPOINTS, Capability, Finding, Provenance
from makini_desktop.domain.version import VersionNews
from makini_desktop.services import moments
from makini_desktop.services.capabilities import instead, name
from makini_desktop.services.store import Store
from makini_desktop.ui import links
from makini_desktop.ui.controls import LinkButton, Words
from makini_desktop.ui.flow_layout import FlowLayout
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels import findings

GAP = 12


class ApiPage(QWidget):
    """The page; says anew what it says with `refresh`."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Words(font=look.title, wraps=True)
        self.placement = Words(font=look.body, secondary=True, wraps=True)
        self.future = findings.Finding(look)
        self.guide = LinkButton(look, _("Migration guide"))
        self.successor = LinkButton(look, _("Successor version"))
        self.hit = Words(font=look.body, wraps=True, selectable=True)
        self.offers = Words(font=look.heading, wraps=True)
        self.lines = {capability: findings.Finding(look, look.small) for capability in Capability}
        self._order: list[Capability] = []
        self._guide, self._successor = "", ""
        self.guide.clicked.connect(self._open_guide)
        self.successor.clicked.connect(self._open_successor)
        self._lay_out(look)

    def refresh(self, store: Store, account: Account | None, now: datetime) -> None:
        """Say it anew."""
        news = store.version
        version = news.version if news is not None else store.sweep.api_version
        self.title.setText(
            _("API {version}").format(version=version) if version else _("The API’s version is not known yet")
        )
        self.placement.setText(placement_words(account))
        self.future.tell(*future(news, now))
        self._link(news)
        self.hit.setText(hit_words(news, len(store.rows)))
        self.hit.setVisible(bool(self.hit.text()))
        lacking = sum(not finding.offered for finding in store.capabilities.values())
        self.offers.setText(
            ngettext("{count} thing is not offered", "{count} things are not offered", lacking).format(
                count=lacking
            )
            if lacking
            else _("What this account’s API offers")
        )
        for capability, line in self.lines.items():
            line.tell(*standing(capability, store.capabilities.get(capability), now))
        self._arrange(sorted(Capability, key=lambda each: _rank(store.capabilities.get(each))))

    def _arrange(self, order: list[Capability]) -> None:
        if order != self._order:
            self._order = order
            for capability in order:
                self._list.removeWidget(self.lines[capability])
                self._list.addWidget(self.lines[capability])

    def _link(self, news: VersionNews | None) -> None:
        self._guide = (news.guide or "") if news is not None else ""
        self._successor = (news.successor or "") if news is not None else ""
        for button, url in ((self.guide, self._guide), (self.successor, self._successor)):
            button.setVisible(links.is_web_page(url))
            button.setToolTip(url)

    def _open_guide(self) -> None:
        links.open_web_page(self._guide)

    def _open_successor(self) -> None:
        links.open_web_page(self._successor)

    def _lay_out(self, look: Look) -> None:
        ways = FlowLayout(gap=8)
        ways.addWidget(self.guide)
        ways.addWidget(self.successor)
        indented = QHBoxLayout()
        indented.addSpacing(findings.GLYPH + 2)
        indented.addLayout(ways, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.title)
        head.addWidget(self.placement)
        layout.addLayout(head)
        layout.addWidget(self.future)
        layout.addLayout(indented)
        layout.addWidget(self.hit)
        layout.addSpacing(GAP)
        layout.addWidget(self.offers)
        layout.addWidget(Words(_marks_explained(), look.small, secondary=True, wraps=True))
        self._list = QVBoxLayout()
        self._list.setSpacing(GAP)
        layout.addLayout(self._list)


def placement_words(account: Account | None) -> str:
    """Return where the version is stated."""
    if account is None or account.version_in is None:
        return _("Where this server wants the version stated has not been found out yet.")
    if account.version_in is VersionPlacement.PATH:
        return _("Stated in the path, as in {path}").format(
            path=f"{account.api_base}/api/{account.version}/…"
        )
    return _("Stated in the header, as X-API-Version: {version}").format(version=account.version)


def future(news: VersionNews | None, now: datetime) -> tuple[str, str, str, str]:
    """Return glyph, colour, headline and words for what the server says of the version's future."""
    if news is None:
        return (
            "question",
            "away",
            _("Nothing heard yet"),
            _("The server’s answers say it, once there are any."),
        )
    seen = (
        _("As the server said on {time}.").format(time=moments.moment_exact(news.seen_at))
        if news.seen_at is not None
        else ""
    )
    if not news.deprecated:
        return "tick", "good", _("In use and not deprecated"), seen
    since = (
        (_("Deprecated, first seen {date}.") if news.undated else _("Deprecated since {date}.")).format(
            date=moments.date(news.deprecated_since)
        )
        if news.deprecated_since is not None
        else ""
    )
    left = news.days_left(now)
    if news.ends_at is None or left is None:
        headline = _("Deprecated; no end is named")
    elif news.ends_at <= now:
        headline = _("Ended on {date}").format(date=moments.date(news.ends_at))
    else:
        headline = _("Ends on {date}, {days} left").format(
            date=moments.date(news.ends_at), days=days_words(left)
        )
    words = " ".join(part for part in (since, seen) if part)
    return "warning", "failing" if news.warned(now) else "waiting", headline, words


def hit_words(news: VersionNews | None, connections: int) -> str:
    """Return which calls and how many connections a deprecation hits; empty where there is none."""
    if news is None or not news.deprecated:
        return ""
    words = users_words(connections)
    if not news.calls:
        return words
    calls = ", ".join(_call_name(call) for call in news.calls)
    return words + " " + _("Said of: {calls}.").format(calls=calls)


def users_words(connections: int) -> str:
    """Return how many connections use the version."""
    return ngettext("{count} connection uses it.", "All {count} connections use it.", connections).format(
        count=f"{connections:,}"
    )


def days_words(days: int) -> str:
    """Return a number of days."""
    return ngettext("{count} day", "{count} days", days).format(count=days)


def standing(capability: Capability, finding: Finding | None, now: datetime) -> tuple[str, str, str, str]:
    """Return glyph, colour, name and words for how one capability stands with this account."""
    endpoint = ENDPOINTS[capability]
    asked = _("{request} · {mark}").format(
        request=f"{', '.join(endpoint.methods)} {endpoint.path}", mark=_mark(endpoint.provenance)
    )
    called = title(capability)
    if finding is None:
        return "question", "away", called, f"{asked}\n" + _("Not tried yet.")
    when = moments.moment_short(finding.at, now)
    if finding.offered:
        return "tick", "good", called, f"{asked}\n" + _("Offered, seen {time}.").format(time=when)
    meaning = instead(capability)
    words = (
        _("Not offered, seen {time}; {meaning}.").format(time=when, meaning=meaning)
        if meaning
        else _("Not offered, seen {time}.").format(time=when)
    )
    return "cross", "failing", called, f"{asked}\n{words}"


def title(capability: Capability) -> str:
    """Return what a capability is called where it stands alone."""
    words = name(capability)
    return words[:1].upper() + words[1:]


def _rank(finding: Finding | None) -> int:
    """Order what is lacking before what is there, and that before what is not known."""
    return 2 if finding is None else 1 if finding.offered else 0


def _mark(provenance: Provenance) -> str:
    match provenance:
        case Provenance.PUBLISHED:
            return _("published")
        case Provenance.NAMED:
            return _("named")
        case Provenance.WITHDRAWN:
            return _("withdrawn")
        case Provenance.OURS:
            return _("ours")
        case _:
            assert_never(provenance)


def _marks_explained() -> str:
    return _(
        "Published: in Makini’s own description. Named: Makini says that it exists, not where. Withdrawn: "
        "was published once. Ours: wanted by this program, published nowhere."
    )


def _call_name(call: str) -> str:
    try:
        return name(Capability(call))
    except ValueError:
        return call
