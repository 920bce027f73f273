"""Health: two questions about a connection, and the one word the list shows for both.

*Access* asks whether we may talk to the customer's system, *data* whether what we have is fresh.
`assess` answers both from `Facts` and the time, as a pure function; `derive` makes one `Health` of
the two. Every answer names its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum
from typing import assert_never

import msgspec

from makini_desktop.domain.connection import ListStatus
from makini_desktop.domain.evidence import Evidence, EvidenceSource, Facts, TokenSeen
from makini_desktop.domain.sync import Sync, SyncProblem, SyncVerdict

EXPIRY_WARNING = timedelta(days=7)
PROOF_AGE = timedelta(minutes=30)
"""A proof older than this no longer counts, unless three check intervals are longer."""

STUCK_FACTOR = 4
STUCK_AT_LEAST = timedelta(minutes=10)
STUCK_WITHOUT_HISTORY = timedelta(hours=6)
LATE_FACTOR = 2

_CREDENTIAL_CODES = frozenset({"AUTHENTICATION_FAILED", "REAUTHORIZATION_REQUIRED"})


class Health(Enum):
    """What the list shows, the worst first; the order is the severity."""

    RECONNECT_NEEDED = "reconnect_needed"
    FAILING = "failing"
    OFFLINE = "offline"
    STUCK = "stuck"
    EXPIRING = "expiring"
    LATE = "late"
    INACTIVE = "inactive"
    PENDING = "pending"
    DISCONNECTED = "disconnected"
    SYNCING = "syncing"
    HEALTHY = "healthy"
    UNKNOWN = "unknown"


SEVERITY: dict[Health, int] = {health: rank for rank, health in enumerate(Health)}
"""0 is the worst."""


class AccessOk(msgspec.Struct, frozen=True, tag="ok"):
    """A call that needs the customer's consent worked."""

    evidence: Evidence


class AccessExpiring(msgspec.Struct, frozen=True, tag="expiring"):
    """The token ends soon and cannot be renewed silently."""

    evidence: Evidence
    ends_at: datetime


class AccessReconnectNeeded(msgspec.Struct, frozen=True, tag="reconnect_needed"):
    """The credentials no longer hold, or our token died for good; `reason` is the raw word."""

    evidence: Evidence
    reason: str


class AccessPending(msgspec.Struct, frozen=True, tag="pending"):
    """The customer has not finished signing in."""

    evidence: Evidence


class AccessInactive(msgspec.Struct, frozen=True, tag="inactive"):
    """The vendor switched the connection off."""

    evidence: Evidence


class AccessDisconnected(msgspec.Struct, frozen=True, tag="disconnected"):
    """Somebody ended the connection."""

    evidence: Evidence


class AccessUnknown(msgspec.Struct, frozen=True, tag="unknown"):
    """Nothing recent enough is known; `reason` says why the last check failed, where one did."""

    evidence: Evidence
    reason: str = ""


Access = (
    AccessOk
    | AccessExpiring
    | AccessReconnectNeeded
    | AccessPending
    | AccessInactive
    | AccessDisconnected
    | AccessUnknown
)


class DataFresh(msgspec.Struct, frozen=True, tag="fresh"):
    """The last sync was good and the next is not overdue."""

    evidence: Evidence
    last_good_at: datetime | None = None


class DataSyncing(msgspec.Struct, frozen=True, tag="syncing"):
    """A sync is running."""

    evidence: Evidence
    sync: Sync | None = None


class DataLate(msgspec.Struct, frozen=True, tag="late"):
    """No good sync within twice the interval."""

    evidence: Evidence
    last_good_at: datetime


class DataFailing(msgspec.Struct, frozen=True, tag="failing"):
    """Syncs end in errors."""

    evidence: Evidence
    problem: SyncProblem | None = None
    failures: int = 1


class DataOffline(msgspec.Struct, frozen=True, tag="offline"):
    """The customer's system is unreachable."""

    evidence: Evidence


class DataStuck(msgspec.Struct, frozen=True, tag="stuck"):
    """A sync runs far beyond this connection's usual time."""

    evidence: Evidence
    sync: Sync
    usual_seconds: float | None = None


class DataUnknown(msgspec.Struct, frozen=True, tag="unknown"):
    """Nothing recent enough is known of the syncs."""

    evidence: Evidence


Data = DataFresh | DataSyncing | DataLate | DataFailing | DataOffline | DataStuck | DataUnknown


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Both answers and the word for them.

    Attributes:
        evidence: that of the answer that decided.
        last_known: for `Health.UNKNOWN`, what was proven last.
    """

    health: Health
    access: Access
    data: Data
    evidence: Evidence
    last_known: Health | None = None


def derive(access: Access, data: Data) -> Health:
    """Return the one health of both answers.

    Access explains data: reconnect needed, disconnected, inactive and pending win over any state of
    the data; access unknown with nothing worse known is Unknown; else the worse of the two.
    """
    from_data = _health_of_data(data)
    match access:
        case AccessReconnectNeeded():
            return Health.RECONNECT_NEEDED
        case AccessDisconnected():
            return Health.DISCONNECTED
        case AccessInactive():
            return Health.INACTIVE
        case AccessPending():
            return Health.PENDING
        case AccessUnknown():
            return from_data if SEVERITY[from_data] < SEVERITY[Health.SYNCING] else Health.UNKNOWN
        case AccessExpiring():
            return _worse(Health.EXPIRING, from_data)
        case AccessOk():
            return _worse(Health.HEALTHY, from_data)
        case _:
            assert_never(access)


def assess(facts: Facts, now: datetime, check_interval: timedelta = timedelta()) -> Condition:
    """Answer both questions from what was seen.

    Args:
        facts: the newest observations.
        now: the time, with zone.
        check_interval: how often this connection is checked; three of them, or 30 minutes if that is
            more, is how long a proof counts.

    Returns:
        The condition; the same for the same facts, in whatever order they were observed.
    """
    oldest = now - max(PROOF_AGE, 3 * check_interval)
    access = _access(facts, now)
    data = _data(facts, now)
    fresh_access = _aged_access(access, facts, oldest)
    fresh_data: Data = DataUnknown(data.evidence) if data.evidence.at < oldest else data
    health = derive(fresh_access, fresh_data)
    last_known = None
    if health is Health.UNKNOWN:
        before = derive(access, data)
        last_known = None if before is Health.UNKNOWN else before
    return Condition(
        health=health,
        access=fresh_access,
        data=fresh_data,
        evidence=_deciding(health, fresh_access, fresh_data),
        last_known=last_known,
    )


def _access(facts: Facts, now: datetime) -> Access:
    listed = facts.listed
    gone = facts.disconnected
    if gone is not None and (listed is None or not listed.present or listed.evidence.at <= gone.evidence.at):
        return AccessDisconnected(gone.evidence)
    if listed is not None:
        if not listed.present:
            return AccessDisconnected(listed.evidence)
        if listed.status is ListStatus.INACTIVE:
            return AccessInactive(listed.evidence)
        if listed.status is ListStatus.PENDING and not _logged_in_since(listed.evidence.at, facts):
            return AccessPending(listed.evidence)
    proofs = _access_proofs(facts)
    if not proofs:
        return AccessUnknown(_no_evidence(now))
    newest = max(proofs, key=lambda proof: (proof.evidence.at, isinstance(proof, AccessReconnectNeeded)))
    if isinstance(newest, AccessOk):
        return _token_end(newest, facts, now)
    return newest


def _access_proofs(facts: Facts) -> list[AccessOk | AccessReconnectNeeded]:
    """Gather what speaks for and against access.

    The connection status is the server's own check and asked for credentials, so the weaker sync
    status, "current integration" and list speak of access only where there never was one: they go on
    naming a failure from before a repair until the next sync has ended.
    """
    proofs: list[AccessOk | AccessReconnectNeeded] = []
    if (seen := facts.status) is not None:
        if seen.status.reauthorization_required:
            proofs.append(AccessReconnectNeeded(seen.evidence, seen.status.reason or ""))
        else:
            proofs.append(AccessOk(seen.evidence))
    if facts.refused is not None:
        proofs.append(AccessReconnectNeeded(facts.refused.evidence, facts.refused.reason))
    if facts.login is not None:
        proofs.append(AccessOk(facts.login.evidence))
    if facts.status is None:
        proofs.extend(_weaker_proofs(facts))
    if not proofs and facts.listed is not None and facts.listed.status is not ListStatus.UNKNOWN:
        proofs.append(AccessOk(facts.listed.evidence))
    return proofs


def _weaker_proofs(facts: Facts) -> Iterator[AccessOk | AccessReconnectNeeded]:
    syncs, current = facts.sync, facts.integration
    if syncs is not None:
        problem = syncs.status.problem
        if problem is not None and problem.code in _CREDENTIAL_CODES:
            yield AccessReconnectNeeded(syncs.evidence, problem.code)
        elif syncs.status.verdict is SyncVerdict.CREDENTIALS_REFUSED and current is None:
            yield AccessReconnectNeeded(syncs.evidence, "fail")
    if current is not None:
        word, updated = current.integration.sync_word, current.integration.sync_updated_at
        refused = word.casefold() == SyncVerdict.CREDENTIALS_REFUSED.value
        if refused and not _logged_in_since(updated or current.evidence.at, facts):
            yield AccessReconnectNeeded(current.evidence, "fail")
        else:
            yield AccessOk(current.evidence)


def _logged_in_since(moment: datetime, facts: Facts) -> bool:
    return facts.login is not None and facts.login.evidence.at >= moment


def _token_end(proof: AccessOk, facts: Facts, now: datetime) -> Access:
    token = facts.token
    if token is None or token.expires_at is None or token.renewable:
        return proof
    if token.expires_at <= now:
        return AccessReconnectNeeded(_clock_at(token.expires_at, token), "token_expired")
    if token.expires_at <= now + EXPIRY_WARNING:
        return AccessExpiring(_clock_at(token.expires_at - EXPIRY_WARNING, token), token.expires_at)
    return proof


def _clock_at(moment: datetime, token: TokenSeen) -> Evidence:
    """Return what the clock said at `moment`, or when the token was seen if that was later."""
    at = max(moment, token.evidence.at)
    return Evidence(source=EvidenceSource.CLOCK, at=at, detail="token end")


def _data(facts: Facts, now: datetime) -> Data:
    offline = _offline(facts)
    if offline is not None:
        return offline
    seen = facts.sync
    if seen is None:
        return _data_of_list(facts, now)
    status = seen.status
    current = status.current
    if current is not None and current.state.running:
        return _running(current, seen.evidence, facts, now)
    match status.verdict:
        case SyncVerdict.FAILED | SyncVerdict.CREDENTIALS_REFUSED:
            return DataFailing(seen.evidence, status.problem, max(1, facts.failures))
        case SyncVerdict.IN_PROGRESS:
            return DataSyncing(seen.evidence)
        case SyncVerdict.COMPLETED:
            last_good = status.last_good_at
            if last_good is not None and _overdue(last_good, facts, now):
                return DataLate(seen.evidence, last_good)
            return DataFresh(seen.evidence, last_good)
        case SyncVerdict.PENDING | SyncVerdict.UNKNOWN:
            return DataUnknown(seen.evidence)
        case _:
            assert_never(status.verdict)


def _offline(facts: Facts) -> DataOffline | None:
    status, silent = facts.status, facts.silent
    if status is not None and (silent is None or silent.evidence.at <= status.evidence.at):
        return None if status.status.online else DataOffline(status.evidence)
    if silent is not None and (facts.sync is None or facts.sync.evidence.at <= silent.evidence.at):
        return DataOffline(silent.evidence)
    return None


def _data_of_list(facts: Facts, now: datetime) -> Data:
    listed = facts.listed
    if listed is None:
        return DataUnknown(_no_evidence(now))
    if listed.status in (ListStatus.SYNCHRONIZING, ListStatus.IN_PROGRESS):
        return DataSyncing(listed.evidence)
    return DataUnknown(listed.evidence)


def _running(sync: Sync, evidence: Evidence, facts: Facts, now: datetime) -> Data:
    limit = STUCK_WITHOUT_HISTORY
    if facts.usual_seconds is not None:
        limit = max(STUCK_AT_LEAST, timedelta(seconds=STUCK_FACTOR * facts.usual_seconds))
    if sync.started_at is not None and now - sync.started_at > limit:
        return DataStuck(evidence, sync, facts.usual_seconds)
    return DataSyncing(evidence, sync)


def _overdue(last_good: datetime, facts: Facts, now: datetime) -> bool:
    if facts.interval_seconds is None:
        return False
    return now - last_good > timedelta(seconds=LATE_FACTOR * facts.interval_seconds)


def _aged_access(access: Access, facts: Facts, oldest: datetime) -> Access:
    proof, failed = _proof(access, facts), facts.check_failed
    match access:
        case AccessDisconnected():
            return access
        case AccessUnknown():
            return access if failed is None else AccessUnknown(failed.evidence, failed.reason)
        case _ if proof.at >= oldest:
            return access
        case _ if failed is not None and failed.evidence.at >= proof.at:
            return AccessUnknown(failed.evidence, failed.reason)
        case _:
            return AccessUnknown(proof)


def _proof(access: Access, facts: Facts) -> Evidence:
    """Return what an answer rests on; behind the clock's word about a token stands who said it worked."""
    if access.evidence.source is not EvidenceSource.CLOCK:
        return access.evidence
    return max((proof.evidence for proof in _access_proofs(facts)), key=lambda evidence: evidence.at)


def _deciding(health: Health, access: Access, data: Data) -> Evidence:
    return (
        data.evidence if health is _health_of_data(data) and health is not Health.UNKNOWN else access.evidence
    )


def _health_of_data(data: Data) -> Health:
    match data:
        case DataFresh():
            return Health.HEALTHY
        case DataSyncing():
            return Health.SYNCING
        case DataLate():
            return Health.LATE
        case DataFailing():
            return Health.FAILING
        case DataOffline():
            return Health.OFFLINE
        case DataStuck():
            return Health.STUCK
        case DataUnknown():
            return Health.UNKNOWN
        case _:
            assert_never(data)


def _worse(one: Health, other: Health) -> Health:
    return one if SEVERITY[one] <= SEVERITY[other] else other


def _no_evidence(now: datetime) -> Evidence:
    return Evidence(source=EvidenceSource.NONE, at=now, detail="never checked")
