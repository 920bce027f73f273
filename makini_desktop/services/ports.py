"""What services ask of the world outside; adapters make each of these real.

Every method may raise errors of `makini_desktop.domain.errors` only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import Enum
from typing import Generic, Protocol, TypeVar

import msgspec

from makini_desktop.core.event import Event
from makini_desktop.domain.account import Account, AccountName, Client, VersionPlacement
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.capability import Finding
from makini_desktop.domain.connection import Connection, ConnectionId, ConnectionStatus, Integration
from makini_desktop.domain.health import Health
from makini_desktop.domain.history import HealthChange, HealthHistory
from makini_desktop.domain.incident import Incident
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.request import RequestSeen
from makini_desktop.domain.settings import Metadatum, SyncSchedule, Webhook
from makini_desktop.domain.sync import Sync, SyncOrder, SyncStatus
from makini_desktop.domain.token import Secret, TokenEntry, TokenPair
from makini_desktop.domain.version import VersionNews
from makini_desktop.services.store import StoredConnection

T = TypeVar("T")


class Answer(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A server's answer with what is needed to cite it.

    Attributes:
        at: when it arrived, in UTC.
        detail: the request and result in short, for example "connection status, 200".
        whole: False for a list's page after which the list broke off: what is not in it may still be there.
    """

    value: T
    at: datetime
    request_id: str | None = None
    detail: str = ""
    whole: bool = True


class Priority(Enum):
    """What a person just clicked goes before what the program does by itself."""

    PERSON = 0
    BACKGROUND = 1


class Api(Protocol):
    """One account's Makini API (contract sections 1 to 4).

    Calls raise `TokenRejected` for a 401 that a refresh may cure, `ReconnectNeeded` for one that it
    cannot, `NotOffered` where the server lacks the endpoint, `VersionNotSpoken` where it no longer has
    what every server has.
    """

    async def client(self) -> Answer[Client]:
        """Return what Makini says about the account."""

    async def place_version(self) -> VersionPlacement:
        """Find out anew where the server wants the version (contract section 1).

        Raises:
            VersionNotSpoken: it does not speak the account's version at all.
        """

    def connection_pages(self) -> AsyncIterator[Answer[tuple[Connection, ...]]]:
        """Yield all pages of the connection list; a bad row is an unreadable `Connection`.

        Where the server's link to the next page cannot be followed, the list ends with that page, whose
        `whole` is False.
        """

    async def platforms(self) -> Answer[tuple[Platform, ...]]:
        """Return the systems that a customer can connect; a row without a key is left out."""

    async def create_connection(
        self, name: str, email: str, platform: str, credentials: Mapping[str, Secret]
    ) -> TokenPair:
        """Create a connection by the credentials of the customer's system, without a login.

        Returns:
            Its pair; `integration` tells whose it is.
        """

    async def disconnect(self, connection: ConnectionId) -> Answer[None]:
        """End a connection by the administrator's right; its tokens die at once.

        Raises:
            ConnectionGone: the server does not know it (404).
        """

    async def disconnect_self(self, token: Secret) -> Answer[None]:
        """End the connection that a token belongs to; its tokens die at once.

        Raises:
            ConnectionGone: the server does not know it (404).
        """

    async def metadata(self, connection: ConnectionId) -> Answer[tuple[Metadatum, ...]]:
        """Return what the account keeps at Makini about a connection."""

    async def set_metadata(self, connection: ConnectionId, entries: Sequence[Metadatum]) -> Answer[None]:
        """Add entries, or replace those of the same key; none can be removed."""

    async def issue_token(self, connection: ConnectionId) -> TokenPair:
        """Issue a new token by the administrator's right; it may end every older one."""

    async def exchange_code(self, code: Secret, redirect_uri: str, verifier: Secret) -> TokenPair:
        """Exchange a login's code, once, for a pair (contract section 2, step 4)."""

    async def refresh(self, refresh: Secret) -> TokenPair:
        """Return a new pair; the old one dies with the answer. `ReconnectNeeded` if it was dead already."""

    def token_end(self, token: Secret) -> datetime | None:
        """Return when a token ends by its own claim, None where it makes none."""

    async def integration(self, token: Secret, priority: Priority) -> Answer[Integration]:
        """Return whose token this is."""

    async def status(self, token: Secret, priority: Priority) -> Answer[ConnectionStatus]:
        """Return the server's own check of the connection."""

    async def sync_status(self, token: Secret, priority: Priority) -> Answer[SyncStatus]:
        """Return the state of the syncs, from whichever endpoint the server has."""

    async def start_sync(self, token: Secret, order: SyncOrder, idempotency_key: str) -> Answer[Sync]:
        """Start a sync; a retry under one key never starts a second.

        Raises:
            SyncUnderWay: one is running; the error carries it.
        """

    async def syncs(self, token: Secret, limit: int, priority: Priority) -> Answer[tuple[Sync, ...]]:
        """Return the newest syncs, the newest first."""

    async def schedule(self, token: Secret, priority: Priority) -> Answer[SyncSchedule]:
        """Return when the connection syncs."""

    async def set_schedule(self, token: Secret, schedule: SyncSchedule) -> Answer[SyncSchedule]:
        """Set when the connection syncs, and return what the server made of it; `next_at` is not set.

        Raises:
            InvalidRequest: the server refuses a value; `field` names it.
        """

    async def webhook(self, token: Secret, priority: Priority) -> Answer[Webhook]:
        """Return where the connection's events go."""

    async def set_webhook(self, token: Secret, webhook: Webhook, secret: Secret | None) -> Answer[Webhook]:
        """Set where the connection's events go, and return what the server made of it.

        Args:
            secret: what events are signed with from now on; None leaves it as it is.

        Raises:
            InvalidRequest: the server refuses a value; `field` names it.
        """

    async def try_all(self, token: Secret) -> None:
        """Ask for all that a server may lack and that can be read, whatever was found out before.

        What is found is told as with any other call; a capability that cannot be read is left out.
        """

    def api_version(self) -> str | None:
        """Return the version that the server's last answer carried."""

    def belongs(self, token: Secret, connection: ConnectionId) -> None:
        """Note whose token this is: requests with it are paced and shown as that connection's."""

    def forget(self, connection: ConnectionId) -> None:
        """Keep no token of a connection any longer, nor any answer that one got."""

    def requests(self) -> tuple[RequestSeen, ...]:
        """Return the last requests of the account, the newest first."""


class Vault(Protocol):
    """Tokens and client secrets, encrypted at rest.

    Every change is durable when its call returns. Raises `KeychainMissing`, `KeychainLocked`,
    `KeychainDenied` or `VaultDamaged`.
    """

    async def open(self) -> None:
        """Fetch the key (creating it at first use) and prove that the file opens with it."""

    async def token(self, account: AccountName, connection: ConnectionId) -> TokenEntry:
        """Return what is held for a connection; an empty entry where nothing is."""

    async def tokens(self, account: AccountName) -> Mapping[ConnectionId, TokenEntry]:
        """Return all entries of an account."""

    async def change_token(
        self, account: AccountName, connection: ConnectionId, change: Callable[[TokenEntry], TokenEntry]
    ) -> TokenEntry:
        """Replace an entry by `change(entry)` as one read-modify-write under the vault's lock.

        `change` sees the entry as it is on disk now, other processes' writes included; an empty entry
        it returns is removed. What it raises leaves everything as it was.
        """

    async def client_secret(self, account: AccountName) -> Secret | None:
        """Return the account's client secret."""

    async def set_client_secret(self, account: AccountName, secret: Secret) -> None:
        """Keep the account's client secret."""

    async def forget_account(self, account: AccountName) -> None:
        """Remove everything held for an account."""


class Database(Protocol):
    """The store's memory between runs; never asked by a view."""

    async def accounts(self) -> tuple[Account, ...]:
        """Return all accounts by name."""

    async def save_account(self, account: Account) -> None:
        """Add or replace an account."""

    async def remove_account(self, name: AccountName) -> None:
        """Remove an account with all its rows."""

    async def connections(self, account: AccountName) -> tuple[StoredConnection, ...]:
        """Return what is kept of an account's connections."""

    async def save_connections(self, account: AccountName, rows: Sequence[StoredConnection]) -> None:
        """Add or replace rows, in one transaction."""

    async def syncs(self, account: AccountName, connection: ConnectionId, limit: int) -> tuple[Sync, ...]:
        """Return the newest known syncs of a connection, the newest first."""

    async def save_syncs(self, account: AccountName, connection: ConnectionId, syncs: Sequence[Sync]) -> None:
        """Add or replace syncs."""

    async def running_syncs(self, account: AccountName) -> Mapping[ConnectionId, Sync]:
        """Return the syncs that had not ended when last seen."""

    async def activity(
        self,
        account: AccountName,
        connection: ConnectionId,
        limit: int,
        *,
        kinds: Set[ActivityKind] | None = None,
        text: str = "",
    ) -> tuple[Activity, ...]:
        """Return the newest entries of a connection's timeline that match, the newest first.

        Args:
            kinds: only these; None for all.
            text: only those that say this, whatever its case.
        """

    async def add_activity(self, account: AccountName, entries: Sequence[Activity]) -> None:
        """Append entries."""

    async def save_days(self, account: AccountName, day: str, worst: Mapping[ConnectionId, Health]) -> None:
        """Record the worst health of each connection on a day (ISO date, UTC); the worst so far wins."""

    async def strips(self, account: AccountName, first_day: str) -> Mapping[ConnectionId, dict[str, Health]]:
        """Return the worst health by day from `first_day` on."""

    async def health_history(self, account: AccountName, connection: ConnectionId) -> HealthHistory:
        """Return every change of a connection's health that is kept, and the sums of those that are not."""

    async def add_health_changes(self, account: AccountName, changes: Sequence[HealthChange]) -> None:
        """Append changes; of two of one connection and one moment the later one told stays."""

    async def incidents(self, account: AccountName) -> tuple[Incident, ...]:
        """Return the open incidents and those closed in the last 90 days, the oldest first."""

    async def save_incidents(self, account: AccountName, incidents: Sequence[Incident]) -> None:
        """Add or replace incidents, in one transaction."""

    async def notes(self, account: AccountName) -> Mapping[ConnectionId, str]:
        """Return what somebody wrote down about connections."""

    async def save_note(self, account: AccountName, connection: ConnectionId, text: str) -> None:
        """Replace a connection's note; an empty one is removed."""

    async def repair_queue(self, account: AccountName) -> bytes | None:
        """Return the repair queue as its owner encoded it."""

    async def save_repair_queue(self, account: AccountName, value: bytes | None) -> None:
        """Replace the repair queue; None removes it."""

    async def move_connection(self, account: AccountName, old: ConnectionId, new: ConnectionId) -> None:
        """Give health history, activity, day strip, syncs and note of `old` to `new`, in one transaction.

        What `new` has of its own stays beside it; both rows of the list stay as they are.
        """

    async def compact(self, now: datetime) -> None:
        """Let go of old detail, of all accounts, in steps between which others are served."""

    async def findings(self, account: AccountName) -> tuple[Finding, ...]:
        """Return what was found out about the account's server."""

    async def save_findings(self, account: AccountName, findings: Sequence[Finding]) -> None:
        """Add or replace findings; of two about one capability the later one stays."""

    async def version_news(self, account: AccountName) -> VersionNews | None:
        """Return what the account's server said of its API version."""

    async def save_version_news(self, account: AccountName, news: VersionNews) -> None:
        """Replace that."""

    async def setting(self, key: str) -> str | None:
        """Return a setting."""

    async def set_setting(self, key: str, value: str) -> None:
        """Keep a setting."""

    async def data_version(self) -> int:
        """Return a number that is another one once another process has written."""


class NotificationButton(msgspec.Struct, frozen=True):
    """A button of a notification; `key` comes back when it is pressed."""

    key: str
    label: str


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What a desktop notification says.

    Attributes:
        tag: names the matter; a second one with the same tag replaces the first.
        silent: shown without a sound, as what only brings an earlier one up to date.
    """

    tag: str
    title: str
    body: str
    buttons: tuple[NotificationButton, ...] = ()
    urgent: bool = False
    silent: bool = False


class Notifier(Protocol):
    """The desktop's notification service; without one, calls do nothing and `available` is False."""

    available: bool

    async def look(self) -> None:
        """Find out whether there is a service, and open the way to it."""

    async def show(self, notification: Notification, pressed: Callable[[str], None]) -> None:
        """Show it; `pressed` gets a button's key, or ``"default"`` for a click on the text."""

    def standing(self, tag: str) -> bool:
        """Tell whether it is still on the screen, as far as the service says."""

    async def withdraw(self, tag: str) -> None:
        """Take it back, if it is still there."""

    async def aclose(self) -> None:
        """Leave the service; notifications stay."""


class Locks(Protocol):
    """OS locks that die with their holder, one for each name, across processes."""

    def hold(self, name: str, *, wait: bool) -> AbstractAsyncContextManager[bool]:
        """Hold the lock `name` while inside.

        Yields:
            True if held; False at once if another process has it and `wait` is False.
        """


class Power(Protocol):
    """What the system tells of sleep.

    Attributes:
        woke: the computer is awake again.
    """

    woke: Event[None]

    async def open(self) -> None:
        """Listen from now on; calling it again is harmless, and so is a system that tells nothing."""

    async def aclose(self) -> None:
        """Listen no more."""
