"""Values that fill a store, every field of them."""

from datetime import UTC, datetime, timedelta

from makini_desktop.domain.account import Account, AccountName, VersionPlacement
from makini_desktop.domain.activity import Activity, ActivityKind
from makini_desktop.domain.connection import (
    Connection,
    ConnectionId,
    ConnectionStatus,
    Integration,
    ListStatus,
)
from makini_desktop.domain.evidence import (
    Evidence,
    EvidenceSource,
    Facts,
    IntegrationSeen,
    Listed,
    StatusSeen,
    SyncStatusSeen,
    TokenSeen,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import Records, Sync, SyncId, SyncProblem, SyncState, SyncStatus, SyncVerdict
from makini_desktop.services.store import StoredConnection

NOW = datetime(2025, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)
ACME = Account(
    name=AccountName("acme"),
    api_base="https://api.example/api",
    link_base="https://link.example",
    client_id="client-1",
    redirect_uris=("https://app.example/cb", "http://127.0.0.1/cb"),
    version_in=VersionPlacement.HEADER,
    issue_tokens=False,
)
GLOBEX = Account(
    name=AccountName("globex"), api_base="https://a", link_base="https://l", client_id="c", redirect_uris=()
)
ONE, TWO = ConnectionId("conn-1"), ConnectionId("conn-2")


def stored(connection: ConnectionId, health: Health = Health.HEALTHY) -> StoredConnection:
    """A connection of which everything was seen."""
    evidence = Evidence(source=EvidenceSource.STATUS, at=NOW, detail="200", request_id=f"req-{connection}")
    return StoredConnection(
        connection=Connection(
            id=connection,
            name=f"Bäckerei {connection}",
            system="Sage 100",
            status=ListStatus.ACTIVE,
            status_word="active",
            email="ops@customer.example",
            scopes=("invoices", "customers"),
            tags=("eu",),
            created_at=NOW - timedelta(days=200),
            connected_at=NOW - timedelta(days=100),
            updated_at=NOW,
        ),
        facts=Facts(
            listed=Listed(evidence, ListStatus.ACTIVE, "active"),
            status=StatusSeen(evidence, ConnectionStatus(online=True, reauthorization_required=False)),
            sync=SyncStatusSeen(
                evidence, SyncStatus(verdict=SyncVerdict.COMPLETED, word="completed", last_good_at=NOW)
            ),
            integration=IntegrationSeen(
                evidence, Integration(id=connection, company_name="Bäckerei", provider="Sage 100")
            ),
            token=TokenSeen(evidence, present=True, expires_at=NOW + timedelta(days=30), renewable=True),
            usual_seconds=61.5,
            interval_seconds=3600,
            failures=2,
        ),
        health=health,
        since=NOW - timedelta(hours=3),
    )


def sync(number: int, state: SyncState = SyncState.COMPLETED, *, started: datetime | None = NOW) -> Sync:
    return Sync(
        id=SyncId(f"sync-{number}"),
        state=state,
        state_word=state.value,
        records=Records(created=number),
        started_at=started,
        problem=SyncProblem(code="RATE", message="slow"),
    )


def entry(connection: ConnectionId, headline: str, at: datetime = NOW) -> Activity:
    return Activity(
        connection=connection, at=at, kind=ActivityKind.HEALTH, headline=headline, health=Health.FAILING
    )
