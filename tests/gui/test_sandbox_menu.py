"""The sandbox's menu: what happens to one connection, to its whole system, to the next sign-ins, to all."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.sandbox.demands import DEMANDS
from makini_desktop.ui.main_window import MainWindow
from tests.gui.conftest import FakeCommands, MakeWindow

VEGA = ConnectionId("vega-steel")


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    return make_window(sandbox=True)


def entries(window: MainWindow, *path: str) -> dict[str, QAction]:
    """Return the entries of the sandbox's menu, or of a menu in it."""
    window.menu.aboutToShow.emit()
    menu: QMenu = window.menu
    for name in ("Sandbox", *path):
        menu = next(action.menu() for action in menu.actions() if action.text() == name)
    return {action.text(): action for action in menu.actions() if action.text()}


def test_all_customers_of_the_selected_system_change_their_credentials(
    window: MainWindow, commands: FakeCommands
) -> None:
    window.table.select([VEGA])
    entries(window)["All customers of SAP S/4HANA change credentials"].trigger()
    changed = [order[2] for order in commands.orders if order[:2] == ("sandbox", "change_credentials")]
    assert set(changed) == {"vega-steel", "delta-rail", "sierra-mining", "acme-pumps"}


def test_without_a_selection_only_what_concerns_all_is_offered(window: MainWindow) -> None:
    found = entries(window)
    assert not found["Customer changes credentials"].isEnabled()
    assert not found["All customers of a system change credentials"].isEnabled()
    assert found["Rate limit"].isEnabled()


def test_the_first_sync_of_a_new_customer_is_ended(window: MainWindow, commands: FakeCommands) -> None:
    window.table.select([VEGA])
    entries(window)["First sync is done at once"].trigger()
    assert commands.orders[-1] == ("sandbox", "finish_sync", VEGA)


def test_the_next_sign_in_pages_demand_something(window: MainWindow, commands: FakeCommands) -> None:
    entries(window, "The next sign-in pages ask for")["A passkey"].trigger()
    assert commands.orders[-1] == ("sandbox", "login_demand", None, {"demand": "passkey"})


def test_every_demand_that_needs_nothing_of_the_sandbox_is_offered(
    window: MainWindow, commands: FakeCommands
) -> None:
    for action in entries(window, "The next sign-in pages ask for").values():
        action.trigger()
    demanded = {order[3]["demand"] for order in commands.orders if order[1:2] == ("login_demand",)}
    assert demanded == {"none", *DEMANDS} - {"client_certificate", "proxy_auth"}
