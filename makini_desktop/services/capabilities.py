"""What each capability is called, and what it means for the person where a server does not offer it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from makini_desktop.core.text import _
from makini_desktop.domain.capability import ENDPOINTS, Capability, Finding


def name(capability: Capability) -> str:
    """Return what a request is called within a sentence."""
    return {
        Capability.ACCOUNT: _("account"),
        Capability.PLATFORMS: _("list of systems"),
        Capability.LIST_CONNECTIONS: _("connection list"),
        Capability.CREATE_CONNECTION: _("adding of connections"),
        Capability.DISCONNECT: _("disconnecting"),
        Capability.METADATA: _("metadata"),
        Capability.ISSUE_TOKEN: _("new token"),
        Capability.CURRENT_INTEGRATION: _("current integration"),
        Capability.DISCONNECT_SELF: _("disconnecting by a connection's own token"),
        Capability.ENTITY_PAGE: _("records"),
        Capability.CONNECTION_STATUS: _("connection status"),
        Capability.SYNC_STATUS: _("sync status"),
        Capability.SYNC_STATUS_WITHDRAWN: _("older form of the sync status"),
        Capability.START_SYNC: _("starting of syncs"),
        Capability.SYNC_HISTORY: _("sync history"),
        Capability.SYNC_SETTINGS: _("sync settings"),
        Capability.WEBHOOK_SETTINGS: _("webhook settings"),
    }[capability]


def words(capability: Capability) -> str:
    """Return what is not offered and what that means (contract section 3, last column)."""
    sentence = _("This server does not offer the {what}").format(what=name(capability))
    meaning = instead(capability)
    return f"{sentence}; {meaning}." if meaning else f"{sentence}."


def instead(capability: Capability) -> str:
    """Return what stands in for a capability, as the second half of a sentence; empty where nothing does."""
    return {
        Capability.CONNECTION_STATUS: _("health comes from the list and the sync status"),
        Capability.SYNC_STATUS: _("its older form is asked, then the current integration"),
        Capability.SYNC_STATUS_WITHDRAWN: _("the current integration tells how the last sync ended"),
        Capability.START_SYNC: _("Makini starts them on its own schedule, and none can be started from here"),
        Capability.SYNC_HISTORY: _("shown is what this program saw itself"),
        Capability.SYNC_SETTINGS: _("how often a connection syncs cannot be changed here"),
        Capability.WEBHOOK_SETTINGS: _("webhooks are set up in Makini's dashboard, with the connection"),
    }.get(capability, "")


def not_offered(findings: Mapping[Capability, Finding]) -> tuple[Capability, ...]:
    """Return what counts as not offered, in the table's order."""
    return tuple(each for each in ENDPOINTS if (found := findings.get(each)) and not found.offered)


def lacking(findings: Mapping[Capability, Finding], capability: Capability, now: datetime) -> str:
    """Return why something cannot be used now; empty where it can, or is to be tried again."""
    finding = findings.get(capability)
    if finding is None or finding.offered or finding.due(now):
        return ""
    return words(capability)
