"""What can be seen of a connection, a minute ago unless a test says otherwise."""

from datetime import UTC, datetime, timedelta

from makini_desktop.domain.assessment import assess
from makini_desktop.domain.connection import ConnectionId, ConnectionStatus, Integration, ListStatus
from makini_desktop.domain.evidence import (
    AccessRefused,
    CheckFailed,
    Evidence,
    EvidenceSource,
    Facts,
    IntegrationSeen,
    Listed,
    LoginProven,
    Observation,
    StatusSeen,
    SyncStatusSeen,
    TokenSeen,
    observe,
)
from makini_desktop.domain.health import Condition
from makini_desktop.domain.sync import Sync, SyncId, SyncProblem, SyncState, SyncStatus, SyncVerdict

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(ago: timedelta = MINUTE, source: EvidenceSource = EvidenceSource.STATUS) -> Evidence:
    return Evidence(source=source, at=NOW - ago, detail="200", request_id="req-1")


def listed(
    status: ListStatus = ListStatus.ACTIVE, ago: timedelta = MINUTE, *, present: bool = True
) -> Listed:
    return Listed(at(ago, EvidenceSource.LIST), status, status.value, present)


def status(*, online: bool = True, refused: bool = False, ago: timedelta = MINUTE) -> StatusSeen:
    return StatusSeen(
        at(ago),
        ConnectionStatus(
            online=online,
            reauthorization_required=refused,
            reason="credentials_changed" if refused else None,
        ),
    )


def synced(
    verdict: SyncVerdict = SyncVerdict.COMPLETED,
    *,
    ago: timedelta = MINUTE,
    last_good: timedelta | None = HOUR,
    problem: SyncProblem | None = None,
    current: Sync | None = None,
) -> SyncStatusSeen:
    return SyncStatusSeen(
        at(ago, EvidenceSource.SYNC_STATUS),
        SyncStatus(
            verdict=verdict,
            last_good_at=None if last_good is None else NOW - last_good,
            problem=problem,
            current=current,
        ),
    )


def integration(word: str = "done", *, ago: timedelta = MINUTE, updated: timedelta | None = None):
    return IntegrationSeen(
        at(ago, EvidenceSource.INTEGRATION),
        Integration(
            id=ConnectionId("A"),
            company_name="Acme",
            provider="SAP",
            sync_word=word,
            sync_updated_at=None if updated is None else NOW - updated,
        ),
    )


def running(since: timedelta) -> Sync:
    return Sync(id=SyncId("sync-1"), state=SyncState.IN_PROGRESS, started_at=NOW - since)


def refused(ago: timedelta = MINUTE) -> AccessRefused:
    return AccessRefused(at(ago), "REAUTHORIZATION_REQUIRED")


def login(ago: timedelta = MINUTE) -> LoginProven:
    return LoginProven(at(ago, EvidenceSource.LOGIN))


def token(ends_in: timedelta | None, *, renewable: bool = False, ago: timedelta = MINUTE) -> TokenSeen:
    return TokenSeen(
        at(ago, EvidenceSource.TOKEN),
        present=True,
        expires_at=None if ends_in is None else NOW + ends_in,
        renewable=renewable,
    )


def failed(ago: timedelta = MINUTE) -> CheckFailed:
    return CheckFailed(at(ago), "No answer from here.")


def facts(*seen: Observation, **rhythm: float) -> Facts:
    found = Facts(**rhythm)
    for each in seen:
        found = observe(found, each)
    return found


def condition(*seen: Observation, interval: timedelta = timedelta(), **rhythm: float) -> Condition:
    return assess(facts(*seen, **rhythm), NOW, interval)


PROBLEM = SyncProblem(code="ENTITY_ERROR", message="Work orders cannot be read.")
AUTH_PROBLEM = SyncProblem(code="AUTHENTICATION_FAILED", message="The sign-in is no longer accepted.")
