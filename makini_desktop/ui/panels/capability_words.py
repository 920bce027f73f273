"""What the endpoints are called, where each comes from, and what stands in for one that is lacking."""

from __future__ import annotations

from typing import assert_never

from makini_desktop.core.text import _
from makini_desktop.domain.capability import Capability, Provenance


def title(capability: Capability) -> str:
    """Return what a capability is called."""
    return {
        Capability.ACCOUNT: _("Account"),
        Capability.PLATFORMS: _("Platforms"),
        Capability.LIST_CONNECTIONS: _("List of connections"),
        Capability.CREATE_CONNECTION: _("Create a connection"),
        Capability.DISCONNECT: _("Disconnect"),
        Capability.METADATA: _("Metadata"),
        Capability.ISSUE_TOKEN: _("Issue a token"),
        Capability.CURRENT_INTEGRATION: _("Current integration"),
        Capability.DISCONNECT_SELF: _("Disconnect by its own token"),
        Capability.ENTITY_PAGE: _("Records"),
        Capability.CONNECTION_STATUS: _("Connection status"),
        Capability.SYNC_STATUS: _("Sync status"),
        Capability.SYNC_STATUS_WITHDRAWN: _("Sync status, older form"),
        Capability.START_SYNC: _("Start a sync"),
        Capability.SYNC_HISTORY: _("Sync history"),
        Capability.SYNC_SETTINGS: _("Sync settings"),
        Capability.WEBHOOK_SETTINGS: _("Webhook settings"),
    }[capability]


def mark(provenance: Provenance) -> str:
    """Return where an endpoint comes from."""
    match provenance:
        case Provenance.PUBLISHED:
            return _("published")
        case Provenance.NAMED:
            return _("named")
        case Provenance.WITHDRAWN:
            return _("withdrawn")
        case Provenance.OURS:
            return _("ours")
        case _:
            assert_never(provenance)


def marks_explained() -> str:
    """Return what the marks mean."""
    return _(
        "Published: in Makini’s own description. Named: Makini says that it exists, not where. Withdrawn: "
        "was published once. Ours: wanted by this program, published nowhere."
    )


def without(capability: Capability) -> str:
    """Return what stands in where a capability is not offered."""
    words = {
        Capability.CONNECTION_STATUS: _("The list’s status and the sync status stand in."),
        Capability.SYNC_STATUS: _("Its older form is asked, then the current integration."),
        Capability.SYNC_STATUS_WITHDRAWN: _("The current integration is asked."),
        Capability.START_SYNC: _("Syncs cannot be started from here; they run on Makini’s schedule."),
        Capability.SYNC_HISTORY: _("What this program saw itself is shown."),
        Capability.SYNC_SETTINGS: _("They can be read from nowhere and not be changed here."),
        Capability.WEBHOOK_SETTINGS: _("Webhooks are set up in Makini’s dashboard."),
    }
    return words.get(capability, _("Nothing stands in for it."))
