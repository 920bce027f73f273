"""What a person can order: plain calls that start owned, named tasks.

There is one reconnect and one sync for each connection at a time; a second order for the same is told
so. What comes of an order is seen in the store, or told as a notice.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from makini_desktop.core.event import Event
from makini_desktop.core.text import _
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError, NotOffered
from makini_desktop.domain.login import (
    AlreadyHealthy,
    Cancelled,
    Connected,
    LoginFailed,
    LoginOutcome,
    LoginPath,
    NewConnection,
    Repaired,
    Stage,
)
from makini_desktop.domain.sync import Sync, SyncOrder, SyncState
from makini_desktop.domain.token import Secret
from makini_desktop.services.orders import Orders
from makini_desktop.services.store import Store, Tone

if TYPE_CHECKING:  # the first frame does not wait for what works behind it
    from makini_desktop.core.tasks import Tasks
    from makini_desktop.services.adoption import Adoption, Question
    from makini_desktop.services.after_repair import AfterRepair, CatchUp
    from makini_desktop.services.connecting import Connecting
    from makini_desktop.services.duplicates import DoubtedLogin, Duplicates
    from makini_desktop.services.history import History
    from makini_desktop.services.inbox import Inbox
    from makini_desktop.services.invitations import Invitations
    from makini_desktop.services.login_paths import LoginPaths
    from makini_desktop.services.monitor import Monitor
    from makini_desktop.services.ports import Database
    from makini_desktop.services.reconnect import Reconnect
    from makini_desktop.services.repairs import Repairs
    from makini_desktop.services.shown_detail import ShownDetail
    from makini_desktop.services.syncs import Syncs
    from makini_desktop.services.token_list import TokenList

_log = logging.getLogger(__name__)

_BEFORE_THE_SIGN_IN = frozenset({None, Stage.CHECKING, Stage.WAITING_FOR_LOGIN, Stage.IN_BROWSER})


class Commands:
    """The orders of window, tray and notifications.

    Attributes:
        quit_asked: the person wants the program to end.
        dashboard_asked: the person wants the vendor's dashboard in the browser.
        link_asked: a link for the customer of this connection is to be shown.
        login_doubted: a login that was ordered would make a duplicate, and is asked about first.
        adoption_asked: the old connection beside which a login has just brought a new one.
        issuing_asked: a token would have to be issued and nobody has answered yet whether that may be.
    """

    def __init__(self, store: Store, settings: dict[str, str]) -> None:
        self._store = store
        self._settings = settings
        self._unsaved: dict[str, str] = {}
        self.quit_asked: Event[None] = Event()
        self.dashboard_asked: Event[None] = Event()
        self.link_asked: Event[ConnectionId] = Event()
        self.login_doubted: Event[DoubtedLogin] = Event()
        self.adoption_asked: Event[ConnectionId] = Event()
        self.orders = Orders(store)
        self.issuing_asked = self.orders.issuing_asked

    def begin(
        self,
        *,
        tasks: Tasks,
        detail: ShownDetail,
        database: Database,
        monitor: Monitor,
        token_list: TokenList,
        reconnect: Reconnect,
        login_paths: LoginPaths,
        syncs: Syncs,
        repairs: Repairs,
        history: History,
        inbox: Inbox,
        connecting: Connecting,
        adoption: Adoption,
        after_repair: AfterRepair,
        duplicates: Duplicates,
        invitations: Invitations,
        allow_issuing: Callable[[bool], Awaitable[None]],
        open_vault: Callable[[], Awaitable[None]],
        control_sandbox: Callable[[Mapping[str, int | str | bool]], Awaitable[None]] | None,
    ) -> None:
        """Take orders from now on; a window is drawn before the services behind it are there."""
        self.orders.begin(tasks, monitor)
        self._detail = detail
        self._database = database
        self._monitor = monitor
        self._token_list = token_list
        self._reconnect = reconnect
        self.login_paths = login_paths
        self._syncs = syncs
        self.repairs = repairs
        self.history = history
        self.inbox = inbox
        self.connecting = connecting
        self.adoption = adoption
        self._after_repair = after_repair
        self.duplicates = duplicates
        self.invitations = invitations
        self._allow_issuing = allow_issuing
        self._open_vault = open_vault
        self._control_sandbox = control_sandbox
        monitor.issuing_wanted.subscribe(lambda _none: self.orders.ask_issuing())

    def check_now(self, ids: Sequence[ConnectionId] = ()) -> None:
        """Check some connections at once, or the whole account where none is named."""
        if not ids:
            self._monitor.everything_now()
        for connection in ids:
            self.orders.start(f"check {connection}", connection, self._check(connection))

    def reconnect(
        self, connection: ConnectionId, path: LoginPath | None = None, *, sure: bool = False
    ) -> None:
        """Begin a login for a connection, or ask first if it would make a duplicate.

        Args:
            connection: whose login.
            path: where, which is remembered for the system; None for what was chosen before. For a link the
                window is asked to show it.
            sure: the person was asked.
        """
        if not sure and (doubt := self.duplicates.doubted(connection, path)) is not None:
            self.login_doubted.emit(doubt)
            return
        system = row.connection.system if (row := self._store.row(connection)) is not None else ""
        path_taken = path or self.login_paths.choice(system)
        if path is not None:
            self.orders.start(f"remember {system}", None, self.login_paths.remember(system, path))
        if path_taken is LoginPath.LINK:
            self.link_asked.emit(connection)
            return
        work = self._run_reconnect(connection, path_taken)
        if not self.orders.start(f"reconnect {connection}", connection, work):
            self.orders.notice(
                _("{customer} is being reconnected already.").format(
                    customer=self.orders.customer(connection)
                ),
                Tone.PLAIN,
                connection,
            )

    def login_ended(self, connection: ConnectionId, outcome: LoginOutcome) -> None:
        """Tell how a login ended that was not begun here, and look at what it has changed."""
        self.orders.start(f"told {connection}", connection, self._told_outcome(connection, outcome))

    def cancel_reconnect(self, connection: ConnectionId) -> None:
        """Close the login of a connection; nothing is changed by it.

        Once the customer has signed in it is too late: the new token is tested and put to use, or not.
        """
        name = f"reconnect {connection}"
        row = self._store.row(connection)
        if self.orders.running(name) and row is not None and row.stage in _BEFORE_THE_SIGN_IN:
            self.orders.cancel(name)
            self.orders.notice(_said(Cancelled(), row.connection.name), Tone.PLAIN, connection)

    def add_token(self, token: Secret) -> None:
        """Take in a connection by its token alone: it is tested, and its customer appears in the list."""
        self.orders.start("add token", None, self._add_token(token))

    def sync_now(self, ids: Sequence[ConnectionId]) -> None:
        """Start an incremental sync of all entities for each connection."""
        for connection in ids:
            if not self.orders.start(f"sync {connection}", connection, self._sync(connection)):
                self.orders.notice(
                    _("A sync of {customer} is being followed already.").format(
                        customer=self.orders.customer(connection)
                    ),
                    Tone.PLAIN,
                    connection,
                )

    def follow_sync(self, connection: ConnectionId, sync: Sync) -> None:
        """Follow a sync that runs already to its end, and tell of it."""
        self.orders.start(f"sync {connection}", connection, self._follow(connection, sync))

    def adopt(self, old: ConnectionId) -> None:
        """Let the new connection beside an old one take its place; the question was answered."""
        self.orders.start(f"adopt {old}", old, self._adopt(old))

    def keep_both(self, old: ConnectionId) -> None:
        """Leave the new connection and the old one beside each other."""
        self.orders.start(f"adopt {old}", old, self.adoption.keep_both(old))

    def settle_logins(self) -> None:
        """Test the new tokens that were left pending, finish adoptions, and tell what came of each."""
        self.orders.start("settle logins", None, self._settle_logins())

    def resume_syncs(self) -> None:
        """Follow again what was running when the program last ended."""
        self.orders.start("resume syncs", None, self._resume())

    def load_detail(self, connection: ConnectionId) -> None:
        """Fetch what the detail shows beside the row, and keep this connection fresh from now on."""
        self._monitor.watch(connection)
        self._detail.show(connection)

    def answer_issuing(self, allowed: bool) -> None:
        """Keep the person's answer whether tokens may be issued for this account."""
        self.orders.start("issuing", None, self._answer_issuing(allowed))

    def open_dashboard(self) -> None:
        """Show the vendor's dashboard in the system's browser."""
        self.dashboard_asked.emit(None)

    def retry_keychain(self) -> None:
        """Try the keychain again, and look at everything again if it opens."""
        self.orders.start("keychain", None, self._retry_keychain())

    def sandbox(
        self,
        action: str,
        connection: ConnectionId | None,
        parameters: Mapping[str, int | str | bool] | None = None,
    ) -> None:
        """Make something happen in the sandbox, and look at the result."""
        self.orders.start(
            f"sandbox {action} {connection or ''}".rstrip(),
            connection,
            self._sandbox(action, connection, parameters or {}),
        )

    def save_setting(self, key: str, value: str) -> None:
        """Keep a setting."""
        self._settings[key] = value
        self._unsaved[key] = value
        self.orders.start("settings", None, self._save_settings())

    def quit(self) -> None:
        """Ask for the end of the program."""
        self.quit_asked.emit(None)

    async def _check(self, connection: ConnectionId) -> None:
        await self.orders.look(connection)

    async def _run_reconnect(self, connection: ConnectionId, path: LoginPath) -> None:
        await self._told_outcome(connection, await self._reconnect.run(connection, path))

    async def _settle_logins(self) -> None:
        try:
            outcomes = await self._reconnect.recover()
        except MakiniDesktopError as error:
            _log.warning("pending tokens not settled: %s", error)
            return
        for connection, outcome in outcomes.items():
            await self._told_outcome(connection, outcome)
        for adopted in await self.adoption.resume():
            self._tell_adopted(adopted)

    async def _told_outcome(self, connection: ConnectionId, outcome: LoginOutcome) -> None:
        request_id = outcome.request_id if isinstance(outcome, LoginFailed) else None
        self.orders.notice(
            _said(outcome, self.orders.customer(connection)),
            _tone(outcome),
            connection,
            _("request {id}").format(id=request_id) if request_id else "",
        )
        self.orders.start(f"refresh {connection}", connection, self._detail.refresh(connection))
        if (behind := await self._after_repair.learn(outcome)) is not None:
            self.orders.start(f"sync {behind}", behind, self._catch_up(behind))
        if isinstance(outcome, NewConnection):
            self.adoption_asked.emit(outcome.old)

    async def _catch_up(self, connection: ConnectionId) -> None:
        try:
            catch_up = await self._after_repair.begin(connection)
        except NotOffered as error:
            _log.info("no catch-up sync of %s: %s", connection, error)
        else:
            await self._follow(connection, catch_up.sync, catch_up)

    async def _adopt(self, old: ConnectionId) -> None:
        self._tell_adopted(await self.adoption.adopt(old))

    def _tell_adopted(self, adopted: Question) -> None:
        words = _("{customer}: the new connection has taken the place of the old one, which is disconnected.")
        self.orders.notice(
            " ".join((words.format(customer=self.orders.customer(adopted.new)), *adopted.left)),
            Tone.BAD if adopted.left else Tone.GOOD,
            adopted.new,
        )

    async def _add_token(self, token: Secret) -> None:
        row = await self._token_list.add(token)
        self.orders.notice(
            _("{customer} is added. Its token works.").format(customer=row.connection.name), Tone.GOOD, row.id
        )
        await self.orders.look(row.id)

    async def _sync(self, connection: ConnectionId) -> None:
        sync = await self._syncs.start(connection, SyncOrder())
        await self._follow(connection, sync)

    async def _resume(self) -> None:
        for connection, sync in (await self._syncs.resumed()).items():
            self.follow_sync(connection, sync)

    async def _follow(self, connection: ConnectionId, sync: Sync, catch_up: CatchUp | None = None) -> None:
        from makini_desktop.services.sync_words import sync_result  # late, as all that speaks of an end

        ended = await self._syncs.follow(connection, sync)
        good = ended.state is SyncState.COMPLETED
        missed = self._after_repair.caught_up(catch_up, ended) if catch_up is not None else ""
        self.orders.notice(
            (
                _("{customer}: sync done, {result}.")
                if good
                else _("{customer}: the sync did not succeed. {result}")
            ).format(customer=self.orders.customer(connection), result=missed or sync_result(ended)),
            Tone.GOOD if good else Tone.BAD,
            connection,
            _("request {id}").format(id=ended.request_id) if ended.request_id else "",
        )
        self.orders.start(f"refresh {connection}", connection, self._refresh(connection))

    async def _refresh(self, connection: ConnectionId) -> None:
        """Look at what an order has changed; no part of the order, which can be given again meanwhile."""
        await self.orders.look(connection)
        await self._detail.refresh(connection)

    async def _answer_issuing(self, allowed: bool) -> None:
        await self._allow_issuing(allowed)
        if allowed:
            self._monitor.everything_now()

    async def _save_settings(self) -> None:
        while self._unsaved:
            key, value = self._unsaved.popitem()
            await self._database.set_setting(key, value)

    async def _retry_keychain(self) -> None:
        await self._open_vault()
        if self._store.keychain is None:
            self._monitor.everything_now()

    async def _sandbox(
        self, action: str, connection: ConnectionId | None, parameters: Mapping[str, int | str | bool]
    ) -> None:
        if self._control_sandbox is None:
            return
        await self._control_sandbox(
            {"action": action, **({"connection": connection} if connection else {}), **parameters}
        )
        if connection is not None:
            await self.orders.look(connection)


def _said(outcome: LoginOutcome, customer: str) -> str:
    from makini_desktop.services.login_words import outcome_sentence

    return outcome_sentence(outcome, customer)


def _tone(outcome: LoginOutcome) -> Tone:
    match outcome:
        case Repaired() | AlreadyHealthy() | NewConnection() | Connected():
            return Tone.GOOD
        case Cancelled():
            return Tone.PLAIN
        case _:
            return Tone.BAD
