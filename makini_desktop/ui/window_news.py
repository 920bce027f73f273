"""What the store tells reaches the window's parts here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from makini_desktop.core.clock import Clock
from makini_desktop.domain.alerting import Mutes
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.incident import IncidentId
from makini_desktop.services.store import KeychainTrouble, Line, Notice, Online, Store, Sweep
from makini_desktop.ui.panels.banner import clock_banner, keychain_banner, line_banner
from makini_desktop.ui.panels.list_place import Page

if TYPE_CHECKING:
    from makini_desktop.ui.main_window import MainWindow


class WindowNews:
    """Listens to the store and to the list's model, and lets the parts say it anew."""

    def __init__(self, window: MainWindow, store: Store, clock: Clock) -> None:
        self._window = window
        self._store = store
        self._clock = clock
        self._unsubscribe: list[Callable[[], None]] = [
            window.model.updated.subscribe(self._rows_changed),
            window.model.rearranged.subscribe(self.choose_page),
            store.line_changed.subscribe(self._line_changed),
            store.keychain_changed.subscribe(self._keychain_changed),
            store.sweep_changed.subscribe(self._sweep_changed),
            store.version_changed.subscribe(self._version_changed),
            store.skew_changed.subscribe(self._skew_changed),
            store.capabilities_changed.subscribe(self._capabilities_changed),
            store.detail_changed.subscribe(self._detail_changed),
            store.mutes_changed.subscribe(self._mutes_changed),
            store.incidents_changed.subscribe(self._incidents_changed),
            store.adoptions_changed.subscribe(self._adoptions_changed),
            store.noticed.subscribe(self._noticed),
        ]

    def tell_all(self) -> None:
        """Say everything as it is now."""
        self._rows_changed(None)
        self._line_changed(self._store.line)
        self._keychain_changed(self._store.keychain)
        self._sweep_changed(self._store.sweep)
        self._skew_changed(self._store.skew)
        self._version_changed(None)

    def close(self) -> None:
        """Stop listening."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def choose_page(self, _nothing: None) -> None:
        """Show the list, or why there is nothing to list, and offer what makes sense with it."""
        window = self._window
        page: Page | None = None
        if not window.model.rowCount():
            if window.account is None:
                page = Page.NO_ACCOUNT
            elif len(window.model.listing):
                page = Page.NO_MATCH
            else:
                page = Page.READING if self._waiting_for_rows() else Page.NO_CONNECTIONS
        bare = page not in {None, Page.NO_MATCH}
        window.chips.setVisible(not bare)
        window.layout_.show_detail(not bare)
        window.top.search.setEnabled(not bare)
        window.top.check_now.setEnabled(window.account is not None)
        window.stack.show_page(page)

    def _rows_changed(self, _nothing: None) -> None:
        window = self._window
        window.chips.show_counts(window.model.listing.counts)
        window.actions_.refresh()
        window.api.tell(window.banners.version)
        self.choose_page(None)
        if window.detail is not None:
            window.detail.refresh()
        window.inbox.rows_changed()

    def _line_changed(self, line: Line) -> None:
        self._window.banners.line.tell(line_banner(line, self._clock.now()))
        self.choose_page(None)

    def _keychain_changed(self, trouble: KeychainTrouble | None) -> None:
        self._window.banners.keychain.tell(keychain_banner(trouble))
        self.choose_page(None)

    def _sweep_changed(self, sweep: Sweep) -> None:
        total = len(self._store.rows)
        if not total and self._window.account is not None and self._waiting_for_rows():
            self._window.progress.tell(None)
        else:
            share = (total - sweep.checking) / total if sweep.checking and total else 0.0
            self._window.progress.tell(share)
        self.choose_page(None)

    def _skew_changed(self, skew: float | None) -> None:
        self._window.banners.clock.tell(clock_banner(skew))

    def _version_changed(self, _news: object) -> None:
        self._window.api.tell(self._window.banners.version)
        if self._window.detail is not None:
            self._window.detail.refresh()

    def _capabilities_changed(self, _nothing: None) -> None:
        self._window.actions_.refresh()
        self._window.tell_selection()
        if self._window.detail is not None:
            self._window.detail.refresh()

    def _detail_changed(self, connection: ConnectionId) -> None:
        if self._window.detail is not None:
            self._window.detail.detail_changed(connection)

    def _mutes_changed(self, _mutes: Mutes) -> None:
        self._window.actions_.refresh()
        self._window.table.viewport().update()
        if self._window.detail is not None:
            self._window.detail.refresh()

    def _incidents_changed(self, _ids: frozenset[IncidentId]) -> None:
        if self._window.detail is not None:
            self._window.detail.tell_marks()

    def _adoptions_changed(self, _nothing: None) -> None:
        if self._window.detail is not None:
            self._window.detail.tell_marks()

    def _noticed(self, notice: Notice) -> None:
        self._window.notices.tell(notice)

    def _waiting_for_rows(self) -> bool:
        store = self._store
        return store.sweep.last_at is None and isinstance(store.line, Online) and store.keychain is None
