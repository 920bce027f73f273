"""Runs the real window on two sandboxes and says, step by step, which accounts are there and shown.

The argument is the profile folder; the two sandboxes' ready lines come on stdin.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from makini_desktop.core.paths import Paths
from makini_desktop.desktop import run_window
from makini_desktop.domain.token import Secret
from makini_desktop.services.draft import AccountDraft
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.session import Desktop
from makini_desktop.ui.tray import tray_state

PATIENCE = 20.0


def draft(name: str, ready: dict[str, Any]) -> AccountDraft:
    return AccountDraft(
        name=name,
        api_base=ready["api_base"],
        link_base=ready["link_base"],
        client_id=ready["client_id"],
        client_secret=Secret(ready["client_secret"]),
        redirect_uris=tuple(ready["redirect_uris"]),
        issue_tokens=True,
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the window is looked at, as a person does
            await asyncio.sleep(0.02)


def tell(**found: object) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


async def walk(desktop: Desktop, production: dict[str, Any], test: dict[str, Any]) -> None:
    def say(step: str) -> None:
        shown = desktop.window.accounts.words()
        tell(step=step, shown=shown, rows=desktop.window.model.rowCount())

    def rows(count: int) -> bool:
        return desktop.window.model.rowCount() == count

    def in_tray() -> list[str]:
        entries = tray_state(desktop.tray._watched, desktop.program.clock.now()).entries
        return sorted({entry.account for entry in entries})

    say("start")
    desktop.window.accounts.add()
    results: list[Any] = []
    dialog = desktop.window.accounts.dialog
    assert dialog is not None
    dialog.show_results = results.append  # type: ignore[method-assign, assignment]
    desktop.window.account_draft_test_wanted.emit(draft("Test", test))
    await until(lambda: bool(results))
    tell(test=[[each.subject, each.ok] for each in results[0]])
    desktop.window.account_added.emit(draft("Production", production))
    await until(lambda: rows(8))
    say("first added")
    desktop.window.account_added.emit(draft("Test", test))
    await until(lambda: desktop.window.accounts.words() == "Test" and rows(5))
    say("second added")
    await until(lambda: in_tray() == ["Production", "Test"])
    tell(tray=in_tray())
    desktop.window.account_chosen.emit("Production")
    await until(lambda: desktop.window.accounts.words() == "Production" and rows(8))
    say("switched")
    desktop.window.account_removed.emit()
    await until(lambda: list(desktop.window.accounts.names) == ["Test"])
    say("removed")
    desktop.window.account_removed.emit()
    await until(lambda: desktop.window.accounts.words() == "No account")
    say("none left")


async def script(desktop: Desktop) -> None:
    await walk(desktop, *(json.loads(line) for line in sys.stdin.read().splitlines()))


sys.exit(run_window(Options(paths=Paths(Path(sys.argv[1])), vault=VaultKind.MEMORY), script=script))
