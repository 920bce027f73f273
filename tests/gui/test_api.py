"""What the window says of the API: the banner, the page, the detail's tab, and what is not offered."""

from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from makini_desktop.core import text
from makini_desktop.domain.account import VersionPlacement
from makini_desktop.domain.capability import Capability, Finding
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.request import RequestSeen
from makini_desktop.domain.version import VersionNews
from makini_desktop.services.store import Detail, Paused, Store, Sweep
from makini_desktop.services.watched import Watched
from makini_desktop.ui.links import is_web_page, open_web_page
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.models.listing import COLUMNS, Column
from makini_desktop.ui.panels.api_page import ApiPage, placement_words
from makini_desktop.ui.panels.detail import TAB_API, DetailPanel
from makini_desktop.ui.tray import tray_state
from tests.gui.conftest import ACCOUNT, FakeClock, FakeCommands, MakeWindow
from tests.gui.longer import PseudoTranslation, cut_texts
from tests.gui.rows import NOW, row

ACME, BALTIC, VEGA = ConnectionId("acme-pumps"), ConnectionId("baltic-paper"), ConnectionId("vega-steel")
GUIDE = "https://docs.example/migrate"
ENDING = VersionNews(
    version="v1",
    deprecated_since=NOW - timedelta(days=100),
    ends_at=NOW + timedelta(days=60, hours=1),
    guide=GUIDE,
    successor="https://api.example/api/v2",
    calls=("list_connections", "something new"),
    seen_at=NOW,
)
REFUSAL = "This server does not offer the starting of syncs"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses that were given to the system's browser."""
    addresses: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: addresses.append(url.toString()))
    return addresses


def page_of(window: MainWindow) -> ApiPage:
    window.api.open_page()
    assert window.api.page is not None
    return window.api.page.page


def panel_of(window: MainWindow, connection: ConnectionId) -> DetailPanel:
    window.table.select([connection])
    assert window.detail is not None
    return window.detail.panel


def lack(store: Store, *lacking: Capability) -> None:
    """Let these not be offered, and the list of connections be."""
    findings = {
        each: Finding(capability=each, offered=False, at=NOW - timedelta(hours=3)) for each in lacking
    }
    offered = Finding(capability=Capability.LIST_CONNECTIONS, offered=True, at=NOW - timedelta(hours=3))
    store.set_capabilities({**findings, Capability.LIST_CONNECTIONS: offered})


def test_a_version_that_ends_soon_is_told_across_the_window(
    store: Store, window: MainWindow, opened: list[str]
) -> None:
    banner = window.banners.version
    assert not banner.isVisible()
    store.set_version(ENDING)
    assert banner.isVisible()
    assert banner.matter.text() == "API v1 is deprecated and ends on 23 Jan 2027 (60 days)."
    assert banner.words.text() == "All 5 connections use it."
    assert banner.button.text() == "Migration guide"
    banner.button.click()
    assert opened == [GUIDE]


@pytest.mark.parametrize(
    "news",
    [
        VersionNews(version="v1"),
        VersionNews(version="v1", deprecated_since=NOW),
        VersionNews(version="v1", deprecated_since=NOW, ends_at=NOW + timedelta(days=91)),
    ],
)
def test_what_is_far_away_is_no_banner(store: Store, window: MainWindow, news: VersionNews) -> None:
    store.set_version(news)
    assert not window.banners.version.isVisible()


def test_a_version_that_has_ended_says_so(store: Store, window: MainWindow) -> None:
    store.set_version(msgspec.structs.replace(ENDING, ends_at=NOW - timedelta(days=1)))
    assert window.banners.version.matter.text() == "API v1 ended on 23 Nov 2026."


def test_later_means_in_a_week_also_after_a_restart(
    store: Store, window: MainWindow, make_window: MakeWindow, commands: FakeCommands, clock: FakeClock
) -> None:
    store.set_version(ENDING)
    window.banners.version.later.click()
    assert not window.banners.version.isVisible()
    again = make_window(settings=commands.settings)
    assert not again.banners.version.isVisible()
    clock.at = NOW + timedelta(days=7, minutes=1)
    again.api.tell(again.banners.version)
    assert again.banners.version.isVisible()


def test_a_damaged_later_is_no_obstacle(store: Store, make_window: MakeWindow) -> None:
    store.set_version(ENDING)
    for text_kept in ("soon", "2026-12-01T00:00:00"):
        assert make_window(settings={"ui.later.api": text_kept}).banners.version.isVisible()


@pytest.mark.parametrize(
    "guide", [None, "file:///etc/passwd", "javascript:alert(1)", "https:///no-host", "x"]
)
def test_only_web_pages_are_opened_and_without_one_the_page_is_shown(
    store: Store, window: MainWindow, opened: list[str], guide: str | None
) -> None:
    assert not is_web_page(guide)
    open_web_page(guide or "")
    store.set_version(msgspec.structs.replace(ENDING, guide=guide, successor=guide))
    assert window.banners.version.button.text() == "Details"
    window.banners.version.button.click()
    page = page_of(window)
    assert page.guide.isHidden()
    assert page.successor.isHidden()
    assert opened == []


def test_the_page_says_the_version_its_future_and_who_is_hit(
    store: Store, window: MainWindow, opened: list[str]
) -> None:
    store.set_version(ENDING)
    page = page_of(window)
    assert page.title.text() == "API v1"
    assert page.future.title.text() == "Ends on 23 Jan 2027, 60 days left"
    assert page.future.words.text() == (
        "Deprecated since 16 Aug 2026. As the server said on 24 Nov 2026, 11:00:00."
    )
    assert page.hit.text() == "All 5 connections use it. Said of: connection list, something new."
    page.guide.click()
    page.successor.click()
    assert opened == [GUIDE, "https://api.example/api/v2"]


def test_the_page_says_what_is_not_known_and_follows_what_is_learned(
    qtbot: QtBot, store: Store, window: MainWindow
) -> None:
    page = page_of(window)
    assert page.title.text() == "The API’s version is not known yet"
    assert page.future.title.text() == "Nothing heard yet"
    assert page.hit.isHidden()
    store.set_version(VersionNews(version="v1", seen_at=NOW))
    assert (page.title.text(), page.future.title.text()) == ("API v1", "In use and not deprecated")
    store.set_version(VersionNews(version="v1", deprecated_since=NOW, undated=True))
    assert page.future.title.text() == "Deprecated; no end is named"
    assert page.future.words.text() == "Deprecated, first seen 24 Nov 2026."
    store.put([row("Zeta Foods")])
    qtbot.waitUntil(lambda: page.hit.text() == "All 6 connections use it.")


def test_where_the_version_is_stated() -> None:
    account = msgspec.structs.replace(ACCOUNT, api_base="https://api.example", version="v1")
    assert "has not been found out" in placement_words(account)
    in_path = msgspec.structs.replace(account, version_in=VersionPlacement.PATH)
    assert placement_words(in_path) == "Stated in the path, as in https://api.example/api/v1/…"
    in_header = msgspec.structs.replace(account, version_in=VersionPlacement.HEADER)
    assert placement_words(in_header) == "Stated in the header, as X-API-Version: v1"


def test_every_endpoint_says_its_mark_and_how_it_stands_what_is_lacking_first(
    store: Store, window: MainWindow
) -> None:
    lack(store, Capability.SYNC_STATUS, Capability.START_SYNC)
    page = page_of(window)
    assert page.offers.text() == "2 things are not offered"
    lacking = page.lines[Capability.SYNC_STATUS]
    assert lacking.glyph.name == "cross"
    assert lacking.words.text() == (
        "GET /sync-status · named\n"
        "Not offered, seen 08:00; its older form is asked, then the current integration."
    )
    offered = page.lines[Capability.LIST_CONNECTIONS]
    assert offered.words.text() == "GET /system/connections · published\nOffered, seen 08:00."
    unknown = page.lines[Capability.SYNC_SETTINGS]
    assert unknown.words.text() == "GET, PUT /integrations/current/settings · ours\nNot tried yet."
    assert unknown.glyph.name == "question"
    assert "withdrawn" in page.lines[Capability.START_SYNC].words.text()
    assert max(lacking.y(), page.lines[Capability.START_SYNC].y()) < offered.y() < unknown.y()
    assert all(line.accessibleName() for line in page.lines.values())


def test_the_page_is_reached_from_the_menu_and_the_status_line_and_closes_with_the_window(
    store: Store, window: MainWindow
) -> None:
    store.set_sweep(Sweep(api_version="v1"))
    assert window.status.version.text() == "API v1"
    store.set_version(ENDING)
    assert window.status.version.text() == "API v1, deprecated"
    window.status.version.click()
    page = window.api.page
    assert page is not None
    assert page.isVisible()
    window.menu.aboutToShow.emit()
    next(each for each in window.menu.actions() if each.text() == "API…").trigger()
    assert window.api.page is page
    window.close_down()
    assert window.api.page is None


def test_the_tab_shows_version_token_and_requests(store: Store, window: MainWindow) -> None:
    vega = row("Vega Steel", token_days=20)
    assert vega.facts.token is not None
    token = msgspec.structs.replace(vega.facts.token, obtained_at=NOW - timedelta(days=3), renewable=True)
    store.put([msgspec.structs.replace(vega, facts=msgspec.structs.replace(vega.facts, token=token))])
    store.set_version(ENDING)
    window.model.take_in()
    panel = panel_of(window, VEGA)
    answered = RequestSeen(
        at=NOW, method="GET", path="/api/v1/sync-status", status=200, milliseconds=98, request_id="req_7"
    )
    refused = RequestSeen(
        at=NOW, method="POST", path="/api/v1/integrations/sync", status=404, milliseconds=1061
    )
    silent = RequestSeen(
        at=NOW,
        method="GET",
        path="/api/v1/sync-status",
        status=None,
        milliseconds=10_000,
        failure="No answer within 10 s",
    )
    store.put_detail(VEGA, Detail(requests=(answered, refused, silent)))
    panel.tabs.setCurrentIndex(TAB_API)
    assert panel.api.isVisible()
    assert panel.api.facts.shown() == {
        "Version": "v1, deprecated, ends 23 Jan 2027",
        "Token from": "21 Nov 2026, 3 days ago",
        "Token ends": "14 Dec 2026, in 20 days",
        "Renewal": "By itself, in good time",
    }
    entries = panel.api.requests.entries
    said = [entries.entry(at) for at in range(1, entries.rowCount())]
    assert [(each.headline, each.detail, each.health) for each in said] == [
        ("GET /api/v1/sync-status", "200 · 98 ms · req_7", Health.HEALTHY),
        ("POST /api/v1/integrations/sync", "404 · 1,061 ms", Health.FAILING),
        ("GET /api/v1/sync-status", "No answer within 10 s · 10,000 ms", Health.OFFLINE),
    ]


def test_where_starting_syncs_is_not_offered_it_says_why_everywhere(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    store.put([row("Vega Steel", Health.LATE)])
    window.model.take_in()
    panel = panel_of(window, VEGA)
    assert panel.primary.isEnabled()
    assert panel.sentence.text().endswith("Start one now.")
    lack(store, Capability.START_SYNC)
    assert not panel.primary.isEnabled()
    assert panel.primary.toolTip().startswith(REFUSAL)
    assert panel.lacking.isVisible()
    assert panel.lacking.text().startswith(REFUSAL)
    assert panel.sentence.text().endswith("one was due.")
    assert not window.actions_.sync.isEnabled()
    assert window.actions_.sync.toolTip().startswith(REFUSAL)
    window.table.select([VEGA, BALTIC])
    assert not window.selection_bar.sync.isEnabled()
    assert window.selection_bar.sync.toolTip().startswith(REFUSAL)
    state = tray_state([Watched(ACCOUNT.name, store, commands)], NOW)  # type: ignore[arg-type]
    assert {entry.sync_offered for entry in state.entries} == {False}


def test_a_sync_can_be_tried_again_a_day_after_it_was_not_offered(
    store: Store, window: MainWindow, clock: FakeClock
) -> None:
    lack(store, Capability.START_SYNC)
    window.table.select([VEGA])
    assert not window.actions_.sync.isEnabled()
    clock.at = NOW + timedelta(days=1)
    window.actions_.refresh()
    assert window.actions_.sync.isEnabled()


def test_a_connection_that_needs_no_sync_is_not_told_of_syncs(store: Store, window: MainWindow) -> None:
    lack(store, Capability.START_SYNC)
    panel = panel_of(window, ACME)
    assert panel.lacking.isHidden()
    assert panel.primary.isEnabled()


@pytest.mark.parametrize("size", [(1024, 640), (1320, 800)])
def test_longer_texts_are_not_cut_in_banner_tab_and_page(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    store: Store,
    make_window: MakeWindow,
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr(text, "_catalogue", PseudoTranslation())
    window = make_window(size=size)
    store.set_version(ENDING)
    lack(store, Capability.START_SYNC)
    panel_of(window, VEGA).tabs.setCurrentIndex(TAB_API)
    page_of(window)
    assert window.api.page is not None
    qtbot.waitUntil(lambda: cut_texts(window.banners) == [])
    qtbot.waitUntil(lambda: cut_texts(window.detail) == [])
    qtbot.waitUntil(lambda: cut_texts(window.api.page) == [])
    assert (window.width(), window.height()) == size


def test_ten_states_fit_one_line_of_chips(qtbot: QtBot, store: Store, make_window: MakeWindow) -> None:
    for health in (*list(Health)[:9], Health.UNKNOWN):
        store.put([row(f"Customer {health.value}", health)])
    store.remove([ConnectionId("sierra-mining"), ConnectionId("vega-steel"), ConnectionId("delta-rail")])
    window = make_window(size=(1320, 800))
    shown = [chip for chip in window.chips.chips() if not chip.isHidden()]
    assert len(shown) == 11
    qtbot.waitUntil(lambda: len({chip.y() for chip in shown}) == 1)


def test_a_clock_that_is_off_is_told_from_a_minute_on(
    store: Store, window: MainWindow, commands: FakeCommands
) -> None:
    banner = window.banners.clock
    store.set_skew(59)
    assert not banner.isVisible()
    store.set_skew(-75)
    assert banner.matter.text() == "This computer’s clock is 1 min behind Makini’s."
    banner.button.click()
    assert commands.orders == [("check_now",)]
    store.set_skew(3_700)
    assert banner.matter.text() == "This computer’s clock is 1 h ahead of Makini’s."
    store.set_skew(0)
    assert not banner.isVisible()


def test_a_paused_connection_says_so_in_its_row_and_its_detail(store: Store, window: MainWindow) -> None:
    paused = Paused(failures=5, next_at=NOW + timedelta(minutes=32))
    store.put([msgspec.structs.replace(row("Vega Steel", Health.UNKNOWN), paused=paused)])
    window.model.take_in()
    panel = panel_of(window, VEGA)
    words = "Paused after 5 failures, next try 11:32"
    assert panel.sentence.text().endswith(f" {words}.")
    position = window.model.listing.position(VEGA)
    customer = window.model.index(position, COLUMNS.index(Column.CUSTOMER))
    assert customer.data(Qt.ItemDataRole.ToolTipRole) == "Vega Steel\nPaused until 11:32"
