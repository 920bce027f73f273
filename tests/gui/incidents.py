"""Incidents to show, made of as little as each test needs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.incident import Cause, ExpiryStep, Incident, IncidentId, Member, Snooze
from tests.gui.rows import NOW


def incident(
    name: str,
    cause: Cause = Cause.CREDENTIALS,
    connections: Sequence[str] = ("acme-pumps",),
    *,
    scope: str = "SAP S/4HANA",
    hours: float = 2,
    proven: Sequence[str] = (),
    step: ExpiryStep | None = None,
    acknowledged: bool = False,
    snooze: Snooze | None = None,
    closed_hours: float | None = None,
) -> Incident:
    """Return an incident that opened `hours` ago, and was closed `closed_hours` ago."""
    opened = NOW - timedelta(hours=hours)
    closed: datetime | None = None if closed_hours is None else NOW - timedelta(hours=closed_hours)
    return Incident(
        id=IncidentId(name),
        cause=cause,
        scope=scope,
        step=step,
        opened_at=opened,
        joined_at=opened,
        members=tuple(
            Member(
                connection=ConnectionId(each),
                since=opened,
                proven_at=closed or (NOW - timedelta(minutes=5) if each in proven else None),
            )
            for each in connections
        ),
        evidence=Evidence(
            source=EvidenceSource.SYNC_STATUS,
            at=opened,
            detail="401 REAUTHORIZATION_REQUIRED",
            request_id="req_1",
        ),
        acknowledged_at=opened + timedelta(minutes=9) if acknowledged else None,
        snooze=snooze,
        closed_at=closed,
    )
