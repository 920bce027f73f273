"""Assessment: from what was seen of a connection, and the time, to both answers about it.

A pure function: the same facts at the same time give the same condition, in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import assert_never

from makini_desktop.domain.connection import ListStatus
from makini_desktop.domain.evidence import Evidence, EvidenceSource, Facts, Observation, TokenSeen
from makini_desktop.domain.health import (
    Access,
    AccessDisconnected,
    AccessExpiring,
    AccessInactive,
    AccessOk,
    AccessPending,
    AccessReconnectNeeded,
    AccessUnknown,
    Condition,
    Data,
    DataFailing,
    DataFresh,
    DataLate,
    DataOffline,
    DataStuck,
    DataSyncing,
    DataUnknown,
    Health,
    derive,
    health_of_data,
)
from makini_desktop.domain.sync import SyncVerdict

EXPIRY_WARNING = timedelta(days=7)
PROOF_AGE = timedelta(minutes=30)
"""A proof older than this no longer counts, unless `CHECKS_MISSED` check intervals are longer."""

CHECKS_MISSED = 3
NEVER = datetime.max.replace(tzinfo=UTC)

STUCK_FACTOR = 4
STUCK_AT_LEAST = timedelta(minutes=10)
STUCK_WITHOUT_HISTORY = timedelta(hours=6)
LATE_FACTOR = 2

_CREDENTIAL_CODES = frozenset({"AUTHENTICATION_FAILED", "REAUTHORIZATION_REQUIRED"})


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
    oldest = now - proof_age(check_interval)
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


def proof_age(check_interval: timedelta) -> timedelta:
    """Return how long a proof counts for a connection that is checked so often."""
    return max(PROOF_AGE, CHECKS_MISSED * check_interval)


def holds_until(facts: Facts, now: datetime, check_interval: timedelta = timedelta()) -> datetime:
    """Return until when the clock alone does not change the answer to `assess`.

    Between `now` and that moment, itself left out, it is the same; after it, it may be another.
    """
    age = proof_age(check_interval)
    oldest = now - age
    first = None
    for seen in _seen(facts):
        if seen is not None and (at := seen.evidence.at) >= oldest and (first is None or at < first):
            first = at
    until = NEVER if first is None else first + age
    if facts.token is not None and (ends := facts.token.expires_at) is not None:
        for moment in (ends - EXPIRY_WARNING, ends):
            if now <= moment < until:
                until = moment
    return until


def _seen(facts: Facts) -> tuple[Observation | None, ...]:
    """Return what grows old."""
    return (
        facts.listed,
        facts.status,
        facts.sync,
        facts.integration,
        facts.refused,
        facts.silent,
        facts.login,
        facts.check_failed,
        facts.disconnected,
    )


def next_deadline(facts: Facts) -> datetime | None:
    """Return from when on a look may find what is known now to be late or stuck.

    The clock sets the deadline and a look decides: what came meanwhile can only be seen by looking.
    """
    seen = facts.sync
    if seen is None:
        return None
    current, last_good = seen.status.current, seen.status.last_good_at
    if current is not None and current.state.running:
        return None if current.started_at is None else current.started_at + _longest(facts)
    if seen.status.verdict is SyncVerdict.COMPLETED and last_good is not None:
        late = _late_after(facts)
        return None if late is None else last_good + late
    return None


def _access(facts: Facts, now: datetime) -> Access:
    listed = facts.listed
    if (gone := _ended(facts)) is not None:
        return AccessDisconnected(gone)
    if listed is not None:
        if listed.status is ListStatus.INACTIVE:
            return AccessInactive(listed.evidence)
        if listed.status is ListStatus.PENDING and not _logged_in_since(listed.evidence.at, facts):
            return AccessPending(listed.evidence)
    proofs = _access_proofs(facts)
    if not proofs:
        return AccessUnknown(_no_evidence(now))
    newest = proofs[0] if len(proofs) == 1 else max(proofs, key=_weight)
    if isinstance(newest, AccessOk):
        return _token_end(newest, facts, now)
    return newest


def _ended(facts: Facts) -> Evidence | None:
    """Return what says that the connection was ended, None where a login has connected it again since."""
    listed, gone = facts.listed, facts.disconnected
    said = []
    if gone is not None and (listed is None or not listed.present or listed.evidence.at <= gone.evidence.at):
        said.append(gone.evidence)
    if listed is not None and not listed.present:
        said.append(listed.evidence)
    return next((each for each in said if not _logged_in_since(each.at, facts)), None)


def _weight(proof: AccessOk | AccessReconnectNeeded) -> tuple[datetime, bool]:
    """Order proofs by their time; at one time the bad news counts."""
    return proof.evidence.at, isinstance(proof, AccessReconnectNeeded)


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
        deadline = next_deadline(facts)
        if deadline is not None and seen.evidence.at > deadline:
            return DataStuck(seen.evidence, current, facts.usual_seconds)
        return DataSyncing(seen.evidence, current)
    match status.verdict:
        case SyncVerdict.FAILED | SyncVerdict.CREDENTIALS_REFUSED:
            return DataFailing(seen.evidence, status.problem, max(1, facts.failures))
        case SyncVerdict.IN_PROGRESS:
            return DataSyncing(seen.evidence)
        case SyncVerdict.COMPLETED:
            last_good, deadline = status.last_good_at, next_deadline(facts)
            if last_good is not None and deadline is not None and seen.evidence.at > deadline:
                return DataLate(seen.evidence, last_good)
            return DataFresh(seen.evidence, last_good)
        case SyncVerdict.PENDING | SyncVerdict.UNKNOWN:
            return DataUnknown(seen.evidence)
        case _:
            assert_never(status.verdict)


def _offline(facts: Facts) -> DataOffline | None:
    status, silent = facts.status, facts.silent
    if status is not None and (silent is None or silent.evidence.at < status.evidence.at):
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


def _longest(facts: Facts) -> timedelta:
    """Return how long a sync may run before it is stuck."""
    if facts.usual_seconds is None:
        return STUCK_WITHOUT_HISTORY
    return max(STUCK_AT_LEAST, timedelta(seconds=STUCK_FACTOR * facts.usual_seconds))


def _late_after(facts: Facts) -> timedelta | None:
    """Return how long after a good sync the next is late, None where the interval is not known."""
    if facts.interval_seconds is None:
        return None
    return timedelta(seconds=LATE_FACTOR * facts.interval_seconds)


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
        data.evidence if health is health_of_data(data) and health is not Health.UNKNOWN else access.evidence
    )


def _no_evidence(now: datetime) -> Evidence:
    return Evidence(source=EvidenceSource.NONE, at=now, detail="never checked")
