"""Records answers of the sandbox into tests/data/answers: python -m tests.record_answers."""

import asyncio
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from makini_desktop.core.clock import SystemClock
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.domain.sync import SyncOrder
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import opened
from tests.sandbox_process import SandboxProcess

FOLDER = Path(__file__).parent / "data" / "answers"
PERSON = Priority.PERSON
_HEADERS = {
    "content-type",
    "date",
    "x-api-version",
    "x-request-id",
    "retry-after",
    "deprecation",
    "sunset",
    "link",
}


async def record() -> None:
    """Ask for everything once, in good days and in bad ones."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with SandboxProcess().start("--connections", 4) as sandbox:
        async with opened(sandbox.account(), SystemClock()) as client:
            send, answers = client.http.send, []

            async def recording(*arguments: Any, **options: Any) -> Any:
                response = await send(*arguments, **options)
                answers.append(response)
                return response

            client.http.send = recording  # type: ignore[method-assign]

            async def keep(name: str, call: Awaitable[Any]) -> Any:
                answers.clear()
                try:
                    return await call
                except MakiniDesktopError as error:
                    return error
                finally:
                    _write(name, answers[-1])

            await keep("account", client.api.client())
            await keep("connections", _first(client.api.connection_pages()))
            connection = ConnectionId(sandbox.quiet())
            pair = await keep("issued_token", client.api.issue_token(connection))
            token = pair.access
            await keep("integration", client.api.integration(token, PERSON))
            await keep("status", client.api.status(token, PERSON))
            await keep("sync_status", client.api.sync_status(token, PERSON))
            await keep("settings", client.api.schedule(token, PERSON))
            await keep("sync_started", client.api.start_sync(token, SyncOrder(), "key"))
            await keep("syncs", client.api.syncs(token, 3, PERSON))
            await keep("sync_under_way", client.api.start_sync(token, SyncOrder(), "other key"))
            await keep("token_refused", client.api.status(Secret("no token"), PERSON))
            await keep("refresh_refused", client.api.refresh(Secret("no token")))
            sandbox.control("deprecate", days=30)
            await keep("deprecated", client.api.integration(token, PERSON))
            sandbox.control("server_errors", count=9)
            await keep("server_error", client.api.client())


async def _first(pages: Any) -> Any:
    return await anext(pages)


def _write(name: str, response: Any) -> None:
    body = json.loads(response.body)
    for found in (body, body.get("data")):
        for field in ("access_token", "refresh_token", "token"):
            if isinstance(found, dict) and found.get(field):
                found[field] = f"recorded-{field.replace('_', '-')}"
    recorded = {
        "status": response.status,
        "headers": {name: value for name, value in response.headers.items() if name in _HEADERS},
        "body": body,
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    asyncio.run(record())
