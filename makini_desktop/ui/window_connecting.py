"""Beginning and end of connections in the window: new customers, links, questions, and the token on its way.

Built, with all that it opens, when it is first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services import adoption_words
from makini_desktop.services.store import Store
from makini_desktop.ui.alive import while_alive
from makini_desktop.ui.dialogs.question import ask
from makini_desktop.ui.look import Look
from makini_desktop.ui.panels.connect_bar import ConnectBar
from makini_desktop.ui.panels.token_bar import TokenBar
from makini_desktop.ui.secret_clipboard import SecretClipboard

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands
    from makini_desktop.services.duplicates import DoubtedLogin
    from makini_desktop.services.hand_over import HandedToken
    from makini_desktop.ui.main_window import MainWindow


class WindowConnecting(QObject):
    """Opens dialogs and questions, and shows what comes of them.

    Attributes:
        clipboard: holds a token that was copied, for half a minute.
        connect_bar: shows a new customer's sign-in; None until there was one.
        token_bar: tells of the token on the clipboard; None until there was one.
    """

    def __init__(
        self, window: MainWindow, look: Look, store: Store, commands: Commands, clock: Clock
    ) -> None:
        super().__init__(window)
        self.clipboard = SecretClipboard(self)
        self.connect_bar: ConnectBar | None = None
        self.token_bar: TokenBar | None = None
        self._window = window
        self._look = look
        self._store = store
        self._commands = commands
        self._clock = clock
        self._asking: QDialog | None = None
        self._to_ask: list[ConnectionId] = []
        self._unsubscribe = store.repair_queue_changed.subscribe(lambda _queue: self._ask_next())

    def close(self) -> None:
        """Take what is secret off the clipboard, and stop listening."""
        self._unsubscribe()
        self.clipboard.clear()
        if self.connect_bar is not None:
            self.connect_bar.close_down()

    def connect_new(self) -> None:
        """Ask who is to be connected, and how."""
        from makini_desktop.ui.dialogs.connect import ConnectDialog

        if self.connect_bar is None:
            self.connect_bar = ConnectBar(self._look, self._commands.connecting, self._window.banners)
            self._window.banners.add(self.connect_bar)
        dialog = ConnectDialog(self._window, self._look, self._store, self._commands, self._clock.now)
        dialog.connections_wanted.connect(self._window.show_connections)
        dialog.open()

    def show_link(self, connection: ConnectionId) -> None:
        """Show the message with which a customer signs in themselves."""
        self._open_link(connection, None)

    def show_link_for_repair(self, connection: ConnectionId) -> None:
        """Show the message; once it went its way, the repair queue goes on with the next."""
        self._open_link(connection, self._commands.repairs.link_sent)

    def repair(self, ids: Sequence[ConnectionId]) -> None:
        """Repair these one after the other; warn first if their logins would make duplicates."""
        warnings = [self._commands.duplicates.before_reconnect(each) for each in ids]
        first = next(filter(None, warnings), None)
        if first is None:
            self._commands.repairs.start(ids)
            return
        ask(
            self._window,
            title=_("Second connections?"),
            question=_("Repair them all the same?"),
            consequences=first.words,
            yes=_("Repair"),
            agreed=lambda: self._commands.repairs.start(ids),
        )

    def ask_doubted(self, doubt: DoubtedLogin) -> None:
        """Warn before a login that would make a duplicate."""
        self._come_forward()
        ask(
            self._window,
            title=_("A second connection?"),
            question=_("Sign in all the same?"),
            consequences=doubt.words,
            yes=_("Sign in"),
            agreed=lambda: self._commands.reconnect(doubt.connection, doubt.path, sure=True),
        )

    def ask_adoption(self, old: ConnectionId) -> None:
        """Ask whether a new connection takes the place of an old one; after the repair queue, if one runs."""
        if old not in self._to_ask:
            self._to_ask.append(old)
        self._ask_next()

    def ask_adoption_now(self, old: ConnectionId) -> None:
        """Ask it, because the person wants to decide."""
        new = self._store.adoptions.get(old)
        row = self._store.row(old)
        if new is None or self._asking is not None:
            return
        self._asking = ask(
            self._window,
            title=_("Take over?"),
            question=adoption_words.adoption_question(row.connection.name if row is not None else old),
            consequences=adoption_words.adoption_consequences(old, new),
            yes=_("Take over"),
            agreed=lambda: self._commands.adopt(old),
            no=_("Keep both"),
            refused=lambda: self._commands.keep_both(old),
        )
        self._asking.finished.connect(self._asked)

    def ask_disconnect(self, connection: ConnectionId) -> None:
        """Ask whether a connection is to be ended."""
        question, consequences = self._commands.connecting.disconnect_question(connection)
        ask(
            self._window,
            title=_("Disconnect?"),
            question=question,
            consequences=consequences,
            yes=_("Disconnect"),
            agreed=lambda: self._commands.connecting.disconnect(connection),
        )

    def ask_token(self, connection: ConnectionId) -> None:
        """Ask whether a token is to be copied."""
        question, consequences = self._commands.connecting.token_question(connection)
        ask(
            self._window,
            title=_("Copy token?"),
            question=question,
            consequences=consequences,
            yes=_("Copy token"),
            agreed=lambda: self._commands.connecting.copy_token(
                connection, while_alive(self, lambda handed: self._copy(connection, handed))
            ),
            careful=False,
        )

    def _copy(self, connection: ConnectionId, handed: HandedToken) -> None:
        if self.token_bar is None:
            self.token_bar = TokenBar(self._look, self.clipboard, self._window.banners)
            self._window.banners.add(self.token_bar)
        row = self._store.row(connection)
        self.token_bar.about(row.connection.name if row is not None else connection, handed)
        self.clipboard.copy(handed.token)

    def _open_link(self, connection: ConnectionId, went: Callable[[], None] | None) -> None:
        from makini_desktop.ui.dialogs.link import LinkDialog

        row = self._store.row(connection)
        if row is None:
            return
        self._come_forward()
        dialog = LinkDialog(self._window, self._look, row, self._commands.invitations)
        if went is not None:
            dialog.went.connect(went)
        dialog.open()

    def _ask_next(self) -> None:
        queue = self._store.repair_queue
        busy = queue is not None and not queue.is_ended and not queue.paused
        self._to_ask = [old for old in self._to_ask if old in self._store.adoptions]
        if self._to_ask and not busy and self._asking is None:
            self._come_forward()
            self.ask_adoption_now(self._to_ask.pop(0))

    def _asked(self, _result: int) -> None:
        self._asking = None
        self._ask_next()

    def _come_forward(self) -> None:
        if not self._window.isVisible() or self._window.isMinimized():
            self._window.come_forward()
