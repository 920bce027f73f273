"""Connections to show, made of as little as each test needs."""

from datetime import UTC, datetime, timedelta

from makini_desktop.domain.connection import Connection, ConnectionId, ListStatus
from makini_desktop.domain.evidence import Evidence, EvidenceSource, Facts, SyncStatusSeen, TokenSeen
from makini_desktop.domain.health import (
    Access,
    AccessOk,
    AccessReconnectNeeded,
    Condition,
    Data,
    DataFailing,
    DataFresh,
    DataOffline,
    DataSyncing,
    Health,
)
from makini_desktop.domain.login import Stage
from makini_desktop.domain.sync import Sync, SyncId, SyncProblem, SyncState, SyncStatus, SyncVerdict
from makini_desktop.services.store import Row

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def row(
    name: str = "Acme Pumps",
    health: Health = Health.HEALTHY,
    *,
    system: str = "SAP S/4HANA",
    tags: tuple[str, ...] = (),
    good_minutes: int = 10,
    token_days: int = 20,
    sync: Sync | None = None,
    stage: Stage | None = None,
    since: datetime = NOW - timedelta(hours=2),
    checked_seconds: int = 20,
) -> Row:
    """Return a row; its id is its name in small letters with dashes."""
    evidence = Evidence(
        source=EvidenceSource.SYNC_STATUS,
        at=NOW - timedelta(seconds=checked_seconds),
        detail="401 REAUTHORIZATION_REQUIRED" if health is Health.RECONNECT_NEEDED else "200",
        request_id="req_1",
    )
    good = NOW - timedelta(minutes=good_minutes)
    status = SyncStatus(verdict=SyncVerdict.COMPLETED, last_good_at=good, next_at=NOW + timedelta(minutes=5))
    access: Access = AccessOk(evidence)
    data: Data = DataFresh(evidence, good)
    match health:
        case Health.RECONNECT_NEEDED:
            access = AccessReconnectNeeded(evidence, "credentials_changed")
        case Health.FAILING:
            data = DataFailing(evidence, SyncProblem(code="X", message="Asset 7 has no site"), 3)
        case Health.OFFLINE:
            data = DataOffline(evidence)
        case Health.SYNCING:
            data = DataSyncing(evidence, sync)
        case _:
            pass
    return Row(
        connection=Connection(
            id=ConnectionId(name.casefold().replace(" ", "-")),
            name=name,
            system=system,
            status=ListStatus.ACTIVE,
            tags=tags,
            connected_at=NOW - timedelta(days=100),
        ),
        facts=Facts(
            sync=SyncStatusSeen(evidence, status),
            token=TokenSeen(evidence, True, NOW + timedelta(days=token_days, hours=1)),
        ),
        condition=Condition(health=health, access=access, data=data, evidence=evidence),
        since=since,
        sync=sync,
        stage=stage,
        days=(Health.HEALTHY,) * 30,
    )


def running(done: int, expected: int | None) -> Sync:
    """Return a running sync."""
    return Sync(
        id=SyncId("s1"),
        state=SyncState.IN_PROGRESS,
        kind="manual",
        done=done,
        expected=expected,
        started_at=NOW - timedelta(minutes=1),
    )


def some() -> list[Row]:
    """Return five rows of different health, the worst last."""
    return [
        row("Vega Steel"),
        row("Delta Rail", good_minutes=3),
        row("Sierra Mining", Health.SYNCING, sync=running(1240, 3000)),
        row("Baltic Paper", Health.FAILING, system="UpKeep", good_minutes=120, tags=("gold",)),
        row("Acme Pumps", Health.RECONNECT_NEEDED, good_minutes=180),
    ]
