"""What can be made to happen in the sandbox, from the window's menu."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from makini_desktop.core.text import _
from makini_desktop.services.store import Row, Store

if TYPE_CHECKING:
    from makini_desktop.services.commands import Commands


def fill_sandbox_menu(menu: QMenu, commands: Commands, store: Store, selected: Row | None) -> None:
    """Fill `menu`: first what happens to the selected connection, then to its system, then to all."""
    for key, words in _of_one().items():
        action = menu.addAction(words)
        action.setEnabled(selected is not None)
        action.triggered.connect(partial(_pull, commands, key, selected))
    menu.addSeparator()
    system = selected.connection.system if selected is not None else ""
    everywhere = menu.addAction(
        _("All customers of {system} change credentials").format(system=system)
        if system
        else _("All customers of a system change credentials")
    )
    everywhere.setEnabled(bool(system))
    everywhere.triggered.connect(partial(_change_all, commands, store, system))
    demands = menu.addMenu(_("The next sign-in pages ask for"))
    for key, words in _demands().items():
        demand = demands.addAction(words)
        demand.triggered.connect(partial(_demand, commands, key))
    menu.addSeparator()
    for key, words in _of_all().items():
        menu.addAction(words).triggered.connect(partial(_pull, commands, key, None))


def _of_one() -> Mapping[str, str]:
    return {
        "change_credentials": _("Customer changes credentials"),
        "go_offline": _("System goes offline"),
        "come_back": _("System comes back"),
        "fail_sync": _("Next sync fails"),
        "finish_sync": _("First sync is done at once"),
        "revoke_token": _("Token revoked"),
        "expire_token": _("Token expires"),
        "login_as_other": _("Next login answers as another customer"),
        "login_as_new": _("Next login answers with a new connection"),
    }


def _of_all() -> Mapping[str, str]:
    return {
        "rate_limit": _("Rate limit"),
        "slow": _("Slow answers"),
        "server_errors": _("Server errors"),
        "deprecate": _("API version deprecated"),
        "undeprecate": _("API version no longer deprecated"),
        "state_not_echoed": _("State not echoed"),
        "reset": _("Everything as at first"),
    }


def _demands() -> Mapping[str, str]:
    return {
        "none": _("Nothing special"),
        "popup": _("A window of its own"),
        "redirects": _("A way through several hosts"),
        "http_auth": _("A password in the browser's own dialog"),
        "passkey": _("A passkey"),
        "download": _("Saving a file"),
        "permissions": _("Camera, microphone and location"),
        "dialogs": _("Answers in dialogs"),
        "slow": _("Patience"),
        "blank": _("Nothing: the page stays white"),
        "crash": _("Too much: the page crashes"),
        "no_embedding": _("A real browser"),
    }


def _pull(commands: Commands, key: str, selected: Row | None, _checked: bool = False) -> None:
    commands.sandbox(key, selected.id if selected is not None else None)


def _change_all(commands: Commands, store: Store, system: str, _checked: bool = False) -> None:
    for row in store.rows.values():
        if row.connection.system == system:
            commands.sandbox("change_credentials", row.id)


def _demand(commands: Commands, key: str, _checked: bool = False) -> None:
    commands.sandbox("login_demand", None, {"demand": key})
