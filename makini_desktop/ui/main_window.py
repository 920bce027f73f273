"""The main window: places finished panels and connects them to the store and the commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QMoveEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, AccountName
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import IncidentId
from makini_desktop.services.next_action import NEEDS_PERSON
from makini_desktop.services.store import Notice, Store, Tone
from makini_desktop.ui import geometry
from makini_desktop.ui.accounts import AccountSwitch
from makini_desktop.ui.actions import Actions, can_sync, no_sync_words, wants_sign_in
from makini_desktop.ui.api_news import ApiNews
from makini_desktop.ui.look import Look, Theme
from makini_desktop.ui.models.connections import ConnectionModel
from makini_desktop.ui.pages import PageName, Pages
from makini_desktop.ui.panels.banner import Banners
from makini_desktop.ui.panels.chips import HealthChips
from makini_desktop.ui.panels.columns import Arrangement
from makini_desktop.ui.panels.list_place import ListPlace
from makini_desktop.ui.panels.notices import Notices
from makini_desktop.ui.panels.progress import ProgressLine
from makini_desktop.ui.panels.selection_bar import SelectionBar
from makini_desktop.ui.panels.status_line import StatusLine
from makini_desktop.ui.panels.table import ConnectionTable
from makini_desktop.ui.panels.top_bar import TopBar
from makini_desktop.ui.window_dialogs import WindowDialogs
from makini_desktop.ui.window_inbox import WindowInbox
from makini_desktop.ui.window_layout import WindowLayout
from makini_desktop.ui.window_menu import WindowMenus
from makini_desktop.ui.window_news import WindowNews
from makini_desktop.ui.window_repairs import WindowRepairs

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands
    from makini_desktop.ui.panels.detail import DetailPlace
    from makini_desktop.ui.surroundings import Surroundings
    from makini_desktop.ui.window_connecting import WindowConnecting

SIZE = 1320, 800
KEEP_GEOMETRY_MS = 500


class MainWindow(QMainWindow):
    """The window.

    Signals:
        painted: the first rows are on screen; once.
        account_chosen: the name of another account to show.
        account_test_wanted: the account in use is to be tested; answered through `accounts`.
        account_draft_test_wanted: an `AccountDraft` to test; answered through `accounts`.
        account_added: an `AccountDraft` to keep; answered through `accounts`.
        account_removed: the account in use is to be forgotten.

    Attributes:
        account: the one that is shown; None where there is none yet.
        accounts: shows in its dialogs what came of a test, or why an account was not kept.
        detail: built after the first frame; None before.
        dialogs: opens what is neither list nor detail.
        repairs: shows the repair queue.
        pages: opens what takes the list's place.
        surroundings: what the desktop offers and what closing means; without it closing quits.
    """

    painted = Signal()
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
        self.surroundings: Surroundings | None = None
        self.detail: DetailPlace | None = None
        self.actions_ = Actions(store, commands, clock, self)
        self.model = ConnectionModel(store, clock, self)
        self._store = store
        self._commands = commands
        self._clock = clock
        self.account = account
        self.accounts = AccountSwitch(self.look, self, lambda: len(store.rows), sandbox=sandbox)
        self.api = ApiNews(self, self.look, store, commands, clock, lambda: self.account, settings)
        self.dialogs = WindowDialogs(self, self.look, store, commands, clock)
        self._build(settings)
        self.inbox = WindowInbox(self, store, commands, clock)
        self.pages = Pages(self.stack, self.detail_place, {PageName.INBOX: self.inbox.build}, self)
        self._connect()
        self._news = WindowNews(self, store, clock)
        self.repairs = WindowRepairs(self, self.look, store, commands)
        self._menus = WindowMenus(self, store, commands, sandbox=sandbox)
        self._place(settings.get("ui.geometry"))
        self._news.tell_all()
        self.set_account(account)

    @cached_property
    def connecting(self) -> WindowConnecting:
        """What begins and ends connections; built when it is first needed."""
        from makini_desktop.ui.window_connecting import WindowConnecting

        return WindowConnecting(self, self.look, self._store, self._commands, self._clock)

    def set_account(self, account: Account | None) -> None:
        """Show which account it is, once that is settled; None where there is none yet."""
        self.account = account
        current = account.name if account is not None else None
        self.set_accounts(self.accounts.names or ([current] if current else []), current)
        self._news.choose_page(None)

    def set_accounts(self, names: Sequence[AccountName], current: AccountName | None) -> None:
        """Offer these accounts at the top, `current` ticked; None where there is none."""
        self.accounts.tell(names, current)
        self.top.account.tell(self.accounts.words())

    def show_connection(self, connection: ConnectionId) -> None:
        """Bring the window forward with this connection selected, whatever was filtered."""
        self.model.take_in()
        if self.model.listing.position(connection) is None:
            self._clear_search()
        self.pages.close()
        self.table.select([connection])
        self.come_forward()

    def show_connections(self, connections: Sequence[ConnectionId]) -> None:
        """Bring the window forward with these connections selected, whatever was filtered."""
        self.model.take_in()
        self._clear_search()
        self.pages.close()
        self.table.select(connections)
        self.come_forward()

    def show_needing(self) -> None:
        """Bring the window forward with the list of all connections that need a person."""
        self.model.take_in()
        self._clear_search()
        self.pages.close()
        self.chips.choose(NEEDS_PERSON)
        self.come_forward()

    def show_incident(self, incident: IncidentId | None) -> None:
        """Bring the window forward with the inbox open at this incident, at the newest for None."""
        self.inbox.show_incident(incident)
        self.come_forward()

    def to_list(self) -> None:
        """Show the list of connections, and let the keys reach it."""
        self.pages.close()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.table.current_id() is None and self.model.rowCount():
            self.table.selectRow(0)

    def come_forward(self) -> None:
        """Show the window above the others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def close_down(self) -> None:
        """Stop listening to the store; the window's last moment before the program ends."""
        self._news.close()
        self.repairs.close()
        if "connecting" in self.__dict__:
            self.connecting.close()
        self.inbox.close()
        self.api.close_page()
        self.model.close()
        self.status.close_down()
        self.hide()

    def tell_selection(self) -> None:
        """Say what can be done with the rows that are selected."""
        rows = [row for each in self.table.selected_ids() if (row := self._store.row(each)) is not None]
        refusal = no_sync_words(self._store, self._clock.now())
        broken = sum(wants_sign_in(row) for row in rows)
        self.selection_bar.tell(len(rows), sum(can_sync(row) for row in rows), refusal, broken=broken)

    def use_theme(self, theme: Theme) -> None:
        """Change the colours, and keep the choice."""
        self.look.use(theme)
        self._commands.save_setting("ui.theme", theme.value)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Do what closing means; the program ends by itself only, once it has cleaned up."""
        event.ignore()
        if self.surroundings is None:
            self._commands.quit()
        else:
            self.surroundings.window_closed()

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
        self.stack = ListPlace(
            look, self.table, self._clear_search, self.accounts.add, self.actions_.connect_new.trigger
        )
        self.detail_place = QStackedWidget()
        self.layout_ = WindowLayout(
            look,
            head=(self.top, self.chips),
            banners=self.banners,
            listed=(self.progress, self.stack, self.selection_bar),
            detail=self.detail_place,
            notices=self.notices,
            foot=self.status,
        )
        self._keep = QTimer(self)
        self._keep.setSingleShot(True)
        self._keep.setInterval(KEEP_GEOMETRY_MS)
        self.setCentralWidget(self.layout_)

    def _connect(self) -> None:
        self.accounts.chosen.connect(self.account_chosen)
        self.accounts.test_wanted.connect(self.account_test_wanted)
        self.accounts.draft_test_wanted.connect(self.account_draft_test_wanted)
        self.accounts.added.connect(self.account_added)
        self.accounts.removed.connect(self.account_removed)
        self.accounts.refused.connect(self._refused)
        self.pages.changed.connect(self.inbox.page_changed)
        self.status.version_pressed.connect(self.api.open_page)
        self.addActions(
            [
                self.actions_.check_everything,
                self.actions_.reconnect,
                self.actions_.repair,
                self.actions_.sync,
                self.actions_.check,
                self.actions_.connect_new,
                self.actions_.disconnect_one,
                self.actions_.copy_token,
                self.actions_.quit,
            ]
        )
        self.top.check_now.clicked.connect(self.actions_.check_everything.trigger)
        self.top.search.searched.connect(self._search)
        self.top.search.left_down.connect(self.to_list)
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self._to_search)
        self.table.selected.connect(self._selected)
        self.table.entered_row.connect(self._to_detail)
        self.table.painted.connect(self.painted)
        self.painted.connect(self._build_detail, Qt.ConnectionType.QueuedConnection)
        self.table.columns.rearranged.subscribe(self._keep_columns)
        self.chips.changed.subscribe(self._filter)
        self.chips.pressed.subscribe(self._leave_page)
        self.layout_.splitter.splitterMoved.connect(self._keep.start)
        self._keep.timeout.connect(self._keep_geometry)

    def _build_detail(self) -> None:
        from makini_desktop.ui.panels.detail import DetailPlace

        if self.detail is None:
            self.model.get_ready()
            self.detail = DetailPlace(self.look, self._store, self._commands, self._clock, self.actions_)
            self.detail.left.connect(self.to_list)
            self.detail.wanted.connect(self.show_connection)
            self.detail.incident_wanted.connect(self.show_incident)
            self.detail.adoption_wanted.connect(self.connecting.ask_adoption_now)
            self.detail.loading.connect(self._commands.load_detail)
            self.detail_place.insertWidget(0, self.detail)
            self.detail.show_connection(self.table.current_id())
            self.actions_.connect_new.triggered.connect(self.connecting.connect_new)
            self.actions_.repair_wanted.connect(self.connecting.repair)
            self.actions_.link_wanted.connect(self.connecting.show_link)
            self.actions_.disconnect_wanted.connect(self.connecting.ask_disconnect)
            self.actions_.token_wanted.connect(self.connecting.ask_token)
            self.repairs.link_wanted.connect(self.connecting.show_link_for_repair)

    # What the person does

    def _search(self, text: str) -> None:
        self.pages.close()
        self.model.search(text)

    def _filter(self, healths: frozenset[Health]) -> None:
        self.model.only(healths)

    def _leave_page(self, _nothing: None) -> None:
        self.pages.close()

    def _clear_search(self) -> None:
        self.top.search.clear()
        self.chips.clear()

    def _to_search(self) -> None:
        self.top.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.top.search.selectAll()

    def _to_detail(self) -> None:
        if self.detail is not None:
            self.detail.focus_first()

    def _selected(self) -> None:
        self.actions_.about(self.table.selected_ids())
        self.tell_selection()
        if self.detail is not None:
            self.detail.show_connection(self.table.current_id())

    def _put_version_off(self) -> None:
        self.api.put_off()
        self.api.tell(self.banners.version)

    def _refused(self, words: str) -> None:
        self.notices.tell(Notice(words=words, tone=Tone.BAD))

    # What is kept

    def _place(self, text: str | None) -> None:
        self.resize(*SIZE)
        self.layout_.divide(SIZE[0])
        geometry.restore(text, self, self.layout_.splitter)

    def _keep_geometry(self) -> None:
        self._commands.save_setting("ui.geometry", geometry.kept(self, self.layout_.splitter))

    def _keep_columns(self, arrangement: Arrangement) -> None:
        self._commands.save_setting("ui.columns", msgspec.json.encode(arrangement).decode())
