"""Starts syncs, follows them to their end, and takes up again what was running at the last quit."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from typing import assert_never

import msgspec

from makini_desktop.core.clock import Clock
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    MakiniDesktopError,
    NotOffered,
    RateLimited,
    ServerFailed,
    SyncUnderWay,
    Unreachable,
)
from makini_desktop.domain.evidence import Evidence, EvidenceSource, SyncStatusSeen
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import Sync, SyncOrder, SyncState, SyncStatus, SyncVerdict
from makini_desktop.services.ledger import Ledger
from makini_desktop.services.ports import Answer, Api, Database, Priority
from makini_desktop.services.sync_words import sync_result
from makini_desktop.services.tokens import Tokens

_log = logging.getLogger(__name__)

FOLLOW_FIRST = 0.5
FOLLOW_GROWTH = 1.5
FOLLOW_AT_MOST = 5.0
FOLLOW_CLOSELY = 180.0
"""Seconds for which a sync is looked at as often as somebody who waits for it would."""

FOLLOW_CALMLY = 60.0
"""Seconds between looks at one that runs longer; a first sync may take hours, a hung one for ever."""
"""Seconds between looks at a running sync: soon at first, then calmer."""

HISTORY_READ = 20


class Syncs:
    """Orders syncs and watches them; a sync is Makini's work and goes on without us.

    Args:
        account: gives whose connections they are.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        api: Api,
        tokens: Tokens,
        ledger: Ledger,
        database: Database,
        clock: Clock,
    ) -> None:
        self._account = account
        self._api = api
        self._tokens = tokens
        self._ledger = ledger
        self._database = database
        self._clock = clock

    async def start(self, connection: ConnectionId, order: SyncOrder) -> Sync:
        """Start a sync, or return the one that runs already.

        Raises:
            NotOffered: this server cannot start syncs.
            ReconnectNeeded, SystemUnreachable: it cannot work now; the sentence says who must act.
        """
        key = str(uuid.uuid4())
        try:
            answer = await self._tokens.use(connection, lambda token: self._api.start_sync(token, order, key))
            sync = answer.value
        except SyncUnderWay as error:
            if error.running is None:
                raise
            sync = error.running
        await self._keep(connection, sync)
        return sync

    async def follow(self, connection: ConnectionId, sync: Sync) -> Sync:
        """Watch a sync until it has ended.

        Returns:
            The ended sync, with its counts where the server tells them.
        """
        wait, began = FOLLOW_FIRST, self._clock.monotonic()
        while sync.state.running:
            await self._clock.sleep(wait)
            calmly = self._clock.monotonic() - began > FOLLOW_CLOSELY
            wait = min(FOLLOW_CALMLY if calmly else FOLLOW_AT_MOST, wait * FOLLOW_GROWTH)
            try:
                seen = await self._look(connection, sync, Priority.BACKGROUND if calmly else Priority.PERSON)
            except (Unreachable, RateLimited, ServerFailed) as error:
                _log.info("following %s: %s", sync.id, error)
                continue
            if seen != sync:
                sync = seen
                await self._keep(connection, sync)
        self._ledger.tell(
            connection,
            ActivityKind.SYNC,
            _("Sync completed") if sync.state is SyncState.COMPLETED else _("Sync ended badly"),
            detail=sync_result(sync),
            health=Health.HEALTHY if sync.state is SyncState.COMPLETED else Health.FAILING,
            request_id=sync.request_id,
        )
        return sync

    async def resumed(self) -> Mapping[ConnectionId, Sync]:
        """Return the syncs that were running when the program last saw them."""
        return await self._database.running_syncs(self._account().name)

    async def end(self, connection: ConnectionId, shown: Sync | None) -> None:
        """Let what runs for a connection that was ended be over, so that nobody follows it again.

        Args:
            shown: the sync in its row.
        """
        kept = (await self.resumed()).get(connection)
        running = {sync.id: sync for sync in (kept, shown) if sync is not None and sync.state.running}
        for sync in running.values():
            ended = msgspec.structs.replace(
                sync, state=SyncState.CANCELLED, state_word="", finished_at=self._clock.now()
            )
            await self._keep(connection, ended)

    async def history(self, connection: ConnectionId) -> tuple[Sync, ...]:
        """Return the newest syncs: the server's, where it tells them, with what this program saw."""
        try:
            answer = await self._tokens.use(
                connection,
                lambda token: self._api.syncs(token, HISTORY_READ, Priority.PERSON),
                renew=False,
            )
        except MakiniDesktopError as error:
            _log.info("sync history of %s not read: %s", connection, error)
        else:
            await self._database.save_syncs(self._account().name, connection, answer.value)
        return await self._database.syncs(self._account().name, connection, HISTORY_READ)

    async def _look(self, connection: ConnectionId, sync: Sync, priority: Priority) -> Sync:
        """Return what has become of a sync."""
        status = await self._tokens.use(connection, lambda token: self._api.sync_status(token, priority))
        self._ledger.note(connection, [SyncStatusSeen(_cited(status), status.value)])
        current = status.value.current
        if current is not None and current.id == sync.id:
            return current
        try:
            history = await self._tokens.use(
                connection, lambda token: self._api.syncs(token, HISTORY_READ, priority)
            )
        except NotOffered:
            return self._ended(sync, status)
        found = next((each for each in history.value if each.id == sync.id), None)
        return found if found is not None else self._ended(sync, status)

    def _ended(self, sync: Sync, status: Answer[SyncStatus]) -> Sync:
        """Return the sync's end as far as the bare verdict on the last sync tells it."""
        problem = None
        match status.value.verdict:
            case SyncVerdict.IN_PROGRESS | SyncVerdict.PENDING:
                return sync
            case SyncVerdict.COMPLETED:
                state = SyncState.COMPLETED
            case SyncVerdict.FAILED | SyncVerdict.CREDENTIALS_REFUSED:
                state, problem = SyncState.FAILED, status.value.problem
            case SyncVerdict.UNKNOWN:
                state = SyncState.UNKNOWN
            case _:
                assert_never(status.value.verdict)
        return msgspec.structs.replace(
            sync, state=state, state_word=status.value.word, finished_at=status.at, problem=problem
        )

    async def _keep(self, connection: ConnectionId, sync: Sync) -> None:
        self._ledger.set_sync(connection, sync)
        await self._database.save_syncs(self._account().name, connection, [sync])


def _cited(answer: Answer[SyncStatus]) -> Evidence:
    return Evidence(
        source=EvidenceSource.SYNC_STATUS,
        at=answer.at,
        detail=answer.detail,
        request_id=answer.request_id,
    )
