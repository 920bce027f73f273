"""What is said of a connection, in the person's language; window and command line speak alike.

A sentence says what happened, since when, whose move it is and what to do. Times are said in the zone
`tz`, the computer's own where it is None.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import assert_never

from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import (
    AccessReconnectNeeded,
    AccessUnknown,
    DataFailing,
    DataStuck,
    Health,
)
from makini_desktop.domain.login import Stage
from makini_desktop.services.moments import (
    date,
    last_good_at,
    moment_exact,
    moment_short,
    relative,
    span,
    token_end,
)
from makini_desktop.services.store import Paused, Row
from makini_desktop.services.sync_words import sync_progress


def health_word(health: Health) -> str:
    """Return the word for a health."""
    match health:
        case Health.RECONNECT_NEEDED:
            return _("Reconnect needed")
        case Health.FAILING:
            return _("Failing")
        case Health.OFFLINE:
            return _("Offline")
        case Health.STUCK:
            return _("Stuck")
        case Health.EXPIRING:
            return _("Expiring")
        case Health.LATE:
            return _("Late")
        case Health.INACTIVE:
            return _("Inactive")
        case Health.PENDING:
            return _("Pending")
        case Health.DISCONNECTED:
            return _("Disconnected")
        case Health.SYNCING:
            return _("Syncing")
        case Health.HEALTHY:
            return _("Healthy")
        case Health.UNKNOWN:
            return _("Unknown")
        case _:
            assert_never(health)


def reason_short(row: Row, now: datetime, tz: tzinfo | None = None) -> str:
    """Return the few words under a customer's name; empty where there is nothing to say."""
    if row.stage is not None:
        return stage_sentence(row.stage)
    if row.paused is not None:
        return _("Paused until {time}").format(time=moment_short(row.paused.next_at, now, tz))
    condition = row.condition
    since = moment_short(row.since, now, tz)
    match row.health:
        case Health.RECONNECT_NEEDED:
            return _reconnect_reason(condition.access)
        case Health.FAILING:
            failures = condition.data.failures if isinstance(condition.data, DataFailing) else 1
            return ngettext("Last sync failed", "{count} syncs failed", failures).format(count=failures)
        case Health.OFFLINE:
            return _("Unreachable since {time}").format(time=since)
        case Health.STUCK:
            return _stuck_words(condition.data, now)
        case Health.EXPIRING:
            return _("Token ends in {span}").format(span=token_end(row, now))
        case Health.LATE:
            return _("No sync for {span}").format(span=span(now - (last_good_at(row) or row.since)))
        case Health.INACTIVE:
            return _("Switched off since {time}").format(time=since)
        case Health.PENDING:
            return _("Waiting for the customer")
        case Health.DISCONNECTED:
            return _("Ended {date}").format(date=date(row.since, tz))
        case Health.SYNCING:
            return _progress(row)
        case Health.UNKNOWN:
            return _unknown_words(row, now)
        case Health.HEALTHY:
            return ""
        case _:
            assert_never(row.health)


def sentence(row: Row, now: datetime, tz: tzinfo | None = None, *, sync_offered: bool = True) -> str:
    """Return what happened, since when, whose move it is and what to do.

    Args:
        row: the connection.
        now: what time it is.
        tz: in which zone times are said.
        sync_offered: whether the account's API lets syncs be started.
    """
    happened = _sentence(row, now, tz, sync_offered=sync_offered)
    return _joined(happened, ended(paused_words(row.paused, now, tz)) if row.paused is not None else "")


def paused_words(paused: Paused, now: datetime, tz: tzinfo | None = None) -> str:
    """Return that a connection is left alone for a while, and until when."""
    words = ngettext(
        "Paused after {count} failure, next try {time}",
        "Paused after {count} failures, next try {time}",
        paused.failures,
    )
    return words.format(count=paused.failures, time=moment_short(paused.next_at, now, tz))


def _sentence(row: Row, now: datetime, tz: tzinfo | None, *, sync_offered: bool) -> str:
    connection = row.connection
    since = moment_short(row.since, now, tz)
    names = {"customer": connection.name, "system": connection.system, "since": since}
    match row.health:
        case Health.RECONNECT_NEEDED:
            happened = _reconnect_sentence(row.condition.access).format(**names)
            return _joined(happened, _last_good(row, now, tz), _("Somebody has to sign in again."))
        case Health.FAILING:
            problem = row.condition.data.problem if isinstance(row.condition.data, DataFailing) else None
            happened = (
                _("Syncs of {customer} have failed since {since}: {words}").format(
                    words=ended(problem.message), **names
                )
                if problem is not None and problem.message
                else _("Syncs of {customer} have failed since {since}.").format(**names)
            )
            return _joined(happened, _last_good(row, now, tz))
        case Health.OFFLINE:
            return _(
                "{system} at {customer} has not been reachable since {since}. Reconnecting does not help; "
                "syncs resume by themselves once it is back."
            ).format(**names)
        case Health.STUCK:
            happened = _("A sync of {customer} does not come to its end: {words}.").format(
                words=_stuck_words(row.condition.data, now).casefold(), **names
            )
            return _joined(happened, _("Start it again.") if sync_offered else "")
        case Health.EXPIRING:
            return _(
                "The token of {customer} ends in {span} and cannot be renewed without a new sign-in."
            ).format(span=token_end(row, now), **names)
        case Health.LATE:
            happened = _("{customer} has had no good sync for {span}; one was due.").format(
                span=span(now - (last_good_at(row) or row.since)), **names
            )
            return _joined(happened, _("Start one now.") if sync_offered else "")
        case Health.INACTIVE:
            return _(
                "Makini switched {customer} off (noticed {since}); this happens when credits run out. "
                "It is switched on again in Makini’s dashboard."
            ).format(**names)
        case Health.PENDING:
            return _("{customer} has not finished signing in to {system}. It is their move.").format(**names)
        case Health.DISCONNECTED:
            ended_here = row.condition.evidence.source is EvidenceSource.PERSON
            return (
                _("{customer} was disconnected from here ({since}). Its history stays.")
                if ended_here
                else _("The connection to {customer} was ended (noticed {since}). Its history stays.")
            ).format(**names)
        case Health.SYNCING:
            progress = _progress(row)
            return (
                _("Records of {customer} are being fetched: {progress}.").format(progress=progress, **names)
                if progress
                else _("Records of {customer} are being fetched.").format(**names)
            )
        case Health.HEALTHY:
            return _joined(_("Everything works."), _last_good(row, now, tz))
        case Health.UNKNOWN:
            return _unknown_sentence(row, now)
        case _:
            assert_never(row.health)


def evidence_line(evidence: Evidence, tz: tzinfo | None = None) -> str:
    """Return what said so, with which result, when, and the request id."""
    if evidence.source is EvidenceSource.NONE:
        return _("Evidence: none yet")
    parts = [source_word(evidence.source), evidence.detail, moment_exact(evidence.at, tz)]
    if evidence.detail.casefold().startswith(parts[0].casefold()):
        del parts[0]
    if evidence.request_id:
        parts.append(_("request {id}").format(id=evidence.request_id))
    return _("Evidence: {parts}").format(parts=", ".join(part for part in parts if part))


def source_word(source: EvidenceSource) -> str:
    """Return what a source of evidence is called."""
    match source:
        case EvidenceSource.LIST:
            return _("connection list")
        case EvidenceSource.STATUS:
            return _("connection status")
        case EvidenceSource.SYNC_STATUS:
            return _("sync status")
        case EvidenceSource.INTEGRATION:
            return _("current integration")
        case EvidenceSource.TOKEN:
            return _("token")
        case EvidenceSource.LOGIN:
            return _("login")
        case EvidenceSource.PERSON:
            return _("somebody at this computer")
        case EvidenceSource.CLOCK:
            return _("the clock")
        case EvidenceSource.NONE:
            return _("nothing yet")
        case _:
            assert_never(source)


def stage_sentence(stage: Stage) -> str:
    """Return where a reconnect stands."""
    match stage:
        case Stage.CHECKING:
            return _("Checking first…")
        case Stage.WAITING_FOR_LOGIN:
            return _("Waiting for sign-in…")
        case Stage.IN_BROWSER:
            return _("Waiting for the sign-in in your browser…")
        case Stage.EXCHANGING:
            return _("Fetching the new token…")
        case Stage.TESTING:
            return _("Testing the new token…")
        case Stage.PROMOTING:
            return _("Putting the new token to use…")
        case _:
            assert_never(stage)


def _reconnect_reason(access: object) -> str:
    reason = access.reason if isinstance(access, AccessReconnectNeeded) else ""
    match reason.casefold():
        case "credentials_changed":
            return _("Sign-in changed")
        case "token_revoked":
            return _("Access withdrawn")
        case "token_expired":
            return _("Token ended")
        case "permission":
            return _("Permission missing")
        case _:
            return _("Sign-in rejected")


def _reconnect_sentence(access: object) -> str:
    reason = access.reason if isinstance(access, AccessReconnectNeeded) else ""
    match reason.casefold():
        case "credentials_changed":
            return _("{customer} changed the sign-in to their {system} (noticed {since}).")
        case "token_revoked":
            return _("{customer} withdrew the access to their {system} (noticed {since}).")
        case "token_expired":
            return _("The token for {customer} has ended ({since}) and could not be renewed.")
        case "permission":
            return _("{customer}’s sign-in to {system} lacks a permission since {since}.")
        case _:
            return _("{system} has rejected the sign-in of {customer} since {since}.")


def _last_good(row: Row, now: datetime, tz: tzinfo | None) -> str:
    good = last_good_at(row)
    return _("The last good sync was at {time}.").format(time=moment_short(good, now, tz)) if good else ""


def _stuck_words(data: object, now: datetime) -> str:
    if not isinstance(data, DataStuck) or data.sync.started_at is None:
        return _("Running unusually long")
    running = now - data.sync.started_at
    if data.usual_seconds:
        usual = span(timedelta(seconds=data.usual_seconds))
        return _("Running {span}, usually {usual}").format(span=span(running), usual=usual)
    return _("Running for {span}").format(span=span(running))


def _unknown_words(row: Row, now: datetime) -> str:
    known = row.condition.last_known
    if known is not None:
        return _("was {health} {ago}").format(
            health=health_word(known), ago=relative(row.condition.evidence.at, now)
        )
    return "" if row.connection.readable else _("Makini’s answer cannot be read")


def _unknown_sentence(row: Row, now: datetime) -> str:
    access = row.condition.access
    why = access.reason if isinstance(access, AccessUnknown) else ""
    words = _("{customer} could not be checked.").format(customer=row.connection.name)
    if why:
        words = _("{customer} could not be checked: {why}").format(
            customer=row.connection.name, why=ended(why)
        )
    elif row.condition.evidence.source is EvidenceSource.NONE:
        words = _("{customer} has not been checked yet.").format(customer=row.connection.name)
    known = row.condition.last_known
    if known is None:
        return words
    return _joined(words, _("Last known: {health}.").format(health=health_word(known)))


def _progress(row: Row) -> str:
    return sync_progress(row.sync) if row.sync is not None and row.sync.state.running else ""


def _joined(*sentences: str) -> str:
    return " ".join(words for words in sentences if words)


def ended(words: str) -> str:
    """Return somebody else's words with a full stop, so that a sentence can follow."""
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
