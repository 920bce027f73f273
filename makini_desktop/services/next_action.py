"""What can be done from here about a connection of a health, and what a button for it says."""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from makini_desktop.core.text import _
from makini_desktop.domain.health import Health

NEEDS_PERSON = frozenset(
    {Health.RECONNECT_NEEDED, Health.FAILING, Health.STUCK, Health.EXPIRING, Health.LATE}
)
"""The healths that somebody at this computer can do something about."""


class Action(Enum):
    """What can be offered first for a health."""

    RECONNECT = "reconnect"
    SEND_LINK = "send_link"
    SHOW_ERROR = "show_error"
    SYNC_NOW = "sync_now"
    OPEN_DASHBOARD = "open_dashboard"
    CHECK_NOW = "check_now"
    NONE = "none"


def primary_action(health: Health) -> Action:
    """Return what to offer first: the shortest way to mend it from here."""
    match health:
        case Health.RECONNECT_NEEDED | Health.EXPIRING | Health.DISCONNECTED:
            return Action.RECONNECT
        case Health.PENDING:
            return Action.SEND_LINK
        case Health.FAILING:
            return Action.SHOW_ERROR
        case Health.STUCK | Health.LATE:
            return Action.SYNC_NOW
        case Health.INACTIVE:
            return Action.OPEN_DASHBOARD
        case Health.OFFLINE | Health.UNKNOWN:
            return Action.CHECK_NOW
        case Health.SYNCING | Health.HEALTHY:
            return Action.NONE
        case _:
            assert_never(health)


def second_action(health: Health) -> Action:
    """Return what to offer beside the first."""
    match health:
        case Health.FAILING | Health.EXPIRING | Health.HEALTHY:
            return Action.SYNC_NOW
        case (
            Health.RECONNECT_NEEDED
            | Health.STUCK
            | Health.LATE
            | Health.INACTIVE
            | Health.SYNCING
            | Health.PENDING
        ):
            return Action.CHECK_NOW
        case Health.DISCONNECTED | Health.OFFLINE | Health.UNKNOWN:
            return Action.NONE
        case _:
            assert_never(health)


def action_label(action: Action, health: Health) -> str:
    """Return the label of `action` on a connection of this health."""
    match action:
        case Action.RECONNECT:
            if health is Health.DISCONNECTED:
                return _("Connect again")
            return _("Reconnect early") if health is Health.EXPIRING else _("Reconnect")
        case Action.SEND_LINK:
            return _("Send link…")
        case Action.SHOW_ERROR:
            return _("See the error")
        case Action.SYNC_NOW:
            return _("Sync again") if health in {Health.FAILING, Health.STUCK} else _("Sync now")
        case Action.OPEN_DASHBOARD:
            return _("Open dashboard")
        case Action.CHECK_NOW:
            return _("Check now")
        case Action.NONE:
            return ""
        case _:
            assert_never(action)
