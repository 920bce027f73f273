"""What the driver changes in the program's process, where a test cannot reach from outside."""

import os
import signal
import sys
from datetime import timedelta
from typing import Any

import makini_desktop.adapters.login
from makini_desktop.adapters.login import EmbeddedLogin
from makini_desktop.adapters.loopback import _Listener
from makini_desktop.adapters.vault.document import DocumentVault
from makini_desktop.services import alerts
from makini_desktop.services.login_ports import LoginRedirected


def note_secrets(secrets: list[str]) -> None:
    """Add to a list what each login knows that nobody else may: state, verifier and code."""
    run, answered = EmbeddedLogin.run, _Listener.answered

    async def noted(login: EmbeddedLogin, account: Any, attempt: Any, *rest: str) -> Any:
        secrets.extend([attempt.state.value, attempt.verifier.value])
        result = await run(login, account, attempt, *rest)
        if isinstance(result, LoginRedirected):
            secrets.append(_code(result))
        return result

    async def noted_too(listener: _Listener, attempt: Any, page: str) -> Any:
        secrets.extend([attempt.state.value, attempt.verifier.value])
        result = await answered(listener, attempt, page)
        secrets.append(_code(result))
        return result

    EmbeddedLogin.run = noted  # type: ignore[method-assign]
    _Listener.answered = noted_too  # type: ignore[method-assign]


def die_once_kept(step: str) -> None:
    """Let this process end, as a crash ends it, once the vault has kept a step of a login.

    Args:
        step: "pending", a new pair beside the old one; or "promoted", the new one in its place.
    """
    change_token = DocumentVault.change_token
    pending = set()

    async def then_die(vault: DocumentVault, account: Any, connection: Any, *rest: Any) -> Any:
        entry = await change_token(vault, account, connection, *rest)
        if entry.pending is not None:
            pending.add(connection)
        if step == "pending" if entry.pending is not None else step == "promoted" and connection in pending:
            os.kill(os.getpid(), signal.SIGKILL)
        return entry

    DocumentVault.change_token = then_die  # type: ignore[method-assign]


def notice_slow_pages_after(milliseconds: int) -> None:
    """Let login windows notice sooner that nothing appears."""
    start = (
        "import sys, makini_desktop.login.browser_window as window;"
        f"window.SLOW_NOTICE_MS = {milliseconds};"
        "from makini_desktop.login.window import main; sys.exit(main([]))"
    )
    makini_desktop.adapters.login.program_command = lambda *_arguments: [sys.executable, "-c", start]


def update_notifications_after(seconds: float) -> None:
    """Let a notification grow sooner than a minute after the last time."""
    alerts.UPDATE_EVERY = timedelta(seconds=seconds)


def _code(result: LoginRedirected) -> str:
    return result.url.value.partition("code=")[2].partition("&")[0]
