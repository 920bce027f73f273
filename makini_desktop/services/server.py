"""What is known of an account's server: what it offers, and how its API version fares.

The adapter tells what it meets, the store shows it, the database keeps it for the next run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.domain.account import Account
from makini_desktop.domain.capability import Capability, Finding
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.version import VersionNews
from makini_desktop.services.ports import Database
from makini_desktop.services.store import Store

AGREEING = 2
"""Connections that must find an endpoint missing before it counts as not offered (contract section 4)."""

SAME_NEWS_EVERY = timedelta(minutes=10)
"""How often news that says nothing new is taken in; every answer carries some."""


class Server:
    """The findings about one account's server, and the news of its version.

    Args:
        account: gives whose server it is.
        store: holds both while the program runs.
    """

    def __init__(
        self, account: Callable[[], Account], store: Store, database: Database, clock: Clock
    ) -> None:
        self._account = account
        self._store = store
        self._database = database
        self._clock = clock
        self._missed_by: dict[Capability, set[ConnectionId]] = {}
        self._said: dict[str, VersionNews] = {}
        self._unsaved: set[Capability] = set()
        self._news_unsaved = False
        self._data_version: int | None = None

    async def load(self) -> None:
        """Take up what was kept by earlier runs."""
        account = self._account().name
        findings = await self._database.findings(account)
        self._store.set_capabilities({finding.capability: finding for finding in findings})
        news = await self._database.version_news(account)
        if news is not None:
            self._said = dict.fromkeys(news.calls, news)
            self._store.set_version(news)

    async def flush(self) -> None:
        """Write what has changed since the last call.

        Raises:
            ProfileUnwritable: nothing is lost by it; the next call tries again.
        """
        account = self._account().name
        unsaved, self._unsaved = self._unsaved, set()
        news_unsaved, self._news_unsaved = self._news_unsaved, False
        try:
            if unsaved:
                findings = self._store.capabilities
                await self._database.save_findings(account, [findings[each] for each in unsaved])
            if news_unsaved and self._store.version is not None:
                await self._database.save_version_news(account, self._store.version)
        except BaseException:
            self._unsaved |= unsaved
            self._news_unsaved |= news_unsaved
            raise

    async def adopt(self) -> None:
        """Take in what another process has found out, if any has; what was seen later stays."""
        version = await self._database.data_version()
        if version == self._data_version:
            return
        self._data_version = version
        found = await self._database.findings(self._account().name)
        known = self._store.capabilities
        newer = {
            each.capability: each
            for each in found
            if each.capability not in self._unsaved
            and (each.capability not in known or known[each.capability].at <= each.at)
        }
        self._store.set_capabilities({**known, **newer})

    def lacks(self, capability: Capability) -> bool:
        """Tell whether something is not offered, and not to be tried again yet."""
        finding = self._store.capabilities.get(capability)
        return finding is not None and not finding.offered and not finding.due(self._clock.now())

    def offered(self, capability: Capability) -> None:
        """Take in that something was answered."""
        self._missed_by.pop(capability, None)
        known = self._store.capabilities.get(capability)
        if known is None or not known.offered:
            self._find(capability, offered=True)

    def missed(self, capability: Capability, connection: ConnectionId) -> None:
        """Take in that a connection whose token works elsewhere was refused something (contract section 4).

        It counts as not offered once two connections of this run agree and none was answered between. Where
        the account has one connection only, its word is enough; so is anyone's where it was found before.
        """
        missed_by = self._missed_by.setdefault(capability, set())
        missed_by.add(connection)
        known = self._store.capabilities.get(capability)
        confirmed = known is not None and not known.offered
        if confirmed or len(missed_by) >= AGREEING or self._single():
            del self._missed_by[capability]
            self._find(capability, offered=False)

    def retry(self) -> None:
        """Have everything that is not offered tried again at its next use."""
        for finding in tuple(self._store.capabilities.values()):
            if not finding.offered and not finding.retried:
                self._put(msgspec.structs.replace(finding, retried=True))

    def said(self, news: VersionNews) -> None:
        """Take in what the headers of one answer say; `calls` names the call that it answered."""
        for call in news.calls:
            self._hear(call, news)
        merged = _merged(news, self._said)
        known = self._store.version
        if known is not None and _same(known, merged) and not _aged(known, news.seen_at):
            return
        self._store.set_version(merged)
        self._news_unsaved = True

    def _hear(self, call: str, news: VersionNews) -> None:
        """Keep what one call's answer says; calls that said the same before now say what it says.

        A version is deprecated as a whole: without this, a call that is rarely made would hold on to a date
        that the server has taken back.
        """
        before = self._said.get(call)
        if before is not None and before.undated and news.undated:
            news = msgspec.structs.replace(news, deprecated_since=before.deprecated_since)
        if before is not None and _dates(before) != _dates(news):
            alike = [each for each, said in self._said.items() if _dates(said) == _dates(before)]
            self._said.update(dict.fromkeys(alike, news))
        self._said[call] = news
        self._said = {each: said for each, said in self._said.items() if said.deprecated}

    def _single(self) -> bool:
        """Tell whether the account has one connection only."""
        connected = [
            row
            for row in self._store.rows.values()
            if row.connection.readable and row.health is not Health.DISCONNECTED
        ]
        return len(connected) == 1

    def _find(self, capability: Capability, *, offered: bool) -> None:
        self._put(Finding(capability=capability, offered=offered, at=self._clock.now()))

    def _put(self, finding: Finding) -> None:
        self._store.set_capabilities({**self._store.capabilities, finding.capability: finding})
        self._unsaved.add(finding.capability)


def _merged(news: VersionNews, said: dict[str, VersionNews]) -> VersionNews:
    """Return the newest answer's version with the nearest end that any call named."""
    ends = [each for each in said.values() if each.ends_at is not None]
    leading = min(ends or said.values(), key=_first_date, default=None)
    if leading is None:
        return msgspec.structs.replace(
            news, deprecated_since=None, undated=False, ends_at=None, guide=None, calls=()
        )
    return msgspec.structs.replace(
        leading,
        version=news.version,
        guide=leading.guide or next((each.guide for each in said.values() if each.guide), None),
        successor=leading.successor
        or next((each.successor for each in said.values() if each.successor), None),
        calls=tuple(sorted(said)),
        seen_at=news.seen_at,
    )


def _first_date(news: VersionNews) -> datetime:
    return news.ends_at or news.deprecated_since or datetime.max.replace(tzinfo=UTC)


def _dates(news: VersionNews) -> tuple[datetime | None, datetime | None]:
    return news.deprecated_since, news.ends_at


def _same(one: VersionNews, other: VersionNews) -> bool:
    return msgspec.structs.replace(one, seen_at=other.seen_at) == other


def _aged(known: VersionNews, now: datetime | None) -> bool:
    return known.seen_at is None or now is None or now - known.seen_at >= SAME_NEWS_EVERY
