"""The main window: places finished panels and connects them to the store and the commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QMoveEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QVBoxLayout, QWidget

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.store import KeychainTrouble, Line, Notice, Online, Store, Sweep, Tone
from makini_desktop.ui import geometry, window_menu
from makini_desktop.ui.accounts import AccountSwitch
from makini_desktop.ui.actions import Actions, can_sync, no_sync_words
from makini_desktop.ui.api_news import ApiNews
from makini_desktop.ui.controls import PlainSplitter, Surface
from makini_desktop.ui.look import Look, Theme
from makini_desktop.ui.models.connections import ConnectionModel
from makini_desktop.ui.panels.banner import Banners, clock_banner, keychain_banner, line_banner
from makini_desktop.ui.panels.chips import HealthChips
from makini_desktop.ui.panels.columns import Arrangement
from makini_desktop.ui.panels.list_place import ListPlace, Page
from makini_desktop.ui.panels.notices import Notices
from makini_desktop.ui.panels.progress import ProgressLine
from makini_desktop.ui.panels.selection_bar import SelectionBar
from makini_desktop.ui.panels.status_line import StatusLine
from makini_desktop.ui.panels.table import ConnectionTable
from makini_desktop.ui.panels.top_bar import TopBar

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands
    from makini_desktop.ui.panels.detail import DetailPlace

EDGE = 16
DETAIL_WIDTH = 364
KEEP_GEOMETRY_MS = 500


class MainWindow(QMainWindow):
    """The window.

    Signals:
        painted: the first rows are on screen; once.
        hid_first: closing has hidden the window for the first time; the program goes on in the tray.
        account_chosen: the name of another account to show.
        account_test_wanted: the account in use is to be tested; answered through `accounts`.
        account_draft_test_wanted: an `AccountDraft` to test; answered through `accounts`.
        account_added: an `AccountDraft` to keep; answered through `accounts`.
        account_removed: the account in use is to be forgotten.

    Attributes:
        hides_to_tray: whether closing hides the window (there is a tray) or quits.
        accounts: shows in its dialogs what came of a test, or why an account was not kept.
    """

    painted = Signal()
    hid_first = Signal()
    account_chosen = Signal(str)
    account_test_wanted = Signal()
    account_draft_test_wanted = Signal(object)
    account_added = Signal(object)
    account_removed = Signal()

    def __init__(
        self,
        store: Store,
        commands: Commands,
        clock: Clock,
        *,
        account: Account | None,
        settings: Mapping[str, str],
        sandbox: bool,
    ) -> None:
        super().__init__()
        theme = settings.get("ui.theme", "")
        self.look = Look(Theme(theme) if theme in {each.value for each in Theme} else Theme.SYSTEM)
        self.hides_to_tray = False
        self.detail: DetailPlace | None = None
        self.actions_ = Actions(store, commands, clock, self)
        self.model = ConnectionModel(store, clock, self)
        self._store = store
        self._commands = commands
        self._clock = clock
        self._account = account
        self._sandbox = sandbox
        self.accounts = AccountSwitch(self.look, self, lambda: len(store.rows), sandbox=sandbox)
        self.api = ApiNews(self, self.look, store, commands, clock, lambda: self._account, settings)
        self._told_of_tray = settings.get("ui.close") == "told"
        self._build(settings)
        self._connect()
        self._unsubscribe = self._listen()
        self._place(settings.get("ui.geometry"))
        self._rows_changed(None)
        self._line_changed(store.line)
        self._keychain_changed(store.keychain)
        self._sweep_changed(store.sweep)
        self._skew_changed(store.skew)
        self._version_changed(None)
        self.set_account(account)

    def set_account(self, account: Account | None) -> None:
        """Show which account it is, once that is settled; None where there is none yet."""
        self._account = account
        current = account.name if account is not None else None
        self.set_accounts(self.accounts.names or ([current] if current else []), current)
        self._choose_page(None)

    def set_accounts(self, names: Sequence[AccountName], current: AccountName | None) -> None:
        """Offer these accounts at the top, `current` ticked; None where there is none."""
        self.accounts.tell(names, current)
        self.top.account.tell(self.accounts.words())

    def show_connection(self, connection: ConnectionId) -> None:
        """Bring the window forward with this connection selected, whatever was filtered."""
        self.model.take_in()
        if self.model.listing.position(connection) is None:
            self.chips.choose(frozenset())
            self.top.search.clear()
        self.table.select([connection])
        self.come_forward()

    def come_forward(self) -> None:
        """Show the window above the others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def close_down(self) -> None:
        """Stop listening to the store; the window's last moment before the program ends."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.api.close_page()
        self.model.close()
        self.status.close_down()
        self.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Go on in the tray where there is one; else quit, cleaning up first."""
        event.ignore()
        if not self.hides_to_tray:
            self._commands.quit()
            return
        self.hide()
        if not self._told_of_tray:
            self._told_of_tray = True
            self._commands.save_setting("ui.close", "told")
            self.hid_first.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Build the detail once the window stands, and begin where typing makes sense."""
        super().showEvent(event)
        if self.focusWidget() is None:
            begin = self.top.search if self.top.search.isEnabled() else self.stack
            begin.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.detail is None and not self.model.rowCount():
            QTimer.singleShot(0, self, self._build_detail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the size."""
        super().resizeEvent(event)
        self._keep.start()

    def moveEvent(self, event: QMoveEvent) -> None:
        """Keep the place."""
        super().moveEvent(event)
        self._keep.start()

    def changeEvent(self, event: QEvent) -> None:
        """Repaint everything when the colours change."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.update()

    def _build(self, settings: Mapping[str, str]) -> None:
        look = self.look
        self.setWindowTitle(_("Makini Desktop"))
        self.setMinimumSize(QSize(760, 480))
        self.menu = QMenu(self)
        self.top = TopBar(look, self.accounts.menu, self.menu)
        self.chips = HealthChips(look)
        self.banners = Banners(
            look,
            self._commands.check_now,
            self._commands.retry_keychain,
            self.api.follow,
            self._put_version_off,
        )
        self.table = ConnectionTable(self.model, look, Arrangement.read(settings.get("ui.columns")))
        self.progress = ProgressLine(look)
        self.selection_bar = SelectionBar(look, self.actions_)
        self.notices = Notices(look, self.show_connection)
        self.status = StatusLine(look, self._store, self._clock)
        self.stack = ListPlace(look, self.table, self._clear_search, self.accounts.add)
        self.detail_surface = Surface(look)
        self.detail_surface.setMinimumWidth(312)
        _column(self.detail_surface, margins=(1, 1, 1, 1))
        self.splitter = PlainSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(12)
        self.splitter.setChildrenCollapsible(False)
        listed = Surface(look)
        _column(listed, self.progress, self.stack, self.selection_bar, margins=(1, 1, 1, 5))
        self.splitter.addWidget(listed)
        self.splitter.addWidget(self.detail_surface)
        self.splitter.setStretchFactor(0, 5)
        self.splitter.setStretchFactor(1, 1)
        self._keep = QTimer(self)
        self._keep.setSingleShot(True)
        self._keep.setInterval(KEEP_GEOMETRY_MS)
        head, middle, foot, whole = QWidget(), QWidget(), QWidget(), QWidget()
        _column(head, self.top, self.chips, margins=(EDGE, 12, EDGE, 10), gap=9)
        _column(middle, self.splitter, self.notices, margins=(EDGE, 8, EDGE, 0)).setStretch(0, 1)
        _column(foot, self.status, margins=(EDGE, 8, EDGE, 10))
        _column(whole, head, self.banners, middle, foot).setStretch(2, 1)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.menu.aboutToShow.connect(self._fill_menu)
        self.accounts.chosen.connect(self.account_chosen)
        self.accounts.test_wanted.connect(self.account_test_wanted)
        self.accounts.draft_test_wanted.connect(self.account_draft_test_wanted)
        self.accounts.added.connect(self.account_added)
        self.accounts.removed.connect(self.account_removed)
        self.accounts.refused.connect(self._refused)
        self.status.version_pressed.connect(self.api.open_page)
        self.addActions(
            [
                self.actions_.check_everything,
                self.actions_.reconnect,
                self.actions_.sync,
                self.actions_.check,
                self.actions_.quit,
            ]
        )
        self.top.check_now.clicked.connect(self.actions_.check_everything.trigger)
        self.top.search.searched.connect(self._search)
        self.top.search.left_down.connect(self._to_list)
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self._to_search)
        self.table.selected.connect(self._selected)
        self.table.entered_row.connect(self._to_detail)
        self.table.menu_wanted.connect(self._row_menu)
        self.table.painted.connect(self.painted)
        self.painted.connect(self._build_detail, Qt.ConnectionType.QueuedConnection)
        self.table.columns.customContextMenuRequested.connect(self._column_menu)
        self.splitter.splitterMoved.connect(self._keep.start)
        self._keep.timeout.connect(self._keep_geometry)

    def _listen(self) -> list[Callable[[], None]]:
        store = self._store
        return [
            self.chips.changed.subscribe(self._filter),
            self.model.updated.subscribe(self._rows_changed),
            self.model.rearranged.subscribe(self._choose_page),
            self.table.columns.rearranged.subscribe(self._keep_columns),
            store.line_changed.subscribe(self._line_changed),
            store.keychain_changed.subscribe(self._keychain_changed),
            store.sweep_changed.subscribe(self._sweep_changed),
            store.version_changed.subscribe(self._version_changed),
            store.skew_changed.subscribe(self._skew_changed),
            store.capabilities_changed.subscribe(self._capabilities_changed),
            store.detail_changed.subscribe(self._detail_changed),
            store.noticed.subscribe(self._noticed),
        ]

    def _build_detail(self) -> None:
        from makini_desktop.ui.panels.detail import DetailPlace

        if self.detail is None:
            self.detail = DetailPlace(self.look, self._store, self._clock, self.actions_)
            self.detail.left.connect(self._to_list)
            self.detail.wanted.connect(self.show_connection)
            self.detail.loading.connect(self._commands.load_detail)
            layout = self.detail_surface.layout()
            assert layout is not None  # noqa: S101 - given in `_build`
            layout.addWidget(self.detail)
            self.detail.show_connection(self.table.current_id())

    # What the person does

    def _search(self, text: str) -> None:
        self.model.search(text)

    def _filter(self, healths: frozenset[Health]) -> None:
        self.model.only(healths)

    def _clear_search(self) -> None:
        self.top.search.clear()
        self.chips.choose(frozenset())

    def _to_search(self) -> None:
        self.top.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.top.search.selectAll()

    def _to_list(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.table.current_id() is None and self.model.rowCount():
            self.table.selectRow(0)

    def _to_detail(self) -> None:
        if self.detail is not None:
            self.detail.focus_first()

    def _selected(self) -> None:
        self.actions_.about(self.table.selected_ids())
        self._tell_selection()
        if self.detail is not None:
            self.detail.show_connection(self.table.current_id())

    def _tell_selection(self) -> None:
        rows = [row for each in self.table.selected_ids() if (row := self._store.row(each)) is not None]
        refusal = no_sync_words(self._store, self._clock.now())
        self.selection_bar.tell(len(rows), sum(can_sync(row) for row in rows), refusal)

    def _row_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window_menu.connection_menu(menu, self.actions_)
        menu.popup(at)

    def _column_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window_menu.columns_menu(menu, self.table.columns)
        menu.popup(self.table.columns.mapToGlobal(at))

    def _fill_menu(self) -> None:
        menu = self.menu
        menu.clear()
        window_menu.theme_menu(menu.addMenu(_("Theme")), self.look, self._use_theme)
        window_menu.columns_menu(menu.addMenu(_("Columns")), self.table.columns)
        if self._sandbox:
            window_menu.sandbox_menu(menu.addMenu(_("Sandbox")), self._commands, self.table.current_id())
        menu.addSeparator()
        if self._account is not None:
            menu.addAction(_("Add connection by token…")).triggered.connect(self._add_by_token)
            menu.addAction(_("API…")).triggered.connect(self.api.open_page)
            menu.addSeparator()
        menu.addAction(self.actions_.quit)

    def _use_theme(self, theme: Theme) -> None:
        self.look.use(theme)
        self._commands.save_setting("ui.theme", theme.value)

    def _add_by_token(self) -> None:
        from makini_desktop.ui.dialogs.token import TokenDialog

        TokenDialog(self, self.look, self._commands).open()

    def _put_version_off(self) -> None:
        self.api.put_off()
        self.api.tell(self.banners.version)

    def _refused(self, words: str) -> None:
        self.notices.tell(Notice(words=words, tone=Tone.BAD))

    # What the store tells

    def _rows_changed(self, _nothing: None) -> None:
        self.chips.show_counts(self.model.listing.counts)
        self.actions_.refresh()
        self.api.tell(self.banners.version)
        self._choose_page(None)
        if self.detail is not None:
            self.detail.refresh()

    def _line_changed(self, line: Line) -> None:
        self.banners.line.tell(line_banner(line, self._clock.now()))
        self._choose_page(None)

    def _keychain_changed(self, trouble: KeychainTrouble | None) -> None:
        self.banners.keychain.tell(keychain_banner(trouble))
        self._choose_page(None)

    def _sweep_changed(self, sweep: Sweep) -> None:
        total = len(self._store.rows)
        if not total and self._account is not None and self._waiting_for_rows():
            self.progress.tell(None)
        else:
            self.progress.tell((total - sweep.checking) / total if sweep.checking and total else 0.0)
        self._choose_page(None)

    def _skew_changed(self, skew: float | None) -> None:
        self.banners.clock.tell(clock_banner(skew))

    def _version_changed(self, _news: object) -> None:
        self.api.tell(self.banners.version)
        if self.detail is not None:
            self.detail.refresh()

    def _capabilities_changed(self, _nothing: None) -> None:
        self.actions_.refresh()
        self._tell_selection()
        if self.detail is not None:
            self.detail.refresh()

    def _detail_changed(self, connection: ConnectionId) -> None:
        if self.detail is not None:
            self.detail.detail_changed(connection)

    def _noticed(self, notice: Notice) -> None:
        self.notices.tell(notice)

    # What stands in the list's place

    def _waiting_for_rows(self) -> bool:
        store = self._store
        return store.sweep.last_at is None and isinstance(store.line, Online) and store.keychain is None

    def _choose_page(self, _nothing: None) -> None:
        page: Page | None = None
        if not self.model.rowCount():
            if self._account is None:
                page = Page.NO_ACCOUNT
            elif len(self.model.listing):
                page = Page.NO_MATCH
            else:
                page = Page.READING if self._waiting_for_rows() else Page.NO_CONNECTIONS
        bare = page not in {None, Page.NO_MATCH}
        self.chips.setVisible(not bare)
        self.detail_surface.setVisible(not bare)
        self.top.search.setEnabled(not bare)
        self.top.check_now.setEnabled(self._account is not None)
        self.stack.show_page(page)

    # What is kept

    def _place(self, text: str | None) -> None:
        self.resize(1320, 800)
        self.splitter.setSizes([1320 - 2 * EDGE - 12 - DETAIL_WIDTH, DETAIL_WIDTH])
        geometry.restore(text, self, self.splitter)

    def _keep_geometry(self) -> None:
        self._commands.save_setting("ui.geometry", geometry.kept(self, self.splitter))

    def _keep_columns(self, arrangement: Arrangement) -> None:
        self._commands.save_setting("ui.columns", msgspec.json.encode(arrangement).decode())


def _column(
    parent: QWidget, *widgets: QWidget, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 0
) -> QVBoxLayout:
    layout = QVBoxLayout(parent)
    layout.setContentsMargins(*margins)
    layout.setSpacing(gap)
    for widget in widgets:
        layout.addWidget(widget)
    return layout
